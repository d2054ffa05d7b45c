package auth_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// inBubble runs f with fake time. The provider lives outside, in real time: its answers are waited for.
func inBubble(t *testing.T, f func(t *testing.T, w *world)) {
	p := newIDP(t)
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t, p)) })
}

// died leaves a link as a process does that died in a refresh: with its intent in the row.
func (w *world) died(refresh string, providerAnswered bool) {
	w.t.Helper()
	w.must(w.store.BeginRefresh(context.Background(), linkID, w.row().Generation, time.Time{}, w.clock()))
	if providerAnswered {
		w.idp.rotate(refresh)
	}
}

func TestCrashBeforeTheProviderWasAsked(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		_, refresh := w.linked()
		w.died(refresh, false)
		began := time.Now()
		w.good(w.keeper().Token(t.Context(), linkID))
		w.wantRefreshes(1)
		if took := time.Since(began); took < 3*time.Second || took > 6*time.Second {
			t.Errorf("got the token after %v, want after the intent was watched for about 4 s", took)
		}
	})
}

func TestCrashLongAgoIsNotWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		_, refresh := w.linked()
		w.died(refresh, false)
		time.Sleep(time.Hour)
		began := time.Now()
		w.good(w.keeper().Token(t.Context(), linkID))
		if took := time.Since(began); took > time.Second {
			t.Errorf("got the token after %v, want at once", took)
		}
	})
}

// The answer died with the process (fault F17): tried once, told once, then no call any more.
func TestCrashAfterTheProviderAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		_, refresh := w.linked()
		w.died(refresh, true)
		a, b := w.keeper(), w.keeper()
		var both sync.WaitGroup
		for _, k := range []*auth.Keeper{a, b, a, b} {
			both.Go(func() {
				_, err := k.Token(t.Context(), linkID)
				w.wantCode(err, connectors.CodeNeedsReconnect)
			})
		}
		both.Wait()
		for _, k := range []*auth.Keeper{a, b, w.keeper()} {
			_, err := k.Token(t.Context(), linkID)
			w.wantCode(err, connectors.CodeNeedsReconnect)
		}
		calls, refreshes, _ := w.idp.count()
		if calls != 1 || refreshes != 1 {
			t.Errorf("provider: got %d calls, %d refreshes; want the dead token tried once", calls, refreshes)
		}
		if got, want := w.told(), []string{auth.ReasonGrantRefused}; !slices.Equal(got, want) {
			t.Errorf("administrator: told %v, want %v", got, want)
		}
		if got := w.row(); got.State != records.LinkNeedsReconnect || !got.IntentAt.IsZero() || len(got.RefreshToken) == 0 {
			t.Errorf("row: got state %s, intent %v, %d bytes of token; want needs_reconnect, none, kept", got.State, got.IntentAt, len(got.RefreshToken))
		}
	})
}

func TestCrashAfterTheRowWasWritten(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		k, refresh := w.linked()
		next := w.idp.rotate(refresh)
		w.must(w.store.SwapGrant(t.Context(), linkID, 1, records.Grant{
			RefreshToken: k.SealRefreshToken(linkID, records.NewSecret(next), 2), At: time.Now(),
		}))
		w.good(w.keeper().Token(t.Context(), linkID))
		w.wantRefreshes(1)
	})
}

// The database fails between the provider's answer and the row: the rotated token is kept and
// written as soon as that works, and no token is used before.
func TestRotatedTokenOutlivesADatabaseFault(t *testing.T) {
	for name, down := range map[string]time.Duration{"short": 3 * time.Second, "longer than the flight tries": time.Minute} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.linked()
				broken := errors.New("disk full")
				back := time.Now().Add(down)
				l := &links{Store: w.store, beforeSwap: func() error {
					if time.Now().Before(back) {
						return broken
					}
					return nil
				}}
				k := w.keeper(withLinks(l))
				_, err := k.Token(t.Context(), linkID)
				if down > 10*time.Second && err == nil {
					t.Fatal("got a token whose rotation is not written")
				}
				time.Sleep(down)
				w.good(k.Token(t.Context(), linkID))
				w.wantRefreshes(1)
				if w.row().Generation != 2 || len(w.told()) != 0 {
					t.Errorf("got generation %d, told %v; want 2 and nobody", w.row().Generation, w.told())
				}
			})
		})
	}
}

