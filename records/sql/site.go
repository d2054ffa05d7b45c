package sql

import (
	"context"
	"database/sql"
	"slices"

	"github.com/sightglass-gateway/sightglass/records"
)

const siteColumns = `id, name, provisioned, created_at, ip_rules, sso_only, break_glass`

func scanSite(r scanner) (records.Site, error) {
	var s records.Site
	var created int64
	var rules string
	err := r.Scan(&s.ID, &s.Name, &s.Provisioned, &created, &rules, &s.SSOOnly, &s.BreakGlass)
	if err == nil {
		s.IPRules, err = splitNetworks(rules)
	}
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

// PutSite implements records.Sites. The date of creation stays. The rights version moves only when
// who may come in does: every start of a program with a configuration file puts its sites.
func (s *Store) PutSite(ctx context.Context, v records.Site) error {
	if v.CreatedAt.IsZero() {
		v.CreatedAt = s.now()
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		err := exec(ctx, tx, `INSERT INTO sites (id, name, provisioned, created_at, rights_version, ip_rules, sso_only, break_glass)
			VALUES ($1, $2, $3, $4, 1, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, provisioned = excluded.provisioned,
			rights_version = sites.rights_version + CASE WHEN sites.ip_rules = excluded.ip_rules
				AND sites.sso_only = excluded.sso_only AND sites.break_glass = excluded.break_glass THEN 0 ELSE 1 END,
			ip_rules = excluded.ip_rules, sso_only = excluded.sso_only, break_glass = excluded.break_glass`,
			v.ID, v.Name, v.Provisioned, millis(v.CreatedAt), v.IPRules.String(), v.SSOOnly, v.BreakGlass)
		if err != nil || !v.SSOOnly {
			return err
		}
		return hasBreakGlass(ctx, tx, v)
	})
}

// hasBreakGlass refuses to close every other door of a site while nobody holds the key to this one.
// The row of the site is locked, and whoever changes the person needs it.
func hasBreakGlass(ctx context.Context, tx *sql.Tx, v records.Site) error {
	var there int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM memberships JOIN users ON users.id = memberships.user_id
		WHERE memberships.site = $1 AND memberships.user_id = $2 AND users.status = $3 AND users.ends_at = 0 AND users.password_hash <> ''
		AND ',' || memberships.roles || ',' LIKE '%,administrator,%'`, v.ID, v.BreakGlass, records.UserActive).Scan(&there)
	if err == nil && there == 0 {
		err = records.ErrBreakGlass
	}
	return err
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
