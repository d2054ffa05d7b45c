package auth

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
)

// Limits on guessing (domain 6.3; reliability promise 26: nobody is locked out by a stranger).
//
//   - account + network: from the 4th miss on a pause of 1, 2, 4 … 30 s; the 10th miss in 15 minutes
//     locks this account for this network for 15 minutes. Somebody who guesses at Ana's password
//     locks out himself, not Ana, who comes from elsewhere.
//   - account, over all networks: guesses from many places are slowed, never locked. After 15
//     attempts in 15 minutes, one in 30 s is looked at. Networks from which the account signed in during
//     the last 30 days are exempt (they have the limit above), so that Ana does not notice; a new
//     network of hers waits 30 s at most.
//   - network, over all accounts: 50 misses in 15 minutes, then too_many.
//
// A one-time link from an administrator passes all of them: no lock is for ever.
const (
	guessWindow = 15 * time.Minute

	freeMisses = 3 // before pauses begin
	lockMisses = 10
	maxPause   = 30 * time.Second

	wideMisses = 15 // attempts, not only misses
	widePause  = 30 * time.Second

	networkMisses = 50

	knownFor = 30 * 24 * time.Hour

	// withoutCache: one attempt a second in this process while the counters cannot be reached.
	withoutCache = time.Second
)

// limits counts misses in cache.Counters; names are hashed there.
type limits struct {
	counters cache.Counters
	now      func() time.Time

	mu   sync.Mutex
	next time.Time // without counters: when the next attempt may be made
}

// attempt is one sign-in on its way: which counters it concerns.
type attempt struct {
	account, network, pair string
	known                  bool // the account signed in from this network lately
	uncounted              bool // the counters could not be reached
}

func newAttempt(login string, peer netip.Addr) attempt {
	network := networkOf(peer)
	return attempt{account: "account " + login, network: "network " + network, pair: "pair " + network + " " + login}
}

// networkOf is the address itself for IPv4 and the /64 for IPv6, which one subscriber has whole.
func networkOf(peer netip.Addr) string {
	peer = peer.Unmap().WithZone("")
	if !peer.IsValid() {
		return "unknown"
	}
	bits := 32
	if peer.Is6() {
		bits = 64
	}
	p, _ := peer.Prefix(bits) // never fails: bits fit
	return p.String()
}

// admit decides whether an attempt may be looked at, and counts it as a miss of its account and
// network beforehand, so that many at once cannot slip through together. Success gives the count
// back (succeeded).
func (l *limits) admit(ctx context.Context, a *attempt) error {
	wait, err := l.count(ctx, a)
	if err != nil {
		a.uncounted = true
		wait = l.admitUncounted()
	}
	if wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// count returns how long the attempt has to wait, or an error when the counters cannot be reached.
func (l *limits) count(ctx context.Context, a *attempt) (time.Duration, error) {
	for _, gate := range []string{"lock " + a.pair, "pause " + a.pair} {
		if n, left, err := l.counters.Count(ctx, gate); err != nil || n > 0 {
			return atLeastASecond(left), err
		}
	}
	if wait, err := l.networkFull(ctx, a); err != nil || wait > 0 {
		return wait, err
	}
	known, _, err := l.counters.Count(ctx, "known "+a.pair)
	if err != nil {
		return 0, err
	}
	if a.known = known > 0; !a.known {
		if wait, err := l.countWide(ctx, a); err != nil || wait > 0 {
			return wait, err
		}
	}
	return l.countPair(ctx, a)
}

// networkFull is asked again inside the hash slot: attempts that waited there together are then
// counted one after the other.
func (l *limits) networkFull(ctx context.Context, a *attempt) (time.Duration, error) {
	n, left, err := l.counters.Count(ctx, a.network)
	if err != nil || n < networkMisses {
		return 0, err
	}
	return atLeastASecond(left), nil
}

// countWide slows guesses at one account from many networks. It counts before it looks, so that a
// burst cannot pass together.
func (l *limits) countWide(ctx context.Context, a *attempt) (time.Duration, error) {
	n, err := l.counters.Add(ctx, a.account, guessWindow)
	if err != nil || n <= wideMisses {
		return 0, err
	}
	slot := "slot " + a.account
	if n, err = l.counters.Add(ctx, slot, widePause); err != nil || n == 1 {
		return 0, err
	}
	_, left, err := l.counters.Count(ctx, slot)
	return atLeastASecond(left), err
}

// countPair counts the attempt of this account from this network and sets the pause after it.
func (l *limits) countPair(ctx context.Context, a *attempt) (time.Duration, error) {
	n, err := l.counters.Add(ctx, a.pair, guessWindow)
	if err != nil {
		return 0, err
	}
	if n > lockMisses { // several at once: the lock is being written
		return guessWindow, nil
	}
	if n > freeMisses {
		pause := min(time.Second<<(n-freeMisses-1), maxPause)
		_, err = l.counters.Add(ctx, "pause "+a.pair, pause)
	}
	return 0, err
}

// missed counts for the network, and locks the account for it at the tenth miss; locked says that
// this very miss did.
func (l *limits) missed(ctx context.Context, a attempt) (locked bool) {
	if a.uncounted {
		return false
	}
	if _, err := l.counters.Add(ctx, a.network, guessWindow); err != nil {
		return false
	}
	n, _, err := l.counters.Count(ctx, a.pair)
	if err != nil || n < lockMisses {
		return false
	}
	first, err := l.counters.Add(ctx, "lock "+a.pair, guessWindow)
	return err == nil && first == 1
}

// succeeded forgets the misses of this account from this network and remembers the network.
func (l *limits) succeeded(ctx context.Context, a attempt) {
	if a.uncounted {
		return
	}
	for _, name := range []string{a.pair, "pause " + a.pair, "lock " + a.pair, "known " + a.pair} {
		if l.counters.Reset(ctx, name) != nil {
			return
		}
	}
	_, _ = l.counters.Add(ctx, "known "+a.pair, knownFor)
}

// admitUncounted lets one attempt a second through: never none, never all.
func (l *limits) admitUncounted() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := l.next.Sub(now); wait > 0 && wait <= withoutCache { // more: the clock was set back
		return wait
	}
	l.next = now.Add(withoutCache)
	return 0
}

func atLeastASecond(d time.Duration) time.Duration { return max(d, time.Second) }

func tooMany(wait time.Duration) error {
	return &connectors.Error{
		Code: connectors.CodeTooMany, Op: "session.sign_in", RetryAfter: wait,
		Action: "There were too many attempts. Wait, then try again, or ask an administrator for a one-time link.",
	}
}
