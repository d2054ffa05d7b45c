package sim

import (
	"net/url"
	"strings"
	"time"
)

// Ranges of ids: agents come before customers, so that a number tells who somebody is.
const (
	firstAgent    = 4000
	firstCustomer = 8000
)

// seed writes the account down. The same options give the same account, but for secrets.
func seed(o Options) *data {
	d := &data{
		o: o, users: map[int64]*user{}, tickets: map[int64]*ticket{}, foreign: map[string]file{},
		nextFile: 710000,
	}
	d.seedAccount()
	for _, write := range []func(*data){
		// worth reading, best first
		seedParcel, seedMoment, seedGivenAway, seedIncident, seedPromise, seedAngry, seedWarranty, seedPolicy, seedLanguage, seedNewsletter,
		seedTransfer, seedReopened, seedArabic, seedFiles, seedJapanese, seedHostile, seedFrench, seedMalware,
		// there for what they are, not for what they say
		seedMerged, seedRedacted, seedArchived, seedFields, seedVoice, seedKinds, seedOtherGroup, seedHuge, seedBigID,
		seedCard, seedHour, seedFormats, seedElsewhere, seedWithout, seedLate, seedPartner, seedCanary, seedQueue,
	} {
		write(d)
	}
	return d
}

// open begins a ticket of a customer at a moment.
func (d *data) open(id int64, at time.Time, requester int64, channel, subject string) *thread {
	t := &ticket{
		ID: id, URL: d.canonical("/api/v2/tickets/%d.json", id), EncodedID: encodedID(id), CreatedAt: at, UpdatedAt: at,
		GeneratedTimestamp: at.Unix(), Subject: subject, RawSubject: subject, Status: "new", CustomStatusID: 91,
		RequesterID: requester, SubmitterID: requester, CollaboratorIDs: []int64{}, FollowerIDs: []int64{}, EmailCCIDs: []int64{},
		IsPublic: true, Tags: []string{}, SharingAgreements: []int64{}, FollowupIDs: []int64{}, TicketFormID: ptr(int64(21)),
		BrandID: brandHome, AllowAttachments: true, Via: d.viaFor(channel, requester),
		SatisfactionRating: &rating{Score: "unoffered"},
	}
	t.CustomFields = []fieldValue{{fieldOrder, nil}, {fieldReason, nil}}
	t.Fields = t.CustomFields
	th := &thread{d: d, t: t, at: at, next: id * 100000, audit: id*100000 + 50000}
	t.thread = th
	d.tickets[id] = t
	d.order = append(d.order, id)
	return th
}

func (d *data) viaFor(channel string, requester int64) via {
	v := via{Channel: channel}
	if u := d.users[requester]; channel == "email" && u != nil && u.Email != nil {
		v.Source = viaSource{From: viaEnd{Address: *u.Email, Name: u.Name}, To: viaEnd{Address: "help@" + d.o.Subdomain + ".example", Name: "Acme Home"}}
	}
	return v
}

// tagged, field, brand, org: facts of a ticket, set in passing.
func (th *thread) tagged(tags ...string) *thread { th.t.Tags = append(th.t.Tags, tags...); return th }

func (th *thread) field(id int64, value any) *thread {
	for i, f := range th.t.CustomFields {
		if f.ID == id {
			th.t.CustomFields[i].Value = value
			return th
		}
	}
	th.t.CustomFields = append(th.t.CustomFields, fieldValue{id, value})
	th.t.Fields = th.t.CustomFields
	return th
}

// sampled puts the ticket on the list of what is worth opening.
func (th *thread) sampled(title, why string) *thread {
	th.d.samples = append(th.d.samples, sample{th.t.ID, title, why})
	return th
}

func encodedID(id int64) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b strings.Builder
	for i := range 11 {
		if i == 6 {
			b.WriteByte('-')
			continue
		}
		b.WriteByte(letters[(id>>(i*2)+int64(i)*7)&31])
	}
	return b.String()
}

func escapeName(name string) string { return url.QueryEscape(name) }

// fmtField is a custom field's name in audits: its id.
func fmtField(id int64) string { return itoa(id) }
