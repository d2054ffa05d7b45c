package auth_test

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Whatever happens to three replicas, in whatever order: no refresh token is presented twice, every
// token that comes out works, and the link survives.
func TestAnyOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, newIDP(t))
		defer w.store.Close()
		defer w.idp.server.Close()
		var failing atomic.Int64 // so many swaps fail yet
		l := &links{Store: w.store, beforeSwap: func() error {
			if failing.Add(-1) >= 0 {
				return errors.New("disk full")
			}
			return nil
		}}
		seeder, _ := w.linked()
		replicas := []*auth.Keeper{w.keeper(withLinks(l)), w.keeper(withLinks(l)), w.keeper(withLinks(l))}
		last := make([]records.AccessToken, len(replicas))
		pick := rapid.IntRange(0, len(replicas)-1)
		down := false
		check := func(i int, token records.AccessToken, err error) {
			if down {
				if code := connectors.CodeOf(err); err != nil && code != connectors.CodeProviderDown {
					r.Fatalf("replica %d while the provider is down: got %v", i, err)
				}
				return
			}
			if err != nil {
				r.Fatalf("replica %d: got %v, want a token", i, err)
			}
			last[i] = token
		}
		r.Repeat(map[string]func(*rapid.T){
			"token": func(r *rapid.T) {
				i := pick.Draw(r, "replica")
				token, err := replicas[i].Token(t.Context(), linkID)
				check(i, token, err)
			},
			"renew": func(r *rapid.T) {
				i := pick.Draw(r, "replica")
				token, err := replicas[i].Renew(t.Context(), linkID, last[i])
				if check(i, token, err); err == nil && !w.idp.valid(token.Value.Reveal()) {
					r.Fatalf("replica %d: a renewed token does not work", i)
				}
			},
			"all at once": func(r *rapid.T) {
				var all sync.WaitGroup
				got, errs := make([]records.AccessToken, 12), make([]error, 12)
				for j := range got {
					all.Go(func() {
						if i := j % 3; j%2 == 0 {
							got[j], errs[j] = replicas[i].Token(t.Context(), linkID)
						} else {
							got[j], errs[j] = replicas[i].Renew(t.Context(), linkID, last[i])
						}
					})
				}
				all.Wait()
				for j := range got {
					check(j%3, got[j], errs[j])
				}
			},
			"time passes": func(r *rapid.T) {
				w.advance(time.Duration(rapid.IntRange(1, 3600).Draw(r, "seconds")) * time.Second)
			},
			"cache flushed": func(*rapid.T) { _ = w.tokens.Delete(t.Context(), linkID) },
			"replica restarts": func(r *rapid.T) {
				i := pick.Draw(r, "replica")
				replicas[i].Close()
				replicas[i] = w.keeper(withLinks(l))
			},
			"database hiccups": func(r *rapid.T) { failing.Store(int64(rapid.IntRange(1, 2).Draw(r, "swaps"))) },
			"provider goes and comes": func(*rapid.T) {
				if down = !down; down {
					w.idp.set(func(p *idp) { p.fault = answerWith(http.StatusServiceUnavailable, canary) })
				} else {
					w.idp.set(func(p *idp) { p.fault = nil })
				}
			},
			"connected anew": func(*rapid.T) {
				if _, err := seeder.Seed(t.Context(), linkID, []byte(w.idp.grant())); err != nil {
					r.Fatal(err)
				}
			},
			"": func(r *rapid.T) {
				if _, _, reused := w.idp.count(); reused != 0 {
					r.Fatalf("a refresh token was presented twice")
				}
				row := w.row()
				place := records.Place{Site: "main", Table: "links", Row: "zd", Column: "refresh_token", Generation: row.Generation}
				if _, err := w.keys.OpenSecret(row.RefreshToken, place); err != nil || row.State != records.LinkOK || len(w.told()) != 0 {
					r.Fatalf("row of generation %d: got %v, state %s, told %v", row.Generation, err, row.State, w.told())
				}
			},
		})
	})
}
