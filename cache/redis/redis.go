package redis

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bsm/redislock"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// Store is a cache.Store. It is safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	locks  *redislock.Client
	keys   *records.Keyring
	wait   time.Duration
	reach  *reach
	now    func() time.Time
}

var _ cache.Store = (*Store)(nil)

const (
	// opWait bounds one operation where the DSN has no read_timeout. A Redis near by answers within
	// a millisecond; going without costs one refresh.
	opWait = 100 * time.Millisecond
	// dialWait bounds connecting, where the DSN has no dial_timeout; it goes on behind an operation
	// that has given up.
	dialWait = 500 * time.Millisecond
)

// New makes a store on the Redis that dsn names: redis://, rediss:// (TLS),
// redis+sentinel://host:port,host:port/name or rediss+sentinel://. Of go-redis' parameters it obeys db, dial_timeout,
// read_timeout, pool_size and skip_verify. A Redis that cannot be reached is no error, since it may
// come back; one that refuses us is.
func New(ctx context.Context, dsn string, keys *records.Keyring) (*Store, error) {
	return open(ctx, dsn, keys, time.Now)
}

func open(ctx context.Context, dsn string, keys *records.Keyring, now func() time.Time) (*Store, error) {
	opts, err := parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("cache: dsn: %w", err)
	}
	logging.Disable() // it writes to standard error, past our logger; errors reach our callers
	wait := opts.ReadTimeout
	opts.ReadTimeout = max(wait, probeWait) // an operation's own time is its context's
	opts.WriteTimeout, opts.PoolTimeout = opts.ReadTimeout, opts.ReadTimeout
	client := redis.NewUniversalClient(opts)
	s := &Store{
		client: client, locks: redislock.New(client), keys: keys, wait: wait, now: now,
		reach: newReach(func(ctx context.Context) error { return client.Ping(ctx).Err() }),
	}
	if err := s.Ping(ctx); refused(err) {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// refused tells whether Redis answered that we may not come in.
func refused(err error) bool {
	for _, prefix := range []string{"NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH", "ERR invalid password", "ERR DB index", "DENIED"} {
		var reply redis.Error
		if errors.As(err, &reply) && strings.HasPrefix(reply.Error(), prefix) {
			return true
		}
	}
	return false
}

// do runs one operation within its time, unless Redis is known not to answer. Errors are those of
// package cache; f returns them where it knows what a reply means.
func (s *Store) do(ctx context.Context, f func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", cache.ErrUnavailable, err)
	}
	if s.reach.down() {
		return fmt.Errorf("%w: %w", cache.ErrUnavailable, errDown)
	}
	within, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	err := f(within)
	switch {
	case err == nil, errors.Is(err, cache.ErrMissing), errors.Is(err, cache.ErrLocked), errors.Is(err, cache.ErrLeaseLost):
		return err
	case ctx.Err() != nil: // an operation that its caller ended says nothing about Redis
		err = ctx.Err()
	case !answered(err):
		s.reach.lost()
	}
	return fmt.Errorf("%w: %w", cache.ErrUnavailable, err)
}

// name gives the key of a thing: no name of a person, site or account stands in Redis. Replicas with
// the same sealing keys find each other's.
func (s *Store) name(kind string, parts ...string) string {
	mac := hmac.New(sha256.New, s.keys.Derive("cache names"))
	for _, p := range append([]string{kind}, parts...) {
		_, _ = mac.Write(binary.AppendUvarint(nil, uint64(len(p)))) // writing to a hash never fails
		_, _ = mac.Write([]byte(p))
	}
	return "sg:" + kind + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Ping implements cache.Store.
func (s *Store) Ping(ctx context.Context) error {
	return s.do(ctx, func(ctx context.Context) error { return s.client.Ping(ctx).Err() })
}

// Close implements cache.Store.
func (s *Store) Close() error {
	s.reach.close()
	return s.client.Close()
}
