package calls

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

//go:embed *.mp3 *.opus *.json
var files embed.FS

// Names of the calls.
const (
	Moment   = "moment"   // stereo: a hold of forty seconds
	Warranty = "warranty" // stereo: a sale without what must be said; the agent talks over the customer
	Transfer = "transfer" // mono, two agents; also as Opus
	Promise  = "zusage"   // mono, German: a promise
	Card     = "card"     // stereo: recording paused, too late
	Mailbox  = "mailbox"  // mono, German: left on the mailbox

	// These are at 22.05 kHz, as Talkdesk's are.
	Cancel  = "cancel"  // stereo: a booking is to be cancelled; a card number is read out (also redacted)
	Consult = "consult" // stereo: two agents between themselves
	Retain  = "retain"  // stereo: the second agent, who does not let go
	Message = "message" // mono: left on the voicemail
)

// Names lists all calls.
var Names = []string{Moment, Warranty, Transfer, Promise, Card, Mailbox, Cancel, Consult, Retain, Message}

// Call says what is heard in a recording. All times are seconds from its beginning.
type Call struct {
	Name       string      `json:"-"`
	Title      string      `json:"title"`
	Language   string      `json:"language"`
	Seconds    float64     `json:"seconds"`
	Rate       int         `json:"rate"`
	Channels   int         `json:"channels"` // of two, the left is the agents'
	Speakers   []Speaker   `json:"speakers"`
	Utterances []Utterance `json:"utterances"` // by beginning; they may overlap
	Holds      []Span      `json:"holds"`      // music is heard
	Pauses     []Pause     `json:"pauses"`
	MadeWith   []string    `json:"made_with"` // programs and versions
}

// Speaker is a voice of a call.
type Speaker struct {
	ID   string `json:"id"`
	Role string `json:"role"` // agent, customer
	Name string `json:"name"`
}

// Utterance is one turn.
type Utterance struct {
	Speaker string  `json:"speaker"`
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Text    string  `json:"text"`
}

// Span is a part of a call.
type Span struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Pause is what was said while nothing was recorded: at At, the call went on for Seconds.
type Pause struct {
	At      float64 `json:"at"`
	Seconds float64 `json:"seconds"`
}

// Get gives a call by name. The names are constants, so an unknown one panics.
func Get(name string) Call {
	c := Call{Name: name}
	if err := json.Unmarshal(read(name+".json"), &c); err != nil {
		panic(fmt.Sprintf("calls: %s.json: %v", name, err))
	}
	return c
}

// MP3 is the call's sound. All callers share the bytes: they are not to be changed.
func (c Call) MP3() []byte { return read(c.Name + ".mp3") }

// Redacted is the sound of Cancel with silence where the card number is.
func (c Call) Redacted() []byte { return read(c.Name + "-redacted.mp3") }

// Opus is the sound of Transfer in an Ogg file.
func (c Call) Opus() []byte { return read(c.Name + ".opus") }

// Lasted is how long the call was, with what was not recorded.
func (c Call) Lasted() float64 {
	n := c.Seconds
	for _, p := range c.Pauses {
		n += p.Seconds
	}
	return n
}

// Transcript is the call as one text, a turn a line, as a provider gives it that knows no times.
func (c Call) Transcript() string {
	var b strings.Builder
	for _, u := range c.Utterances {
		who := "Agent"
		if c.speaker(u.Speaker).Role == "customer" {
			who = "Customer"
		}
		fmt.Fprintf(&b, "%s: %s\n", who, u.Text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c Call) speaker(id string) Speaker {
	for _, s := range c.Speakers {
		if s.ID == id {
			return s
		}
	}
	return Speaker{}
}

// contents keeps one copy of each file, since embed makes a new one at every read.
var contents = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	entries, _ := files.ReadDir(".") // cannot fail: the files are in the program
	for _, e := range entries {
		all[e.Name()], _ = files.ReadFile(e.Name())
	}
	return all
})

func read(name string) []byte {
	b, ok := contents()[name]
	if !ok {
		panic("calls: there is no " + name)
	}
	return b
}
