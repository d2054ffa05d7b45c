package cachetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
)

func add(t *testing.T, s cache.Store, name string, window time.Duration, want int64) {
	t.Helper()
	n, err := s.Add(t.Context(), name, window)
	must(t, err)
	if n != want {
		t.Fatalf("add to %.20q: got %d, want %d", name, n, want)
	}
}

// wantCount checks a count and, to a second, how long its window lasts.
func wantCount(t *testing.T, s cache.Store, name string, want int64, left time.Duration) {
	t.Helper()
	n, d, err := s.Count(t.Context(), name)
	must(t, err)
	if n != want || d > left || d < left-2*time.Second || d < 0 {
		t.Fatalf("count of %.20q: got %d for %v, want %d for %v", name, n, d, want, left)
	}
}

func counterCounts(t *testing.T, s cache.Store, _ func(time.Duration)) {
	wantCount(t, s, "login ana", 0, 0)
	add(t, s, "login ana", time.Minute, 1)
	add(t, s, "login ana", time.Minute, 2)
	wantCount(t, s, "login ana", 2, time.Minute)
	must(t, s.Reset(t.Context(), "login ana"))
	must(t, s.Reset(t.Context(), "login ana"))
	wantCount(t, s, "login ana", 0, 0)
	add(t, s, "login ana", time.Minute, 1)
}

func windowStartsWithTheFirstEvent(t *testing.T, s cache.Store, advance func(time.Duration)) {
	add(t, s, "a", 15*time.Minute, 1)
	advance(10 * time.Minute)
	add(t, s, "a", 15*time.Minute, 2)
	wantCount(t, s, "a", 2, 5*time.Minute)
	advance(6 * time.Minute)
	wantCount(t, s, "a", 0, 0)
	add(t, s, "a", 15*time.Minute, 1)
	wantCount(t, s, "a", 1, 15*time.Minute)
}

func countersAreApart(t *testing.T, s cache.Store, _ func(time.Duration)) {
	long := strings.Repeat("x", 1<<16)
	for _, name := range []string{"", "a", "A", "a ", long, long + "y", "\x00", "ü"} {
		add(t, s, name, time.Minute, 1)
	}
}

func nothingIsLostInACrowd(t *testing.T, s cache.Store, _ func(time.Duration)) {
	const callers, each = 8, 25
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range each {
				if _, err := s.Add(t.Context(), "a", time.Minute); err != nil {
					t.Errorf("add: %v", err)
				}
			}
		})
	}
	all.Wait()
	wantCount(t, s, "a", callers*each, time.Minute)
}
