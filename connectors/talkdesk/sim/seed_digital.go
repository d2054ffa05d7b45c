package sim

import (
	"fmt"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// line is one message of a chat: who, and what.
type line struct{ who, text string }

// wrote adds lines of a chat, a minute apart. Virtual agents write as VA, people as DCE (the Conversations
// API's source systems).
func (i *interaction) wrote(by *user, timed bool, lines ...line) {
	for n, l := range lines {
		m := message{
			id: fmt.Sprintf("c-%03d", n), text: l.text, channel: i.channel, participant: l.who, source: "DCE", timed: timed,
			at: i.began.Add(time.Duration(n) * time.Minute),
		}
		switch l.who {
		case "VIRTUAL_AGENT":
			m.source = "VA"
			if i.channel == "CHAT" {
				m.channel = "WEBCHAT"
			}
		case "AGENT":
			m.agent = by.id
		}
		i.said = append(i.said, m)
		i.ended = m.at.Add(30 * time.Second)
	}
}

func (d *data) seedHandoff(p people) {
	i := d.add(&interaction{id: ChatHandoff, channel: "CHAT", began: d.ago(5 * time.Hour), who: p.noor, queue: "billing", disposition: "Refund"})
	i.wrote(p.dana, true,
		line{"VIRTUAL_AGENT", "Hi, I am Skipper, the assistant of Harbour Line. What is it about?"},
		line{"CUSTOMER", "I was charged twice for the car deck."},
		line{"VIRTUAL_AGENT", "You can bring one car per booking. Would you like to add a second car?"},
		line{"CUSTOMER", "No. TWICE. For one car. Please let me talk to a person."},
		line{"VIRTUAL_AGENT", "I will find somebody for you."},
		line{"AGENT", "Hello Noor, this is Dana. Let me look at the two charges."},
		line{"CUSTOMER", "Thank you. Here is the picture of my statement."},
		line{"AGENT", "I see it. The second one is ours, I have taken it back just now. It takes three working days."},
		line{"CUSTOMER", "Great. I called on Monday as well and left a message, nobody called back."},
		line{"AGENT", "I am sorry about that."},
	)
	i.legs = []leg{
		{queue: "virtual agent", began: i.began, ended: i.began.Add(5 * time.Minute), kind: "TRANSFERRED", out: true},
		{by: p.dana, queue: "billing", began: i.began.Add(5 * time.Minute), ended: i.ended, kind: "MANUALLY CLOSED", in: true},
	}
	d.files[AttachmentPhoto] = &attachment{id: AttachmentPhoto, name: "statement.png", kind: "image/png", content: picture()}
	d.sampled(i, "Twice. For one car.", "A chat: the assistant misunderstands twice before a person takes over. She had left a voicemail, too.")
}

func (d *data) seedSMS(p people) {
	i := d.add(&interaction{id: ChatSMS, channel: "SMS", began: d.ago(9 * time.Hour), who: p.leo, queue: "billing"})
	i.wrote(p.ines, false,
		line{"CONTACT", "Has my refund been sent? Booking H-7731"},
		line{"USER", "Yes, on Tuesday. Ines, Harbour Line"},
		line{"CONTACT", "ok thx"},
	)
	i.legs = []leg{{by: p.ines, queue: "billing", began: i.began, ended: i.ended, kind: "MANUALLY CLOSED"}}
}

// seedLong is the first conversation of the last day, so that it opens a page.
func (d *data) seedLong(p people) {
	i := d.add(&interaction{id: ChatLong, channel: "CHAT", began: d.ago(23*time.Hour + 50*time.Minute), who: p.mira, queue: "group bookings"})
	for n := range 620 {
		who, text := "CUSTOMER", "Passenger %03d has no cabin yet, and the list says something else again. Could you check it, please?"
		if n%2 == 1 {
			who, text = "AGENT", "Passenger %03d is in cabin seven on the upper deck. The list is updated every night, so it will show tomorrow."
		}
		m := message{id: fmt.Sprintf("c-%03d", n), text: fmt.Sprintf(text, n/2), channel: "CHAT", participant: who, source: "DCE", timed: true, at: i.began.Add(time.Duration(n) * time.Second)}
		if who == "AGENT" {
			m.agent = p.dana.id
		}
		i.said = append(i.said, m)
	}
	i.ended = i.began.Add(15 * time.Minute)
	i.legs = []leg{{by: p.dana, queue: "group bookings", began: i.began, ended: i.ended, kind: "MANUALLY CLOSED"}}
}

// seedReportOnly: what is in no API but the report.
func (d *data) seedReportOnly(p people) {
	for _, i := range []*interaction{
		{id: MailBooking, channel: "EMAIL", began: d.ago(7 * time.Hour), who: p.leo, queue: "mail"},
		{id: ChatSocial, channel: "WHATSAPP", began: d.ago(8 * time.Hour), who: p.mira, queue: "social"},
	} {
		d.add(i)
		i.legs = []leg{{by: p.ines, queue: i.queue, began: i.began, ended: i.ended, kind: "MANUALLY CLOSED"}}
	}
}

// seedCanary puts a word into every field that can hold content.
func (d *data) seedCanary(p people, word string) {
	u := &user{id: idOf(24, "user", "canary"), name: "Agent " + word, email: word + "@harborline.example"}
	c := &contact{id: idOf(24, "contact", "canary"), name: "Customer " + word, phone: word}
	d.users[u.id], d.contacts[c.id] = u, c
	i := d.add(&interaction{
		id: CallCanary, channel: "VOICE", began: d.ago(20 * time.Hour), who: c, queue: "queue " + word, kind: "inbound", disposition: "disposition " + word,
		notes: "notes " + word, csat: "3",
	})
	r := d.recorded(i, 5*time.Second, "conversation", calls.Retain, agent(u), customer(c))
	i.said = []message{{id: "m-0", text: "said " + word, channel: "VOICE", participant: "CUSTOMER", source: "STT", from: 1, to: 2, timed: true, at: r.at, rec: r}}
	i.legs = []leg{{by: u, queue: "queue " + word, began: i.began, ended: i.ended, kind: "answered"}}
	_ = p
}
