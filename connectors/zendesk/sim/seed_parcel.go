package sim

import "time"

const (
	mins = time.Minute
	hrs  = time.Hour
	days = 24 * time.Hour
)

// seedParcel: a plain mail thread with notes, an inline picture and a file on the carrier's own host.
func seedParcel(d *data) {
	th := d.open(TicketParcel, d.ago(6, "08:04:11"), paula, "email", "Order A-20417: the cot mattresses still have not come").
		tagged("late_delivery", "carrier_nordpaket").field(fieldOrder, "A-20417").field(fieldReason, "late_delivery").
		field(fieldCallRef, "NP-88120394").field(fieldItems, 4)
	th.t.OrganizationID, th.t.Priority = ptr(int64(51)), ptr("high")
	th.mail(paula, 0, "Good morning,\n\nwe ordered four cot mattresses nine days ago and the tracking has said \"out for delivery\" since Tuesday. Guests arrive on Friday with two small children. The label on your shipping mail looks smudged, see the picture.\n\nCould someone please find out where they are?\n\nPaula Renner\nHollow Pine Cottages",
		`<p>Good morning,</p><p>we ordered four cot mattresses nine days ago and the tracking has said &quot;out for delivery&quot; since Tuesday. Guests arrive on <b>Friday</b> with two small children. The label on your shipping mail looks smudged, see the picture.</p><p><img src="cid:label-A-20417.png" alt="Shipping label" width="480" height="340"></p><p>Could someone please find out where they are?</p><p>Paula Renner<br>Hollow Pine Cottages</p>`,
		parcelLabel("A-20417", "HOLLOW PINE")).
		assign(mara, 12*mins, groupCare, mara).
		say(mara, 6*mins, "Hello Paula,\n\nthank you for writing, and I'm sorry this is cutting into your Friday. I have asked Nordpaket where the pallet is and will write to you again before noon today, whatever they say.\n\nMara").
		note(mara, 9*mins, "Nordpaket chat, ref NP-88120394: pallet scanned at the Garstone depot Tuesday 05:12, nothing since. They \"will check and revert\". Asked for a call back by 11:30.").
		status(mara, 2*mins, "pending").
		note(jonas, 4*hrs+20*mins, "Picked this up from the queue, Mara is at lunch. Has anyone called the customer? The noon promise has gone by.").
		say(paula, 55*mins, "It is nearly two and I have heard nothing. You said before noon. Do I need to drive to the city and buy mattresses, yes or no?").
		say(jonas, 11*mins, "Dear customer,\n\nyour request is important to us. We are in contact with our logistics partner and will inform you as soon as we have news.\n\nKind regards,\nJonas Brandt").
		say(paula, 4*mins, "That is not an answer.").
		assign(rin, 30*mins, groupReturns, anneke).
		note(anneke, 18*mins, "Depot says delivered today 14:07, proof of delivery attached. Door number on the photo is 14A. Hollow Pine is number 4. This is the neighbour's porch.", doorstep().as("proof-of-delivery.png").at("/pod/88120394/proof-of-delivery.png")).
		say(anneke, 6*mins, "Hello Paula,\n\nyour mattresses are 200 metres away: the driver left them at 14A, the house with the green door, at seven minutes past two. I rang the number on the gate and Mr Ode is home until six; he will help you carry them. We refund the delivery charge today, without you having to ask.\n\nI am sorry about noon. We promised it and nobody called.\n\nAnneke").
		say(paula, 70*mins, "Found them, all four, dry. Thank you Anneke, that is what I needed at nine this morning.").
		status(anneke, 25*mins, "solved").
		rate(20*hrs, "good", "Anneke solved it in ten minutes. The five hours before were not good.").
		sampled("Late parcel", "A promise to call back by noon that nobody kept, and the colleague who then owned it.")
}

// seedGivenAway: somebody who is not the customer is given the customer's data.
func seedGivenAway(d *data) {
	th := d.open(TicketGivenAway, d.ago(2, "15:41:30"), impostor, "email", "Urgent: change of delivery for my order, I am in a meeting").
		tagged("account_access", "vip").field(fieldOrder, "A-20988").field(fieldReason, "account_access")
	th.t.EmailCCIDs = []int64{vera}
	th.say(impostor, 0, "Hi, this is Vera Lindgren's office. Ms Lindgren is travelling and cannot reach her own mailbox. Please confirm the delivery address you have for her order and the last digits of the card, so that we can check it with the bank.").
		edit(func(c *comment) { c.Metadata.Flags = []int{2, 14} }).
		assign(jonas, 7*mins, groupCare, jonas).
		say(jonas, 3*mins, "Hello,\n\nhappy to help. For data protection I need the order number and the postcode first.").
		say(impostor, 2*mins, "I don't have the order number here, it is in her mailbox, that is the whole point. She will be furious if the espresso machine goes to the old flat again. She spends thousands with you. Can you not just look it up by name? It's Lindgren, the architect.").
		note(jonas, 4*mins, "No order number, different mail address from the account. But she is a VIP (14 orders) and it sounds like her assistant. Going to help this once.").
		say(jonas, 2*mins, "I found it: order A-20988, going to 7 Carraway Lane, flat 3. The card ends in 4471. Would you like me to change the address?").
		say(impostor, 1*mins, "Perfect. Please send it to the parcel locker 212, Fenwick station. And put this mail address on the account, the other one is full.").
		set(jonas, 3*mins, fmtField(fieldReason), "account_access", "late_delivery").
		say(jonas, 2*mins, "Done, both changed. You will get the new tracking link here. Have a nice day!").
		status(jonas, 1*mins, "solved").
		say(vera, 19*hrs, "I have just been told by your own system that \"my\" e-mail address was changed. I have no office. I did not write any of this. Who did you send my espresso machine to?").
		edit(func(c *comment) { c.Metadata.Flags = []int{0} }).
		status(vera, 0, "open").
		assign(rin, 8*mins, groupTrust, olu).
		note(olu, 5*mins, "Account locked, old address restored, locker shipment stopped at the depot (not yet collected). Flags 2 and 14 were shown on the very first message: the sender was not part of the account. Address and card digits were disclosed, so this is a reportable incident. Jonas to stay off the ticket.").
		say(olu, 10*mins, "Dear Ms Lindgren,\n\nyou are right and we got this wrong. We gave somebody else your delivery address and four digits of your card, and let them change your account. It is locked now, your address is back, and the parcel has been stopped. I will telephone you within the hour on the number you gave us in March, and you will have our written report by tomorrow.\n\nOlu Bankole, Trust & Safety").
		sampled("Data given away", "Pressure, flattery and no order number: find the message in which the agent should have stopped.")
}
