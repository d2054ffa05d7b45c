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

	// rowEvery is how many polls go by between two looks at the row.
	rowEvery = 4

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
	passed  int  // rotations of others that this flight has sat through
	watched holder
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// sole tells whether nobody else can have refreshed meanwhile, as far as is known.
func (t *turn) sole() bool { return t.lease != nil && !t.lost.Load() && !t.crowded }

// end gives the lease back. One that stays, since the cache is out of reach just then, would keep
// every replica waiting for nobody: giving it back is tried on for as long as it lasts.
func (k *Keeper) end(t *turn) {
	if t.lease == nil {
		return
	}
	t.stop()
	t.done.Wait()
	if k.release(t.lease) {
		return
	}
	k.behind(leaseLife, func() (done bool) { return k.release(t.lease) })
}

func (k *Keeper) release(l cache.Lease) bool {
	ctx, cancel := context.WithTimeout(context.Background(), cachePatience)
	defer cancel()
	return l.Release(ctx) == nil
}

// behind tries f until it is done, for that long at most, beside everything else and until Close.
func (k *Keeper) behind(long time.Duration, f func() (done bool)) {
	if !k.begin() {
		return
	}
	go func() {
		defer k.running.Done()
		over := time.NewTimer(long)
		defer over.Stop()
		tick := time.NewTicker(poll)
		defer tick.Stop()
		for {
			select {
			case <-k.closing:
				return
			case <-over.C:
				return
			case <-tick.C:
				if f() {
					return
				}
			}
		}
	}()
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
// of a turn. A cache that is down, and a holder who shows no life or is done, are passed by: the row
// protects.
func (k *Keeper) take(ctx context.Context, id records.LinkID, refused records.Secret) (*turn, records.AccessToken, error) {
	began := time.Now()
	var holder holder
	for n := 0; ; n++ {
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
		if n%rowEvery == 0 {
			row, err := k.read(ctx, id)
			if err != nil {
				return nil, records.AccessToken{}, err
			}
			if err := k.usable(k.saw(ctx, row)); err != nil {
				return nil, records.AccessToken{}, err
			}
			holder.saw(row)
		}
		if got := k.cached(ctx, id, k.lastView(id), refused); !got.Value.IsZero() {
			return nil, got, nil
		}
		if holder.gone() || time.Since(began) > anyLease {
			k.cfg.Log.WarnContext(ctx, "a lease whose holder does nothing is passed by", "op", opToken, "link", id.String())
			return &turn{watched: holder}, records.AccessToken{}, nil
		}
		if err := pause(ctx, poll); err != nil {
			return nil, records.AccessToken{}, err
		}
	}
}

// holder is what the row shows of who has the lease.
type holder struct {
	row   records.Link
	known bool
	moved time.Time // when the row was last seen to move
	done  bool      // it has rotated: what is left to do is to put the token into the cache
}

func (h *holder) saw(row records.Link) {
	if h.known && row.Generation == h.row.Generation && row.IntentAt.Equal(h.row.IntentAt) {
		return
	}
	h.done = row.IntentAt.IsZero() && (h.done || h.known && row.Generation != h.row.Generation)
	h.row, h.known, h.moved = row, true, time.Now()
}

// gone tells whether nothing is to be expected of the holder any more.
func (h *holder) gone() bool {
	still := time.Since(h.moved)
	return still > lifelessLease || h.done && still > adoptPatience || !h.row.IntentAt.IsZero() && still > deadAfter
}

// since tells from when on the row's intent was seen not to move: who has watched it while he waited for
// the lease need not watch it as long again. Callers wait for both.
func (h *holder) since(row records.Link) time.Time {
	if h.known && row.Generation == h.row.Generation && row.IntentAt.Equal(h.row.IntentAt) {
		return h.moved
	}
	return time.Now()
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
