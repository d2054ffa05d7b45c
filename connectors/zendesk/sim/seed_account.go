package sim

import "time"

const (
	brandHome    = 11
	brandOutdoor = 12
)

// Groups.
const (
	groupCare      = 31
	groupBilling   = 32
	groupReturns   = 33
	groupTechnical = 34
	groupWorld     = 35
	groupTrust     = 36
	groupNight     = 37
)

// Custom fields, one of each type that changes a value's form.
const (
	fieldOrder   = 26363 // text
	fieldReason  = 26364 // dropdown
	fieldAmount  = 26365 // decimal
	fieldItems   = 26366 // integer
	fieldPaid    = 26367 // checkbox
	fieldShipped = 26368 // date
	fieldParts   = 26369 // multi-select
	fieldCallRef = 26370 // regexp
)

// Agents.
const (
	rin    = 4100 + iota // administrator
	mara                 // Customer Care
	tomas                // Billing & Refunds
	dele                 // Technical
	ines                 // Returns
	jonas                // Customer Care, restricted
	priya                // Night desk
	sofia                // International
	nadia                // International
	kenji                // International
	wes                  // light agent
	greta                // has left; deleted
	olu                  // Trust & Safety
	anneke               // Returns
)

// actorIDs says who the actors are.
var actorIDs = map[string]int64{
	ActorAdmin: rin, ActorAgent: mara, ActorRestricted: jonas, ActorLight: wes, ActorEndUser: paula,
}

// seedAccount writes down everything but the conversations.
func (d *data) seedAccount() {
	made := d.o.Start.AddDate(-2, 0, 0).Truncate(time.Hour)
	d.brands = []brand{
		{ID: brandHome, Name: "Acme Home", BrandURL: d.canonical(""), Subdomain: d.o.Subdomain, HasHelp: true, Active: true, Default: true},
		{ID: brandOutdoor, Name: "Acme Outdoor", BrandURL: "https://help.acme-outdoor.example", Subdomain: d.o.Subdomain + "-outdoor",
			HostMapping: ptr("help.acme-outdoor.example"), HasHelp: true, Active: true},
	}
	for i := range d.brands {
		d.brands[i].URL = d.canonical("/api/v2/brands/%d.json", d.brands[i].ID)
		d.brands[i].SignatureTpl = "{{agent.signature}}"
	}
	for i, name := range []string{"Customer Care", "Billing & Refunds", "Returns", "Technical", "International", "Trust & Safety", "Night desk"} {
		id := int64(groupCare + i)
		d.groups = append(d.groups, group{ID: id, URL: d.canonical("/api/v2/groups/%d.json", id), Name: name, Default: i == 0, IsPublic: true, CreatedAt: made, UpdatedAt: made})
	}
	d.seedFields()
	d.seedAgents(made)
	d.seedCustomers(made)
	d.organizations = []organization{
		d.org(51, "Hollow Pine Cottages", "hollowpine.example", made),
		d.org(52, "Bryt Kaffebar AB", "brytkaffe.example", made),
		d.org(53, "Northgate Retail Group", "northgate.example", made),
	}
}

func (d *data) org(id int64, name, domain string, made time.Time) organization {
	return organization{ID: id, URL: d.canonical("/api/v2/organizations/%d.json", id), Name: name, DomainNames: []string{domain}, Tags: []string{}, CreatedAt: made, UpdatedAt: made}
}

func (d *data) seedFields() {
	for i, f := range []ticketField{
		{ID: fieldOrder, Type: "text", Title: "Order number"},
		{ID: fieldReason, Type: "tagger", Title: "Reason", Options: []option{{1, "Late delivery", "late_delivery"}, {2, "Damaged", "damaged"}, {3, "Billing", "billing_issue"}, {4, "Account", "account_access"}}},
		{ID: fieldAmount, Type: "decimal", Title: "Amount in dispute"},
		{ID: fieldItems, Type: "integer", Title: "Items"},
		{ID: fieldPaid, Type: "checkbox", Title: "Goodwill granted"},
		{ID: fieldShipped, Type: "date", Title: "Shipped on"},
		{ID: fieldParts, Type: "multiselect", Title: "Affected parts"},
		{ID: fieldCallRef, Type: "regexp", Title: "Carrier reference"},
	} {
		f.URL, f.RawTitle, f.Position = d.canonical("/api/v2/ticket_fields/%d.json", f.ID), f.Title, i+1
		f.Active, f.Removable = true, true
		d.fields = append(d.fields, f)
	}
}

func (d *data) seedAgents(made time.Time) {
	for _, a := range []struct {
		id    int64
		name  string
		group int64
	}{
		{rin, "Rin Okabe", groupCare}, {mara, "Mara Lindqvist", groupCare}, {tomas, "Tomás Figueira", groupBilling},
		{dele, "Dele Adeyemi", groupTechnical}, {ines, "Inès Marchetti", groupReturns}, {jonas, "Jonas Brandt", groupCare},
		{priya, "Priya Raman", groupNight}, {sofia, "Sofía Quintero", groupWorld}, {nadia, "Nadia Khoury", groupWorld},
		{kenji, "Kenji Morita", groupWorld}, {wes, "Wes Calloway", groupTechnical}, {greta, "Greta Holm", groupCare},
		{olu, "Olu Bankole", groupTrust}, {anneke, "Anneke de Wit", groupReturns},
	} {
		u := d.person(a.id, a.name, "", "en-US", made)
		u.Role, u.RoleType, u.DefaultGroupID = roleAgent, ptr(1), ptr(a.group)
	}
	d.users[rin].Role, d.users[rin].RoleType = roleAdmin, ptr(4)
	d.users[jonas].RestrictedAgent, d.users[jonas].TicketRestriction = true, ptr("groups")
	d.users[wes].OnlyPrivateComments, d.users[wes].RoleType, d.users[wes].CustomRoleID = true, ptr(1), ptr(int64(77))
	d.users[greta].gone, d.users[greta].Active = true, false
}

// person adds somebody. Without an address, they have one at the company.
func (d *data) person(id int64, name, email, locale string, made time.Time) *user {
	if email == "" {
		email = localPart(name) + "@" + d.o.Subdomain + ".example"
	}
	u := &user{
		ID: id, URL: d.canonical("/api/v2/users/%d.json", id), Name: name, Email: &email, CreatedAt: made, UpdatedAt: made,
		TimeZone: "London", IANATimeZone: "Europe/London", LocaleID: 1, Locale: locale, Role: roleEndUser, Verified: true, Active: true, Tags: []string{},
	}
	d.users[id] = u
	return u
}
