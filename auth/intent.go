package auth

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// The intent in a link's row says that somebody is asking the provider now. It is written in place
// of the one that was seen, by one conditional UPDATE, so of all who want to ask one may; whether
// they hold a lease, all hold one (a failover of Redis) or none does not matter. Only who died is
// told by time: his intent stops moving.
const (
	// beat is how often a long refresh renews its intent in the row; one that has not moved for
	// deadAfter is of a process that died. One older than longDead needs no watching.
	beat      = time.Second
	deadAfter = 4 * time.Second
	longDead  = 10 * time.Minute
)

// await lets a refresh that another process has announced in the row come to its end. It returns
// the row to go on with: the next generation's, or the same after the other gave up or died.
func (k *Keeper) await(ctx context.Context, row records.Link, t *turn) (records.Link, error) {
	began := t.watched.since(row)
	for !row.IntentAt.IsZero() && !k.mine(row) && k.cfg.Now().Sub(row.IntentAt) < longDead && time.Since(began) < deadAfter {
		t.crowded = true
		if err := pause(ctx, poll); err != nil {
			return row, err
		}
		next, err := k.read(ctx, row.ID)
		if err != nil || next.Generation != row.Generation || next.State != row.State {
			return next, err
		}
		if !next.IntentAt.Equal(row.IntentAt) {
			began = time.Now() // he lives
		}
		row = next
	}
	return row, nil
}

// announce writes the intent in place of the one in row, which is none, or of somebody who died.
// errAdopt: somebody was faster, start again from the row.
func (k *Keeper) announce(ctx context.Context, row records.Link, t *turn) error {
	began := time.Now()
	at := k.next(row.IntentAt)
	k.tries(row.ID, at)
	err := k.cfg.Links.BeginRefresh(ctx, row.ID, row.Generation, row.IntentAt, at)
	if errors.Is(err, records.ErrStale) {
		t.crowded = true
		return errAdopt
	}
	if err != nil {
		return unwritten(row, err)
	}
	k.stands(row.ID, at)
	if time.Since(began) < beat {
		return nil
	}
	// This process or its database stood still for so long that another may take it for dead soon,
	// or has already.
	now, err := k.read(ctx, row.ID)
	if err == nil && (now.Generation != row.Generation || !now.IntentAt.Equal(at)) {
		t.crowded = true
		return errAdopt
	}
	return err
}

// next is an intent to write in place of one: later, and up to a minute in the past, so that no two
// replicas ever write the same.
func (k *Keeper) next(seen time.Time) time.Time {
	at := k.cfg.Now().Add(-rand.N(time.Minute)).Truncate(time.Millisecond)
	if !at.After(seen) {
		at = seen.Add(time.Millisecond)
	}
	return at
}

// intent is what this process knows of its own intents for a link. The answer to a write may be
// lost: then the one tried may be the one that stands.
type intent struct{ standing, tried time.Time }

func (k *Keeper) tries(id records.LinkID, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of(id).intent.tried = at
}

func (k *Keeper) stands(id records.LinkID, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of(id).intent = intent{standing: at}
}

// standing is the intent of ours in the row. An answer that was lost is looked up there; errAdopt:
// another has taken over.
func (k *Keeper) standing(ctx context.Context, row records.Link) (time.Time, error) {
	k.mu.Lock()
	own := k.of(row.ID).intent
	k.mu.Unlock()
	if own.tried.IsZero() {
		return own.standing, nil
	}
	now, err := k.read(ctx, row.ID)
	if err != nil {
		return time.Time{}, err
	}
	if now.Generation != row.Generation || !k.mine(now) {
		return time.Time{}, errAdopt
	}
	k.stands(row.ID, now.IntentAt)
	return now.IntentAt, nil
}

// mine tells whether the intent in the row was left by this process, whose flights come one after
// the other: whatever wrote it is over.
func (k *Keeper) mine(row records.Link) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	own := k.of(row.ID).intent
	return !row.IntentAt.IsZero() && (own.standing.Equal(row.IntentAt) || own.tried.Equal(row.IntentAt))
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
				if !k.renewIntent(context.WithoutCancel(ctx), row) {
					return
				}
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// renewIntent moves the intent on. It is not stopped half-way, so that its outcome is known. False:
// another has taken over, and is not disturbed.
func (k *Keeper) renewIntent(ctx context.Context, row records.Link) bool {
	ctx, cancel := context.WithTimeout(ctx, auditPatience)
	defer cancel()
	seen, err := k.standing(ctx, row)
	if err != nil {
		return !errors.Is(err, errAdopt)
	}
	at := k.next(seen)
	k.tries(row.ID, at)
	err = k.cfg.Links.BeginRefresh(ctx, row.ID, row.Generation, seen, at)
	if errors.Is(err, records.ErrStale) {
		return false
	}
	if err == nil {
		k.stands(row.ID, at)
	}
	return true
}

// endIntent clears the intent of a refresh that changed nothing. One that stays is taken for a dead
// process's in time.
func (k *Keeper) endIntent(row records.Link) {
	if row.CredentialKind != records.CredentialAuthorizationCode {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), auditPatience)
	defer cancel()
	own, err := k.standing(ctx, row)
	if err == nil {
		err = k.cfg.Links.EndRefresh(ctx, row.ID, row.Generation, own, false, k.cfg.Now())
	}
	if err == nil {
		k.stands(row.ID, time.Time{})
	}
	if err != nil && !errors.Is(err, records.ErrStale) && !errors.Is(err, errAdopt) {
		k.cfg.Log.WarnContext(ctx, "end of a refresh not noted", "op", opToken, "link", row.ID.String(), "err", err)
	}
}
