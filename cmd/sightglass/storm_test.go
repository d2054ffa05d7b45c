package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Three gateways whose tokens live two seconds, on one Redis and one PostgreSQL, under many people who
// open different tickets all the time. The provider rotates, kills the old access token at once and
// revokes the grant whose refresh token is used twice. One fleet for all weathers: starting it is what
// costs. `make soak` runs it in full.
func TestStorm(t *testing.T) {
	s := newStorm(t)
	t.Run("OfExpiries", s.calm)
	t.Run("RedisDump", s.redisHoldsNoSecret)
	t.Run("WithoutRedis", s.withoutRedis)
	t.Run("WithKills", s.withKills)
}

// size is how much a storm does.
type size struct {
	opens, expiries, links, clients int
	rounds                          int           // how often Redis and gateways are troubled
	page                            time.Duration // what the provider takes for a page
}

var (
	small = size{opens: 60, expiries: 2, links: 2, clients: 16, rounds: 1, page: 100 * time.Millisecond}
	full  = size{opens: 10_000, expiries: 500, links: 20, clients: 200, rounds: 6, page: 1500 * time.Millisecond}
)

func stormSize() size {
	if os.Getenv("SIGHTGLASS_SOAK") != "" {
		return full
	}
	return small
}

// calm weather: nothing fails, but tokens expire all the time.
func (s *storm) calm(t *testing.T) {
	s.weather(t)
	s.blow(s.enough)
	s.report("tokens expire")
	s.wantNoFailure()
	if twice := early(s.calls()); len(twice) != 0 {
		t.Errorf("%d refreshes more than expiries: %v", len(twice), twice)
	}
	s.wantWhole()
	at, other := s.atExpiry()
	// What is promised is one token call + 100 ms, on a machine that has nothing else to do: see the
	// report. Whatever this one does, an open at an expiry waits for one token call, not for several.
	if bound := 3*tokenTime + 5*percentile(other, 90); percentile(at, 90) > bound {
		t.Errorf("to the first line at an expiry: got %v for nine of ten opens, want %v at most", percentile(at, 90), bound)
	}
}

// withoutRedis pauses, flushes, kills and restarts Redis: slower, but no reuse and no failed open.
func (s *storm) withoutRedis(t *testing.T) {
	s.weather(t)
	var over atomic.Bool
	var blowing sync.WaitGroup
	blowing.Go(func() { s.blow(func() bool { return over.Load() && s.enough() }) })
	for range s.size.rounds {
		s.redis.Pause(t)
		s.saysDegraded()
		s.afterRefreshes(s.size.links / 2)
		s.redis.Resume(t)
		s.redis.Flush(t)
		s.afterRefreshes(s.size.links / 2)
		s.redis.Stop()
		s.afterRefreshes(s.size.links / 2)
		s.redis.Restart(t)
		s.afterRefreshes(s.size.links / 2)
	}
	over.Store(true)
	blowing.Wait()
	s.report("Redis is paused, flushed, killed and restarted")
	s.wantNoFailure()
	s.wantWhole()
}

// withKills kills a gateway in the middle of refreshes. What the provider has rotated and nobody has
// written is lost, and said so; nothing else is.
func (s *storm) withKills(t *testing.T) {
	s.weather(t)
	var over atomic.Bool
	var blowing sync.WaitGroup
	blowing.Go(func() { s.blow(func() bool { return over.Load() && s.enough() }) })
	for i := range s.size.rounds {
		r := s.replicas[i%len(s.replicas)]
		s.inTheMiddleOfARefresh()
		r.kill()
		s.afterRefreshes(s.size.links / 2)
		r.start()
		r.waitReady()
	}
	over.Store(true)
	blowing.Wait()
	s.report("gateways are killed")
	unsavable := map[int]bool{} // links whose new refresh token went to a gateway that was dead
	for _, c := range s.calls() {
		if c.ok && c.unreceived {
			unsavable[c.family] = true
		}
	}
	if n := s.broken(); n > len(unsavable) {
		t.Errorf("%d links need a person, want at most the %d whose answer met a dead gateway", n, len(unsavable))
	}
	for _, o := range s.opens {
		switch {
		case o.err == nil, o.cut: // who was connected to the dead gateway sees the connection end
		case o.code == "needs_reconnect" && unsavable[o.link]:
		default:
			t.Errorf("an open of link %d: %v, want the answer, or needs_reconnect where the token was lost", o.link, o.err)
		}
	}
	// One who cannot know that the answer was lost presents the old token once: that is how the loss shows.
	if n := s.provider.ReuseSeen(); n > len(unsavable) {
		t.Errorf("the provider saw %d rotated refresh tokens again, want at most %d", n, len(unsavable))
	}
	t.Logf("%d kills, %d answers met a dead gateway, %d links need a person and say so", s.size.rounds, len(unsavable), s.broken())
}

// early lists refreshes that came before half the life of the token before was over: two for one
// expiry. Refreshes whose answer never reached its gateway count for none.
func early(calls []tokenCall) []string {
	last := map[int]time.Time{}
	var twice []string
	slices.SortFunc(calls, func(a, b tokenCall) int { return a.begun.Compare(b.begun) })
	for _, c := range calls {
		if before, ok := last[c.family]; ok && c.begun.Sub(before) < stormLife/2 {
			twice = append(twice, "a link again after "+c.begun.Sub(before).Round(time.Millisecond).String())
		}
		if c.ok && !c.unreceived {
			last[c.family] = c.begun
		}
	}
	return twice
}

// atExpiry gives the times to the first line of opens that ran into a refresh of their link, and of
// the others.
func (s *storm) atExpiry() (at, other []time.Duration) {
	calls := s.calls()
	for _, o := range s.opens {
		if o.err != nil {
			continue
		}
		hit := slices.ContainsFunc(calls, func(c tokenCall) bool {
			return c.family == o.link && c.begun.Before(o.at.Add(o.first)) && c.ended.After(o.at)
		})
		if hit {
			at = append(at, o.first)
		} else {
			other = append(other, o.first)
		}
	}
	return at, other
}

func percentile(d []time.Duration, p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, len(d)*p/100)]
}

func (s *storm) report(name string) {
	at, other := s.atExpiry()
	s.t.Logf("%s: %d opens on %d links by %d people, %d refreshes; to the first line at an expiry p50 %v p99 %v, else p50 %v p99 %v; one token call + 100 ms is %v",
		name, len(s.opens), s.size.links, s.size.clients, len(s.calls()),
		percentile(at, 50).Round(time.Millisecond), percentile(at, 99).Round(time.Millisecond),
		percentile(other, 50).Round(time.Millisecond), percentile(other, 99).Round(time.Millisecond), tokenTime+100*time.Millisecond)
}

func (s *storm) wantNoFailure() {
	s.t.Helper()
	bad := map[string]int{}
	for _, o := range s.opens {
		if o.err != nil {
			bad[o.err.Error()]++
		}
	}
	if len(bad) != 0 {
		s.t.Errorf("failed opens: %v, want none", bad)
		for _, r := range s.replicas {
			lines := strings.SplitAfter(r.log.String(), "\n")
			s.t.Logf("the last a gateway said: %s", strings.Join(lines[max(0, len(lines)-12):], ""))
		}
	}
}

// wantWhole: no refresh token was used twice, and no link needs a person.
func (s *storm) wantWhole() {
	s.t.Helper()
	if n := s.provider.ReuseSeen(); n != 0 {
		s.t.Errorf("the provider saw %d rotated refresh tokens again, want none", n)
	}
	if n := s.broken(); n != 0 {
		s.t.Errorf("%d links need a person, want none", n)
	}
}
