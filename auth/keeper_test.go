package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestFreshTokenIsNotAskedForAgain(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	first := w.good(k.Token(t.Context(), linkID))
	w.advance(28 * time.Minute)
	if again := w.good(k.Token(t.Context(), linkID)); again.Value.Reveal() != first.Value.Reveal() {
		t.Error("28 minutes into a life of 30: got another token, want the same")
	}
	w.wantRefreshes(1)
	w.advance(time.Minute + time.Second) // 59 s before the end
	w.good(k.Token(t.Context(), linkID))
	w.wantRefreshes(2)
	if got := w.row(); got.Generation != 3 || got.State != records.LinkOK || !got.IntentAt.IsZero() {
		t.Errorf("row: got generation %d, state %s, intent %v; want 3, ok, none", got.Generation, got.State, got.IntentAt)
	}
	w.clean(nil)
}

// Three replicas with 200 opens each find the token expired at the same moment (fault F16).
func TestStampedeRefreshesOnce(t *testing.T) {
	w := newWorld(t, newIDP(t))
	first, _ := w.linked()
	replicas := []*auth.Keeper{first, w.keeper(), w.keeper()}
	for round := 1; round <= 5; round++ {
		w.idp.set(func(p *idp) { p.fault = delay(20 * time.Millisecond) })
		var all sync.WaitGroup
		for _, k := range replicas {
			for range 200 {
				all.Go(func() {
					token, err := k.Token(t.Context(), linkID)
					if err != nil || !w.idp.valid(token.Value.Reveal()) {
						t.Errorf("round %d: token: got error %v, or one that does not work", round, err)
					}
				})
			}
		}
		all.Wait()
		w.wantRefreshes(round)
		w.advance(time.Hour)
	}
}

func TestCallerWhoLeavesFailsNobodyElse(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.set(func(p *idp) { p.fault = delay(200 * time.Millisecond) })
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := k.Token(ctx, linkID)
		left <- err
	}()
	time.Sleep(50 * time.Millisecond)
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: got %v, want context.Canceled", err)
	}
	w.good(k.Token(t.Context(), linkID))
	w.wantRefreshes(1)
}

func TestRowIsWrittenBeforeTheTokenIsUsed(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	var seen []string
	l := &links{Store: w.store}
	l.begun = func() { seen = append(seen, "intent") }
	l.afterSwap = func() error {
		_, err := w.tokens.Get(t.Context(), linkID)
		if seen = append(seen, "row"); err == nil {
			seen = append(seen, "cache before row")
		}
		return nil
	}
	w.idp.set(func(p *idp) { p.hook = func() { seen = append(seen, "provider") } })
	w.good(w.keeper(withLinks(l)).Token(t.Context(), linkID))
	if got, want := len(seen), 3; got != want || seen[0] != "intent" || seen[1] != "provider" || seen[2] != "row" {
		t.Errorf("order: got %v, want [intent provider row]", seen)
	}
}

func TestRefreshTokenThatStaysIsSealedAgain(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.set(func(p *idp) { p.extra = map[string]any{"refresh_token": nil, "scope": nil} })
	token, err := k.Token(t.Context(), linkID)
	w.must(err)
	if token.Generation != 2 || w.row().Generation != 2 {
		t.Errorf("generation: got token %d, row %d; want 2 and 2", token.Generation, w.row().Generation)
	}
	place := records.Place{Site: "main", Table: "links", Row: "zd", Column: "refresh_token", Generation: 2}
	if _, err := w.keys.OpenSecret(w.row().RefreshToken, place); err != nil {
		t.Errorf("refresh token kept for generation 2: got %v, want it to open there", err)
	}
}

func TestExpectedLives(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		sent any
		want time.Duration // until when the token is used: its life less 60 s or a tenth
	}{
		{1800, 29 * time.Minute}, {"1800", 29 * time.Minute}, {300, 270 * time.Second}, {"30.5", 27 * time.Second},
		{1, 900 * time.Millisecond}, {172800, 48*time.Hour - time.Minute}, {172801, 48*time.Hour - time.Minute},
		{1e12, 48*time.Hour - time.Minute}, {1e300, 48*time.Hour - time.Minute}, {"1e999", 48*time.Hour - time.Minute},
		{0, 270 * time.Second}, {-5, 270 * time.Second}, {0.5, 270 * time.Second}, {"", 270 * time.Second},
		{"soon", 270 * time.Second}, {"NaN", 270 * time.Second}, {nil, 270 * time.Second}, {true, 270 * time.Second},
		{map[string]any{"in": 5}, 270 * time.Second}, {[]int{1800}, 270 * time.Second},
	} {
		w := newWorld(t, newIDP(t))
		w.now = func() time.Time { return now }
		k, _ := w.linked()
		w.idp.set(func(p *idp) { p.extra = map[string]any{"expires_in": c.sent} })
		token := w.good(k.Token(t.Context(), linkID))
		if got := token.ExpiresAt.Sub(now); got != c.want {
			t.Errorf("expires_in %v: got used for %v, want %v", c.sent, got, c.want)
		}
		w.must(w.store.Close())
	}
}

