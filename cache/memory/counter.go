package memory

import (
	"context"
	"crypto/sha256"
	"time"
)

// name is the hash of a counter's name: what a stranger types as a login takes 32 bytes, however
// long it is, and does not stand in memory.
type name [sha256.Size]byte

func hash(s string) name { return sha256.Sum256([]byte(s)) }

// Add implements cache.Counters.
func (s *Store) Add(_ context.Context, counter string, window time.Duration) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, now := hash(counter), s.now()
	c, ok := s.counters.get(k, now)
	if ok {
		window = c.until.Sub(now)
	}
	s.counters.put(k, c.value+1, now, window)
	return c.value + 1, nil
}

// Count implements cache.Counters.
func (s *Store) Count(_ context.Context, counter string) (int64, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	c, ok := s.counters.get(hash(counter), now)
	if !ok {
		return 0, 0, nil
	}
	return c.value, c.until.Sub(now), nil
}

// Reset implements cache.Counters.
func (s *Store) Reset(_ context.Context, counter string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.delete(hash(counter))
	return nil
}
