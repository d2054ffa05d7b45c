package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sightglass-gateway/sightglass/records"
)

// OpenAt is New with a clock.
func OpenAt(ctx context.Context, dsn string, keys *records.Keyring, now func() time.Time) (*Store, error) {
	return open(ctx, dsn, keys, now)
}

// TokenName gives the key under which a link's token stands.
func TokenName(s *Store, link records.LinkID) string { return s.tokenName(link) }

// Client gives a store's client, to put a hook into.
func Client(s *Store) redis.UniversalClient { return s.client }

// Parse reads a DSN.
var Parse = parse
