package talkdesk

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// digitalRow is a row of the report of digital conversations
// (docs.talkdesk.com/docs/messaging-contacts-report): one for each leg, with a mixture of units.
type digitalRow struct {
	leg
	channel, status string
	began, ended    time.Time // of the whole conversation
	days            float64   // its length, as a fraction of a day
	who             agent     // the customer
	identifier      string
	touchpoint      string
	disposition     string
	notes           string
	url             string
}

// readDigital looks for the rows of a chat or mail: a header from the first, then all as events.
func (o *opening) readDigital(ctx context.Context, s stretch, emit func(connectors.Part) error) (bool, error) {
	at := call{op: "chat.details", scope: scopeReports}
	var legs []leg
	err := o.c.report(ctx, at, o.c.cfg.digitalType, s, func(d *lenient.Decoder) {
		r := o.c.decodeDigital(d)
		if d.Err != nil || !same(r.of, o.id) || len(legs) >= maxLegs {
			return
		}
		legs = append(legs, r.leg)
		if len(legs) > 1 {
			return
		}
		for _, p := range r.parts(o) {
			if d.Err == nil {
				d.Err = emit(p)
			}
		}
	})
	if err != nil || len(legs) == 0 {
		return len(legs) > 0, err
	}
	return true, putLegs(legs, emit)
}

func (c *connector) decodeDigital(d *lenient.Decoder) digitalRow {
	var r digitalRow
	d.Object(func(key []byte) { r.member(d, c.cfg.field("messaging_contacts", key)) })
	return r
}

func (r *digitalRow) member(d *lenient.Decoder, key string) {
	switch key {
	case "channel_type":
		r.channel = d.Label()
	case "interaction_status":
		r.status = strings.ToLower(d.Label())
	case "interaction_started_at":
		r.began = d.Time()
	case "interaction_finished_at":
		r.ended = d.Time()
	case "interaction_duration":
		r.days = d.Seconds()
	case "contact_person_id":
		r.who.id = d.ID()
	case "contact_person_name":
		r.who.name = d.Word()
	case "contact_person_channel_identifier":
		r.identifier = d.Word()
	case "touchpoint_name":
		r.touchpoint = d.Word()
	case "disposition_name":
		r.disposition = d.Word()
	case "notes":
		r.notes = d.Word()
	case "conversation":
		r.url = d.Word()
	default:
		r.leg.member(d, key)
	}
}

func (r *digitalRow) parts(o *opening) []connectors.Part {
	h := &connectors.Header{
		Ref: o.ref, Provider: name, Channel: channelName(r.channel), Status: r.status, CreatedAt: r.began, UpdatedAt: r.ended, Direction: r.direction,
		Seconds: connectors.Seconds(math.Round(r.days * day.Seconds())), Group: connectors.NewText(r.queue), ProviderURL: o.c.ownURL(r.url),
	}
	h.Fields = texts("Touchpoint", r.touchpoint, "Customer's address", r.identifier, "Disposition", r.disposition, "Notes", r.notes)
	if r.by.id != "" {
		h.Agent = connectors.WhoID(r.by.id)
		h.Agent.Name, h.Agent.Role = connectors.NewText(r.by.name), connectors.RoleAgent
	}
	parts := []connectors.Part{h}
	if r.who.id != "" {
		h.Requester = connectors.WhoID(r.who.id)
		h.Requester.Name, h.Requester.Role = connectors.NewText(r.who.name), connectors.RoleCustomer
		parts = append(parts, &connectors.Person{ID: r.who.id, Name: connectors.NewText(r.who.name), Role: connectors.RoleCustomer})
	}
	if what := textless(r.channel); what != "" && o.c.cfg.cdsPath == "" {
		parts = append(parts, &connectors.Missing{What: whatMessages, Reason: connectors.MissingNotOffered, Say: "Talkdesk's API does not give the text of " + what + ". It can be read in Talkdesk."})
	}
	return parts
}

// textless names a channel whose text is in no API; empty: it may be there.
func textless(channel string) string {
	switch c := strings.ToUpper(channel); {
	case strings.Contains(c, "EMAIL") || c == "MAIL":
		return "mails"
	case c == "", strings.Contains(c, "CHAT"), c == "SMS", c == "DIGITAL_CONNECT", c == "DIGITAL CONNECT":
		return ""
	default:
		return "social messages"
	}
}

