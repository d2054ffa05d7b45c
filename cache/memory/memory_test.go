package memory_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/memory"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is one that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func open(t testing.TB) (cache.Store, func(time.Duration)) {
	c := &clock{t: cachetest.Start()}
	s := memory.NewClock(c.now)
	t.Cleanup(func() { _ = s.Close() })
	return s, c.advance
}

func TestStore(t *testing.T) { cachetest.Run(t, open) }

func TestClosedStoreIsEmpty(t *testing.T) {
	s, _ := open(t)
	link := records.LinkID{Site: "main", Link: "zd"}
	if err := s.Put(t.Context(), link, records.AccessToken{Value: records.NewSecret("a")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), link); !errors.Is(err, cache.ErrMissing) {
		t.Errorf("after Close: got %v, want cache.ErrMissing", err)
	}
}

// A stranger can make counters; he must not make memory grow, nor our store forget who is locked.
func TestFloodOfCountersIsBoundedAndLocksStay(t *testing.T) {
	s, advance := open(t)
	for range 10 {
		if _, err := s.Add(t.Context(), "locked", 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	advance(time.Minute)
	for i := range 250_000 {
		if _, err := s.Add(t.Context(), fmt.Sprint("flood ", i), 15*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if n := memory.Counters(s); n > 100_000 {
		t.Errorf("counters held: got %d, want at most 100,000", n)
	}
	if n, left, err := s.Count(t.Context(), "locked"); n != 10 || left != 14*time.Minute || err != nil {
		t.Errorf("the locked name: got %d for %v (%v), want 10 for 14m", n, left, err)
	}
	advance(time.Hour)
	for i := range 2000 { // as many puts as it takes to look for room again
		if _, err := s.Add(t.Context(), fmt.Sprint("later ", i), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if n := memory.Counters(s); n > 100_000 {
		t.Errorf("counters held later: got %d, want at most 100,000", n)
	}
}

func TestExpiredCountersAreDropped(t *testing.T) {
	s, advance := open(t)
	for round := range 50 {
		for i := range 1000 {
			if _, err := s.Add(t.Context(), fmt.Sprint(round, " ", i), time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		advance(2 * time.Minute)
	}
	if n := memory.Counters(s); n > 4096 {
		t.Errorf("counters held after 50 rounds of 1,000 that expired: got %d, want at most 4,096", n)
	}
}
