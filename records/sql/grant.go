package sql

import (
	"context"
	"database/sql"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// swap runs an UPDATE that names what it is based on: ErrStale when the row has moved on,
// ErrNotFound when there is none.
func swap(ctx context.Context, tx *sql.Tx, id records.LinkID, query string, args ...any) error {
	n, err := affected(ctx, tx, query, args...)
	if err != nil || n > 0 {
		return err
	}
	if _, err := one(ctx, tx, scanText[string], `SELECT link FROM links WHERE site = $1 AND link = $2`, id.Site, id.Link); err != nil {
		return err
	}
	return records.ErrStale
}

// BeginRefresh implements records.Links. An intent is not a change that others must see.
func (s *Store) BeginRefresh(ctx context.Context, id records.LinkID, from int64, seen, at time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return swap(ctx, tx, id, `UPDATE links SET intent_at = $1
			WHERE site = $2 AND link = $3 AND generation = $4 AND intent_at = $5 AND state <> $6 AND state <> $7`,
			millis(at), id.Site, id.Link, from, millis(seen), records.LinkPaused, records.LinkNeedsReconnect)
	})
}

// SwapGrant implements records.Links. UpdatedAt moves only when state or scopes do: a rotation is
// no reason to build connectors anew. Nor is it one to ask every running stream of the site again, so
// the rights version moves only then, too; its row is every link's, and tokens may live seconds.
func (s *Store) SwapGrant(ctx context.Context, id records.LinkID, from int64, g records.Grant) error {
	return s.removing(ctx, s.write(ctx, func(tx *sql.Tx) error {
		if err := bumpUnless(ctx, tx, id, from, g.Scopes); err != nil {
			return err
		}
		return swap(ctx, tx, id, `UPDATE links SET
			updated_at = CASE WHEN state = $2 AND reason = '' AND scopes = $3 THEN updated_at
				WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END,
			state = $2, reason = '', scopes = $3, refresh_token = $4, seed_hash = coalesce($5, seed_hash),
			generation = generation + 1, intent_at = 0, last_ok_at = $1
			WHERE site = $6 AND link = $7 AND generation = $8`,
			millis(g.At), records.LinkOK, g.Scopes, blob(g.RefreshToken), blob(g.SeedHash), id.Site, id.Link, from)
	}))
}

// bumpUnless moves the rights version, unless the link is ok with these scopes and stays so.
func bumpUnless(ctx context.Context, tx *sql.Tx, id records.LinkID, from int64, scopes string) error {
	var same int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM links WHERE site = $1 AND link = $2 AND generation = $3
		AND state = $4 AND reason = '' AND scopes = $5`, id.Site, id.Link, from, records.LinkOK, scopes).Scan(&same)
	if err != nil || same > 0 {
		return err
	}
	return bump(ctx, tx, id.Site)
}

// EndRefresh implements records.Links.
func (s *Store) EndRefresh(ctx context.Context, id records.LinkID, from int64, intent time.Time, ok bool, at time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return swap(ctx, tx, id, `UPDATE links SET intent_at = 0, last_ok_at = CASE WHEN $1 THEN $2 ELSE last_ok_at END
			WHERE site = $3 AND link = $4 AND generation = $5 AND intent_at = $6`, ok, millis(at), id.Site, id.Link, from, millis(intent))
	})
}

// SetState implements records.Links.
func (s *Store) SetState(ctx context.Context, id records.LinkID, from int64, st records.LinkState, reason string, at time.Time) (changed bool, err error) {
	err = s.changeLink(ctx, id.Site, func(tx *sql.Tx) error {
		n, err := affected(ctx, tx, `UPDATE links SET `+moved+`, state = $2, reason = $3
			WHERE site = $4 AND link = $5 AND generation = $6 AND state <> $2`,
			millis(at), st, reason, id.Site, id.Link, from)
		if changed = n > 0; err != nil || changed {
			return err
		}
		return swap(ctx, tx, id, `UPDATE links SET reason = $1 WHERE site = $2 AND link = $3 AND generation = $4`,
			reason, id.Site, id.Link, from)
	})
	return changed && err == nil, err
}
