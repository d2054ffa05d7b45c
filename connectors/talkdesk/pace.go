package talkdesk

import (
	"context"
	"sync"
	"time"
)

// pace keeps an account's requests below a number a second, and below a number that wait for an answer at
// the same time. Talkdesk publishes no limit; clients have met 429s above five at once. What a person
// waits for (the recordings, their audio) counts and does not wait.
type pace struct {
	gap   time.Duration
	burst int
	slots chan struct{}

	mu   sync.Mutex
	next time.Time
}

func newPace(perSecond, inFlight int) *pace {
	return &pace{gap: time.Second / time.Duration(perSecond), burst: perSecond, slots: make(chan struct{}, inFlight)}
}

// take waits for a turn; the caller calls done when the answer has begun.
func (p *pace) take(ctx context.Context) (done func(), err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	done = func() { <-p.slots }
	if err := wait(ctx, p.reserve()); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// reserve counts one request and tells how long it should wait.
func (p *pace) reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if earliest := now.Add(-p.gap * time.Duration(p.burst-1)); p.next.Before(earliest) {
		p.next = earliest
	}
	left := p.next.Sub(now)
	p.next = p.next.Add(p.gap)
	return left
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
