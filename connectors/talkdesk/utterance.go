package talkdesk

import (
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// utterance is one message of the Conversations API: something said in a recording, or a line of a chat.
type utterance struct {
	id, channel, source, participant string
	text                             connectors.Text
	cut                              bool
	from, to                         float64 // seconds into the recording
	timed                            bool    // from is known
	recording                        string
	index                            int64 // of the recording; -1: not said
	at                               time.Time
	agent                            string
	files                            []connectors.Attachment
}

func decodeUtterance(d *lenient.Decoder, o *opening) utterance {
	u := utterance{index: -1}
	d.Object(func(key []byte) {
		switch string(key) {
		case "message_id":
			u.id = d.Word()
		case "text":
			u.text = connectors.NewText(d.Body())
		case "channel":
			u.channel = strings.ToUpper(d.Label())
		case "source_system":
			u.source = strings.ToUpper(d.Label())
		case "participant":
			u.participant = strings.ToLower(d.Label())
		case "start_time":
			u.timed = d.Kind() == '0' || d.Kind() == '"'
			u.from = d.Seconds()
		case "end_time":
			u.to = d.Seconds()
		case "recording_id":
			u.recording = d.Word()
		case "recording_index":
			if d.Kind() == '0' {
				u.index = d.Integer()
			} else {
				d.Skip()
			}
		case "message_start_at":
			u.at = d.Time()
		case "agent_id":
			u.agent = d.ID()
		case "attachments", "attachment_ids":
			u.files = o.attachments(d)
		default:
			d.Skip()
		}
	})
	u.cut, d.Cut = d.Cut, false
	return u
}

// role of who spoke. Nobody has listed the values: compared by what is in them.
func (u *utterance) role() connectors.PersonRole {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(u.participant, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("bot", "virtual", "automat"):
		return connectors.RoleBot
	case has("customer", "contact", "visitor"):
		return connectors.RoleCustomer
	case u.source == "VA" && has("agent", "user"):
		return connectors.RoleBot
	case has("agent", "user"):
		return connectors.RoleAgent
	default:
		return connectors.RoleUnknown
	}
}

func (x *exchange) part(u utterance) connectors.Part {
	x.n++
	who := &connectors.Who{Role: u.role()}
	switch {
	case u.agent != "":
		who.ID = &u.agent
	case who.Role == connectors.RoleCustomer && x.customer != "":
		who.ID = &x.customer
	}
	if u.source == "STT" || u.source == "" && u.channel == "VOICE" {
		return x.spoken(u, who)
	}
	m := &connectors.Message{
		ID: u.id, At: u.at, Author: who, Visibility: connectors.VisibilityPublic, Text: u.text, Truncated: u.cut, Attachments: u.files,
		Via: map[string]string{"VA": "virtual agent"}[u.source],
	}
	if m.ID == "" {
		m.ID = "n-" + strconv.Itoa(x.n)
	}
	switch u.channel {
	case "", "CHAT", "WEBCHAT", "SMS", "DIGITAL_CONNECT", "VOICE":
	default:
		m.Native = u.channel
	}
	return m
}

// spoken gives an utterance its place in the recording: by the time that is given, else by when it was
// said, as far as the recording's beginning is known.
func (x *exchange) spoken(u utterance, who *connectors.Who) *connectors.Transcript {
	rec, id := x.o.recordingOf(u.recording, u.index)
	t := &connectors.Transcript{Recording: id, From: connectors.Seconds(u.from), To: connectors.Seconds(u.to), Speaker: who, Text: u.text}
	if !u.timed && !u.at.IsZero() && !rec.at.IsZero() {
		t.From = connectors.Seconds(max(0, u.at.Sub(rec.at).Seconds()))
	}
	return t
}
