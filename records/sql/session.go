package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

func scanSession(r scanner) (records.Session, error) {
	var v records.Session
	var created, seen, expires int64
	err := r.Scan(&v.Hash, &v.Site, &v.User, &created, &seen, &expires, &v.Via)
	v.CreatedAt, v.SeenAt, v.ExpiresAt = instant(created), instant(seen), instant(expires)
	return v, err
}

// AddSession implements records.Sessions. ErrNotFound when the user is not active: a sign-in that
// races with a deactivation leaves no session behind. Sessions that ended before this one began go.
func (s *Store) AddSession(ctx context.Context, v records.Session) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := lockActive(ctx, tx, v.User); err != nil {
			return err
		}
		if err := exec(ctx, tx, `DELETE FROM sessions WHERE expires_at < $1`, millis(v.CreatedAt)); err != nil {
			return err
		}
		return exec(ctx, tx, `INSERT INTO sessions (hash, site, user_id, created_at, seen_at, expires_at, via)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			v.Hash, v.Site, v.User, millis(v.CreatedAt), millis(v.SeenAt), millis(v.ExpiresAt), v.Via)
	})
}

// lockActive holds a user's row as it is until the transaction ends, if the user is active.
func lockActive(ctx context.Context, tx *sql.Tx, id records.UserID) error {
	return execOne(ctx, tx, `UPDATE users SET status = status WHERE id = $1 AND status = $2`, id, records.UserActive)
}

// SessionByHash implements records.Sessions. One that has expired is found, too: who asks decides.
func (s *Store) SessionByHash(ctx context.Context, hash []byte) (records.Session, error) {
	return one(ctx, s.r, scanSession,
		`SELECT hash, site, user_id, created_at, seen_at, expires_at, via FROM sessions WHERE hash = $1`, hash)
}

// TouchSession implements records.Sessions.
func (s *Store) TouchSession(ctx context.Context, hash []byte, seen time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return execOne(ctx, tx, `UPDATE sessions SET seen_at = $1 WHERE hash = $2`, millis(seen), hash)
	})
}

// DeleteSession implements records.Sessions. One that is gone already is no error.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		site, err := one(ctx, tx, scanText[records.SiteID], `SELECT site FROM sessions WHERE hash = $1`, hash)
		if errors.Is(err, records.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := bump(ctx, tx, site); err != nil {
			return err
		}
		return exec(ctx, tx, `DELETE FROM sessions WHERE hash = $1`, hash)
	})
}

// DeleteSessionsOf implements records.Sessions. One-time sign-in links of the user go as well.
func (s *Store) DeleteSessionsOf(ctx context.Context, user records.UserID) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		sites, err := list(ctx, tx, scanText[records.SiteID], `SELECT DISTINCT site FROM sessions WHERE user_id = $1`, user)
		if err != nil {
			return err
		}
		if err := bump(ctx, tx, sites...); err != nil {
			return err
		}
		return endSignIns(ctx, tx, user)
	})
}

// AddOnce implements records.Sessions. ErrNotFound when the user is not active.
func (s *Store) AddOnce(ctx context.Context, o records.Once) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := lockActive(ctx, tx, o.User); err != nil {
			return err
		}
		return exec(ctx, tx, `INSERT INTO onces (hash, site, user_id, expires_at) VALUES ($1, $2, $3, $4)`,
			o.Hash, o.Site, o.User, millis(o.ExpiresAt))
	})
}

// TakeOnce implements records.Sessions. It clears out what has expired, too.
func (s *Store) TakeOnce(ctx context.Context, hash []byte, now time.Time) (records.Once, error) {
	var got records.Once
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := exec(ctx, tx, `DELETE FROM onces WHERE expires_at <= $1`, millis(now)); err != nil {
			return err
		}
		var err error
		got, err = one(ctx, tx, func(r scanner) (o records.Once, err error) {
			var expires int64
			err = r.Scan(&o.Hash, &o.Site, &o.User, &expires)
			o.ExpiresAt = instant(expires)
			return o, err
		}, `DELETE FROM onces WHERE hash = $1 RETURNING hash, site, user_id, expires_at`, hash)
		if errors.Is(err, records.ErrNotFound) {
			return nil // commit the clearing out
		}
		return err
	})
	if err == nil && got.Hash == nil {
		err = records.ErrNotFound
	}
	if err != nil {
		return records.Once{}, err
	}
	return got, nil
}
