package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// What a token endpoint may answer, whose fault it is, and what becomes of the link.
func TestRefusals(t *testing.T) {
	object := func(name string) string {
		return fmt.Sprintf(`{"error":%q,"error_description":%q}`, name, canary)
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		header []string
		code   connectors.Code
		reason string // of the link; empty: it stays ok
		wait   time.Duration
	}{
		{"grant", 400, object("invalid_grant"), nil, connectors.CodeNeedsReconnect, auth.ReasonGrantRefused, 0},
		{"client", 401, object("invalid_client"), nil, connectors.CodeNeedsReconnect, auth.ReasonClientRefused, 0},
		{"client with status 400", 400, object("invalid_client"), nil, connectors.CodeNeedsReconnect, auth.ReasonClientRefused, 0},
		{"client not allowed", 400, object("unauthorized_client"), nil, connectors.CodeNeedsReconnect, auth.ReasonClientRefused, 0},
		{"bare 401", 401, canary, nil, connectors.CodeProviderNonsense, "", 0},
		{"scope", 400, object("invalid_scope"), nil, connectors.CodeMissingScope, auth.ReasonMissingScope, 0},
		{"error with status 200", 200, object("invalid_grant"), nil, connectors.CodeNeedsReconnect, auth.ReasonGrantRefused, 0},
		{"limit", 429, canary, []string{"Retry-After", "40"}, connectors.CodeRateLimited, "", 40 * time.Second},
		{"limit without a time", 429, object("x"), nil, connectors.CodeRateLimited, "", 0},
		{"limit with nonsense", 429, "", []string{"Retry-After", canary}, connectors.CodeRateLimited, "", 0},
		{"limit for an age", 429, "", []string{"Retry-After", "99999999"}, connectors.CodeRateLimited, "", 24 * time.Hour},
		{"down", 503, canary, []string{"Retry-After", "7"}, connectors.CodeProviderDown, "", 7 * time.Second},
		{"down with a grant's name", 500, object("invalid_grant"), nil, connectors.CodeProviderDown, "", 0},
		{"busy", 400, object("temporarily_unavailable"), nil, connectors.CodeProviderDown, "", 0},
		{"unknown name", 400, object(canary), nil, connectors.CodeProviderNonsense, "", 0},
		{"wrong account", 404, "<html>" + canary, nil, connectors.CodeProviderNonsense, "", 0},
		{"page with status 200", 200, "<html>" + canary, nil, connectors.CodeProviderNonsense, "", 0},
		{"nothing", 200, "", nil, connectors.CodeProviderNonsense, "", 0},
		{"no token", 200, `{"token_type":"bearer","note":"` + canary + `"}`, nil, connectors.CodeProviderNonsense, "", 0},
		{"token twice", 200, `{"access_token":"a","access_token":"b"}`, nil, connectors.CodeProviderNonsense, "", 0},
		{"error as an object", 422, `{"error":{"title":"` + canary + `"}}`, nil, connectors.CodeProviderNonsense, "", 0},
		{"redirect", 302, canary, []string{"Location", "http://127.0.0.1:1/" + canary}, connectors.CodeProviderNonsense, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			k, _ := w.linked()
			w.idp.set(func(p *idp) { p.fault = answerWith(c.status, c.body, c.header...) })
			_, err := k.Token(t.Context(), linkID)
			w.wantCode(err, c.code)
			var typed *connectors.Error
			if !errors.As(err, &typed) || typed.Action == "" || strings.Contains(typed.Action, canary) || typed.RetryAfter != c.wait {
				t.Fatalf("got %+v, want an action of ours and a wait of %v", typed, c.wait)
			}
			var raw *oauth2.RetrieveError
			if errors.As(err, &raw) {
				t.Error("the library's error, which holds the body, is wrapped")
			}
			row := w.row()
			if c.reason == "" && (row.State != records.LinkOK || len(w.told()) != 0) {
				t.Errorf("link: got %s, told %v; want it unchanged", row.State, w.told())
			}
			if c.reason != "" && (row.State != records.LinkNeedsReconnect || row.Reason != c.reason || !slices.Equal(w.told(), []string{c.reason})) {
				t.Errorf("link: got %s %s, told %v; want needs_reconnect %s, told once", row.State, row.Reason, w.told(), c.reason)
			}
			if !row.IntentAt.IsZero() || row.Generation != 1 {
				t.Errorf("row: got intent %v, generation %d; want none, 1", row.IntentAt, row.Generation)
			}
		})
	}
}

func TestProviderThatCannotBeReached(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.server.Close()
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeProviderDown)
	if got := w.row(); got.State != records.LinkOK || !got.IntentAt.IsZero() {
		t.Errorf("row: got %s, intent %v; want ok, none", got.State, got.IntentAt)
	}
}

func TestConnectionCutInTheAnswer(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.set(func(p *idp) {
		p.fault = func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Content-Length", "500")
			_, _ = rw.Write([]byte(`{"access_token":"` + canary))
			panic(http.ErrAbortHandler)
		}
	})
	_, err := k.Token(t.Context(), linkID)
	if got := connectors.CodeOf(err).Fault(); got != connectors.FaultProvider {
		t.Errorf("got %v, want a fault of the provider", err)
	}
	w.clean(err)
}

// The private network is closed unless the configuration opens it.
func TestPrivateAddressIsRefused(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	k := w.keeper(func(c *auth.KeeperConfig) { c.Private = nil })
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeHostRefused)
	w.wantRefreshes(0)
}

func TestNoCallInsideRetryAfter(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.set(func(p *idp) { p.fault = answerWith(429, "", "Retry-After", "40") })
	for range 5 {
		_, err := k.Token(t.Context(), linkID)
		w.wantCode(err, connectors.CodeRateLimited)
	}
	w.advance(30 * time.Second)
	_, err := k.Token(t.Context(), linkID)
	var typed *connectors.Error
	if errors.As(err, &typed); typed == nil || typed.RetryAfter <= 0 || typed.RetryAfter > 10*time.Second {
		t.Errorf("30 s into a wait of 40: got %v, want rate_limited with about 10 s", err)
	}
	if calls, _, _ := w.idp.count(); calls != 1 {
		t.Errorf("got %d calls inside the wait, want 1", calls)
	}
	w.idp.set(func(p *idp) { p.fault = nil })
	w.advance(11 * time.Second)
	w.good(k.Token(t.Context(), linkID))
}

// Three replicas learn of a revoked grant at once: one tells, none asks again.
func TestRevokedGrantIsToldOnce(t *testing.T) {
	w := newWorld(t, newIDP(t))
	first, _ := w.linked()
	replicas := []*auth.Keeper{first, w.keeper(), w.keeper()}
	w.idp.revokeAll()
	for range 2 {
		var all sync.WaitGroup
		for _, k := range replicas {
			for range 20 {
				all.Go(func() {
					_, err := k.Token(t.Context(), linkID)
					w.wantCode(err, connectors.CodeNeedsReconnect)
				})
			}
		}
		all.Wait()
	}
	if calls, _, _ := w.idp.count(); calls != 1 || len(w.told()) != 1 {
		t.Errorf("got %d calls and told %v, want one each", calls, w.told())
	}
}
