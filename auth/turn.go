package auth

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	leaseLife = 10 * time.Second
	leaseStep = leaseLife / 3

	// poll is how often a waiting replica looks whether the other has finished.
	poll = 25 * time.Millisecond

	// lifelessLease is how long a lease is respected whose holder shows no intent in the row.
	lifelessLease = 5 * time.Second
	// anyLease is how long any lease is.
	anyLease = 75 * time.Second
)

// turn is the right to refresh a link now: a lease where the cache gives one, else nothing but the
// row's word.
type turn struct {
	lease   cache.Lease // nil: none
	lost    atomic.Bool
	crowded bool // somebody else's intent was seen: a refusal may be his success
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// sole tells whether nobody else can have refreshed meanwhile, as far as is known.
func (t *turn) sole() bool { return t.lease != nil && !t.lost.Load() && !t.crowded }

// end gives the lease back.
func (t *turn) end() {
	if t.lease == nil {
		return
	}
	t.stop()
	t.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), cachePatience)
	defer cancel()
	_ = t.lease.Release(ctx) // it runs out by itself
}

// keep renews the lease until end.
func (t *turn) keep(ctx context.Context) {
	ctx, t.stop = context.WithCancel(ctx)
	t.done.Go(func() {
		tick := time.NewTicker(leaseStep)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if errors.Is(t.lease.Renew(ctx, leaseLife), cache.ErrLeaseLost) {
					t.lost.Store(true)
					return
				}
			}
		}
	})
}

// take waits for the link's lease. When another holder finishes first, his token comes back instead
// of a turn. A cache that is down, and a holder who shows no life, are passed by: the row protects.
func (k *Keeper) take(ctx context.Context, id records.LinkID, refused records.Secret) (*turn, records.AccessToken, error) {
	began := time.Now()
	var seen records.Link
	alive := began
	for {
		lease, err := k.lock(ctx, id)
		if err == nil {
			t := &turn{lease: lease}
			t.keep(ctx)
			return t, records.AccessToken{}, nil
		}
		if !errors.Is(err, cache.ErrLocked) {
			k.cfg.Log.WarnContext(ctx, "refresh without a lease", "op", opToken, "link", id.String(), "err", err)
			return &turn{}, records.AccessToken{}, nil
		}
		row, err := k.read(ctx, id)
		if err != nil {
			return nil, records.AccessToken{}, err
		}
		v := k.saw(ctx, row)
		if err := k.usable(v); err != nil {
			return nil, records.AccessToken{}, err
		}
		if got := k.cached(ctx, id, v, refused); !got.Value.IsZero() {
			return nil, got, nil
		}
		if row.Generation != seen.Generation || !row.IntentAt.Equal(seen.IntentAt) {
			seen, alive = row, time.Now()
		}
		if time.Since(alive) > lifelessLease || time.Since(began) > anyLease {
			k.cfg.Log.WarnContext(ctx, "a lease whose holder does nothing is passed by", "op", opToken, "link", id.String())
			return &turn{}, records.AccessToken{}, nil
		}
		if err := pause(ctx, poll); err != nil {
			return nil, records.AccessToken{}, err
		}
	}
}

func (k *Keeper) lock(ctx context.Context, id records.LinkID) (cache.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	return k.cfg.Tokens.Lock(ctx, id, leaseLife)
}

// pause waits, or returns why ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
