package sql

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"github.com/sightglass-gateway/sightglass/records"
)

const userColumns = `users.id, users.login, users.name, users.password_hash, users.status, users.provisioned, users.created_at, users.ends_at, users.ip_rules`

func scanUser(r scanner) (records.User, error) {
	u, _, err := scanMember(r)
	return u, err
}

// scanMember reads userColumns and whatever follows them.
func scanMember(r scanner, more ...any) (records.User, []any, error) {
	var u records.User
	var created, ends int64
	var rules string
	err := r.Scan(append([]any{&u.ID, &u.Login, &u.Name, &u.PasswordHash, &u.Status, &u.Provisioned, &created, &ends, &rules}, more...)...)
	if err == nil {
		u.IPRules, err = splitNetworks(rules)
	}
	u.CreatedAt, u.EndsAt = instant(created), instant(ends)
	return u, more, err
}

// User implements records.Users.
func (s *Store) User(ctx context.Context, id records.UserID) (records.User, error) {
	return one(ctx, s.r, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

// UserByLogin implements records.Users. Case and Unicode form of login do not matter.
func (s *Store) UserByLogin(ctx context.Context, login string) (records.User, error) {
	if !utf8.ValidString(login) || strings.IndexByte(login, 0) >= 0 { // PostgreSQL takes no such text
		return records.User{}, records.ErrNotFound
	}
	return one(ctx, s.r, scanUser, `SELECT `+userColumns+` FROM users WHERE login = $1`, foldLogin(login))
}

// UsersOf implements records.Users: two lists of the same length and order, by login.
func (s *Store) UsersOf(ctx context.Context, site records.SiteID) ([]records.User, []records.Membership, error) {
	var members []records.Membership
	users, err := list(ctx, s.r, func(r scanner) (records.User, error) {
		var roles string
		u, _, err := scanMember(r, &roles)
		members = append(members, records.Membership{Site: site, User: u.ID, Roles: splitRoles(roles)})
		return u, err
	}, `SELECT `+userColumns+`, memberships.roles FROM memberships JOIN users ON users.id = memberships.user_id
		WHERE memberships.site = $1 ORDER BY users.login`, site)
	if err != nil {
		return nil, nil, err
	}
	return users, members, nil
}

// AddUser implements records.Users. The login is stored case-folded; no status means active.
func (s *Store) AddUser(ctx context.Context, u records.User, in ...records.Membership) error {
	if u.CreatedAt.IsZero() {
		u.CreatedAt = s.now()
	}
	if u.Status == "" {
		u.Status = records.UserActive
	}
	var sites []records.SiteID
	for _, m := range in {
		sites = append(sites, m.Site)
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := bump(ctx, tx, sites...); err != nil {
			return err
		}
		err := exec(ctx, tx, `INSERT INTO users (id, login, name, password_hash, status, provisioned, created_at, ends_at, ip_rules)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			u.ID, foldLogin(u.Login), u.Name, u.PasswordHash, u.Status, u.Provisioned, millis(u.CreatedAt), millis(u.EndsAt), u.IPRules.String())
		if err != nil {
			return err
		}
		for _, m := range in {
			if err := putMembership(ctx, tx, records.Membership{Site: m.Site, User: u.ID, Roles: m.Roles}); err != nil {
				return err
			}
		}
		return nil
	})
}

// UpdateUser implements records.Users.
func (s *Store) UpdateUser(ctx context.Context, u records.User) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		sites, err := list(ctx, tx, scanText[records.SiteID], `SELECT site FROM memberships WHERE user_id = $1`, u.ID)
		if err != nil {
			return err
		}
		if err := bump(ctx, tx, sites...); err != nil {
			return err
		}
		// First, so that a sign-in of the same instant is seen, or sees the new status.
		if err := execOne(ctx, tx, `UPDATE users SET status = status WHERE id = $1`, u.ID); err != nil {
			return err
		}
		before, err := one(ctx, tx, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, u.ID)
		if err != nil {
			return err
		}
		if u.Status != records.UserActive {
			if err := deactivate(ctx, tx, before); err != nil {
				return err
			}
		} else if !u.EndsAt.IsZero() && before.EndsAt.IsZero() {
			if err := mayEnd(ctx, tx, before); err != nil {
				return err
			}
		}
		if u.PasswordHash == "" {
			for _, site := range sites {
				if err := notBreakGlass(ctx, tx, site, u.ID); err != nil {
					return err
				}
			}
		}
		return exec(ctx, tx, `UPDATE users SET name = $1, status = $2, password_hash = $3, provisioned = $4, ends_at = $5, ip_rules = $6 WHERE id = $7`,
			u.Name, u.Status, u.PasswordHash, u.Provisioned, millis(u.EndsAt), u.IPRules.String(), u.ID)
	})
}

// SetPasswordHash implements records.Users. It ends no session and changes no right.
func (s *Store) SetPasswordHash(ctx context.Context, id records.UserID, from, to string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		n, err := affected(ctx, tx, `UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3`, to, id, from)
		if err != nil || n > 0 {
			return err
		}
		if _, err := one(ctx, tx, scanText[string], `SELECT id FROM users WHERE id = $1`, id); err != nil {
			return err
		}
		return records.ErrStale
	})
}

// deactivate ends a user's sessions, unless a site would be left without an administrator.
func deactivate(ctx context.Context, tx *sql.Tx, u records.User) error {
	if err := mayEnd(ctx, tx, u); err != nil {
		return err
	}
	return endSignIns(ctx, tx, u.ID)
}

// mayEnd refuses to let an active user's time end when a site would be left without an administrator.
func mayEnd(ctx context.Context, tx *sql.Tx, u records.User) error {
	if u.Status != records.UserActive {
		return nil
	}
	in, err := memberships(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	return mayLeave(ctx, tx, in...)
}

// endSignIns removes a user's sessions and the links that would make new ones.
func endSignIns(ctx context.Context, tx *sql.Tx, id records.UserID) error {
	if err := exec(ctx, tx, `DELETE FROM sessions WHERE user_id = $1`, id); err != nil {
		return err
	}
	return exec(ctx, tx, `DELETE FROM onces WHERE user_id = $1`, id)
}

// PutMembership implements records.Users. Who is no longer a member is signed out of the site.
func (s *Store) PutMembership(ctx context.Context, m records.Membership) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := bump(ctx, tx, m.Site); err != nil {
			return err
		}
		if err := stillAdministered(ctx, tx, m); err != nil {
			return err
		}
		if len(m.Roles) > 0 {
			return putMembership(ctx, tx, m)
		}
		for _, table := range []string{"memberships", "sessions", "onces"} {
			if err := exec(ctx, tx, `DELETE FROM `+table+` WHERE site = $1 AND user_id = $2`, m.Site, m.User); err != nil {
				return err
			}
		}
		return nil
	})
}

func putMembership(ctx context.Context, tx *sql.Tx, m records.Membership) error {
	roles, err := joinRoles(m.Roles)
	if err != nil || roles == "" {
		return err
	}
	return exec(ctx, tx, `INSERT INTO memberships (site, user_id, roles) VALUES ($1, $2, $3)
		ON CONFLICT (site, user_id) DO UPDATE SET roles = excluded.roles`, m.Site, m.User, roles)
}

// Memberships implements records.Users.
func (s *Store) Memberships(ctx context.Context, id records.UserID) ([]records.Membership, error) {
	return memberships(ctx, s.r, id)
}

func memberships(ctx context.Context, q querier, id records.UserID) ([]records.Membership, error) {
	return list(ctx, q, func(r scanner) (m records.Membership, err error) {
		var roles string
		err = r.Scan(&m.Site, &m.User, &roles)
		m.Roles = splitRoles(roles)
		return m, err
	}, `SELECT site, user_id, roles FROM memberships WHERE user_id = $1 ORDER BY site`, id)
}
