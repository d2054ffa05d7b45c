package records

import (
	"context"
	"time"
)

// Session is one browser's sign-in to one site. It lives 30 minutes idle, 8 hours at most (domain
// 6.8), and in the database rather than in the cache, so that a lost cache signs nobody out.
type Session struct {
	Hash      []byte // SHA-256 of the cookie's token
	Site      SiteID
	User      UserID
	CreatedAt time.Time
	SeenAt    time.Time // to the minute: not every request is a write
	ExpiresAt time.Time // absolute end
	// Via is the door the person came through: a site may close all but one of them while they are
	// signed in.
	Via Door
}

// Door is a way to sign in.
type Door string

// The doors. A session from before they were kept has none, which counts as a password.
const (
	DoorPassword Door = "password"
	DoorOnce     Door = "once" // a one-time link
	DoorSSO      Door = "sso"
)

// Once is a one-time sign-in link: demo's, or an administrator's for a new user. 15 minutes.
type Once struct {
	Hash      []byte
	Site      SiteID
	User      UserID
	ExpiresAt time.Time
}

// Sessions stores sign-ins.
type Sessions interface {
	AddSession(ctx context.Context, s Session) error
	SessionByHash(ctx context.Context, hash []byte) (Session, error)
	TouchSession(ctx context.Context, hash []byte, seen time.Time) error
	DeleteSession(ctx context.Context, hash []byte) error
	DeleteSessionsOf(ctx context.Context, user UserID) error
	AddOnce(ctx context.Context, o Once) error
	// TakeOnce removes and returns it: it works once. ErrNotFound when unknown, used or past.
	TakeOnce(ctx context.Context, hash []byte, now time.Time) (Once, error)
}
