package auth_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// Nothing in a refresh waits unless somebody else is refreshing: fake time stands still.
func TestRefreshAloneWaitsForNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		k, _ := w.linked()
		for round := 1; round <= 3; round++ {
			began := time.Now()
			w.good(k.Token(t.Context(), linkID))
			w.wantRefreshes(round)
			if took := time.Since(began); took != 0 {
				t.Errorf("round %d: waited %v, want nothing", round, took)
			}
			time.Sleep(time.Hour)
		}
	})
}

// A replica that has read the row may be as slow as it likes before it writes its intent: the other
// asks meanwhile, or has asked, and is neither disturbed nor repeated.
func TestSlowIntentLoses(t *testing.T) {
	for name, tokens := range map[string]func(*world) cache.Tokens{
		"everybody has the lease": func(w *world) cache.Tokens { return twoMasters{w.tokens} },
		"no cache":                func(*world) cache.Tokens { return noCache{} },
	} {
		for when, done := range map[string]bool{"while the other asks": false, "when the other is done": true} {
			t.Run(name+" "+when, func(t *testing.T) {
				w := newWorld(t, newIDP(t))
				w.linked()
				asked, release := make(chan struct{}), make(chan struct{})
				var once, slow sync.Once
				w.idp.set(func(p *idp) {
					p.hook = func() {
						once.Do(func() {
							close(asked)
							if !done {
								<-release
							}
						})
					}
				})
				reading := make(chan struct{})
				l := &links{Store: w.store}
				l.beforeBegun = func() {
					slow.Do(func() {
						close(reading)
						<-asked
						if done {
							<-release
						} else { // his answer comes after the intent has lost
							time.AfterFunc(50*time.Millisecond, func() { close(release) })
						}
					})
				}
				late, first := w.keeper(withTokens(tokens(w)), withLinks(l)), w.keeper(withTokens(tokens(w)))
				var both sync.WaitGroup
				both.Go(func() {
					if _, err := late.Token(t.Context(), linkID); err != nil {
						t.Errorf("the late one: got %v, want a token", err)
					}
				})
				<-reading
				both.Go(func() {
					if _, err := first.Token(t.Context(), linkID); err != nil {
						t.Errorf("the first: got %v, want a token", err)
					}
					if done {
						close(release)
					}
				})
				both.Wait()
				if _, _, reused := w.idp.count(); reused != 0 || len(w.told()) != 0 {
					t.Errorf("got %d reuses, told %v; want none and nobody", reused, w.told())
				}
				if name == "everybody has the lease" {
					w.wantRefreshes(1)
				}
			})
		}
	}
}

// Three replicas with 200 opens each, on a database that takes its time at every step: with a lease
// that all hold one asks; without any cache each gets a token of its own, and none spends one twice.
func TestStampedeOnTheRowAlone(t *testing.T) {
	for name, c := range map[string]struct {
		tokens    func(*world) cache.Tokens
		refreshes bool
	}{
		"everybody has the lease": {func(w *world) cache.Tokens { return twoMasters{w.tokens} }, true},
		"no cache":                {func(*world) cache.Tokens { return noCache{} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.linked()
				nap := func() { time.Sleep(rand.N(30 * time.Millisecond)) }
				l := &links{Store: w.store, beforeBegun: nap, begun: nap, beforeSwap: func() error { nap(); return nil }}
				var replicas []*auth.Keeper
				for range 3 {
					replicas = append(replicas, w.keeper(withTokens(c.tokens(w)), withLinks(l)))
				}
				for round := 1; round <= 4; round++ {
					var all sync.WaitGroup
					for _, k := range replicas {
						for range 200 {
							all.Go(func() {
								if _, err := k.Token(t.Context(), linkID); err != nil {
									t.Errorf("round %d: got %v, want a token", round, err)
								}
							})
						}
					}
					all.Wait()
					if c.refreshes {
						w.wantRefreshes(round)
					}
					w.advance(time.Hour)
				}
				if _, _, reused := w.idp.count(); reused != 0 || len(w.told()) != 0 {
					t.Errorf("got %d reuses, told %v; want none and nobody", reused, w.told())
				}
			})
		})
	}
}

// lossy loses the answers to some intents that were written.
type lossy struct {
	*links
	mu   sync.Mutex
	left int
}

func (l *lossy) BeginRefresh(ctx context.Context, id records.LinkID, from int64, seen, at time.Time) error {
	err := l.links.BeginRefresh(ctx, id, from, seen, at)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.left > 0 {
		l.left--
		return errors.New("connection reset")
	}
	return err
}

// An intent whose answer was lost is ours all the same: the next flight does not wait for it.
func TestIntentWhoseAnswerIsLostIsRecognised(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.linked()
		k := w.keeper(withLinks(&lossy{links: &links{Store: w.store}, left: 1}))
		if _, err := k.Token(t.Context(), linkID); err == nil {
			t.Fatal("got a token although the intent was not acknowledged")
		}
		w.wantRefreshes(0)
		began := time.Now()
		w.good(k.Token(t.Context(), linkID))
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v for an intent of our own", took)
		}
		w.wantRefreshes(1)
		if got := w.row(); !got.IntentAt.IsZero() {
			t.Errorf("intent: got %v, want none", got.IntentAt)
		}
	})
}
