package talkdesk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxLegs bounds how many legs of one interaction are shown.
const maxLegs = 500

// leg is one stretch of an interaction with one person: what Talkdesk's reports call a contact.
type leg struct {
	of, id              string // interaction, contact
	began, ended        time.Time
	kind, queue         string
	by                  agent
	bot                 string // a virtual agent's name
	direction           string
	in, out             bool // transferred here, on from here
	talk, hold, waiting float64
	reply               float64 // until the first answer
}

// readLegs looks for the legs of a call and hands them on in their order, as events.
func (o *opening) readLegs(ctx context.Context, id string, s stretch, emit func(connectors.Part) error) (bool, error) {
	at := call{op: "call.legs", scope: scopeReports}
	var legs []leg
	err := o.c.report(ctx, at, o.c.cfg.legsType, s, func(d *lenient.Decoder) {
		var l leg
		d.Object(func(key []byte) { l.member(d, o.c.cfg.field("contacts", key)) })
		if same(l.of, id) && len(legs) < maxLegs {
			legs = append(legs, l)
		}
	})
	if err != nil || len(legs) == 0 {
		return len(legs) > 0, err
	}
	if len(o.recs) == 0 { // looked for by id alone: say what was found before saying what happened in it
		first := slices.MinFunc(legs, func(a, b leg) int { return a.began.Compare(b.began) })
		if err := emit(&connectors.Header{Ref: o.ref, Provider: name, Channel: "voice", CreatedAt: first.began, Direction: first.direction}); err != nil {
			return true, err
		}
	}
	return true, putLegs(legs, emit)
}

// member reads one column. JSON's names are believed to be the snake case of the titles of the same report
// as CSV; report_field_map corrects that.
func (l *leg) member(d *lenient.Decoder, key string) {
	switch key {
	case "interaction_id":
		l.of = d.Word()
	case "contact_id":
		l.id = d.Word()
	case "started_at", "contact_started_at":
		l.began = d.Time()
	case "finished_at", "contact_finished_at":
		l.ended = d.Time()
	case "contact_type", "contact_finished_reason":
		l.kind = strings.ToLower(d.Word())
	case "handling_ring_groups", "handling_queues":
		if v := d.Word(); v != "" {
			l.queue = v
		}
	case "ring_groups", "queues":
		if v := d.Word(); l.queue == "" {
			l.queue = v
		}
	case "user_id":
		l.by.id = d.ID()
	case "user_name":
		l.by.name = d.Word()
	case "virtual_agent_name":
		l.bot = d.Word()
	case "direction":
		l.direction = strings.ToLower(d.Label())
	case "transfer_in":
		l.in = d.Boolean(false)
	case "transfer_out":
		l.out = d.Boolean(false)
	case "talk_time":
		l.talk = d.Seconds()
	case "hold_time":
		l.hold = d.Seconds()
	case "wait_time":
		l.waiting = d.Seconds()
	case "first_response_time":
		l.reply = span(d.Word()).Seconds()
	default:
		d.Skip()
	}
}

// putLegs hands on what happened, leg by leg: a leg that came by transfer is one, all others are a call
// that was answered, missed and so on.
func putLegs(legs []leg, emit func(connectors.Part) error) error {
	slices.SortStableFunc(legs, func(a, b leg) int { return a.began.Compare(b.began) })
	seen := map[string]bool{}
	for n, l := range legs {
		if l.id == "" || seen[l.id] {
			continue
		}
		seen[l.id] = true
		if l.by.id != "" {
			if err := emit(&connectors.Person{ID: l.by.id, Name: connectors.NewText(l.by.name), Role: connectors.RoleAgent}); err != nil {
				return err
			}
		}
		e := &connectors.Event{ID: "leg:" + l.id, At: l.began, Event: "call", Text: connectors.NewText(l.say())}
		switch {
		case l.in || n > 0 && legs[n-1].out:
			e.Event = "transfer"
		case strings.Contains(l.kind, "voicemail"):
			e.Event = "voicemail"
		}
		if l.by.id != "" {
			e.Actor = connectors.WhoID(l.by.id)
			e.Actor.Name, e.Actor.Role = connectors.NewText(l.by.name), connectors.RoleAgent
		} else if l.bot != "" {
			e.Actor = &connectors.Who{Name: connectors.NewText(l.bot), Role: connectors.RoleBot}
		}
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// say puts a leg into words: who, where, how it went, how long.
func (l *leg) say() string {
	var words []string
	if who := firstWord(l.by.name, l.bot); who != "" {
		words = append(words, who)
	}
	if l.queue != "" {
		words = append(words, "in "+l.queue)
	}
	if l.kind != "" {
		words = append(words, l.kind)
	}
	for _, t := range []struct {
		what string
		long float64
	}{{"waited", l.waiting}, {"talked", l.talk}, {"on hold", l.hold}, {"first answer after", l.reply}} {
		if t.long > 0 {
			words = append(words, t.what+" "+lasting(t.long))
		}
	}
	if l.out {
		words = append(words, "transferred on")
	}
	return strings.Join(words, ", ")
}

// digitalSources are where the details and the words of a chat or a mail are.
func (o *opening) digitalSources() []source {
	details := source{what: whatChat, at: call{op: "chat.details", scope: scopeReports}, run: func(ctx context.Context, w window, emit func(connectors.Part) error) (bool, error) {
		return o.readDigital(ctx, w.report, emit)
	}}
	words := source{what: whatMessages, at: call{op: "chat.messages", scope: scopeTranscripts}, run: func(ctx context.Context, w window, emit func(connectors.Part) error) (bool, error) {
		if o.c.cfg.cdsPath != "" {
			return o.readInner(ctx, emit)
		}
		return o.readTalk(ctx, o.id, whatMessages, w.talk, emit)
	}}
	if o.ref.Kind == records.KindEmail { // its text is in no API
		return []source{details}
	}
	return []source{words, details}
}
