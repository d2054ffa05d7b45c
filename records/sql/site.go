package sql

import (
	"context"
	"database/sql"
	"slices"

	"github.com/sightglass-gateway/sightglass/records"
)

const siteColumns = `id, name, provisioned, created_at`

func scanSite(r scanner) (records.Site, error) {
	var s records.Site
	var created int64
	err := r.Scan(&s.ID, &s.Name, &s.Provisioned, &created)
	s.CreatedAt = instant(created)
	return s, err
}

// Site implements records.Sites.
func (s *Store) Site(ctx context.Context, id records.SiteID) (records.Site, error) {
	return one(ctx, s.r, scanSite, `SELECT `+siteColumns+` FROM sites WHERE id = $1`, id)
}

// Sites implements records.Sites.
func (s *Store) Sites(ctx context.Context) ([]records.Site, error) {
	return list(ctx, s.r, scanSite, `SELECT `+siteColumns+` FROM sites ORDER BY id`)
}

// PutSite implements records.Sites. The date of creation stays.
func (s *Store) PutSite(ctx context.Context, v records.Site) error {
	if v.CreatedAt.IsZero() {
		v.CreatedAt = s.now()
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO sites (id, name, provisioned, created_at, rights_version) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, provisioned = excluded.provisioned`,
			v.ID, v.Name, v.Provisioned, millis(v.CreatedAt))
	})
}

// RightsVersion implements records.Sites.
func (s *Store) RightsVersion(ctx context.Context, id records.SiteID) (int64, error) {
	return one(ctx, s.r, func(r scanner) (v int64, err error) { return v, r.Scan(&v) },
		`SELECT rights_version FROM sites WHERE id = $1`, id)
}

// bump moves the rights version of sites, in the transaction that changes what rights hang on. It
// comes first in that transaction, and in a fixed order: the row it locks is then the site's lock,
// and two changes that are each fine alone (the last two administrators) see each other.
func bump(ctx context.Context, tx *sql.Tx, sites ...records.SiteID) error {
	slices.Sort(sites)
	for _, site := range slices.Compact(sites) {
		if err := execOne(ctx, tx, `UPDATE sites SET rights_version = rights_version + 1 WHERE id = $1`, site); err != nil {
			return err
		}
	}
	return nil
}
