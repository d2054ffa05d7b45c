package auth

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// DetailBreakGlass is the detail of the audit row of a sign-in by the break-glass administrator.
const DetailBreakGlass = "break_glass"

// opens tells whether a door of a site lets a person in: all do, unless the site takes single
// sign-on only; then the break-glass administrator's password (and one-time link, which whoever runs
// the program makes) is the one other way.
func opens(site records.Site, user records.UserID, via records.Door) bool {
	return !site.SSOOnly || via == records.DoorSSO || user == site.BreakGlass
}

// breaksGlass tells whether a sign-in used the one way that is kept for emergencies.
func breaksGlass(site records.Site, user records.UserID, via records.Door) bool {
	return site.SSOOnly && via != records.DoorSSO && user == site.BreakGlass
}

// enter begins a session in one site, if the door and the address lead in there. What refuses is
// recorded: the person has proved who they are.
func (s *Sessions) enter(ctx context.Context, u records.User, m records.Membership, via records.Door, peer netip.Addr) (string, Principal, error) {
	site, err := s.site(ctx, m.Site)
	if err != nil {
		return "", Principal{}, err
	}
	if !opens(site, u.ID, via) {
		return "", Principal{}, s.turnAway(ctx, u, m.Site, "sso_only", ssoOnly())
	}
	if !principal(u, m, site, s.now()).Admits(peer) {
		return "", Principal{}, s.turnAway(ctx, u, m.Site, "address", AddressRefused(peer))
	}
	return s.begin(ctx, u, m, site, via)
}

// turnAway records why somebody could not come in, and gives the error for them.
func (s *Sessions) turnAway(ctx context.Context, u records.User, site records.SiteID, why string, told error) error {
	row := s.entry(records.AuditSignInRefused, u, site)
	row.Detail = why
	if _, err := s.store.Append(ctx, row); err != nil {
		s.log.ErrorContext(ctx, "audit row of a refused sign-in not written", "op", "session.sign_in", "user", string(u.ID), "err", err)
	}
	return told
}

// AddressRefused tells a person that an IP rule keeps them out, and which address we see, so that
// their administrator can tell whether the rule or the network is wrong.
func AddressRefused(peer netip.Addr) error {
	seen := "your address"
	if peer.IsValid() {
		seen = fmt.Sprintf("your address (%s)", peer)
	}
	return &connectors.Error{
		Code: connectors.CodeNotAllowed, Op: "address",
		Action: fmt.Sprintf("An IP rule does not admit %s. Connect from your company's network, or ask an administrator to allow it.", seen),
	}
}

func ssoOnly() error {
	return &connectors.Error{
		Code: connectors.CodeNotAllowed, Op: "session.sign_in",
		Action: "Your company signs in through its own provider here: use its button, not a password or a one-time link.",
	}
}