// channelName is a channel in the words of the wire.
func channelName(s string) string {
	switch c := strings.ToUpper(s); {
	case c == "VOICE":
		return "voice"
	case strings.Contains(c, "EMAIL"):
		return "email"
	case c == "WEBCHAT" || c == "CHAT":
		return "chat"
	case c == "SMS":
		return "sms"
	default:
		return strings.ToLower(s)
	}
}

// ownURL lets an address through that is the account's own page.
func (c *connector) ownURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.User != nil || !c.ownHost(u.Hostname()) {
		return ""
	}
	return u.String()
}

// span reads a length of time such as "0d 0h 12m 5s", a bare number of seconds, or a fraction of a day
// (as some reports have it).
func span(s string) time.Duration {
	if f, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
		if f > 0 && f < 1 {
			f *= day.Seconds()
		}
		return time.Duration(max(0, min(f, 1e7)) * float64(time.Second))
	}
	var total time.Duration
	for part := range strings.FieldsSeq(s) {
		unit, ok := map[byte]time.Duration{'d': day, 'h': time.Hour, 'm': time.Minute, 's': time.Second}[part[len(part)-1]]
		n, err := strconv.Atoi(part[:len(part)-1])
		if !ok || err != nil || n < 0 || n > 1e6 {
			return 0
		}
		total += time.Duration(n) * unit
	}
	return min(total, 400*day)
}

// readInner reads a chat by its id from the web app's own source, which Talkdesk does not support: only
// its content and its direction are known.
func (o *opening) readInner(ctx context.Context, emit func(connectors.Part) error) (bool, error) {
	at, n := call{op: "chat.messages", scope: scopeTranscripts}, 0
	q := url.Values{"interaction_id": {o.id}, "order_by": {"occur_at:asc"}, "per_page": {"999"}}
	err := o.c.read(ctx, at, o.c.cfg.cdsPath, q, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "_embedded" {
				d.Skip()
				return
			}
			d.Object(func([]byte) { // "message", in the singular
				d.Array(func() {
					m, ids := o.inner(d, n)
					if d.Err != nil {
						return
					}
					if n == 0 {
						d.Err = emit(&connectors.Header{Ref: o.ref, Provider: name, Channel: "chat", CreatedAt: m.At})
					}
					n++
					m.Attachments = o.c.described(ctx, ids)
					if d.Err == nil {
						d.Err = emit(m)
					}
				})
			})
		})
	})
	if connectors.CodeOf(err) == connectors.CodeNotFound {
		return false, nil
	}
	return n > 0, err
}

func (o *opening) inner(d *lenient.Decoder, n int) (*connectors.Message, []connectors.Attachment) {
	m := &connectors.Message{ID: "m-" + strconv.Itoa(n), Visibility: connectors.VisibilityPublic, Author: &connectors.Who{Role: connectors.RoleAgent}}
	var files []connectors.Attachment
	d.Object(func(key []byte) {
		switch string(key) {
		case "id", "message_id":
			if id := d.ID(); id != "" {
				m.ID = id
			}
		case "content":
			m.Text = connectors.NewText(d.Body())
		case "occur_at":
			m.At = d.Time()
		case "direction":
			if strings.EqualFold(d.Word(), "INBOUND") {
				m.Author.Role = connectors.RoleCustomer
			}
		case "attachments":
			files = o.attachments(d)
		default:
			d.Skip()
		}
	})
	m.Truncated, d.Cut = d.Cut, false
	return m, files
}

// attachments reads the ids of a message's files. Where they stand is not documented.
func (o *opening) attachments(d *lenient.Decoder) []connectors.Attachment {
	var all []connectors.Attachment
	d.Array(func() {
		id := ""
		if d.Kind() != '{' {
			id = d.ID()
		} else {
			d.Object(func(key []byte) {
				if string(key) == "id" || string(key) == "attachment_id" {
					id = d.ID()
				} else {
					d.Skip()
				}
			})
		}
		if id != "" && len(all) < 50 {
			all = append(all, connectors.Attachment{ID: id, State: connectors.AttachmentOK, Scan: connectors.ScanNone, At: connectors.Locator{What: whatFile, Ref: o.ref, ID: id}})
		}
	})
	return all
}

// kindOf is the kind that a channel's interactions have here.
func kindOf(channel string) records.Kind {
	switch channelName(channel) {
	case "voice":
		return records.KindCall
	case "email":
		return records.KindEmail
	default:
		return records.KindChat
	}
}
