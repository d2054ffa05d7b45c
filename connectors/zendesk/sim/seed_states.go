package sim

import (
	"strings"
)

// seedMerged: the same complaint twice, one ticket merged into the other.
func seedMerged(d *data) {
	lost := d.open(TicketMerged, d.ago(5, "17:01:00"), hannah, "email", "Gift card code does not work")
	lost.tagged("closed_by_merge", "gift_card").
		say(hannah, 0, "Hi, the $50 gift card I got from work says \"code already used\". I haven't used it. It is a birthday thing for Saturday.").
		assign(mara, 20*mins, groupCare, mara).
		note(mara, 1*mins, "Request #5112 \"Gift card code does not work\" was closed and merged into request #5113. Last comment in request #5112: see there.").
		edit(func(c *comment) {
			c.Via = &via{Channel: "web", Source: viaSource{From: viaEnd{}, To: viaEnd{TicketID: TicketSurvivor}, Rel: ptr("merge")}}
		}).
		status(mara, 0, "closed")
	lost.t.Via.Source.Rel = nil
	d.open(TicketSurvivor, d.ago(5, "16:40:00"), hannah, "web", "Gift card: already used?").
		tagged("gift_card").
		say(hannah, 0, "Your chat told me to open a request here as well: gift card ending 7Q2, \"already used\". I never used it.").
		assign(mara, 40*mins, groupCare, mara).
		note(mara, 2*mins, "Requests #5112 \"Gift card code does not work\" was merged into this request. Last comment in request #5112:\n\nHi, the $50 gift card I got from work says \"code already used\". I haven't used it. It is a birthday thing for Saturday.").
		edit(func(c *comment) {
			c.Via = &via{Channel: "web", Source: viaSource{From: viaEnd{TicketIDs: []int64{TicketMerged}}, Rel: ptr("merge")}}
		}).
		say(mara, 8*mins, "Hi Hannah,\n\nI have put your two requests together so that you get one answer. The card was activated twice by the shop, which makes the second code look used. A new code is on its way to you, in time for Saturday.").
		say(hannah, 30*mins, "It worked! He's getting the good headphones.").
		status(mara, 1*hrs, "solved")
}

// seedRedacted: card data has been struck out, and a file with it.
func seedRedacted(d *data) {
	block := strings.Repeat("▇", 16)
	d.open(TicketRedacted, d.ago(11, "20:05:00"), elliot, "email", "Can you just charge my other card").
		tagged("pci", "redacted").field(fieldReason, "billing_issue").
		say(elliot, 0, "Card on file expired. Use this one instead: "+block+", exp ▇▇/▇▇, code ▇▇▇. Photo attached so you can check it.", text("redacted.txt", "")).
		assign(jonas, 35*mins, groupCare, jonas).
		note(jonas, 3*mins, "Typed it into the terminal for him. "+block+" went through.").
		say(jonas, 2*mins, "All done, Elliot! For next time you can mail us the new card any time.").
		status(jonas, 1*mins, "solved").
		assign(rin, 12*hrs, groupTrust, olu).
		note(olu, 9*mins, "Card number, expiry and code removed from two messages, the photograph removed as well. We must never take card data by mail, let alone invite it. Jonas and his team leader: please see 7.1.").
		say(olu, 11*mins, "Hello Elliot,\n\nplease do not send card details by e-mail, not to us and not to anybody. I have removed yours from this conversation. You can enter a new card under My account, Payment. Your bank will swap the card for free if you ask.").
		set(olu, 0, "comment_redaction", "", "")
	th := d.tickets[TicketRedacted].thread
	a := &th.audits[len(th.audits)-1]
	a.Events[0] = event{ID: a.Events[0].ID, Type: "CommentRedactionEvent", CommentID: th.comments[0].ID, AuthorID: olu}
	th.next++
	a.Events = append(a.Events, event{ID: th.next, Type: "AttachmentRedactionEvent", CommentID: th.comments[0].ID, AuthorID: olu})
}

// seedArchived: closed long ago, by an agent who has left; payloads are of an older kind.
func seedArchived(d *data) {
	th := d.open(TicketArchived, d.ago(214, "11:11:00"), beatrix, "email", "Garden bench: one leg is shorter")
	th.archived = true
	th.t.EncodedID, th.t.GeneratedTimestamp, th.t.SatisfactionRating = "", 0, nil
	old := func(f *file) { f.old = true }
	th.say(beatrix, 0, "The bench wobbles. I measured: one leg is 6 mm shorter than the others. Picture attached.", bench().with(old)).
		edit(func(c *comment) { c.Metadata, c.Via = nil, nil }).
		assign(mara, 3*hrs, groupCare, greta).
		say(greta, 10*mins, "Dear Ms Lowe,\n\na felt pad of 6 mm is in the post, and a new leg in case you would rather have it properly. Both free of course.\n\nGreta").
		say(beatrix, 4*days, "The pad did it. My husband will screw in the leg in spring, he says.").
		status(greta, 1*hrs, "solved").
		note(-1, 4*days, "This request was closed automatically four days after it was solved.").
		edit(func(c *comment) {
			c.Via = &via{Channel: "rule", Source: viaSource{From: viaEnd{ID: 5502, Title: "Close solved tickets"}, Rel: ptr("automation")}}
		}).
		note(0, 1*hrs, "Imported from the former help desk.").
		edit(func(c *comment) { c.AuthorID = nil }).
		status(-1, 0, "closed")
}

// seedOtherGroup: what the restricted agent may not see.
func seedOtherGroup(d *data) {
	d.open(TicketOtherGroup, d.ago(2, "10:00:00"), vera, "email", "Written report on the disclosure of my data").
		tagged("privacy").
		say(vera, 0, "Mr Bankole, you promised me a written report. Please send it to my solicitor as well.").
		assign(olu, 30*mins, groupTrust, olu).
		note(olu, 5*mins, "Confidential. Legal holds the draft.").
		say(olu, 20*hrs, "Dear Ms Lindgren, the report is attached.", pdf("report-disclosure.pdf", "Report on the disclosure of personal data", "1. What was disclosed", "2. To whom", "3. What we have changed"))
}

// seedBigID: ids that no float can hold.
func seedBigID(d *data) {
	th := d.open(4242, d.ago(1, "09:45:00"), zosia, "email", "Zamówienie A-21001: dziękuję i jedno pytanie")
	delete(d.tickets, 4242)
	th.t.ID, th.t.URL = TicketBigID, d.canonical("/api/v2/tickets/%d.json", int64(TicketBigID))
	th.next, th.audit = 9100000000000000001, 9100000000000500000
	d.tickets[TicketBigID] = th.t
	d.order[len(d.order)-1] = TicketBigID
	d.nextFile = 9200000000000000000
	th.say(zosia, 0, "Dzień dobry! Lampa jest piękna. Czy żarówka E14 wystarczy 40 W, czy lepiej 60 W?", logo().as("lampa.png")).
		assign(sofia, 10*mins, groupWorld, sofia).
		say(sofia, 5*mins, "Dzień dobry, proszę najwyżej 40 W, klosz jest z papieru. Miłego czytania!").
		status(sofia, 1*mins, "solved")
	d.nextFile = 800000
}
