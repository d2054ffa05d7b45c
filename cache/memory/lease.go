package memory

import (
	"context"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// lease is held as long as the store has this very pointer under its link.
type lease struct {
	s    *Store
	link records.LinkID
}

// Lock implements cache.Tokens.
func (s *Store) Lock(_ context.Context, link records.LinkID, ttl time.Duration) (cache.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if _, held := s.leases.get(link, now); held {
		return nil, cache.ErrLocked
	}
	l := &lease{s, link}
	s.leases.put(link, l, now, ttl)
	return l, nil
}

// Renew implements cache.Lease.
func (l *lease) Renew(_ context.Context, ttl time.Duration) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	now := l.s.now()
	if held, ok := l.s.leases.get(l.link, now); !ok || held.value != l {
		return cache.ErrLeaseLost
	}
	l.s.leases.put(l.link, l, now, ttl)
	return nil
}

// Release implements cache.Lease.
func (l *lease) Release(context.Context) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if held, ok := l.s.leases.get(l.link, l.s.now()); ok && held.value == l {
		l.s.leases.delete(l.link)
	}
	return nil
}
