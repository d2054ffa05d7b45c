package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/redis"
)

// Three replicas share a real Redis, lose it, and get it back (faults F16, F21, F23).
func TestReplicasOnRedis(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	r := cachetest.StartRedis(t)
	var replicas []*auth.Keeper
	for range 3 {
		c, err := redis.New(t.Context(), "redis://"+r.Addr+"?read_timeout=900ms", w.keys)
		w.must(err)
		t.Cleanup(func() { _ = c.Close() })
		replicas = append(replicas, w.keeper(withTokens(c)))
	}
	open := func(each int) {
		t.Helper()
		var all sync.WaitGroup
		for _, k := range replicas {
			for range each {
				all.Go(func() {
					if _, err := k.Token(t.Context(), linkID); err != nil {
						t.Errorf("token: got %v", err)
					}
				})
			}
		}
		all.Wait()
	}
	w.idp.set(func(p *idp) { p.fault = delay(10 * time.Millisecond) })
	for round := 1; round <= 3; round++ {
		open(200)
		w.wantRefreshes(round)
		w.advance(time.Hour)
	}
	open(1)
	r.Stop()
	open(50)
	w.wantRefreshes(4) // tokens in memory serve on
	w.advance(time.Hour)
	open(10)
	if _, _, reused := w.idp.count(); reused != 0 || len(w.told()) != 0 {
		t.Errorf("without Redis: got %d reuses, told %v; want none", reused, w.told())
	}
	w.clean(nil)
}
