package sim

import "github.com/sightglass-gateway/sightglass/connectors/simhost/calls"

// The calls below are there for the shape of their recordings (providers page, 3.3 and 5): formats,
// places, servers that cannot do what others can, and recordings that are not to be had.

// shaped writes a ticket with one call and a line about it.
func (d *data) shaped(id int64, at string, requester int64, subject string, p phoneCall, note string) *thread {
	p.agent, p.phone = dele, "+44 161 496 0120"
	th := d.phoned(id, d.ago(2, at), requester, subject).called(0, 1, p)
	return th.assign(dele, 1*mins, groupTechnical, dele).note(dele, 2*mins, note)
}

// heard is a scripted call with something special about where it lies.
func heard(name string, special func(*recording)) phoneCall {
	rec := spoken(name)
	special(rec)
	return phoneCall{rec: rec}
}

// seedFormats: not every recording is an MP3.
func seedFormats(d *data) {
	d.shaped(TicketCallWAV, "09:00:00", kofi, "Line test with the installer", phoneCall{rec: &recording{file: stereoWAV(), seconds: 24}},
		"Line test: low tone on our side, high tone on his.")
}

// seedElsewhere: recordings behind redirects, and on the telephony vendor's host.
func seedElsewhere(d *data) {
	d.shaped(TicketCallExpiring, "09:10:00", ravi, "Hose recall: call back", heard(calls.Warranty, func(r *recording) { r.moved, r.life = HostMedia, ShortSignature }),
		"Called about the recall.")
	d.shaped(TicketCallForeign, "09:20:00", hannah, "Gift card: call before the port to Talk", heard(calls.Transfer, func(r *recording) {
		r.path = vendorPath + "Accounts/ACacme/Recordings/RE52f1.mp3"
	}), "Old line: the recording is still at the vendor's.")
	d.shaped(TicketCallMoved, "09:30:00", hannah, "Gift card: second call", heard(calls.Promise, func(r *recording) { r.moved = HostForeign }),
		"Second call on the old line.")
}

// seedWithout: servers without ranges, or without lengths.
func seedWithout(d *data) {
	d.shaped(TicketCallNoRange, "09:40:00", kofi, "Router: call one", heard(calls.Moment, func(r *recording) { r.whole = withLength }), "First call.")
	d.shaped(TicketCallNoLength, "09:50:00", kofi, "Router: call two", heard(calls.Transfer, func(r *recording) { r.whole = withoutLength }), "Second call.")
}

// seedLate: recordings that are gone, were never made, or are not there yet.
func seedLate(d *data) {
	d.shaped(TicketCallErased, "10:00:00", ingrid, "Telt: to samtaler", heard(calls.Moment, func(r *recording) { r.gone = 404 }), "First of two calls.").
		called(1*hrs, 2, phoneCall{agent: dele, phone: "+44 161 496 0120", rec: &recording{file: toneWAV(), seconds: 55, gone: 410}, outbound: true})
	d.shaped(TicketCallOptedOut, "10:10:00", ottoline, "Caller who did not want to be recorded", phoneCall{url: ptr(""), lasted: 190, loose: true}, "Caller pressed 3: not recorded.").
		called(1*hrs, 2, phoneCall{agent: dele, phone: "+44 161 496 0120", lasted: 44, outbound: true}).
		note(dele, 1*hrs, "Call from: unknown").
		edit(func(c *comment) { c.Type, c.Data = "VoiceComment", map[string]any{"call_id": 52943, "started_at": nil} })
	th := d.phoned(TicketCallNotReady, d.o.Start.Add(-8*mins), thais, "Entrega: ligação de agora")
	late := spoken(calls.Card)
	late.late = true
	th.called(0, 1, phoneCall{agent: sofia, phone: "+55 11 5550 0133", rec: late, text: true}).assign(sofia, 1*mins, groupWorld, sofia)
}

// seedPartner: calls of another vendor's telephone system. Where its recordings are is the vendor's
// choice (voice/talk-partner-edition/storing-a-call-recording): nowhere, on its own host, in a file
// that was uploaded and is reached by token, or in one attached to the comment.
func seedPartner(d *data) {
	th := d.open(TicketCallPartner, d.ago(2, "10:30:00"), marcus, "voice", "Sofa: calls through the partner's system").tagged("phone", "talkline")
	opus := fileOf("call.opus", "audio/ogg", calls.Get(calls.Transfer).Opus())
	vendor := spoken(calls.Warranty)
	vendor.ticket, vendor.path = TicketCallPartner, vendorPath+"Accounts/ACtalkline/Recordings/RE9a07.mp3"
	uploaded := d.attach(th.t, opus)
	th.partnerCall(mara, 0, &partnerData{CallID: 53081}).
		assign(mara, 1*mins, groupCare, mara).
		partnerCall(mara, 1*hrs, &partnerData{CallID: 53082, rec: d.record(vendor)}).
		partnerCall(mara, 1*hrs, &partnerData{CallID: 53083, RecordingURL: uploaded.ContentURL}).
		partnerCall(mara, 1*hrs, &partnerData{CallID: 53084}, opus.as("recording.opus"))
}
