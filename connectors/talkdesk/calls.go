package talkdesk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// callSources are where the details, the legs and the words of a call are.
func (o *opening) callSources() []source {
	id := o.id
	return []source{
		{what: whatDetails, at: call{op: "call.details", scope: scopeReports}, run: func(ctx context.Context, w window, emit func(connectors.Part) error) (bool, error) {
			return o.readCalls(ctx, id, w.report, emit)
		}},
		{what: whatLegs, at: call{op: "call.legs", scope: scopeReports}, run: func(ctx context.Context, w window, emit func(connectors.Part) error) (bool, error) {
			return o.readLegs(ctx, id, w.report, emit)
		}},
		{what: whatTranscript, at: call{op: "call.transcript", scope: scopeTranscripts}, run: func(ctx context.Context, w window, emit func(connectors.Part) error) (bool, error) {
			return o.readTalk(ctx, id, whatTranscript, w.talk, emit)
		}},
	}
}

// callRow is a row of the report of calls (docs.talkdesk.com/docs/calls-report, the fields in force since
// 2026-05-11, and those of the older explore_calls where they have other names).
type callRow struct {
	id, kind                string
	began, ended            time.Time
	user, handler           agent
	total, talk, wait, hold float64
	csat, csatReason        string
	group, team             string
	ours, theirs            string // numbers
	fields                  []connectors.Field
}

type agent struct{ id, name string }

// readCalls looks for the call's row and hands it on as a header. A call may have several rows; the first
// counts.
func (o *opening) readCalls(ctx context.Context, id string, s stretch, emit func(connectors.Part) error) (bool, error) {
	at, found := call{op: "call.details", scope: scopeReports}, false
	err := o.c.report(ctx, at, o.c.cfg.callsType, s, func(d *lenient.Decoder) {
		r := o.c.decodeCall(d)
		if d.Err != nil || found || !same(r.id, id) {
			return
		}
		found = true
		for _, p := range r.parts(o) {
			if d.Err == nil {
				d.Err = emit(p)
			}
		}
	})
	return found, err
}

func (c *connector) decodeCall(d *lenient.Decoder) callRow {
	var r callRow
	d.Object(func(key []byte) { r.member(d, c.cfg.field("calls", key)) })
	return r
}

func (r *callRow) member(d *lenient.Decoder, key string) {
	switch key {
	case "call_id", "interaction_id":
		r.id = d.Word()
	case "type", "call_type":
		r.kind = strings.ToLower(d.Label())
	case "start_at", "start_time":
		r.began = d.Time()
	case "end_at", "end_time":
		r.ended = d.Time()
	case "user_id":
		r.user.id = d.ID()
	case "user_name", "agent_name":
		r.user.name = d.Word()
	case "handling_user_id":
		r.handler.id = d.ID()
	case "handling_user_name", "handling_agent":
		r.handler.name = d.Word()
	case "total_time":
		r.total = d.Seconds()
	case "talk_time":
		r.talk = d.Seconds()
	case "wait_time":
		r.wait = d.Seconds()
	case "hold_time":
		r.hold = d.Seconds()
	case "csat_score":
		r.csat = d.Label()
	case "rating_reason":
		r.csatReason = d.Word()
	case "ring_groups":
		r.group = d.Word()
	case "team_name":
		r.team = d.Word()
	case "talkdesk_phone_number":
		r.ours = d.Word()
	case "contact_phone_number", "customer_phone_number":
		r.theirs = d.Word()
	default:
		r.field(d, key)
	}
}

// callFields are the further columns that are shown, with the names that people know them by.
var callFields = map[string]string{
	"disposition_code": "Disposition", "nested_disposition": "Nested disposition", "notes": "Notes", "ivr_options": "IVR options", "user_voice_rating": "Voice rating",
	"agent_disconnected": "Ended by the agent", "is_callback_from_queue": "Callback from the queue", "is_external_transfer": "Transferred outside",
	"is_in_business_hours": "In business hours", "int_custom_field_n1": "Number 1", "int_custom_field_n2": "Number 2", "float_custom_field_n1": "Decimal 1",
	"float_custom_field_n2": "Decimal 2", "text_custom_field_n1": "Text 1", "text_custom_field_n2": "Text 2", "text_custom_field_n3": "Text 3", "text_custom_field_n4": "Text 4",
	"timestamp_custom_field_n1": "Time 1",
}

func (r *callRow) field(d *lenient.Decoder, key string) {
	title, shown := callFields[key]
	if !shown {
		d.Skip()
		return
	}
	if v := d.Word(); v != "" && (v != "0" || key != "user_voice_rating") {
		r.fields = append(r.fields, connectors.Field{Name: connectors.NewText(title), Value: connectors.NewText(v)})
	}
}

// parts are what the row says: a header that adds to the first, and who it names.
func (r *callRow) parts(o *opening) []connectors.Part {
	h := &connectors.Header{
		Ref: o.ref, Provider: name, Channel: "voice", Status: r.kind, CreatedAt: r.began, UpdatedAt: r.ended, Direction: directionOf(r.kind),
		Seconds: connectors.Seconds(r.total), Group: connectors.NewText(firstWord(r.group, r.team)),
	}
	if r.total == 0 && !r.began.IsZero() && r.ended.After(r.began) {
		h.Seconds = connectors.Seconds(r.ended.Sub(r.began).Seconds())
	}
	if r.csat != "" {
		h.CSAT = &connectors.CSAT{Score: r.csat, Comment: connectors.NewText(r.csatReason)}
	}
	h.Fields = append(timed(nil, "Talk time", r.talk), timed(nil, "Hold time", r.hold)...)
	h.Fields = timed(h.Fields, "Wait time", r.wait)
	h.Fields = append(h.Fields, texts("Customer's number", r.theirs, "Number called", r.ours)...)
	h.Fields = append(h.Fields, r.fields...)
	last := r.handler
	if last.id == "" {
		last = r.user
	}
	parts := []connectors.Part{h}
	if last.id != "" {
		h.Agent = connectors.WhoID(last.id)
		h.Agent.Name, h.Agent.Role = connectors.NewText(last.name), connectors.RoleAgent
	}
	for _, a := range []agent{r.user, r.handler} {
		parts = append(parts, &connectors.Person{ID: a.id, Name: connectors.NewText(a.name), Role: connectors.RoleAgent})
	}
	return parts
}

func directionOf(kind string) string {
	switch {
	case kind == "":
		return ""
	case strings.Contains(kind, "outbound"):
		return "outbound"
	default:
		return "inbound"
	}
}

func firstWord(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// timed adds a field with a length of time, if there is one.
func timed(to []connectors.Field, title string, seconds float64) []connectors.Field {
	if seconds <= 0 {
		return to
	}
	return append(to, connectors.Field{Name: connectors.NewText(title), Value: connectors.NewText(lasting(seconds))})
}

// lasting is a length of time as people read it.
func lasting(seconds float64) string {
	n := int(seconds + 0.5)
	if n < 60 {
		return strconv.Itoa(n) + " s"
	}
	if n < 3600 {
		return fmt.Sprintf("%d min %d s", n/60, n%60)
	}
	return fmt.Sprintf("%d h %d min", n/3600, n/60%60)
}

// texts makes fields of pairs of a name and a value that is not empty.
func texts(pairs ...string) []connectors.Field {
	var all []connectors.Field
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, connectors.Field{Name: connectors.NewText(pairs[i]), Value: connectors.NewText(pairs[i+1])})
		}
	}
	return all
}
