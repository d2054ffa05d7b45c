package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// seed makes the account's data. Times are relative to the start, so that windows of hours and days find
// the same whenever it runs.
func seed(o Options) *data {
	d := &data{start: o.Start, byID: map[string]*interaction{}, recs: map[string]*recording{}, users: map[string]*user{}, contacts: map[string]*contact{}, files: map[string]*attachment{}}
	p := d.people()
	d.seedTransfer(p)
	d.seedVoicemail(p)
	d.seedMissed(p)
	d.seedRetention(p)
	d.seedMono(p)
	d.seedForeign(p)
	d.seedManyParts(p)
	d.seedHandoff(p)
	d.seedSMS(p)
	d.seedLong(p)
	d.seedReportOnly(p)
	d.seedTraffic(p)
	if o.Canary != "" {
		d.seedCanary(p, o.Canary)
	}
	slices.SortStableFunc(d.list, func(a, b *interaction) int { return a.began.Compare(b.began) })
	return d
}

// people of the account.
type people struct {
	dana, ines, tom *user // tom has been deleted since
	leo, noor, mira *contact
}

func (d *data) people() people {
	member := func(name, mail string, extension int) *user {
		u := &user{id: idOf(24, "user", name), name: name, email: mail, extension: extension}
		d.users[u.id] = u
		return u
	}
	caller := func(name, phone string) *contact {
		c := &contact{id: idOf(24, "contact", name), name: name, phone: phone}
		d.contacts[c.id] = c
		return c
	}
	p := people{
		dana: member("Dana Okafor", "dana@harborline.example", 211), ines: member("Ines Valk", "ines@harborline.example", 0),
		tom: &user{id: idOf(24, "user", "gone"), name: "Tom Reeve", email: "tom@harborline.example"},
		leo: caller("Leo Brandt", "+12025550187"), noor: caller("Noor Haddad", "+12025550194"), mira: caller("Mira Lund", "+12025550163"),
	}
	return p
}

func (d *data) ago(t time.Duration) time.Time { return d.start.Add(-t) }

func (d *data) sampled(i *interaction, title, why string) {
	ref := CallRef(i.id)
	url := "https://" + apiName + "/calls/" + i.id + "/recordings"
	switch i.channel {
	case "VOICE":
	case "EMAIL":
		ref, url = MailRef(i.id), conversationURL("harborline", i)
	default:
		ref, url = ChatRef(i.id), conversationURL("harborline", i)
	}
	d.samples = append(d.samples, Sample{Title: title, Why: why, URL: url, Ref: ref})
}

func conversationURL(account string, i *interaction) string {
	return "https://" + account + ".talkdeskapp.com/atlas/apps/conversation-history/" + i.channel + "/" + i.id
}

// seedTransfer: the first agent, a word between the two, the second agent.
func (d *data) seedTransfer(p people) {
	i := d.add(&interaction{
		id: CallTransfer, channel: "VOICE", began: d.ago(26 * time.Hour), who: p.leo, queue: "bookings", kind: "inbound",
		disposition: "Cancellation", notes: "Offered vouchers, customer insisted. Cancelled.", csat: "1", hold: 12,
	})
	first := d.recorded(i, 21*time.Second, "conversation", calls.Cancel, agent(p.dana), customer(p.leo))
	between := d.recorded(i, 85*time.Second, "consultation", calls.Consult, agent(p.dana), agent(p.ines))
	second := d.recorded(i, 99*time.Second, "conversation", calls.Retain, agent(p.ines), customer(p.leo))
	i.heard(first, map[string]*user{"A": p.dana})
	i.heard(between, map[string]*user{"A": p.dana, "C": p.ines})
	i.heard(second, map[string]*user{"B": p.ines})
	i.legs = []leg{
		{by: p.dana, queue: "bookings", began: i.began, ended: between.at, kind: "answered", out: true},
		{by: p.ines, queue: "retention", began: second.at.Add(-2 * time.Second), ended: i.ended, kind: "answered", in: true},
	}
	d.sampled(i, "Three vouchers and a no", "A transferred call, agents left, customer right: a card number that nobody needed, and a customer who says no five times.")
}

func (d *data) seedVoicemail(p people) {
	i := d.add(&interaction{id: CallVoicemail, channel: "VOICE", began: d.ago(40 * time.Hour), who: p.noor, queue: "bookings", kind: "voicemail"})
	r := d.recorded(i, 15*time.Second, "voicemail", calls.Message, nil, nil)
	i.heard(r, nil)
	i.legs = []leg{{queue: "bookings", began: i.began, ended: i.ended, kind: "voicemail"}}
	d.sampled(i, "After closing time", "A voicemail: was she called back before Friday?")
}

