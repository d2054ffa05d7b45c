package sql

import (
	"context"
	"database/sql"

	"github.com/sightglass-gateway/sightglass/records"
)

const keyColumns = `site, id, hash, roles, provisioned, created_at, expires_at, ip_rules`

func scanKey(r scanner) (records.APIKey, error) {
	var k records.APIKey
	var roles, rules string
	var created, expires int64
	err := r.Scan(&k.Site, &k.ID, &k.Hash, &roles, &k.Provisioned, &created, &expires, &rules)
	if err == nil {
		k.IPRules, err = splitNetworks(rules)
	}
	k.Roles, k.CreatedAt, k.ExpiresAt = splitRoles(roles), instant(created), instant(expires)
	return k, err
}

// APIKeyByHash implements records.APIKeys. A key that has expired is found, too: who asks decides.
func (s *Store) APIKeyByHash(ctx context.Context, hash []byte) (records.APIKey, error) {
	return one(ctx, s.r, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE hash = $1`, hash)
}

// APIKeys implements records.APIKeys.
func (s *Store) APIKeys(ctx context.Context, site records.SiteID) ([]records.APIKey, error) {
	return list(ctx, s.r, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE site = $1 ORDER BY id`, site)
}

// PutAPIKey implements records.APIKeys. ErrExists when another key has the same hash. The date of
// creation stays.
func (s *Store) PutAPIKey(ctx context.Context, k records.APIKey) error {
	return s.insertKey(ctx, k, `ON CONFLICT (site, id) DO UPDATE SET hash = excluded.hash, roles = excluded.roles,
		provisioned = excluded.provisioned, expires_at = excluded.expires_at, ip_rules = excluded.ip_rules`)
}

// AddAPIKey implements records.APIKeys.
func (s *Store) AddAPIKey(ctx context.Context, k records.APIKey) error {
	return s.insertKey(ctx, k, "")
}

func (s *Store) insertKey(ctx context.Context, k records.APIKey, conflict string) error {
	roles, err := joinRoles(k.Roles)
	if err != nil {
		return err
	}
	if k.CreatedAt.IsZero() {
		k.CreatedAt = s.now()
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := bump(ctx, tx, k.Site); err != nil {
			return err
		}
		return exec(ctx, tx, `INSERT INTO api_keys (site, id, hash, roles, provisioned, created_at, expires_at, ip_rules)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) `+conflict,
			k.Site, k.ID, k.Hash, roles, k.Provisioned, millis(k.CreatedAt), millis(k.ExpiresAt), k.IPRules.String())
	})
}

// DeleteAPIKey implements records.APIKeys.
func (s *Store) DeleteAPIKey(ctx context.Context, site records.SiteID, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := bump(ctx, tx, site); err != nil {
			return err
		}
		return execOne(ctx, tx, `DELETE FROM api_keys WHERE site = $1 AND id = $2`, site, id)
	})
}
