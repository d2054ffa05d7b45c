package sim

import (
	"fmt"
	"time"
)

// seedIncident: tills that cannot take cards, over five days and three shifts: 1,200 comments. The
// turning points are written by hand; what happens between them is composed, and no two are equal.
func seedIncident(d *data) {
	start := d.ago(7, "05:52:00")
	th := d.open(TicketIncident, start, bettina, "email", "P1: card payments failing in all Northgate shops since 05:40").
		tagged("incident", "p1", "northgate", "payments").field(fieldReason, "billing_issue").field(fieldItems, 41)
	th.t.Priority, th.t.Type, th.t.OrganizationID, th.t.HasIncidents = ptr("urgent"), ptr("problem"), ptr(int64(53)), true
	th.say(bettina, 0, "Good morning, this is the Northgate service desk. Since 05:40 our tills decline every card with error 5302. Forty-one shops, cash works. We open at 07:00. Please call me back at once.\n\nBettina Cole", errorDialog("5302", "CARD PAYMENT WAS DECLINED")).
		assign(priya, 4*mins, groupNight, priya).
		say(priya, 2*mins, "Bettina, I have it. I see the declines from our side too, so it is not your network. The payments engineer is being woken up. Next message from me at 06:15, with or without news.").
		note(priya, 3*mins, "Engine room: declines start 05:38:12, exactly when the night release went out. Suspect the new certificate bundle. Dele on call.")
	w := &shiftWriter{th: th}
	for _, chapter := range incidentChapters {
		w.until(chapter.comments, start.Add(chapter.at))
		chapter.turn(th)
	}
	th.sampled("1,200 messages, five days, three shifts", "An outage handed from shift to shift: find the workaround that was known on day one and told to the customer on day three.")
}

type chapter struct {
	comments int           // how many there are before the turn
	at       time.Duration // when it comes
	turn     func(*thread)
}

// incidentChapters are the turning points. The last one brings the count to 1,200.
var incidentChapters = []chapter{
	{38, 3 * hrs, func(th *thread) {
		th.note(dele, 0, "Found something: tills that were switched off overnight work. Power-cycling a till makes it fetch the old bundle. It takes 90 seconds a till. Putting it here so that it is not lost; tell the customer once Release agrees.")
	}},
	{212, 16 * hrs, func(th *thread) {
		th.say(bettina, 0, "We have now been cash only for a whole trading day. Head office puts it at £212,000. I am told \"engineers are working on it\" every thirty minutes. I know they are. What can WE do?").
			say(mara, 6*mins, "Bettina, I understand. Our engineers are working on it with the highest priority. As soon as there is a workaround you will be the first to know.")
	}},
	{415, 37 * hrs, func(th *thread) {
		th.note(priya, 0, "Handover night → day: rollback 1 failed (bundle is pinned on the tills, not on the server). Rollback 2 planned 21:00. Nobody has answered Bettina's question from yesterday evening about what they can do themselves.",
			failureChart("DAY 1", "DAY 2", []int{4, 6, 190, 180, 176, 188, 171, 160, 150, 149, 120, 40, 12, 8, 182, 177}))
	}},
	{640, 58 * hrs, func(th *thread) {
		th.say(bettina, 0, "Our shop in Kelbrook says they switched a till off and on and now it takes cards. IS THAT ALL? Did you know this?").
			note(mara, 4*mins, "Searching this ticket for \"switch\". Dele wrote exactly that on "+th.d.day(7, "Monday")+" morning, message 39. It was never passed on. I am going to tell her the truth.").
			say(mara, 9*mins, "Bettina, yes. Switching a till off for 90 seconds makes it fetch the earlier certificates, and it then takes cards. One of our engineers noted this on "+th.d.day(7, "Monday")+" before nine. It was waiting for an approval that nobody asked for, and it got lost between shifts. I am sorry; that cost you two trading days.\n\nPlease start with the shops that open first. I stay on the line until the last one is done.")
	}},
	{655, 59 * hrs, func(th *thread) { th.status(mara, 0, "pending") }},
	{980, 80 * hrs, func(th *thread) {
		th.say(bettina, 0, "All 41 shops on cards. We will talk about money next week. Thank you for not dressing it up, Mara.", csv("tills-restarted.csv", incidentRows()...))
	}},
	{1193, 108 * hrs, func(th *thread) {
		th.note(rin, 0, "Review: three shifts, 1,190 entries, one sentence that mattered, at number 39. From today a workaround is a field of the ticket, not a comment.").
			say(rin, 20*mins, "Bettina, the report you asked for is attached: what failed, when we knew the workaround ("+th.d.day(7, "Monday")+" 08:52), when you knew it ("+th.d.day(5, "Monday")+" 16:05), and what we change. The credit for two trading days is on page 3.", pdf("incident-report.pdf", "Acme Home: incident report, card payments", "", "Day 1 05:38  release with certificate bundle 11", "Day 1 08:52  workaround known to engineering", "Day 3 16:05  workaround told to the customer", "Day 4 13:52  last shop confirmed", "", "Changes: workaround field; handover checklist; release freeze before 07:00")).
			say(bettina, 3*hrs, "Received. Clear, short and not defensive. Close it.").
			status(rin, 5*mins, "solved").
			note(jonas, 30*mins, "Tagged for the shift handover training.").
			note(priya, 8*hrs, "Read it tonight with the whole night desk. We have printed message 39.").
			say(bettina, 9*hrs, "One more thing, for the file: the people in the shops say the callers were always kind. Please pass that on.").
			note(mara, 20*mins, "Passed on.")
	}},
}

func incidentRows() []string {
	rows := []string{"shop,till,off,on,first card payment"}
	for i, town := range storeTowns {
		for till := range 4 {
			rows = append(rows, fmt.Sprintf("%s,%d,16:%02d:00,16:%02d:30,16:%02d:%02d", town, till+1, i*4+till, i*4+till+1, i*4+till+2, (i*17+till*7)%60))
		}
	}
	return rows
}

// seedHuge: as many comments as a ticket can hold, written when first asked for.
func seedHuge(d *data) {
	th := d.open(TicketHuge, d.ago(60, "06:00:00"), bettina, "email", "Northgate: the standing thread for tills and card readers")
	th.tagged("northgate", "contract").assign(dele, 5*mins, groupTechnical, dele)
	const first = "As agreed, one thread for all tills and all shops, so that nothing gets lost."
	th.t.OrganizationID, th.t.Description, th.t.UpdatedAt = ptr(int64(53)), first, d.ago(1, "06:00:00")
	th.more = func(th *thread) {
		th.say(bettina, 0, first)
		(&shiftWriter{th: th}).until(5000, th.d.ago(1, "06:00:00"))
	}
}
