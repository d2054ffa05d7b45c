package cache

import (
	"context"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

var (
	// ErrMissing says that the cache has no token for the link. Anything unreadable (sealed by
	// another key, altered, expired) is missing, too.
	ErrMissing = errors.New("cache: no token")
	// ErrLocked says that another holder has the lease.
	ErrLocked = errors.New("cache: locked by another")
	// ErrLeaseLost says that a lease ran out or was taken before it was renewed.
	ErrLeaseLost = errors.New("cache: lease lost")
	// ErrUnavailable wraps every failure to reach the cache. Callers go on without it.
	ErrUnavailable = errors.New("cache: unavailable")
)

// Tokens holds access tokens until they expire. It is a cache: losing it costs one refresh per link.
type Tokens interface {
	Get(ctx context.Context, link records.LinkID) (records.AccessToken, error) // ErrMissing
	// Put keeps t for what is left of its life, 48 h at most; a token without expiry for 1 h. A
	// token with an older generation than the cached one is not put.
	Put(ctx context.Context, link records.LinkID, t records.AccessToken) error
	Delete(ctx context.Context, link records.LinkID) error
	// Lock takes the link's refresh lease for ttl, or ErrLocked at once. It only thins the herd: the
	// truth is the generation in the link's row.
	Lock(ctx context.Context, link records.LinkID, ttl time.Duration) (Lease, error)
}

// Lease is one holder's right to refresh.
type Lease interface {
	Renew(ctx context.Context, ttl time.Duration) error // ErrLeaseLost
	Release(ctx context.Context) error                  // releasing a lost lease is no error
}

// Counters count events within a window, for sign-in limits. Names are hashed before they leave the
// process.
type Counters interface {
	// Add counts one more and returns the count; the window starts with the first event.
	Add(ctx context.Context, name string, window time.Duration) (int64, error)
	// Count returns the count and how long its window still lasts.
	Count(ctx context.Context, name string) (int64, time.Duration, error)
	Reset(ctx context.Context, name string) error
}

// Store is the whole cache.
type Store interface {
	Tokens
	Counters
	Ping(ctx context.Context) error
	Close() error
}
