package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

func TestAllowanceIsCountedAMinute(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now, PerMinute: 3})
	bearer := s.Bearer(sim.ActorAgent)
	for i, want := range []string{"2", "1", "0"} {
		a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", bearer)
		if a.status != 200 || a.header.Get("X-Rate-Limit-Remaining") != want || a.header.Get("Ratelimit-Remaining") != want || a.header.Get("X-Rate-Limit") != "3" || a.header.Get("Ratelimit-Reset") != "45" {
			t.Errorf("request %d: got %d %v, want 200 with %s left of 3, reset in 45 s", i+1, a.status, a.header, want)
		}
	}
	a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", bearer)
	if a.status != 429 || a.header.Get("Retry-After") != "45" || !strings.Contains(a.body, "APIRateLimitExceeded") {
		t.Errorf("fourth request: got %d, Retry-After %q, want 429 and 45", a.status, a.header.Get("Retry-After"))
	}
	c.add(45 * time.Second)
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", bearer); a.status != 200 {
		t.Errorf("next minute: got %d, want 200", a.status)
	}
}

func TestBucketsHaveHeadersOfTheirOwn(t *testing.T) {
	c := newClock()
	for _, old := range []bool{false, true} {
		s := start(t, sim.Options{Clock: c.now, OldRateHeaders: old})
		bearer := s.Bearer(sim.ActorAdmin)
		a := fetch(t, s, http.MethodGet, "/api/v2/search?query=type:ticket", bearer)
		name, plain := "Zendesk-Ratelimit-Search-Index", "Ratelimit-Limit"
		if old {
			name, plain = "Zendesk-Rate-Limit-Search-Index", "Rate-Limit"
		}
		if got := a.header.Get(name); got != "total=2500; remaining=2499; resets=45" || a.header.Get(plain) != "2500" {
			t.Errorf("old %v: got %s %q, %s %q", old, name, got, plain, a.header.Get(plain))
		}
		for range 10 {
			fetch(t, s, http.MethodGet, "/api/v2/incremental/tickets/cursor", bearer)
		}
		a = fetch(t, s, http.MethodGet, "/api/v2/incremental/tickets/cursor", bearer)
		if a.status != 429 || a.header.Get("X-Rate-Limit-Remaining") == "0" {
			t.Errorf("eleventh export: got %d with %s left, want 429 with the account's allowance unspent", a.status, a.header.Get("X-Rate-Limit-Remaining"))
		}
	}
}

func TestA429MayClaimThatMuchIsLeft(t *testing.T) {
	s := start(t, sim.Options{})
	s.Set(sim.Fault{Kind: sim.FaultRateJSON, RetryAfter: "5", Remaining: 640})
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", s.Bearer(sim.ActorAgent)); a.status != 429 || a.header.Get("X-Rate-Limit-Remaining") != "640" {
		t.Errorf("got %d with %q left, want 429 with 640", a.status, a.header.Get("X-Rate-Limit-Remaining"))
	}
}
