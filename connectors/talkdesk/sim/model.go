package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// data is everything in the account. It does not change after seed.
type data struct {
	start    time.Time
	list     []*interaction // by the time they began
	byID     map[string]*interaction
	recs     map[string]*recording
	users    map[string]*user
	contacts map[string]*contact
	files    map[string]*attachment
	samples  []Sample
}

type user struct {
	id, name, email string
	extension       int // 0: null
	inactive        bool
}

type contact struct{ id, name, phone string }

// interaction is one conversation with a customer, on whatever channel.
type interaction struct {
	id           string
	channel      string // VOICE, CHAT, SMS, DIGITAL_CONNECT, EMAIL, WHATSAPP
	outbound     bool
	began, ended time.Time
	who          *contact
	queue        string
	kind         string // of a call in the report: inbound, missed, voicemail …
	disposition  string
	notes        string
	csat         string
	hold         int // seconds
	legs         []leg
	recs         []*recording
	said         []message // in the Conversations API; none: it is not there
	nameless     bool      // in the Conversations API, it has no id
	noReport     bool      // retention has taken it out of the reports
}

// leg is what the contacts report calls a contact.
type leg struct {
	id           string
	by           *user // nil: nobody answered
	queue        string
	began, ended time.Time
	kind         string // answered, missed, abandoned, voicemail …
	in, out      bool   // transferred here, on from here
}

// recording is one file of a call.
type recording struct {
	id    string
	call  *interaction
	index int
	at    time.Time
	kind  string // conversation, voicemail, agent, consultation
	one   []participant
	two   []participant
	sound calls.Call
	mine  bool // in the customer's own store
	gone  bool // listed, but the media is not there
}

type participant struct {
	Type string `json:"participant_type"`
	ID   string `json:"participant_id"`
}

// message is one utterance or one line of a chat.
type message struct {
	id, text, channel, participant, source string
	from, to                               float64 // seconds into the recording; STT only
	timed                                  bool    // it has message_start_at
	at                                     time.Time
	rec                                    *recording
	noRec                                  bool // the recording's id is missing, as on old data
	agent                                  string
}

// idOf makes an id of 24, 32 or more hex digits out of a name.
func idOf(digits int, parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	return hex.EncodeToString(sum[:])[:digits]
}

func (d *data) add(i *interaction) *interaction {
	if i.ended.IsZero() {
		i.ended = i.began.Add(4 * time.Minute)
	}
	d.list = append(d.list, i)
	d.byID[i.id] = i
	return i
}

// recorded adds a recording at a time of the call.
func (d *data) recorded(i *interaction, after time.Duration, kind, name string, one, two *participant) *recording {
	r := &recording{id: idOf(32, i.id, "recording", len(i.recs)), call: i, index: len(i.recs), at: i.began.Add(after), kind: kind, sound: calls.Get(name)}
	if one != nil {
		r.one, r.two = []participant{*one}, []participant{*two}
	}
	i.recs = append(i.recs, r)
	d.recs[r.id] = r
	if end := r.at.Add(time.Duration(r.sound.Seconds * float64(time.Second))); end.After(i.ended) {
		i.ended = end
	}
	return r
}

// heard writes down what is said in a recording, as speech-to-text does.
func (i *interaction) heard(r *recording, agents map[string]*user) {
	for n, u := range r.sound.Utterances {
		m := message{
			id: fmt.Sprintf("m-%d-%02d", r.index, n), text: u.Text, channel: "VOICE", participant: "CUSTOMER", source: "STT",
			from: u.From, to: u.To, timed: true, at: r.at.Add(time.Duration(u.From * float64(time.Second))), rec: r,
		}
		if a := agents[u.Speaker]; a != nil {
			m.participant, m.agent = "AGENT", a.id
		}
		i.said = append(i.said, m)
	}
}

func agent(u *user) *participant       { return &participant{"AGENT", u.id} }
func customer(c *contact) *participant { return &participant{"CONTACT", c.id} }
