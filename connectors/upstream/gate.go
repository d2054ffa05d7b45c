package upstream

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	// maxGate: after this a closed account is tried again, whatever the provider said.
	maxGate = time.Hour
	// maxEmpty: an allowance that is used up is believed for so long.
	maxEmpty = 5 * time.Minute
	// window is the length of an allowance's period where none is said.
	window = time.Minute
)

// gate keeps an account's calls within what its provider allows.
type gate struct {
	share float64
	now   func() time.Time

	mu      sync.Mutex
	until   time.Time // closed by a 429
	seen    Allowance
	buckets map[string]Bucket
	dated   bool
	skew    time.Duration // of our clock, ahead of theirs
	okAt    time.Time     // of the last answer that was no error
	used    int           // requests of the background in this window
	usedEnd time.Time     // when used starts anew
}

func newGate(share float64, now func() time.Time) *gate {
	return &gate{share: share, now: now, buckets: map[string]Bucket{}}
}

// note keeps what an answer's headers say.
func (g *gate) note(status int, h http.Header) {
	now := g.now()
	there, undated := http.ParseTime(h.Get("Date"))
	a, ok := readAllowance(h, now)
	buckets := readBuckets(h, now)
	g.mu.Lock()
	defer g.mu.Unlock()
	if ok {
		g.seen = a
	}
	if undated == nil {
		g.dated, g.skew = true, now.Sub(there)
	}
	if status < http.StatusBadRequest {
		g.okAt = now
	}
	for _, b := range buckets {
		if len(g.buckets) < 64 || g.buckets[b.Name].Name != "" {
			g.buckets[b.Name] = b
		}
	}
}

// shut closes the account for d.
func (g *gate) shut(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.now().Add(min(d, maxGate)); t.After(g.until) {
		g.until = t
	}
}

// obey closes the account for as long as the provider asked. That outweighs what its other headers
// say of the same moment: "Retry-After: 1" beside a reset in 30 s means one second (Zendesk's facts,
// section 7: obey Retry-After, not arithmetic).
func (g *gate) obey(d time.Duration) {
	g.shut(d)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen.Limit > 0 && g.seen.Remaining == 0 {
		g.seen.Resets = g.until
	}
}

// closed tells how long nobody may pass: what is left of a 429's window, or of an allowance of
// which nothing remains.
func (g *gate) closed() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	left := g.until.Sub(now)
	if g.seen.Limit > 0 && g.seen.Remaining == 0 && now.Sub(g.seen.At) < maxEmpty {
		left = max(left, g.seen.Resets.Sub(now))
	}
	return max(left, 0)
}

// takeShare counts one request of the background, or tells how long its share is used up.
func (g *gate) takeShare() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if !now.Before(g.usedEnd) {
		g.used, g.usedEnd = 0, now.Add(window)
		if r := g.seen.Resets; r.After(now) && r.Before(g.usedEnd) {
			g.usedEnd = r
		}
	}
	if g.seen.Limit > 0 && float64(g.used+1) > max(1, g.share*float64(g.seen.Limit)) {
		return g.usedEnd.Sub(now)
	}
	g.used++
	return 0
}

func (g *gate) allowance() Allowance {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.seen
	a.Until, a.Share, a.Answered, a.Dated, a.Skew = g.until, g.share, g.okAt, g.dated, g.skew
	if g.now().Before(g.usedEnd) {
		a.Background = g.used
	}
	a.Buckets = slices.SortedFunc(maps.Values(g.buckets), func(x, y Bucket) int { return strings.Compare(x.Name, y.Name) })
	return a
}

// atGate waits until the account may be asked again, unless that takes longer than a call is kept
// waiting at once, or than is left of queue. Reads in the background do not wait, and get their share
// only; what has begun is finished.
func (c *Client) atGate(ctx context.Context, g *gate, queue *time.Duration) error {
	background := connectors.IsBackground(ctx) && !begun(ctx)
	for {
		left := g.closed()
		if left == 0 {
			break
		}
		if background || left > c.wire.limits.RetryAfter || left > *queue {
			return c.wire.wait(left, errWait)
		}
		*queue -= left
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
	if !background {
		return nil
	}
	if left := g.takeShare(); left > 0 {
		return c.wire.wait(left, errShare)
	}
	return nil
}

// sleep waits for d, without jitter: those who wait at the gate start together, so that what the
// provider tells them falls into one window, not into as many as there are people.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
