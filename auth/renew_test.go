package auth_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestRenewStormRefreshesOnce(t *testing.T) {
	w := newWorld(t, newIDP(t))
	first, _ := w.linked()
	replicas := []*auth.Keeper{first, w.keeper(), w.keeper()}
	for round := 1; round <= 5; round++ {
		refused, err := first.Token(t.Context(), linkID)
		w.must(err)
		w.idp.set(func(p *idp) { p.fault = delay(10 * time.Millisecond) })
		var all sync.WaitGroup
		for _, k := range replicas {
			for range 50 {
				all.Go(func() {
					token, err := k.Credentials(linkID).Renew(t.Context(), refused)
					if err != nil || token.Value.Reveal() == refused.Value.Reveal() || !w.idp.valid(token.Value.Reveal()) {
						t.Errorf("round %d: renewed: got error %v, or a token that does not work", round, err)
					}
				})
			}
		}
		all.Wait()
		w.wantRefreshes(1 + round)
	}
}

func TestRenewTakesWhatAnotherReplicaGot(t *testing.T) {
	w := newWorld(t, newIDP(t))
	a, _ := w.linked()
	b := w.keeper()
	old := w.good(a.Token(t.Context(), linkID))
	w.good(b.Token(t.Context(), linkID))
	w.good(a.Renew(t.Context(), linkID, old))
	w.wantRefreshes(2)
	w.good(b.Renew(t.Context(), linkID, old)) // killed by a's rotation
	w.wantRefreshes(2)
}

func TestRenewJoinsARefreshThatBeganBefore(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	old := w.good(k.Token(t.Context(), linkID))
	w.advance(time.Hour)
	w.idp.set(func(p *idp) { p.fault = delay(100 * time.Millisecond) })
	var both sync.WaitGroup
	both.Go(func() { w.good(k.Token(t.Context(), linkID)) })
	time.Sleep(30 * time.Millisecond)
	both.Go(func() { w.good(k.Renew(t.Context(), linkID, old)) })
	both.Wait()
	w.wantRefreshes(2)
}

// Other replicas must not run into the same 401 while the provider is down.
func TestRefusedTokenLeavesTheCache(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	old := w.good(k.Token(t.Context(), linkID))
	w.idp.set(func(p *idp) { p.fault = answerWith(http.StatusBadGateway, canary) })
	if _, err := k.Renew(t.Context(), linkID, old); err == nil {
		t.Fatal("Renew at a provider that is down: got a token, want an error")
	}
	if _, err := w.tokens.Get(t.Context(), linkID); err == nil {
		t.Error("cache: got the refused token, want none")
	}
	w.idp.set(func(p *idp) { p.fault = nil })
	w.good(k.Renew(t.Context(), linkID, old))
}

// A provider may give the same token again: no loop.
func TestRenewEndsWhenTheProviderGivesTheSameToken(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialClientCredentials)
	w.idp.set(func(p *idp) { p.extra = map[string]any{"access_token": "always-the-same"} })
	token, err := k.Token(t.Context(), linkID)
	w.must(err)
	again, err := k.Renew(t.Context(), linkID, token)
	if err != nil || again.Value.Reveal() != "always-the-same" {
		t.Errorf("renewed: got %v, want the same token", err)
	}
	if calls, _, _ := w.idp.count(); calls > 3 {
		t.Errorf("token endpoint: got %d calls, want 3 at most", calls)
	}
}
