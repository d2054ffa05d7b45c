package redis

import (
	"context"
	"errors"
	"time"

	"github.com/bsm/redislock"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

type lease struct {
	s    *Store
	lock *redislock.Lock
}

// Lock implements cache.Tokens. Two replicas may hold it at once while Redis fails over; the
// generation in the link's row is what keeps that harmless.
func (s *Store) Lock(ctx context.Context, link records.LinkID, ttl time.Duration) (cache.Lease, error) {
	l := &lease{s: s}
	err := s.do(ctx, func(ctx context.Context) error {
		var err error
		l.lock, err = s.locks.Obtain(ctx, s.name("l", string(link.Site), link.Link), max(ttl, time.Millisecond), nil)
		if errors.Is(err, redislock.ErrNotObtained) {
			return cache.ErrLocked
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Renew implements cache.Lease.
func (l *lease) Renew(ctx context.Context, ttl time.Duration) error {
	return l.s.do(ctx, func(ctx context.Context) error {
		err := l.lock.Refresh(ctx, max(ttl, time.Millisecond), nil)
		if errors.Is(err, redislock.ErrNotObtained) {
			return cache.ErrLeaseLost
		}
		return err
	})
}

// Release implements cache.Lease.
func (l *lease) Release(ctx context.Context) error {
	return l.s.do(ctx, func(ctx context.Context) error {
		err := l.lock.Release(ctx)
		if errors.Is(err, redislock.ErrLockNotHeld) {
			return nil
		}
		return err
	})
}
