package sim

import (
	"fmt"
	"time"
)

// queueDays is how far back the queue goes.
const queueDays = 30

// FirstQueued is the number of the newest ticket of Options.Queue; older ones count up from it.
const FirstQueued = 20001

// seedQueue adds the day's ordinary tickets: short, all alike in kind and no two in figures. They are
// there for lists; what is worth reading is written by hand elsewhere.
func seedQueue(d *data) {
	if d.o.Queue == 0 {
		return
	}
	step := queueDays * days / time.Duration(d.o.Queue+1)
	for i := range d.o.Queue {
		d.queued(i, d.o.Start.Add(-time.Duration(i+1)*step).Truncate(time.Second))
	}
}

// queueAgents answer the queue, each in a group of their own.
var queueAgents = []struct{ agent, group int64 }{
	{mara, groupCare}, {tomas, groupBilling}, {dele, groupTechnical}, {ines, groupReturns}, {priya, groupNight},
	{sofia, groupWorld}, {nadia, groupWorld}, {olu, groupTrust}, {anneke, groupReturns},
}

var queueCustomers = []int64{paula, gordon, vera, ravi, hannah, elliot, sam, beatrix, ingrid, marcus, kofi, dana}

// queued writes ticket i. Steps that share no factor with the length of their list mix them without
// randomness.
func (d *data) queued(i int, at time.Time) {
	w, who := queueTopics[i*5%len(queueTopics)], queueAgents[i*7%len(queueAgents)]
	th := d.open(FirstQueued+int64(i), at, queueCustomers[i*5%len(queueCustomers)], w.channel, fmt.Sprintf(w.subject, 40000+i*7))
	th.tagged(w.tags...).field(fieldReason, w.reason).field(fieldOrder, fmt.Sprintf("HF-%d", 40000+i*7))
	if i%11 == 3 {
		th.tagged("vip")
	}
	th.more = func(th *thread) {
		th.say(th.t.RequesterID, 0, fmt.Sprintf(w.asks, 40000+i*7))
		if th.t.AssigneeID != nil {
			th.say(who.agent, time.Duration(7+i*13%160)*mins, fmt.Sprintf(w.answer, 40000+i*7))
		}
	}
	th.t.Description = fmt.Sprintf(w.asks, 40000+i*7)
	th.t.Status = queueStatuses[i*3%len(queueStatuses)]
	if th.t.Status != "new" {
		th.t.AssigneeID, th.t.GroupID = ptr(who.agent), ptr(who.group)
	}
	if th.t.Status == "solved" || th.t.Status == "closed" {
		th.t.SatisfactionRating = queueRating(i)
	}
	th.t.UpdatedAt = at.Add(time.Duration(10+i*17%600) * mins)
	if now := d.o.Start; th.t.UpdatedAt.After(now) {
		th.t.UpdatedAt = now
	}
}

func queueRating(i int) *rating {
	switch i % 7 {
	case 1, 4:
		return &rating{ID: 900000 + int64(i), Score: "good"}
	case 2:
		return &rating{ID: 900000 + int64(i), Score: "bad", Comment: "Took three mails to get an answer."}
	case 3:
		return &rating{ID: 900000 + int64(i), Score: "offered"}
	default:
		return &rating{Score: "unoffered"}
	}
}

var queueStatuses = []string{"solved", "solved", "open", "closed", "pending", "solved", "new", "solved", "closed", "hold", "open"}

var queueTopics = []struct {
	channel, subject, reason string
	tags                     []string
	asks, answer             string
}{
	{"email", "Order HF-%d has not arrived", "late_delivery", []string{"delivery"},
		"Hello, order HF-%d was promised for Tuesday and is not here. Can you look where it is?",
		"I looked it up: HF-%d waits at the depot since yesterday. The driver takes it out tomorrow before noon."},
	{"web", "Lamp of order HF-%d came without its shade", "damaged", []string{"missing-part"},
		"The lamp in HF-%d came without a shade. The box was closed with our own tape, so I think it was packed that way.",
		"You are right, the shade of HF-%d is still in our shelf. It leaves tonight, and you need not send anything back."},
	{"email", "Charged twice for HF-%d", "billing_issue", []string{"refund", "billing"},
		"My card shows two payments for HF-%d. Please give one of them back.",
		"One of the two was a reservation that the bank lets go on its own. I have asked them to do it for HF-%d today."},
	{"chat", "Chat about HF-%d", "late_delivery", []string{"delivery", "chat"},
		"can i still change the address of HF-%d?",
		"Yes, until it is packed at four. Tell me the new one and I change HF-%d now."},
	{"email", "Return label for HF-%d", "damaged", []string{"returns"},
		"I would like to return the two chairs of HF-%d. The link for the label says expired.",
		"Here is a new label for HF-%d. It is good for 30 days, and the parcel shop prints it for you."},
	{"web", "Cannot sign in to see HF-%d", "account_access", []string{"account"},
		"Your page says my address does not exist, but HF-%d was confirmed to it.",
		"HF-%d was ordered as a guest. I joined it to your account: please sign in again."},
	{"api", "Shop till: receipt of HF-%d", "billing_issue", []string{"store"},
		"Receipt HF-%d printed without the VAT line. The customer is in the shop.",
		"The receipt of HF-%d is fixed; print it once more, please."},
	{"email", "Gift card used for HF-%d shows a balance", "billing_issue", []string{"gift-card", "billing"},
		"I paid HF-%d with a gift card and it still has its whole balance. I do not want trouble later.",
		"Thank you for saying so. The payment of HF-%d was booked by hand now; the card is empty."},
}
