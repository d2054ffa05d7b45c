package sim

import "time"

// seedParcel: a plain mail thread with notes.
func seedParcel(d *data) {
	d.open(5012, d.ago(3, "08:04:11"), 8001, "email", "Order A-20417: the cot mattresses still have not come").
		tagged("late_delivery", "carrier_nordpaket").field(fieldOrder, "A-20417").field(fieldReason, "late_delivery").
		say(8001, 0, "Good morning,\n\nwe ordered four cot mattresses nine days ago and the tracking has said \"out for delivery\" since Tuesday. Guests arrive on Friday with two small children.\n\nWhere is it?\n\nPaula Renner\nHollow Pine Cottages").
		assign(mara, 12*time.Minute, groupCare, mara).
		say(mara, 6*time.Minute, "Hello Paula,\n\nthank you for writing, and I'm sorry this is cutting into your Friday. I have asked Nordpaket where the pallet is and will write again before noon, whatever they say.\n\nMara").
		sampled("Late parcel", "A calm customer, a clear deadline: see whether the promise to call back by noon is kept.")
}
