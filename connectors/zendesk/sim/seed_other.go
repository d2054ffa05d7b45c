package sim

import "fmt"

// seedFields: every type of custom field, in the brand that has a host name of its own.
func seedFields(d *data) {
	th := d.open(TicketFields, d.ago(6, "12:00:00"), ingrid, "web", "Telt: en stang er 6 cm for kort 🏕️")
	th.t.BrandID, th.t.ExternalID, th.t.Type, th.t.DueAt = brandOutdoor, ptr("outdoor-7781"), ptr("task"), ptr(d.ago(1, "17:00:00"))
	th.tagged("tent", "spare_part").field(fieldOrder, "O-7781").field(fieldReason, "damaged").field(fieldAmount, 89.5).field(fieldItems, 9007199254740995).
		field(fieldPaid, true).field(fieldShipped, d.day(16, "2006-01-02")).field(fieldParts, []string{"pole_long", "pole_sleeve"}).field(fieldCallRef, nil)
	th.say(ingrid, 0, "Hei! Den ene stangen i teltet er 6 cm kortere enn de andre. Vi drar på fjellet om ti dager. ⛰️", tent()).
		assign(mara, 20*mins, groupWorld, sofia).
		say(sofia, 15*mins, "Hei Ingrid! Ny stang sendes i dag, du har den om tre dager. God tur!").
		say(ingrid, 3*days, "Kom i dag. Passer. Takk! 👍🏼").
		status(sofia, 1*hrs, "solved").
		rate(1*days, "good", "")
	th.t.SatisfactionRating = &rating{ID: 51473, Score: "offered"}
}

// seedVoice: a call in a ticket, one from another telephone system, and a type of comment that no
// document mentions.
func seedVoice(d *data) {
	th := d.open(TicketVoice, d.ago(2, "16:12:00"), marcus, "email", "Sofa delivery: nobody came, second time")
	th.tagged("delivery", "callback").field(fieldOrder, "A-20512").
		say(marcus, 0, "Second day off work, second time no truck. Call me: (202) 555-0147.").
		assign(mara, 10*mins, groupCare, mara).
		note(mara, 9*mins, "Call to +1 (202) 555-0147\nLength of phone call: 61 seconds\nListen to the recording: see data.").
		edit(func(c *comment) { voiceComment(d, c, TicketVoice, "CA0f3b52d7a1c94e6688d1f0a27be4c913") }).
		note(mara, 1*hrs, "Call from: Unknown").
		edit(func(c *comment) {
			c.Type, c.FormattedFrom, c.FormattedTo = "TpeVoiceComment", "Unknown", "Acme Home"
			c.Data = &partnerData{AppID: 4471, AppName: "Talkline", CallID: 172, Direction: "inbound", Title: "Call from: Unknown", ViaID: 45}
			c.Via = &via{Channel: "voice", Source: viaSource{Rel: ptr("inbound")}}
		}).
		note(mara, 5*mins, "Summary of the call, written by the assistant: the customer accepts Saturday between 9 and 11.").
		edit(func(c *comment) { c.Type = "AiSummaryComment" }).
		say(mara, 3*mins, "Hi Marcus, as agreed on the phone: Saturday between 9 and 11, the driver calls you when he is half an hour away.").
		say(marcus, 2*days-18*hrs, "Truck's here. Sofa's in.").
		status(mara, 5*mins, "solved")
}

