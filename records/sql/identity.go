package sql

import (
	"context"
	"database/sql"

	"github.com/sightglass-gateway/sightglass/records"
)

const identityColumns = `site, issuer, subject, user_id, created_at`

func scanIdentity(r scanner) (records.Identity, error) {
	var i records.Identity
	var created int64
	err := r.Scan(&i.Site, &i.Issuer, &i.Subject, &i.User, &created)
	i.CreatedAt = instant(created)
	return i, err
}

// Identity implements records.Identities.
func (s *Store) Identity(ctx context.Context, site records.SiteID, issuer, subject string) (records.Identity, error) {
	return one(ctx, s.r, scanIdentity, `SELECT `+identityColumns+` FROM identities
		WHERE site = $1 AND issuer = $2 AND subject = $3`, site, issuer, subject)
}

// IdentitiesOf implements records.Identities.
func (s *Store) IdentitiesOf(ctx context.Context, user records.UserID) ([]records.Identity, error) {
	return list(ctx, s.r, scanIdentity, `SELECT `+identityColumns+` FROM identities WHERE user_id = $1 ORDER BY site, issuer`, user)
}

// AddIdentity implements records.Identities.
func (s *Store) AddIdentity(ctx context.Context, i records.Identity) error {
	if i.CreatedAt.IsZero() {
		i.CreatedAt = s.now()
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO identities (`+identityColumns+`) VALUES ($1, $2, $3, $4, $5)`,
			i.Site, i.Issuer, i.Subject, i.User, millis(i.CreatedAt))
	})
}

// DeleteIdentities implements records.Identities.
func (s *Store) DeleteIdentities(ctx context.Context, user records.UserID) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		sites, err := list(ctx, tx, scanText[records.SiteID], `SELECT site FROM memberships WHERE user_id = $1`, user)
		if err != nil {
			return err
		}
		if err := bump(ctx, tx, sites...); err != nil {
			return err
		}
		if err := exec(ctx, tx, `DELETE FROM identities WHERE user_id = $1`, user); err != nil {
			return err
		}
		return exec(ctx, tx, `DELETE FROM sessions WHERE user_id = $1 AND via = $2`, user, records.DoorSSO)
	})
}
