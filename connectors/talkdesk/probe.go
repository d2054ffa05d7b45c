package talkdesk

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// nobody is an id that no call has, to ask whether one might ask.
const nobody = "00000000000000000000000000000000"

// Probe implements connectors.Connector. The first check decides whether there is an account; the others
// say what its client may do. Scopes are granted one by one, and one that is missing shows nowhere else.
func (c *connector) Probe(ctx context.Context) (connectors.Account, error) {
	acc := connectors.Account{Name: c.cfg.account, Actor: "API client"}
	token, err := c.probeAccount(ctx, &acc)
	acc.Checks = append(acc.Checks, token)
	if err != nil || !token.OK {
		return acc, err
	}
	now := c.now()
	for _, p := range []struct {
		name, scope, path string
		q                 url.Values
		good              string
	}{
		{"recordings", scopeRecordings, filled(c.cfg.listPath, "{call_id}", nobody), nil, "Recordings may be heard."},
		{"reports", scopeReports, c.cfg.prefix + "/" + c.cfg.callsType + "/jobs", url.Values{"per_page": {"1"}}, "Reports may be read; whether they may be made as well shows when a call is opened."},
		{"transcripts", scopeTranscripts, c.cfg.transcriptPath, url.Values{c.cfg.startParam: {c.moment(now.Add(-time.Minute))}, c.cfg.endParam: {c.moment(now)}}, "Transcripts and chats may be read."},
		{"people", scopeUsers, "/users", url.Values{"per_page": {"1"}}, "Agents are named."},
		{"contacts", scopeContacts, "/contacts/" + nobody, nil, "Customers are named."},
		{"attachments", scopeAttachments, filled(c.cfg.filePath, "{id}", "00000000-0000-0000-0000-000000000000"), nil, "Files of chats may be opened."},
	} {
		acc.Checks = append(acc.Checks, c.probe(ctx, p.name, call{op: "probe." + p.name, scope: p.scope, probe: true}, p.path, p.q, p.good))
	}
	return acc, nil
}

// probeAccount asks whose account it is. Without the scope for that the token is good all the same.
func (c *connector) probeAccount(ctx context.Context, acc *connectors.Account) (connectors.Check, error) {
	check, called := connectors.Check{Name: "token"}, ""
	err := c.read(ctx, call{op: "probe.token", scope: scopeAccount, first: true, probe: true}, "/account", nil, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) == "name" {
				called = d.Label()
			} else {
				d.Skip()
			}
		})
	})
	switch connectors.CodeOf(err) {
	case "":
		if called != "" && called != "other" {
			acc.Name = called
		}
		check.OK, check.Say = true, "The token is valid."
		return check, nil
	case connectors.CodeMissingScope, connectors.CodeNotFound:
		check.OK, check.Say = true, "The token is valid; whose account it is may not be asked (scope "+scopeAccount+")."
		return check, nil
	case connectors.CodeNeedsReconnect:
		check.Say, check.Fix = sayWhy(err)
		return check, nil
	default:
		check.Say, check.Fix = sayWhy(err)
		return check, err
	}
}

// probe asks for something that is not there: that it is not found is as good as finding it.
func (c *connector) probe(ctx context.Context, called string, at call, path string, q url.Values, good string) connectors.Check {
	check := connectors.Check{Name: called}
	err := c.read(ctx, at, path, q, func(d *lenient.Decoder) { d.Skip() })
	switch connectors.CodeOf(err) {
	case "", connectors.CodeNotFound:
		check.OK, check.Say = true, good
	case connectors.CodeMissingScope:
		_, check.Say = c.denied(called, at)
		check.Fix = "Allow the scope " + at.scope + " for the client in Talkdesk, if the account has this; without it the rest still works."
	default:
		check.Say, check.Fix = sayWhy(err)
	}
	return check
}

// sayWhy puts an error into the words of a self-test.
func sayWhy(err error) (say, fix string) {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return "The request could not be made.", actAgain
	}
	switch e.Code {
	case connectors.CodeNeedsReconnect:
		say = "Talkdesk does not accept the token: the region may be another one, or the account allows only certain addresses."
	case connectors.CodeRateLimited:
		say = "Talkdesk asks us to wait."
	case connectors.CodeHostRefused:
		say = "The API host is not one we may speak to."
	case connectors.CodeInternal:
		say = "Talkdesk does not accept how we ask."
	default:
		say = "Talkdesk did not answer as it should."
	}
	return say, e.Action
}
