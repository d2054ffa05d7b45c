package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxSkew is how far our clock may be from the provider's. Two minutes is what an authorization code
// lives at Zendesk and what signed assertions usually allow; above that, times in the audit log are wrong,
// too.
const maxSkew = 2 * time.Minute

// TestLink implements api.StrictServerInterface: real calls whose result is shown. That the link does not
// work is a result, not an error.
func (s *Server) TestLink(ctx context.Context, q api.TestLinkRequestObject) (api.TestLinkResponseObject, error) {
	p, row, err := s.linkFor(ctx, q.Link, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	account, err := s.linker.Test(ctx, row.ID)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	outcome := "tested"
	if err != nil {
		outcome = string(connectors.CodeOf(err))
	}
	if err := s.changed(ctx, p, records.AuditLinkChanged, row.ID.Link, "", outcome); err != nil {
		return nil, err
	}
	if err == nil && account.Name != "" && account.Name != row.Account {
		if err := s.store.SetAccount(ctx, row.ID, account.Name); err != nil {
			return nil, unavailable(ctx, err)
		}
	}
	return api.TestLink200JSONResponse(s.tested(ctx, account, err)), nil
}

// Test asks the link's connector what it may do and adds what every provider's answers say: what our
// clock is against theirs, and what is left of the allowance. An error comes with the checks that were
// made before.
func (l *Linker) Test(ctx context.Context, id records.LinkID) (connectors.Account, error) {
	row, conn, client, err := l.Connect(ctx, id)
	if err != nil {
		return connectors.Account{}, err
	}
	if row.State == records.LinkPaused {
		return connectors.Account{}, reason(connectors.CodePaused, "It is paused, so nothing was asked. Resume it, then test again.")
	}
	account, err := conn.Probe(connectors.Background(ctx))
	if len(account.Checks) == 0 {
		return account, err
	}
	toAdministrator(row, account.Checks)
	spec, _ := l.deps.Registry.Spec(row.Provider)
	seen := client.Allowance()
	at := min(1, len(account.Checks)) // beside the token's
	account.Checks = slices.Insert(account.Checks, at, clockCheck(spec.Title, seen))
	if err == nil {
		account.Checks = append(account.Checks, rateCheck(spec.Title, seen))
	}
	return account, err
}

// toAdministrator words what is to be done for who reads it: a self-test is for administrators.
func toAdministrator(row records.Link, checks []connectors.Check) {
	for i := range checks {
		c := &checks[i]
		if c.OK {
			continue
		}
		if rest, ok := strings.CutPrefix(c.Fix, "Ask an administrator to "); ok {
			c.Fix = strings.ToUpper(rest[:1]) + rest[1:]
		}
		if i == 0 && row.CredentialKind == records.CredentialBearer {
			c.Fix = "Enter an OAuth access token of this account in the link's settings, then test again. A key of another kind, such as an API token, does not work here."
		}
	}
}

func clockCheck(title string, seen upstream.Allowance) connectors.Check {
	c := connectors.Check{Name: "clock", OK: true}
	ahead := seen.Skew.Round(time.Second)
	switch off := ahead.Abs(); {
	case !seen.Dated:
		c.Say = title + " does not say what time it is."
	case off <= maxSkew:
		c.Say = fmt.Sprintf("This server's clock and %s's agree within %d s.", title, max(1, int(off.Seconds())))
	default:
		side := "ahead of"
		if ahead < 0 {
			side = "behind"
		}
		c.OK = false
		c.Say = fmt.Sprintf("This server's clock is %d min %s %s's.", int(off.Round(time.Minute).Minutes()), side, title)
		c.Fix = "Set the clock of this server (NTP), then test again."
	}
	return c
}

func rateCheck(title string, seen upstream.Allowance) connectors.Check {
	c := connectors.Check{Name: "rate", OK: true}
	if seen.At.IsZero() {
		c.Say = title + " does not say how much may be asked; 429 answers are obeyed."
		return c
	}
	c.Say = fmt.Sprintf("%d of %d requests are left in this window; reads in the background use at most %d of them.",
		seen.Remaining, seen.Limit, int(seen.Share*float64(seen.Limit)))
	return c
}

func (s *Server) tested(ctx context.Context, account connectors.Account, failed error) api.LinkTest {
	t := api.LinkTest{Ok: failed == nil, Account: optional(account.Name)}
	for _, c := range account.Checks {
		t.Checks = append(t.Checks, checkOf(c))
		t.Ok = t.Ok && c.OK
	}
	if failed != nil {
		p := s.problemOf(ctx, failed)
		s.logProblem(ctx, p, failed)
		t.Checks = append(t.Checks, checkOf(connectors.Check{Name: string(p.Code), Say: p.Title + ".", Fix: p.Action}))
	}
	t.Checks = notNil(t.Checks)
	return t
}
