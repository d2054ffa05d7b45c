package sim

import "github.com/sightglass-gateway/sightglass/connectors/simhost/calls"

// seedMoment: a hold that nobody comes back from, called short in the note.
func seedMoment(d *data) {
	th := d.phoned(TicketCallMoment, d.ago(1, "11:06:40"), elliot, "Refund for floor lamp A-20617 not received")
	th.tagged("refund", "repeat_contact").field(fieldOrder, "A-20617").field(fieldAmount, "89.00").field(fieldReason, "billing_issue")
	th.called(0, 1, phoneCall{agent: mara, phone: "+1 202 555 0171", rec: spoken(calls.Moment), text: true}).
		assign(mara, 1*mins, groupCare, mara).
		note(mara, 2*mins, "Refund of 89.00 released, RV-5602. Bank details had been missing. Short hold, customer satisfied.").
		say(mara, 1*mins, "Hi Elliot,\n\nas promised on the phone: 89.00 is on its way to the card ending 44. Please allow two to three working days.\n\nMara").
		say(elliot, 3*hrs, "Thanks. For the record, the hold was forty seconds of music after \"just a moment\", and then I had to spell the order number again.").
		status(mara, 20*mins, "solved").
		rate(4*hrs, "bad", "Friendly. Three calls for one refund, though.").
		sampled("On hold for a moment", "A call: \"just a moment\" lasts 41 seconds and the customer starts over. The note says \"short hold, customer satisfied\".")
}

// seedWarranty: sold without what must be said, over the customer's words.
func seedWarranty(d *data) {
	rec := spoken(calls.Warranty)
	rec.moved = HostMedia
	th := d.phoned(TicketCallWarranty, d.ago(8, "14:20:10"), beatrix, "Delivery of dishwasher DW-4, care plan")
	th.tagged("care_plan", "sales").field(fieldOrder, "A-20190").field(fieldAmount, "359.00").field(fieldReason, "late_delivery")
	th.called(0, 1, phoneCall{agent: jonas, phone: "+44 113 496 0142", rec: rec, text: true}).
		assign(jonas, 1*mins, groupCare, jonas).
		note(jonas, 3*mins, "Delivery Thursday 8-12 confirmed. Customer asked about cover, explained plan and price, she took 5 years. All disclosures read.").
		status(jonas, 1*mins, "solved").
		say(beatrix, 4*days, "My husband has found £359 on our card for a \"care plan\". I asked about a delivery. Nobody told me that sum and nobody told me that I could say no afterwards. I would like it undone, please.").
		status(beatrix, 0, "open").
		assign(rin, 40*mins, groupBilling, tomas).
		note(tomas, 15*mins, "The note says all disclosures were read. Before I answer: could somebody listen to the call?").
		sampled("The plan nobody asked for", "A call, agent left, customer right: a plan sold without price, notice or the right to cancel, and three interruptions.")
}

// seedTransfer: two agents, one story told three times. No transcript.
func seedTransfer(d *data) {
	th := d.phoned(TicketCallTransfer, d.ago(3, "20:47:05"), sam, "Mitre saw MS-2: smell of burning, hot plug")
	th.tagged("safety", "transfer").field(fieldOrder, "A-18830").field(fieldReason, "damaged")
	th.t.Priority = ptr("urgent")
	th.called(0, 1, phoneCall{agent: jonas, phone: "+44 29 2018 0133", rec: spoken(calls.Transfer)}).
		assign(jonas, 0, groupNight, priya).
		note(jonas, 1*mins, "Technical question, put through to night desk with full handover.").
		note(priya, 4*mins, "No handover reached me, the customer had to tell it all again. Cable is on last week's notice (MS-2, serials 7A-10 to 7A-44). Saw unplugged at my request, plug has a brown mark. Collection tomorrow, replacement ordered.").
		say(priya, 3*mins, "Hello Mr Whitlock,\n\nplease leave the saw unplugged. The courier comes tomorrow between 9 and 11 and brings the new one along. You need not pack the old one.\n\nPriya").
		say(sam, 15*hrs, "Swapped. Thanks for taking it seriously.").
		status(priya, 1*hrs, "solved").
		sampled("Three times the same story", "A transferred call with two agents: how long until somebody says \"unplug it\", and was there the handover the note claims?")
}

// seedPromise: the customer was promised one thing and the note says another. German, with a voicemail
// that belongs to the same call.
func seedPromise(d *data) {
	left := spoken(calls.Mailbox)
	th := d.phoned(TicketCallPromise, d.ago(4, "08:12:30"), friederike, "Kaffeemaschine KM-8 läuft aus (A-20714)")
	th.tagged("warranty", "replacement").field(fieldOrder, "A-20714").field(fieldReason, "damaged")
	left.path = "/api/v2/channels/voice/calls/" + th.sid(1) + "/twilio/voicemail/recording"
	const phone = "+49 30 23125 144"
	th.called(0, 1, phoneCall{phone: phone, rec: left, mailbox: true, text: true}).
		assign(jonas, 50*mins, groupCare, jonas).
		called(4*mins, 1, phoneCall{agent: jonas, phone: phone, rec: spoken(calls.Promise), outbound: true, text: true, loose: true}).
		note(jonas, 2*mins, "Rückruf erledigt. Kundin informiert: Ersatzgerät in ca. 3 Wochen, Versandkosten 19 € trägt sie selbst. Ist einverstanden.").
		status(jonas, 1*mins, "pending").
		say(friederike, 3*days, "Guten Tag,\n\nes ist Freitag, 16 Uhr, und es ist kein Gerät gekommen. Herr Brandt hat es mir versprochen, kostenlos. Morgen kommen zwölf Gäste.").
		note(mara, 12*mins, "Note and customer disagree. The recording will tell; please listen before we write anything.").
		sampled("Bis Freitag, versprochen", "A call in German and the voicemail before it: what was promised, and what does the note say was promised?")
}

// seedCard: the recording was paused, too late. It is shorter than the call.
func seedCard(d *data) {
	d.phoned(TicketCallPaused, d.ago(2, "19:40:00"), gordon, "Payment for slow cooker with another card").
		tagged("billing_issue", "card_data").field(fieldOrder, "A-19755").
		called(0, 1, phoneCall{agent: priya, phone: "+44 117 496 0108", rec: spoken(calls.Card), text: true}).
		assign(priya, 1*mins, groupNight, priya).
		note(priya, 3*mins, "Recording paused for the card number, but he had begun before I could. @Olu please have seconds 6 to 16 removed. I told him he hears by tomorrow noon.").
		say(priya, 10*mins, "Dear Mr Pryce,\n\nthe payment of £129.00 went through once. I have asked for the part with the digits to be removed and will write when it is done.\n\nPriya Raman")
}

// seedHour: a very long recording, which is the same two minutes over and over.
func seedHour(d *data) {
	rec := d.hour(calls.Moment)
	if d.o.LongCallMoved {
		rec.moved = HostMedia
	}
	d.phoned(TicketCallHour, d.ago(1, "08:00:00"), bettina, "Northgate: open line during the restart of the tills").
		tagged("northgate", "long_call").
		called(0, 1, phoneCall{agent: mara, phone: "+44 121 496 0166", rec: rec}).
		assign(mara, 1*mins, groupCare, mara).
		note(mara, 5*mins, "The line stayed open while the tills were restarted; recorded throughout.")
}
