package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func retryAfter(err error) time.Duration {
	var e *connectors.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

func addr(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{203, byte(i >> 16), byte(i >> 8), byte(i)})
}

// 1, 2, 4 … 30 s from the 4th miss, then 15 minutes from the 10th; then all is forgotten.
func TestPausesAndLock(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	miss := func() error {
		_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", home)
		return err
	}
	for i, pause := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 16, 30} {
		w.wantCode(miss(), connectors.CodeUnauthenticated)
		if pause == 0 {
			continue
		}
		err := miss()
		w.wantCode(err, connectors.CodeTooMany)
		if got, want := retryAfter(err), pause*time.Second; got > want || got < want-time.Second {
			t.Errorf("after miss %d: got a pause of %v, want %v", i+1, got, want)
		}
		w.advance(pause * time.Second)
	}
	w.wantCode(miss(), connectors.CodeUnauthenticated) // the tenth
	s.Close()
	_, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.wantCode(err, connectors.CodeTooMany)
	if got := retryAfter(err); got < 14*time.Minute || got > 15*time.Minute {
		t.Errorf("locked: got %v, want about 15 minutes", got)
	}
	if n := w.events(records.AuditSignInLock); n != 1 {
		t.Errorf("audit: got %d lock rows, want 1", n)
	}
	w.advance(15*time.Minute + time.Second)
	if _, _, err = s.SignIn(t.Context(), "rin", password, home); err != nil {
		t.Errorf("after the lock: got %v, want signed in", err)
	}
}

func TestSuccessForgetsMisses(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	for range 4 {
		for range 3 {
			_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", home)
			w.wantCode(err, connectors.CodeUnauthenticated)
		}
		_, _, err := s.SignIn(t.Context(), "rin", password, home)
		w.must(err)
	}
}

// Promise 26: ten thousand guesses from one place, 20 of them looked at, at most; and the person
// signs in from elsewhere meanwhile.
func TestGuesserLocksOutHimselfOnly(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	var looked atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 1000 {
				_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", addr(1))
				if connectors.CodeOf(err) != connectors.CodeTooMany {
					looked.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := looked.Load(); got > 20 || got == 0 {
		t.Errorf("got %d guesses looked at, want 1 to 20", got)
	}
	if _, _, err := s.SignIn(t.Context(), "rin", password, home); err != nil {
		t.Errorf("the person from elsewhere: got %v, want signed in", err)
	}
}

// Guesses from a thousand networks are slowed; who signed in from home before does not notice, and
// a one-time link works always.
func TestGuessersFromEverywhere(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	_, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
	looked := 0
	guess := func() {
		for i := range 300 {
			_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", addr(i))
			if connectors.CodeOf(err) != connectors.CodeTooMany {
				looked++
			}
		}
	}
	guess()
	if looked > 20 || looked < 10 {
		t.Errorf("got %d guesses looked at, want 10 to 20", looked)
	}
	if _, _, err = s.SignIn(t.Context(), "rin", password, home); err != nil {
		t.Errorf("from home: got %v, want signed in", err)
	}
	_, _, err = s.SignIn(t.Context(), "rin", password, addr(1_000_000))
	w.wantCode(err, connectors.CodeTooMany)
	if got := retryAfter(err); got > 30*time.Second {
		t.Errorf("from a new network: got a wait of %v, want 30 s at most", got)
	}
	once, err := s.NewOnce(t.Context(), "main", "u-rin")
	w.must(err)
	if _, _, err = s.SignInOnce(t.Context(), once, netip.Addr{}); err != nil {
		t.Errorf("one-time link: got %v, want signed in", err)
	}
	w.advance(31 * time.Second)
	if _, _, err = s.SignIn(t.Context(), "rin", password, addr(1_000_000)); err != nil {
		t.Errorf("from a new network after 30 s: got %v, want signed in", err)
	}
}

// One network that tries many accounts: 50 misses, known or not.
func TestOneNetworkManyAccounts(t *testing.T) {
	w := newWorld(t, newIDP(t))
	s := w.sessions()
	looked := 0
	var last error
	for i := range 60 {
		peer := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, byte(i), byte(i * 7)}) // one /64
		_, _, last = s.SignIn(t.Context(), string(rune('a'+i%26))+string(rune('a'+i/26)), "Wrong horse 77", peer)
		if connectors.CodeOf(last) == connectors.CodeUnauthenticated {
			looked++
		}
	}
	if got := retryAfter(last); looked != 50 || connectors.CodeOf(last) != connectors.CodeTooMany || got <= 0 || got > 15*time.Minute {
		t.Errorf("got %d looked at, then %v after %v; want 50, then too_many within 15 min", looked, last, got)
	}
}

func TestAddressFormsAreOneNetwork(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	for _, form := range []string{"198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407"} {
		_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", netip.MustParseAddr(form))
		w.wantCode(err, connectors.CodeUnauthenticated)
	}
	_, _, err := s.SignIn(t.Context(), "rin", "Wrong horse 77", home)
	w.wantCode(err, connectors.CodeUnauthenticated)
	_, _, err = s.SignIn(t.Context(), "rin", "Wrong horse 77", netip.MustParseAddr("::ffff:198.51.100.7"))
	w.wantCode(err, connectors.CodeTooMany)
	_, _, err = s.SignIn(t.Context(), "rin", "Wrong horse 77", netip.Addr{})
	w.wantCode(err, connectors.CodeUnauthenticated) // an unknown peer is a network of its own
}

// Without counters one attempt a second goes through: never open, never shut.
func TestCountersDown(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w.now = func() time.Time { return start }
	s := w.sessions(func(c *auth.SessionsConfig) { c.Counters = noCache{} })
	for range 3 {
		if _, _, err := s.SignIn(t.Context(), "rin", password, home); err != nil {
			t.Errorf("first in a second: got %v, want signed in", err)
		}
		for range 5 {
			_, _, err := s.SignIn(t.Context(), "rin", password, home)
			w.wantCode(err, connectors.CodeTooMany)
			if got := retryAfter(err); got <= 0 || got > time.Second {
				t.Errorf("got a wait of %v, want a second at most", got)
			}
		}
		w.advance(time.Second)
	}
	w.advance(-time.Hour) // the clock is set back: nobody waits an hour
	if _, _, err := s.SignIn(t.Context(), "rin", password, home); err != nil {
		t.Errorf("after the clock was set back: got %v, want signed in", err)
	}
}

// A flood of strangers waits in a short queue; the rest are told to come again, and none is hashed
// twice over.
func TestFloodIsShed(t *testing.T) {
	defer auth.HashCost(argon2id.Params{Memory: 4 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})()
	w := newWorld(t, newIDP(t))
	s := w.sessions()
	var shed, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			_, _, err := s.SignIn(t.Context(), fmt.Sprintf("nobody%d", i), "Wrong horse 77", addr(i))
			switch connectors.CodeOf(err) {
			case connectors.CodeOverloaded:
				shed.Add(1)
			case connectors.CodeUnauthenticated:
				refused.Add(1)
			default:
				t.Errorf("got %v, want overloaded or unauthenticated", err)
			}
		})
	}
	all.Wait()
	if refused.Load() < 128 || shed.Load() == 0 {
		t.Errorf("of 400 at once: got %d looked at and %d shed, want 128 or more and some", refused.Load(), shed.Load())
	}
}