func TestClientCredentialsAskAgain(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialClientCredentials)
	first := w.good(k.Token(t.Context(), linkID))
	if got := w.row(); got.State != records.LinkOK || got.Generation != 0 || got.LastOKAt.IsZero() {
		t.Errorf("row: got state %s, generation %d, last ok %v; want ok, 0, now", got.State, got.Generation, got.LastOKAt)
	}
	second := w.good(k.Renew(t.Context(), linkID, first))
	if same := w.good(k.Token(t.Context(), linkID)); same.Value.Reveal() != second.Value.Reveal() {
		t.Error("after Renew: got a third token, want the renewed one")
	}
	w.idp.mu.Lock()
	defer w.idp.mu.Unlock()
	if got := w.idp.grants["client_credentials"]; got != 2 || w.idp.lastForm.Get("scope") != "read" || w.idp.lastForm.Get("expires_in") != "172800" {
		t.Errorf("got %d asks, last with %v; want 2, with scope and expires_in", got, w.idp.lastForm)
	}
}

func TestBearerIsFixed(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialBearer)
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	w.seed(k, "fixed-token")
	for range 2 {
		token, err := k.Token(t.Context(), linkID)
		if err != nil || token.Value.Reveal() != "fixed-token" {
			t.Fatalf("got %v, want the fixed token", err)
		}
		if token, err = k.Renew(t.Context(), linkID, token); err != nil || token.Value.Reveal() != "fixed-token" {
			t.Fatalf("renewed: got %v, want the fixed token again", err)
		}
	}
	if calls, _, _ := w.idp.count(); calls != 0 {
		t.Errorf("token endpoint: got %d calls, want none", calls)
	}
}

func TestNoCallForLinksThatNeedAPerson(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	token := w.good(k.Token(t.Context(), linkID))
	for _, c := range []struct {
		state  records.LinkState
		reason string
		want   connectors.Code
	}{
		{records.LinkPaused, "", connectors.CodePaused},
		{records.LinkNeedsReconnect, auth.ReasonGrantRefused, connectors.CodeNeedsReconnect},
		{records.LinkNeedsReconnect, auth.ReasonMissingScope, connectors.CodeMissingScope},
		{records.LinkState("of the future"), "", connectors.CodeNeedsReconnect},
	} {
		_, err := w.store.SetState(t.Context(), linkID, w.row().Generation, c.state, c.reason, w.clock())
		w.must(err)
		w.advance(2 * time.Second) // a state is noticed within a second
		_, err = k.Token(t.Context(), linkID)
		w.wantCode(err, c.want)
		_, err = k.Renew(t.Context(), linkID, token)
		w.wantCode(err, c.want)
		_, err = w.keeper().Token(t.Context(), linkID)
		w.wantCode(err, c.want)
	}
	w.wantRefreshes(1)
	_, err := k.Token(t.Context(), records.LinkID{Site: "main", Link: "unknown"})
	w.wantCode(err, connectors.CodeNotFound)
	_, err = k.Token(t.Context(), records.LinkID{Site: "other", Link: "zd"})
	w.wantCode(err, connectors.CodeNotFound)
}

func TestTokenOfAnotherAccountIsNotUsed(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialClientCredentials)
	first := w.good(k.Token(t.Context(), linkID))
	row := w.row()
	row.Settings = map[string]string{"subdomain": "other"}
	row.UpdatedAt = w.clock()
	w.must(w.store.UpdateLink(t.Context(), row))
	w.advance(2 * time.Second)
	if second := w.good(k.Token(t.Context(), linkID)); second.Value.Reveal() == first.Value.Reveal() {
		t.Error("after the subdomain changed: got the old account's token")
	}
}

func TestClosedKeeperBeginsNothing(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	k.Close()
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeStopping)
	w.wantRefreshes(0)
}
