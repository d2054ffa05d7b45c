package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sightglass-gateway/sightglass/cache"
)

const (
	// probeWait bounds one look at a Redis that did not answer. It is longer than an operation may
	// take: on a busy machine an answer may be late, and late is not down.
	probeWait = time.Second
	// probePause is the pause between two looks.
	probePause = 50 * time.Millisecond
)

// errDown says that Redis did not answer a moment ago and has not answered since.
var errDown = errors.New("redis does not answer")

// reach knows whether Redis answers. The first operation that goes unanswered costs its caller one
// short wait; from then on nobody waits, and a goroutine of its own looks until Redis answers. So a
// Redis that is down costs no caller a second wait, and one that was late for once is missed for one
// round trip, not for a fixed while.
type reach struct {
	ask func(ctx context.Context) error

	mu      sync.Mutex
	away    bool
	closed  bool
	stop    chan struct{}
	looking sync.WaitGroup
}

func newReach(ask func(ctx context.Context) error) *reach {
	return &reach{ask: ask, stop: make(chan struct{})}
}

// lost notes that Redis did not answer.
func (r *reach) lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away || r.closed {
		return
	}
	r.away = true
	r.looking.Go(r.look)
}

func (r *reach) down() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.away || r.closed
}

// look ends when Redis has answered, or at close.
func (r *reach) look() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-r.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	for !r.found(ctx) {
		select {
		case <-time.After(probePause):
		case <-r.stop:
			return
		}
	}
}

// found looks once.
func (r *reach) found(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	if !answered(r.ask(ctx)) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = false
	return true
}

// close ends the looking.
func (r *reach) close() {
	r.mu.Lock()
	first := !r.closed
	r.closed = true
	r.mu.Unlock()
	if first {
		close(r.stop)
	}
	r.looking.Wait()
}

// answered tells whether an outcome shows that Redis is there. A refusal (out of memory, read only)
// is an answer.
func answered(err error) bool {
	var reply redis.Error // redis.Nil is one
	return err == nil || errors.As(err, &reply) ||
		errors.Is(err, cache.ErrMissing) || errors.Is(err, cache.ErrLocked) || errors.Is(err, cache.ErrLeaseLost)
}
