package auth

import (
	"context"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// failed decides what a failed ask means for the link, and returns the error for the caller.
// errAdopt: it turns out that somebody else had refreshed.
func (k *Keeper) failed(ctx context.Context, row records.Link, t *turn, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		k.endIntent(row)
		return err
	}
	switch {
	case r.reason == ReasonGrantRefused && k.movedOn(ctx, row, t):
		return errAdopt
	case r.reason != "":
		return k.markBroken(ctx, row, r.reason)
	}
	k.endIntent(row)
	if r.err.Code == connectors.CodeRateLimited && r.err.RetryAfter > 0 {
		k.mu.Lock()
		m := k.of(row.ID)
		m.held, m.until = r.err, k.cfg.Now().Add(r.err.RetryAfter)
		k.mu.Unlock()
	}
	return r.err
}

// movedOn looks whether the grant was refused only because somebody else had rotated it. Unless we
// were alone he may still be writing, and is given a moment.
func (k *Keeper) movedOn(ctx context.Context, row records.Link, t *turn) bool {
	began := time.Now()
	for {
		now, err := k.read(ctx, row.ID)
		if err == nil && now.Generation != row.Generation {
			return true
		}
		if t.sole() || time.Since(began) > adoptPatience || pause(ctx, poll) != nil {
			return false
		}
	}
}

// markBroken sets needs_reconnect and tells the administrator; of several replicas only the one
// that changed the state tells.
func (k *Keeper) markBroken(ctx context.Context, row records.Link, reason string) error {
	defer k.endIntent(row) // last: whoever waits for it must find the state, or he would ask again
	changed, err := k.cfg.Links.SetState(ctx, row.ID, row.Generation, records.LinkNeedsReconnect, reason, k.cfg.Now())
	if errors.Is(err, records.ErrStale) {
		return errAdopt
	}
	if err != nil {
		k.cfg.Log.ErrorContext(ctx, "broken link not noted", "op", opToken, "link", row.ID.String(), "reason", reason, "err", err)
		return k.broken(row.Provider, reason)
	}
	row.State, row.Reason = records.LinkNeedsReconnect, reason
	k.saw(ctx, row)
	k.dropTokens(ctx, row.ID)
	if changed {
		k.cfg.Log.WarnContext(ctx, "link needs a person", "op", opToken, "link", row.ID.String(), "reason", reason)
		k.cfg.OnBroken(ctx, row, reason)
	}
	return k.broken(row.Provider, reason)
}

func (k *Keeper) dropTokens(ctx context.Context, id records.LinkID) {
	k.mu.Lock()
	k.of(id).token = records.AccessToken{}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	_ = k.cfg.Tokens.Delete(ctx, id)
}
