package zendesk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// Probe implements connectors.Connector. The first check decides; the others say what the account
// lets us do. It returns an error only when nothing could be learned.
func (c *connector) Probe(ctx context.Context) (connectors.Account, error) {
	acc := connectors.Account{Name: c.subdomain}
	token, err := c.probeToken(ctx, &acc)
	acc.Checks = append(acc.Checks, token)
	if err != nil || !token.OK {
		return acc, err
	}
	tickets, id := c.probeTickets(ctx)
	acc.Checks = append(acc.Checks, tickets, c.probeAudits(ctx, id), c.probeSearch(ctx), c.probeRecording(ctx))
	return acc, nil
}

// probeToken asks who the token acts as. Status 200 proves nothing: without valid credentials Zendesk
// may answer with an anonymous user, whose id is null.
func (c *connector) probeToken(ctx context.Context, acc *connectors.Account) (connectors.Check, error) {
	check := connectors.Check{Name: "token"}
	var who person
	err := c.read(ctx, call{op: "probe.token", first: true, probe: true}, "/api/v2/users/me", url.Values{}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "user" {
				d.Skip()
				return
			}
			d.Object(func(key []byte) {
				switch string(key) {
				case "id":
					who.id = d.ID()
				case "role":
					who.name = d.Label() // the role only; names are none of our business here
				default:
					d.Skip()
				}
			})
		})
	})
	if err != nil {
		check.Say, check.Fix = sayWhy(err)
		if code := connectors.CodeOf(err); code.Fault() != connectors.FaultAccount && code != connectors.CodeNotFound {
			return check, err
		}
		return check, nil
	}
	switch {
	case who.id == "":
		check.Say, check.Fix = "Zendesk took us for an anonymous visitor.", "Reconnect: the token is not valid for this account."
	case userRole(who.name) != connectors.RoleAgent:
		check.Say, check.Fix = "The token belongs to somebody who is not an agent.", "Reconnect as an agent or administrator of Zendesk."
	default:
		acc.Actor = who.name
		check.OK, check.Say = true, "The token is valid; it acts as a user with the role "+who.name+"."
	}
	return check, nil
}

// probeTickets reads one ticket of the list and gives its id.
func (c *connector) probeTickets(ctx context.Context) (connectors.Check, string) {
	check := connectors.Check{Name: "tickets"}
	id, listed := "", false
	err := c.read(ctx, call{op: "probe.tickets", probe: true}, "/api/v2/tickets", url.Values{"page[size]": {"1"}}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "tickets" {
				d.Skip()
				return
			}
			listed = true
			d.Array(func() { id = decodePerson(d).id })
		})
	})
	switch {
	case err != nil:
		check.Say, check.Fix = sayWhy(err)
	case !listed:
		check.Say, check.Fix = "Zendesk sent something that is no list of tickets.", actNonsense
	case id == "":
		check.OK, check.Say = true, "Tickets may be read; there is none to see yet."
	default:
		check.OK, check.Say = true, "Tickets may be read."
	}
	return check, id
}

// probeAudits reads the history of one ticket: it is refused to tokens with tickets:read only.
func (c *connector) probeAudits(ctx context.Context, ticket string) connectors.Check {
	check := connectors.Check{Name: "audits"}
	if !ticketIDRE.MatchString(ticket) {
		check.OK, check.Say = true, "Not tried: there is no ticket to try it on."
		return check
	}
	err := c.read(ctx, call{op: "probe.audits", probe: true}, "/api/v2/tickets/"+ticket+"/audits", url.Values{"page[size]": {"1"}}, func(d *lenient.Decoder) { d.Skip() })
	if err != nil {
		check.Say, check.Fix = sayWhy(err)
		if connectors.CodeOf(err) == connectors.CodeNotFound {
			check.Say = "Zendesk has just listed a ticket, but finds no history of it."
		}
		return check
	}
	check.OK, check.Say = true, "The history of tickets may be read."
	return check
}

// bucketRE is one limit as Zendesk's headers tell it: "total=2500; remaining=2499; resets=41".
var bucketRE = regexp.MustCompile(`^total=(\d{1,9}); *remaining=(\d{1,9})`)

// probeSearch counts tickets and tells what is left of the allowance.
func (c *connector) probeSearch(ctx context.Context) connectors.Check {
	check := connectors.Check{Name: "search"}
	resp, err := c.get(ctx, call{op: "probe.search", probe: true}, "/api/v2/search/count", url.Values{"query": {"type:ticket"}})
	if err != nil {
		check.Say, check.Fix = sayWhy(err)
		return check
	}
	_ = resp.Body.Close()
	check.OK, check.Say = true, "Tickets may be searched."+allowance(resp.Header)
	return check
}

func allowance(h http.Header) string {
	say := ""
	for _, name := range []string{"Zendesk-Ratelimit-Search-Index", "Zendesk-Rate-Limit-Search-Index"} {
		if m := bucketRE.FindStringSubmatch(h.Get(name)); m != nil && say == "" {
			say = fmt.Sprintf(" %s of %s searches are left for this minute.", m[2], m[1])
		}
	}
	total, left := h.Get("X-Rate-Limit"), h.Get("X-Rate-Limit-Remaining")
	if digitsRE.MatchString(total) && digitsRE.MatchString(left) {
		say += fmt.Sprintf(" %s of %s requests are left for this minute.", left, total)
	}
	return say
}

var digitsRE = regexp.MustCompile(`^\d{1,9}$`)

// sayWhy puts an error into the words of a self-test.
func sayWhy(err error) (say, fix string) {
	e := typed(err)
	if e == nil {
		return "The request could not be made.", actAgain
	}
	switch e.Code {
	case connectors.CodeNeedsReconnect:
		say = "Zendesk does not accept the token."
		if e.Action == actSubdomain {
			say = "There is no Zendesk account of this name, or not any more."
		}
	case connectors.CodeNotFound:
		say = "Something answers in the name of the account, but without what every Zendesk account has."
	case connectors.CodeMissingScope:
		say = "Zendesk refused: the scope or the user's role does not allow it."
	case connectors.CodeNotLicensed:
		say = "The account does not offer it."
	case connectors.CodeRateLimited:
		say = "Zendesk asks us to wait."
	case connectors.CodeHostRefused:
		say = "The account's host is not one we may speak to."
	default:
		say = "Zendesk did not answer as it should."
	}
	return say, e.Action
}
