package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

const authorizationColumns = `state_hash, site, link, user_id, browser_hash, verifier, redirect_uri, return_to, expires_at`

func scanAuthorization(r scanner) (records.Authorization, error) {
	var a records.Authorization
	var verifier []byte
	var expires int64
	err := r.Scan(&a.StateHash, &a.Link.Site, &a.Link.Link, &a.User, &a.BrowserHash, &verifier, &a.RedirectURI, &a.ReturnTo, &expires)
	a.Verifier, a.ExpiresAt = verifier, instant(expires)
	return a, err
}

// AddAuthorization implements records.Authorizations.
func (s *Store) AddAuthorization(ctx context.Context, a records.Authorization) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO authorizations (`+authorizationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			a.StateHash, a.Link.Site, a.Link.Link, a.User, a.BrowserHash, blob(a.Verifier), a.RedirectURI, a.ReturnTo, millis(a.ExpiresAt))
	})
}

// TakeAuthorization implements records.Authorizations. It clears out what has expired, too.
func (s *Store) TakeAuthorization(ctx context.Context, stateHash []byte, now time.Time) (records.Authorization, error) {
	var got records.Authorization
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := exec(ctx, tx, `DELETE FROM authorizations WHERE expires_at <= $1`, millis(now)); err != nil {
			return err
		}
		var err error
		got, err = one(ctx, tx, scanAuthorization,
			`DELETE FROM authorizations WHERE state_hash = $1 RETURNING `+authorizationColumns, stateHash)
		if errors.Is(err, records.ErrNotFound) {
			return nil // commit the clearing out
		}
		return err
	})
	if err == nil && got.StateHash == nil {
		err = records.ErrNotFound
	}
	if err != nil {
		return records.Authorization{}, err
	}
	return got, nil
}