// voiceComment makes a comment the record of a call whose recording has tones instead of voices.
func voiceComment(d *data, c *comment, ticket int64, sid string) *voiceData {
	c.Type, c.Trusted, c.Transcribed = "VoiceComment", true, true
	c.FormattedFrom, c.FormattedTo = "+1 (202) 555-0199", "+1 (202) 555-0147"
	c.Via = &via{Channel: "voice", Source: viaSource{Rel: ptr("outbound")}}
	v := &voiceData{
		From: "+12025550199", To: "+12025550147", rec: d.record(&recording{file: toneWAV(), ticket: ticket, path: recordingPath(sid), seconds: 55}),
		RecordingDuration: "55", CallDuration: "61", CallID: 171, AnsweredByID: mara, AnsweredByName: "Mara Lindqvist",
		TranscriptionText:   ptr("Agent: Good afternoon, this is Mara from Acme. I have your delivery open. Customer: Which one, the one that didn't come or the other one that didn't come?"),
		TranscriptionStatus: "completed", StartedAt: c.CreatedAt.Add(-61e9).Format("2006-01-02 15:04:05 UTC"), Location: "Washington, DC, United States",
		VoiceTranscription: true, Outbound: true,
	}
	c.Data = v
	return v
}

// seedCanary: a ticket that carries the canary in every field that can hold content. Whoever finds it
// anywhere but in an answer to a reader has found a leak.
func seedCanary(d *data) {
	k := d.o.Canary
	if k == "" {
		return
	}
	const customer, agent = 8990, 4990
	made := d.o.Start.AddDate(-1, 0, 0)
	d.person(customer, "Customer "+k, k+"@canary.example", "en-GB", made)
	d.person(agent, "Agent "+k, "agent-"+k+"@canary.example", "en-GB", made).Role = roleAgent
	d.groups = append(d.groups, group{ID: 90, URL: d.canonical("/api/v2/groups/90.json"), Name: "Group " + k, Description: k, CreatedAt: made, UpdatedAt: made})
	d.organizations = append(d.organizations, d.org(91, "Organization "+k, k+".example", made))
	d.brands = append(d.brands, brand{ID: 92, URL: d.canonical("/api/v2/brands/92.json"), Name: "Brand " + k, BrandURL: d.canonical(""), Subdomain: d.o.Subdomain, Active: true, SignatureTpl: k})
	d.fields = append(d.fields, ticketField{ID: 26390, Type: "text", Title: "Field " + k, RawTitle: "Field " + k, Description: k, Active: true})
	th := d.open(CanaryTicket, d.ago(1, "12:00:00"), customer, "email", "Subject "+k)
	th.t.ExternalID, th.t.Recipient, th.t.OrganizationID, th.t.BrandID = ptr(k), ptr("help+"+k+"@acme.example"), ptr(int64(91)), 92
	th.t.Via.Source.To = viaEnd{Name: "To " + k, Address: "to-" + k + "@acme.example"}
	th.tagged(k, "tag_"+k).field(26390, "value "+k).field(fieldParts, []string{"part_" + k})
	th.mail(customer, 0, "Body "+k, fmt.Sprintf(`<p title="%[1]s" class="%[1]s">Body %[1]s <a href="https://%[1]s.example/?q=%[1]s">%[1]s</a><img src="https://%[1]s.example/p.png" alt="%[1]s"><img src="cid:picture-%[1]s.png"></p>`, k),
		logo().as("picture-"+k+".png"), text("file-"+k+".txt", "content "+k+"\n")).
		edit(func(c *comment) {
			c.Metadata.System = systemInfo{Client: "Client " + k, IPAddress: "192.0.2.99", Location: "Place " + k}
			f := flag{}
			f.Message.User = "Flag " + k
			c.Metadata.Flags, c.Metadata.FlagsOptions = []int{11}, map[string]flag{"11": f}
		}).
		assign(agent, 1*mins, 90, agent).
		note(agent, 5*mins, "Note "+k).
		set(agent, 1*mins, "tags", k, "new-"+k).
		note(agent, 5*mins, "Call "+k).
		edit(func(c *comment) {
			v := voiceComment(d, c, CanaryTicket, "CAcanary")
			c.FormattedFrom, c.FormattedTo = "From "+k, "To "+k
			v.From, v.To, v.AnsweredByName, v.Location, v.TranscriptionText = k, k, k, k, ptr("Said "+k)
		}).
		say(agent, 10*mins, "Answer "+k).
		rate(1*hrs, "bad", "Rating "+k)
}
