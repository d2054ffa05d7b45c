package auth

import (
	"context"
	"errors"
	"math/rand/v2"
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

	// beat is how often a long refresh renews its intent in the row; one that has not moved for
	// deadAfter is of a process that died. One older than longDead needs no watching.
	beat      = time.Second
	deadAfter = 4 * time.Second
	longDead  = 10 * time.Minute

	// lifelessLease is how long a lease is respected whose holder shows no intent in the row.
	lifelessLease = 5 * time.Second
	// anyLease is how long any lease is.
	anyLease = 75 * time.Second

	// settle is how long a replica waits before it trusts its intent. It has to be the same for all.
	settle = 100 * time.Millisecond
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

// await lets a refresh that another process has announced in the row come to its end. It returns
// the row to go on with: the next generation's, or the same after the other gave up or died.
func (k *Keeper) await(ctx context.Context, row records.Link, t *turn) (records.Link, error) {
	began := time.Now()
	for !row.IntentAt.IsZero() && !k.mine(row) && k.cfg.Now().Sub(row.IntentAt) < longDead && time.Since(began) < deadAfter {
		t.crowded = true
		if err := pause(ctx, poll); err != nil {
			return row, err
		}
		next, err := k.read(ctx, row.ID)
		if err != nil || next.Generation != row.Generation {
			return next, err
		}
		if !next.IntentAt.Equal(row.IntentAt) {
			began = time.Now() // he lives
		}
		row = next
	}
	return row, nil
}

// mine tells whether the intent in the row was left by this process, whose flights come one after
// the other: whatever wrote it is over.
func (k *Keeper) mine(row records.Link) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of(row.ID).intent.Equal(row.IntentAt)
}

// announce writes the intent and makes sure that it stands. errAdopt: start again from the row.
//
// This is Fischer's mutual exclusion on the row, since a lease may be held twice (a failover of
// Redis) or not be had at all: who finds no intent writes his own, waits, and goes on only if it is
// still there. That is safe as long as everybody's write lands within that wait of his reading.
// Whoever was slower may have overwritten the intent of one who is asking the provider already, and
// waits for two beats of his heart, which would put it back.
func (k *Keeper) announce(ctx context.Context, row records.Link) error {
	began := time.Now()
	if err := k.unchanged(ctx, row, row.IntentAt); err != nil {
		return err
	}
	at := k.cfg.Now().Add(-rand.N(time.Minute)).Truncate(time.Millisecond) // no two replicas write the same
	k.intends(row.ID, at)
	err := k.cfg.Links.BeginRefresh(ctx, row.ID, row.Generation, at)
	if errors.Is(err, records.ErrStale) {
		return errAdopt
	}
	if err != nil {
		return unwritten(row, err)
	}
	wait := settle
	if time.Since(began) > settle {
		wait += 2 * beat
	}
	if err := pause(ctx, wait); err != nil {
		return err
	}
	return k.unchanged(ctx, row, at)
}

// unchanged is errAdopt when the row has another generation or intent.
func (k *Keeper) unchanged(ctx context.Context, row records.Link, intent time.Time) error {
	now, err := k.read(ctx, row.ID)
	if err == nil && (now.Generation != row.Generation || !now.IntentAt.Equal(intent)) {
		return errAdopt
	}
	return err
}

func (k *Keeper) intends(id records.LinkID, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of(id).intent = at
}

// heartbeat renews the intent while a slow provider is waited for; the function ends it.
func (k *Keeper) heartbeat(ctx context.Context, row records.Link) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				at := k.cfg.Now().Truncate(time.Millisecond)
				if k.cfg.Links.BeginRefresh(ctx, row.ID, row.Generation, at) == nil {
					k.intends(row.ID, at)
				}
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
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