func (d *data) seedMissed(p people) {
	i := d.add(&interaction{id: CallMissed, channel: "VOICE", outbound: true, began: d.ago(16 * time.Hour), who: p.noor, queue: "bookings", kind: "outbound_missed", ended: d.ago(16*time.Hour - 31*time.Second)})
	i.legs = []leg{{by: p.dana, queue: "bookings", began: i.began, ended: i.ended, kind: "not connected"}}
}

// seedRetention: audio and transcripts are kept for different times.
func (d *data) seedRetention(p people) {
	gone := d.add(&interaction{id: CallAudioPurged, channel: "VOICE", began: d.ago(70 * time.Hour), who: p.leo, queue: "bookings", kind: "inbound"})
	r := &recording{id: idOf(32, gone.id, "purged"), call: gone, at: gone.began.Add(9 * time.Second), sound: calls.Get(calls.Retain)}
	gone.heard(r, map[string]*user{"B": p.ines})
	gone.ended = gone.began.Add(50 * time.Second)
	gone.legs = []leg{{by: p.ines, queue: "bookings", began: gone.began, ended: gone.ended, kind: "answered"}}

	old := d.add(&interaction{id: CallTextPurged, channel: "VOICE", began: d.ago(90 * 24 * time.Hour), who: p.mira, queue: "bookings", kind: "inbound"})
	d.recorded(old, 12*time.Second, "conversation", calls.Retain, agent(p.tom), customer(p.mira))
	old.legs = []leg{{by: p.tom, queue: "bookings", began: old.began, ended: old.ended, kind: "answered"}}
}

// seedMono: dual channel recording was off, and the transcript is of the time before recording ids.
func (d *data) seedMono(p people) {
	i := d.add(&interaction{id: CallMono, channel: "VOICE", began: d.ago(50 * time.Hour), who: p.mira, queue: "bookings", kind: "inbound"})
	r := d.recorded(i, 8*time.Second, "conversation", calls.Transfer, nil, nil)
	i.heard(r, map[string]*user{"A": p.dana, "B": p.ines})
	for n := range i.said {
		i.said[n].noRec = true
	}
	i.legs = []leg{{by: p.dana, queue: "bookings", began: i.began, ended: i.ended, kind: "answered"}}
}

func (d *data) seedForeign(p people) {
	i := d.add(&interaction{id: CallForeign, channel: "VOICE", began: d.ago(60 * time.Hour), who: p.leo, queue: "bookings", kind: "inbound"})
	d.recorded(i, 5*time.Second, "conversation", calls.Retain, agent(p.ines), customer(p.leo)).mine = true
	d.recorded(i, 50*time.Second, "conversation", calls.Consult, agent(p.ines), customer(p.leo))
	i.legs = []leg{{by: p.ines, queue: "bookings", began: i.began, ended: i.ended, kind: "answered"}}
}

// seedManyParts: recording was paused and started again 52 times.
func (d *data) seedManyParts(p people) {
	i := d.add(&interaction{id: CallManyParts, channel: "VOICE", began: d.ago(30 * time.Hour), who: p.leo, queue: "bookings", kind: "inbound"})
	for n := range 53 {
		d.recorded(i, time.Duration(n)*20*time.Second, "conversation", calls.Consult, agent(p.dana), customer(p.leo))
	}
	i.legs = []leg{{by: p.dana, queue: "bookings", began: i.began, ended: i.ended, kind: "answered"}}
}

// seedTraffic is everything else that goes on: a few conversations an hour, for nine days.
func (d *data) seedTraffic(p people) {
	for hour := 1; hour < 9*24; hour += 3 {
		i := d.add(&interaction{
			id: idOf(32, "traffic", hour), channel: "VOICE", began: d.ago(time.Duration(hour)*time.Hour + 7*time.Minute), who: p.mira, queue: "bookings",
			kind: "inbound", nameless: hour%5 == 0,
		})
		i.legs = []leg{{by: p.dana, queue: "bookings", began: i.began, ended: i.ended, kind: "answered"}}
		for n := range 4 {
			i.said = append(i.said, message{
				id: fmt.Sprintf("t-%d", n), text: "Somebody else's call.", channel: "VOICE", participant: "AGENT", source: "STT", from: float64(n), to: float64(n) + 1,
				timed: true, at: i.began, noRec: true,
			})
		}
	}
}
