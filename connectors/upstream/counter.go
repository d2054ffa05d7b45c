package upstream

import (
	"context"
	"sync/atomic"
)

// Counter counts the provider requests that were caused below a context.
type Counter struct {
	n  atomic.Int64
	up *Counter
}

type counterKey struct{}

// WithCounter gives a context whose requests are counted, here and in every counter above.
func WithCounter(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{up: counterOf(ctx)}
	return context.WithValue(ctx, counterKey{}, c), c
}

// Requests is how many requests were sent so far.
func (c *Counter) Requests() int { return int(c.n.Load()) }

func counterOf(ctx context.Context) *Counter {
	c, _ := ctx.Value(counterKey{}).(*Counter)
	return c
}

func count(ctx context.Context) {
	for c := counterOf(ctx); c != nil; c = c.up {
		c.n.Add(1)
	}
}

// begun tells whether the work of ctx has sent a request already: what has begun is finished.
func begun(ctx context.Context) bool {
	c := counterOf(ctx)
	return c != nil && c.Requests() > 0
}
