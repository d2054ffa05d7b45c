package zendesk

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// ticket is what is kept of a ticket while it is read.
type ticket struct {
	read             bool
	subject, status  string
	created, updated time.Time
	requester, agent string
	group, brand     string
	messaging        bool
	via              via
	tags             []string
	fields           []customField
	csat             *connectors.CSAT
	channel          string
	mergedInto       string
	more             bool // Zendesk has comments that it does not let us page to
}

// via says through what something came.
type via struct {
	channel, rel string
	tickets      []string // other tickets it names, e.g. those merged
	title        string   // of the rule that did it
}

// readTicket asks for the ticket with its people. The header is out as soon as the ticket itself is
// complete; names of group and brand, which follow it, come in a later one.
func (o *opening) readTicket(ctx context.Context) error {
	at := call{op: "ticket.open", first: true}
	var early []connectors.Part // people who stand before the ticket
	err := o.c.read(ctx, at, o.path(""), url.Values{"include": {"users,groups,organizations,brands"}}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) { o.ticketMember(d, string(key), &early) })
		for _, p := range early {
			o.put(d, p)
		}
	})
	if err != nil {
		return err
	}
	if !o.ticket.read {
		return o.c.fail(at, connectors.CodeProviderNonsense, "", errShape)
	}
	return o.nameGroupAndBrand()
}

func (o *opening) ticketMember(d *lenient.Decoder, key string, early *[]connectors.Part) {
	switch key {
	case "ticket":
		o.ticket.decode(d)
		if d.Err == nil && o.ticket.read {
			o.put(d, o.header())
		}
	case "users":
		d.Array(func() {
			switch p := o.meet(decodePerson(d)); {
			case p == nil:
			case o.ticket.read:
				o.put(d, p)
			default:
				*early = append(*early, p)
			}
		})
	case "groups":
		readNames(d, o.groups)
	case "brands":
		readNames(d, o.brands)
	default:
		d.Skip()
	}
}

func (o *opening) nameGroupAndBrand() error {
	group, brand := o.groups[o.ticket.group], o.brands[o.ticket.brand]
	if group == "" && brand == "" {
		return nil
	}
	h := o.later()
	h.Group, h.Brand = connectors.NewText(group), connectors.NewText(brand)
	return o.emit(h)
}

// readNames reads a list of things that have an id and a name.
func readNames(d *lenient.Decoder, into map[string]string) {
	d.Array(func() {
		if p := decodePerson(d); p.id != "" && p.name != "" && len(into) < lenient.MaxList {
			into[p.id] = p.name
		}
	})
}

func (t *ticket) decode(d *lenient.Decoder) {
	d.Object(func(key []byte) {
		t.read = true
		switch string(key) {
		case "subject":
			t.subject = d.Word()
		case "status":
			t.status = d.Label()
		case "created_at":
			t.created = d.Time()
		case "updated_at":
			t.updated = d.Time()
		case "requester_id":
			t.requester = d.ID()
		case "assignee_id":
			t.agent = d.ID()
		case "group_id":
			t.group = d.ID()
		case "brand_id":
			t.brand = d.ID()
		case "from_messaging_channel":
			t.messaging = d.Boolean(false)
		case "via":
			t.via = decodeVia(d)
		case "tags":
			t.tags = d.Words()
		case "custom_fields": // "fields" repeats them
			t.fields = decodeFields(d)
		case "satisfaction_rating":
			t.csat = decodeCSAT(d)
		default:
			d.Skip()
		}
	})
}

func decodeVia(d *lenient.Decoder) via {
	var v via
	d.Object(func(key []byte) {
		switch string(key) {
		case "channel":
			v.channel = d.Label()
		case "source":
			d.Object(func(key []byte) { v.sourceMember(d, string(key)) })
		default:
			d.Skip()
		}
	})
	return v
}

func (v *via) sourceMember(d *lenient.Decoder, key string) {
	switch key {
	case "rel":
		v.rel = d.Label()
	case "from", "to":
		d.Object(func(key []byte) {
			switch string(key) {
			case "ticket_id", "ticket_ids":
				v.tickets = append(v.tickets, d.Words()...)
			case "title":
				v.title = d.Word()
			default:
				d.Skip()
			}
		})
	default:
		d.Skip()
	}
}

// decodeCSAT reads a rating. A ticket without one has null, or the score "unoffered".
func decodeCSAT(d *lenient.Decoder) *connectors.CSAT {
	var c connectors.CSAT
	d.Object(func(key []byte) {
		switch string(key) {
		case "score":
			c.Score = d.Label()
		case "comment":
			c.Comment = connectors.NewText(d.Word())
		default:
			d.Skip()
		}
	})
	if c.Score == "" || c.Score == "unoffered" {
		return nil
	}
	return &c
}

// header is the first part. Persons follow it.
func (o *opening) header() *connectors.Header {
	t := &o.ticket
	t.channel = t.channelNow()
	h := o.later()
	h.Channel = t.channel
	h.Subject = connectors.NewText(t.subject)
	h.Status = t.status
	h.State = t.state()
	h.CreatedAt, h.UpdatedAt = t.created, t.updated
	h.ProviderURL = o.c.ticketURL(o.ref.ID)
	h.CSAT = t.csat
	if t.agent != "" {
		h.Agent = connectors.WhoID(t.agent)
		h.Agent.Role = connectors.RoleAgent
	}
	if t.requester != "" {
		h.Requester = o.who(t.requester, "")
	}
	for _, tag := range t.tags {
		h.Tags = append(h.Tags, connectors.NewText(tag))
	}
	if t.channel == channelVoice {
		h.Direction = direction(t.via.rel)
	}
	h.MergedInto = o.mergedInto(t.via)
	return h
}

// state says what became of the ticket. That it is closed does not prove that it is archived: see side.
func (t *ticket) state() connectors.State {
	switch {
	case t.status == "deleted": // incremental exports only, but it costs nothing
		return connectors.StateDeleted
	case t.merged():
		return connectors.StateMerged
	default:
		return ""
	}
}

// merged tells whether this is the losing ticket of a merge: Zendesk tags it so.
func (t *ticket) merged() bool { return slices.Contains(t.tags, "closed_by_merge") }

// mergedInto gives the surviving ticket if v, of the ticket or of one of its comments, names it.
func (o *opening) mergedInto(v via) string {
	if !o.ticket.merged() || v.rel != "merge" {
		return ""
	}
	for _, id := range v.tickets {
		if id != o.ref.ID && ticketIDRE.MatchString(id) && id != o.ticket.mergedInto {
			o.ticket.mergedInto = id
			return id
		}
	}
	return ""
}

const (
	channelVoice     = "voice"
	channelChat      = "chat"
	channelMessaging = "messaging"
)

// channelNow derives the channel from the ticket alone; comments and audits may know better.
func (t *ticket) channelNow() string {
	switch {
	case t.messaging || (messagingChannel(t.via.channel) && t.via.channel != "chat"):
		return channelMessaging
	case t.via.channel == "phone":
		return channelVoice
	default:
		return t.via.channel
	}
}

// messagingChannel tells whether a via.channel is one where a bot may speak.
func messagingChannel(s string) bool {
	switch s {
	case "chat", "messaging", "native_messaging", "whatsapp", "line", "instagram_dm":
		return true
	default:
		return false
	}
}

func direction(rel string) string {
	switch rel {
	case "inbound", "voicemail":
		return "inbound"
	case "outbound":
		return "outbound"
	default:
		return ""
	}
}
