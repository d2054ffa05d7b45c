package zendesk_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

func healthy() answers {
	return answers{
		"/api/v2/users/me":            `{"user":{"id":4100,"name":"canary-7f3a","email":"canary-7f3a@example.com","role":"agent","authenticity_token":"canary-7f3a"}}`,
		"/api/v2/tickets":             `{"tickets":[{"id":5012,"subject":"canary-7f3a"}],"meta":{"has_more":true}}`,
		"/api/v2/tickets/5012/audits": `{"audits":[]}`,
		"/api/v2/search/count":        `{"count":7}`,
		"/api/v2/search":              `{"results":[]}`,
	}
}

func checks(a connectors.Account) map[string]bool {
	out := map[string]bool{}
	for _, c := range a.Checks {
		out[c.Name] = c.OK
	}
	return out
}

func TestProbe(t *testing.T) {
	const scopes = `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`
	all := map[string]bool{"token": true, "tickets": true, "audits": true, "search": true, "recording": true}
	with := func(a answers, path, body string) http.Handler { a[path] = body; return a }
	for name, tc := range map[string]struct {
		h     http.Handler
		want  map[string]bool
		actor string
		code  connectors.Code
	}{
		"healthy":          {healthy(), all, "agent", ""},
		"anonymous":        {with(healthy(), "/api/v2/users/me", `{"user":{"id":null,"name":"Anonymous user","role":"end-user"}}`), map[string]bool{"token": false}, "", ""},
		"an end user":      {with(healthy(), "/api/v2/users/me", `{"user":{"id":801,"role":"end-user"}}`), map[string]bool{"token": false}, "", ""},
		"no user at all":   {with(healthy(), "/api/v2/users/me", `{}`), map[string]bool{"token": false}, "", ""},
		"no tickets":       {with(healthy(), "/api/v2/tickets", `{"tickets":[]}`), all, "agent", ""},
		"narrow scope":     {refusing(healthy(), "/api/v2/tickets/5012/audits", 403, scopes), map[string]bool{"token": true, "tickets": true, "audits": false, "search": true, "recording": true}, "agent", ""},
		"token refused":    {refusing(healthy(), "/api/v2/users/me", 401, `{"error":"invalid_token"}`), map[string]bool{"token": false}, "", ""},
		"wrong subdomain":  {http.NotFoundHandler(), map[string]bool{"token": false}, "", ""},
		"down":             {refusing(healthy(), "/api/v2/users/me", 503, ``), map[string]bool{"token": false}, "", connectors.CodeProviderDown},
		"tickets nonsense": {with(healthy(), "/api/v2/tickets", `{}`), map[string]bool{"token": true, "tickets": false, "audits": true, "search": true, "recording": true}, "agent", ""},
	} {
		acc, err := connect(t, tc.h).Probe(t.Context())
		if got := connectors.CodeOf(err); got != tc.code {
			t.Errorf("%s: error %v, want %q", name, err, tc.code)
		}
		if diff := cmp.Diff(tc.want, checks(acc)); diff != "" || acc.Actor != tc.actor || acc.Name != "acme" {
			t.Errorf("%s: account %q, actor %q, want acme, %q; checks (-want +got):\n%s", name, acc.Name, acc.Actor, tc.actor, diff)
		}
		for _, c := range acc.Checks {
			if c.Say == "" || (!c.OK && c.Fix == "") {
				t.Errorf("%s: check %+v does not say what was found and what to do", name, c)
			}
		}
		if s := fmt.Sprintf("%+v", acc); strings.Contains(s, canary) {
			t.Errorf("%s: somebody's name is in the account: %s", name, s)
		}
	}
}

// No self-test tells its reader to check a ticket's number: nobody gave one.
func TestProbeHasItsOwnWordsForNotFound(t *testing.T) {
	const nothing = `{"error":"RecordNotFound","description":"Not found"}`
	for name, tc := range map[string]struct {
		h               http.Handler
		check, say, fix string
	}{
		"no account of this name": {http.NotFoundHandler(), "token", "no Zendesk account of this name", "subdomain"},
		"nobody to act as":        {refusing(healthy(), "/api/v2/users/me", 404, nothing), "token", "every Zendesk account", "account is active"},
		"no list":                 {refusing(healthy(), "/api/v2/tickets", 404, nothing), "tickets", "every Zendesk account", "Test the link again"},
		"no history":              {refusing(healthy(), "/api/v2/tickets/5012/audits", 404, nothing), "audits", "no history", "Test the link again"},
		"no search":               {refusing(healthy(), "/api/v2/search/count", 404, nothing), "search", "every Zendesk account", "Test the link again"},
	} {
		acc, err := connect(t, tc.h).Probe(t.Context())
		if err != nil {
			t.Errorf("%s: error %v, want checks that tell", name, err)
		}
		found := false
		for _, c := range acc.Checks {
			if strings.Contains(c.Say+c.Fix, "number") || strings.Contains(c.Fix, "ticket does not exist") {
				t.Errorf("%s: %s speaks of a ticket's number: %q %q", name, c.Name, c.Say, c.Fix)
			}
			if c.Name == tc.check {
				found = true
				if c.OK || !strings.Contains(c.Say, tc.say) || !strings.Contains(c.Fix, tc.fix) {
					t.Errorf("%s: %+v, want it to fail with %q and %q", name, c, tc.say, tc.fix)
				}
			}
		}
		if !found {
			t.Errorf("%s: no check %q", name, tc.check)
		}
	}
}

func TestProbeTellsTheAllowance(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Rate-Limit", "700")
		w.Header().Set("X-Rate-Limit-Remaining", "699")
		w.Header().Set("zendesk-ratelimit-search-index", "total=2500; remaining=2499; resets=41")
		healthy().ServeHTTP(w, r)
	})
	acc, err := connect(t, h).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "Tickets may be searched. 2499 of 2500 searches are left for this minute. 699 of 700 requests are left for this minute."
	i := slices.IndexFunc(acc.Checks, func(c connectors.Check) bool { return c.Name == "search" })
	if got := acc.Checks[i].Say; got != want {
		t.Errorf("search says %q, want %q", got, want)
	}
}