// Another replica gave the link up meanwhile: whoever holds the grant brings it home all the same.
func TestUnwrittenGrantRevivesALinkGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.linked()
		var fail atomic.Bool
		fail.Store(true)
		l := &links{Store: w.store, beforeSwap: func() error {
			if fail.Load() {
				return errors.New("unreachable from here")
			}
			return nil
		}}
		k := w.keeper(withLinks(l))
		_, err := k.Token(t.Context(), linkID)
		w.wantCode(err, connectors.CodeProviderSlow)
		time.Sleep(time.Minute)
		_, err = w.store.SetState(t.Context(), linkID, 1, records.LinkNeedsReconnect, auth.ReasonGrantRefused, time.Now())
		w.must(err)
		fail.Store(false)
		w.good(k.Token(t.Context(), linkID))
		if got := w.row(); got.State != records.LinkOK || got.Generation != 2 {
			t.Errorf("row: got %s, generation %d; want ok, 2", got.State, got.Generation)
		}
	})
}

func TestSwapWhoseAnswerIsLostIsRecognised(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	lost := true
	l := &links{Store: w.store, afterSwap: func() error {
		if lost {
			lost = false
			return errors.New("connection reset")
		}
		return nil
	}}
	w.good(w.keeper(withLinks(l)).Token(t.Context(), linkID))
	w.wantRefreshes(1)
}

// A leader that was stopped past its lease comes back: its late write loses (fault F19).
func TestLateWriteLoses(t *testing.T) {
	w := newWorld(t, newIDP(t))
	other, refresh := w.linked()
	var once sync.Once
	l := &links{Store: w.store, beforeSwap: func() error {
		once.Do(func() { // meanwhile a person has connected the account anew
			fresh := w.idp.grant()
			w.must(w.store.SwapGrant(t.Context(), linkID, 1, records.Grant{
				RefreshToken: other.SealRefreshToken(linkID, records.NewSecret(fresh), 2), At: time.Now(),
			}))
			w.must(w.tokens.Put(t.Context(), linkID, records.AccessToken{
				Value: records.NewSecret(w.idp.accessOf(fresh)), Generation: 2, ExpiresAt: time.Now().Add(time.Hour),
			}))
		})
		return nil
	}}
	token := w.good(w.keeper(withLinks(l)).Token(t.Context(), linkID))
	if got := w.row().Generation; got != 2 || token.Generation != 2 {
		t.Errorf("generation: got row %d, token %d; want the winner's 2", got, token.Generation)
	}
	if _, refreshes, _ := w.idp.count(); refreshes != 1 || refresh == "" {
		t.Errorf("provider: got %d refreshes, want 1", refreshes)
	}
}

// Somebody else rotated while we asked: his generation is adopted (fault F18).
func TestInvalidGrantAdoptsANewerGeneration(t *testing.T) {
	for name, cached := range map[string]bool{"token in the cache": true, "token not in the cache": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			k, refresh := w.linked()
			var once sync.Once
			w.idp.set(func(p *idp) {
				p.fault = func(rw http.ResponseWriter, _ *http.Request) bool {
					first := false
					once.Do(func() {
						first = true
						next := w.idp.rotate(refresh)
						w.must(w.store.SwapGrant(t.Context(), linkID, 1, records.Grant{
							RefreshToken: k.SealRefreshToken(linkID, records.NewSecret(next), 2), At: time.Now(),
						}))
						if cached {
							w.must(w.tokens.Put(t.Context(), linkID, records.AccessToken{
								Value: records.NewSecret(w.idp.accessOf(next)), Generation: 2, ExpiresAt: time.Now().Add(time.Hour),
							}))
						}
						refuse(rw, 400, "invalid_grant")
					})
					return first
				}
			})
			token := w.good(k.Token(t.Context(), linkID))
			want := int64(3)
			if cached {
				want = 2
			}
			if token.Generation != want || len(w.told()) != 0 {
				t.Errorf("got generation %d, told %v; want %d and nobody", token.Generation, w.told(), want)
			}
		})
	}
}

// The lease is held by nobody alive, and runs for an hour.
func TestStaleLeaseIsPassedBy(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		k, _ := w.linked()
		_, err := w.tokens.Lock(t.Context(), linkID, time.Hour)
		w.must(err)
		began := time.Now()
		w.good(k.Token(t.Context(), linkID))
		w.wantRefreshes(1)
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("got the token after %v, want within 8 s", took)
		}
	})
}

// Who died in a refresh leaves his lease and his intent. Both are watched at the same time, so that
// callers, who wait for 10 s, get the token.
func TestCrashWithLeaseAndIntent(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		k, refresh := w.linked()
		_, err := w.tokens.Lock(t.Context(), linkID, time.Hour)
		w.must(err)
		w.died(refresh, false)
		began := time.Now()
		w.good(k.Token(t.Context(), linkID))
		w.wantRefreshes(1)
		if took := time.Since(began); took < 3*time.Second || took > 6*time.Second {
			t.Errorf("got the token after %v, want after the intent was watched for about 4 s", took)
		}
	})
}

