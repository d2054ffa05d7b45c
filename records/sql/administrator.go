package sql

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/sightglass-gateway/sightglass/records"
)

// stillAdministered refuses a change of roles that would leave the site without an active
// administrator.
func stillAdministered(ctx context.Context, tx *sql.Tx, next records.Membership) error {
	if slices.Contains(next.Roles, records.RoleAdministrator) {
		return nil
	}
	roles, err := one(ctx, tx, scanText[string], `SELECT memberships.roles FROM memberships JOIN users ON users.id = memberships.user_id
		WHERE memberships.site = $1 AND memberships.user_id = $2 AND users.status = $3`, next.Site, next.User, records.UserActive)
	if errors.Is(err, records.ErrNotFound) {
		return nil // not a member, or not an active one
	}
	if err != nil {
		return err
	}
	return mayLeave(ctx, tx, records.Membership{Site: next.Site, User: next.User, Roles: splitRoles(roles)})
}

// mayLeave refuses to let a member go who is the last active administrator of a site: one
// whose end is set does not count, since nobody would be left on that day. The caller
// has bumped the sites, so nobody else changes them meanwhile.
func mayLeave(ctx context.Context, tx *sql.Tx, in ...records.Membership) error {
	for _, m := range in {
		if !slices.Contains(m.Roles, records.RoleAdministrator) {
			continue
		}
		if err := notBreakGlass(ctx, tx, m.Site, m.User); err != nil {
			return err
		}
		var others int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM memberships JOIN users ON users.id = memberships.user_id
			WHERE memberships.site = $1 AND memberships.user_id <> $2 AND users.status = $3 AND users.ends_at = 0
			AND ',' || memberships.roles || ',' LIKE '%,administrator,%'`, m.Site, m.User, records.UserActive).Scan(&others)
		if err != nil {
			return err
		}
		if others == 0 {
			return records.ErrLastAdministrator
		}
	}
	return nil
}

// notBreakGlass refuses to let the one person go who may come in while the provider is down.
func notBreakGlass(ctx context.Context, tx *sql.Tx, site records.SiteID, user records.UserID) error {
	var held int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sites WHERE id = $1 AND sso_only AND break_glass = $2`, site, user).Scan(&held)
	if err == nil && held > 0 {
		err = records.ErrBreakGlass
	}
	return err
}
