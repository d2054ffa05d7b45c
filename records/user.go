package records

import (
	"context"
	"time"
)

// Role is one of the four fixed roles, combinable per site (domain: "Roles"). What each may do is
// auth's matrix; here they are only names.
type Role string

// The roles.
const (
	RoleAgent         Role = "agent"
	RoleTeamLeader    Role = "team_leader"
	RoleAnalyst       Role = "analyst"
	RoleAdministrator Role = "administrator"
)

// Valid tells whether r is one of the known roles.
func (r Role) Valid() bool {
	switch r {
	case RoleAgent, RoleTeamLeader, RoleAnalyst, RoleAdministrator:
		return true
	default:
		return false
	}
}

// UserStatus says whether a person may sign in.
type UserStatus string

// The states of a user.
const (
	UserActive   UserStatus = "active"
	UserInactive UserStatus = "inactive"
)

// User is a member of the team: an analyst, an administrator. Never a customer.
type User struct {
	ID           UserID
	Login        string // unique in the installation, case-folded NFC
	Name         string
	PasswordHash string // argon2id, PHC string; empty: no password sign-in
	Status       UserStatus
	Provisioned  bool
	CreatedAt    time.Time
	// EndsAt is the first moment at which the person may no longer sign in; zero: no end. It is kept
	// so that a contract's last day need not be remembered by a person.
	EndsAt time.Time
	// IPRules is where the person may come from, in every site, beside the site's own rule.
	IPRules Networks
}

// MayAt tells whether the person may be signed in at that moment.
func (u User) MayAt(now time.Time) bool {
	return u.Status == UserActive && (u.EndsAt.IsZero() || now.Before(u.EndsAt))
}

// Membership gives a user roles in one site.
type Membership struct {
	Site  SiteID
	User  UserID
	Roles []Role
}

// Users stores users and their memberships.
type Users interface {
	User(ctx context.Context, id UserID) (User, error)
	UserByLogin(ctx context.Context, login string) (User, error)
	// UsersOf lists the members of a site with their roles there.
	UsersOf(ctx context.Context, site SiteID) ([]User, []Membership, error)
	// AddUser fails with ErrExists when the login is taken.
	AddUser(ctx context.Context, u User, in ...Membership) error
	// UpdateUser replaces name, status, password hash, Provisioned, EndsAt and IPRules. Becoming
	// inactive ends the user's sessions. ErrLastAdministrator protects the last active administrator
	// of a site who has no end date, ErrBreakGlass the break-glass administrator of one with SSOOnly.
	UpdateUser(ctx context.Context, u User) error
	// SetPasswordHash replaces one hash by another of the same password, and nothing else. ErrStale
	// when the stored one is no longer from.
	SetPasswordHash(ctx context.Context, id UserID, from, to string) error
	// PutMembership sets the roles in one site; no roles removes the membership.
	PutMembership(ctx context.Context, m Membership) error
	Memberships(ctx context.Context, id UserID) ([]Membership, error)
}

// APIKey is a program's way in. The key itself is never kept.
type APIKey struct {
	Site        SiteID
	ID          string
	Hash        []byte // SHA-256 of the key
	Roles       []Role
	Provisioned bool
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: does not expire
	IPRules     Networks  // beside the site's own rule
}

// APIKeys stores API keys.
type APIKeys interface {
	APIKeyByHash(ctx context.Context, hash []byte) (APIKey, error)
	APIKeys(ctx context.Context, site SiteID) ([]APIKey, error)
	// AddAPIKey fails with ErrExists when the id is taken.
	AddAPIKey(ctx context.Context, k APIKey) error
	PutAPIKey(ctx context.Context, k APIKey) error
	DeleteAPIKey(ctx context.Context, site SiteID, id string) error
}