// A provider that takes 20 s to answer is asked once, since the intent in the row is kept alive;
// callers are told after 10 s (fault F19).
func TestSlowProviderIsAskedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.linked()
		var asking atomic.Bool
		l := &links{Store: w.store}
		l.begun = func() { asking.Store(true); l.begun = nil }
		k, other := w.keeper(withLinks(l), func(c *auth.KeeperConfig) {
			c.Now = func() time.Time { // looked at just before the question goes out
				if asking.Swap(false) {
					time.Sleep(20 * time.Second)
				}
				return time.Now()
			}
		}), w.keeper()
		all := w.tell(k, k, other)
		all.Wait()
		time.Sleep(12 * time.Second)
		w.good(k.Token(t.Context(), linkID))
		w.good(other.Token(t.Context(), linkID))
		w.wantRefreshes(1)
	})
}

// tell lets callers ask one after the other, all of which are told that it takes long.
func (w *world) tell(keepers ...*auth.Keeper) *sync.WaitGroup {
	var all sync.WaitGroup
	for _, k := range keepers {
		all.Go(func() {
			if _, err := k.Token(context.Background(), linkID); connectors.CodeOf(err) != connectors.CodeProviderSlow {
				w.t.Errorf("while the provider thinks: got %v, want provider_slow", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
	}
	return &all
}

// A leader that is stopped (SIGSTOP) shows no life: another takes over, and the leader adopts.
func TestStoppedLeaderAdopts(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.linked()
		l := &links{Store: w.store}
		l.begun = func() { l.begun = nil; time.Sleep(time.Minute) }
		k, other := w.keeper(withLinks(l)), w.keeper()
		var first sync.WaitGroup
		first.Go(func() { _, _ = k.Token(t.Context(), linkID) })
		time.Sleep(time.Second)
		w.good(other.Token(t.Context(), linkID))
		time.Sleep(time.Minute)
		first.Wait()
		w.good(k.Token(t.Context(), linkID))
		w.wantRefreshes(1)
	})
}

func TestCacheDown(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	k := w.keeper(withTokens(noCache{}))
	first := w.good(k.Token(t.Context(), linkID))
	for range 20 {
		if got := w.good(k.Token(t.Context(), linkID)); got.Value.Reveal() != first.Value.Reveal() {
			t.Fatal("without a cache: got another token, want the one in memory")
		}
	}
	w.wantRefreshes(1)
	w.good(k.Renew(t.Context(), linkID, first))
	w.wantRefreshes(2)
}

// Without a cache only the row stands between three replicas (faults F21 and F22).
func TestCacheDownReplicasDoNotReuse(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.linked()
		w.idp.set(func(p *idp) { p.fault = delay(5 * time.Millisecond) })
		for range 2 {
			replicas := []*auth.Keeper{w.keeper(withTokens(noCache{})), w.keeper(withTokens(noCache{})), w.keeper(withTokens(noCache{}))}
			var all sync.WaitGroup
			for _, k := range replicas {
				for range 20 {
					all.Go(func() {
						if _, err := k.Token(t.Context(), linkID); err != nil {
							t.Errorf("token: got %v", err)
						}
					})
				}
			}
			all.Wait()
		}
		if _, _, reused := w.idp.count(); reused != 0 || len(w.told()) != 0 {
			t.Errorf("got %d reuses, told %v; want none and nobody", reused, w.told())
		}
	})
}

// Everybody holds the lease (fault F22): one asks, the others adopt.
func TestLeaseHeldByAll(t *testing.T) {
	w := newWorld(t, newIDP(t))
	first, _ := w.linked()
	first.Close()
	w.idp.set(func(p *idp) { p.fault = delay(20 * time.Millisecond) })
	replicas := []*auth.Keeper{
		w.keeper(withTokens(twoMasters{w.tokens})), w.keeper(withTokens(twoMasters{w.tokens})), w.keeper(withTokens(twoMasters{w.tokens})),
	}
	for round := 1; round <= 3; round++ {
		var all sync.WaitGroup
		for _, k := range replicas {
			for range 20 {
				all.Go(func() { w.good(k.Token(t.Context(), linkID)) })
			}
		}
		all.Wait()
		w.wantRefreshes(round)
		w.advance(time.Hour)
	}
}
