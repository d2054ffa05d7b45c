package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

// demoSample is an interaction worth opening, of whichever simulated account.
type demoSample struct{ title, why, url, path string }

// firstTickets is how many of the tickets stand before the calls and chats.
const firstTickets = 3

// samples lists them, best first: some tickets, then what the other account has, then the other tickets.
// There are none before something is linked.
func (d *demo) samples() []demoSample {
	if d.o.bare {
		return nil
	}
	var tickets, all []demoSample
	for _, s := range d.sim.Samples() {
		tickets = append(tickets, demoSample{s.Title, s.Why, s.URL, samplePath(demoLink, s.Ref)})
	}
	all = append(all, tickets[:firstTickets]...)
	for _, s := range d.calls.Samples() {
		all = append(all, demoSample{s.Title, s.Why, s.URL, samplePath(demoCalls, s.Ref)})
	}
	return append(all, tickets[firstTickets:]...)
}

// samplePath is where the page shows it.
func samplePath(link string, ref records.Ref) string {
	return fmt.Sprintf("/i/%s/%s/%s", link, ref.Kind, records.EncodeRefID(ref.ID))
}

// linkCalls links the simulated Talkdesk account, by the credentials of a client of its own.
func (d *demo) linkCalls(ctx context.Context) error {
	id := records.LinkID{Site: demoSite, Link: demoCalls}
	clientID, secret := d.calls.Client()
	if err := d.program.store.AddLink(ctx, records.Link{
		ID: id, Provider: "talkdesk", Title: "Talkdesk (harborline)", Settings: d.calls.Settings(), Endpoints: d.calls.Endpoints(), MediaHosts: d.calls.MediaHosts(),
		CredentialKind: records.CredentialClientCredentials, ClientID: clientID, State: records.LinkNew, CreatedAt: time.Now(), UpdatedAt: time.Now(),
	}); err != nil {
		return err
	}
	if err := d.program.keeper.PutClientSecret(ctx, id, records.NewSecret(secret)); err != nil {
		return err
	}
	admin := auth.Principal{Site: demoSite, Kind: records.PrincipalUser, ID: string(d.people[records.RoleAdministrator]), Roles: []records.Role{records.RoleAdministrator}}
	if _, _, err := d.program.flow.Begin(ctx, admin, id, "/links"); err != nil {
		return fmt.Errorf("linking: %w", err)
	}
	return nil
}
