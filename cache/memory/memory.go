package memory

import (
	"context"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// Store is a cache.Store. It is safe for concurrent use.
type Store struct {
	now func() time.Time

	mu       sync.Mutex
	tokens   expiring[records.LinkID, records.AccessToken]
	leases   expiring[records.LinkID, *lease]
	counters expiring[name, int64]
}

var _ cache.Store = (*Store)(nil)

// The most that is held. Links are made by administrators; counters by whoever knocks at the door.
const (
	maxTokens   = 100_000
	maxCounters = 100_000
)

// New makes an empty store.
func New() *Store { return NewClock(time.Now) }

// NewClock is New with a clock, for tests.
func NewClock(now func() time.Time) *Store {
	return &Store{
		now:    now,
		tokens: newExpiring[records.LinkID](maxTokens, func(t records.AccessToken) int64 { return 0 }),
		leases: newExpiring[records.LinkID](maxTokens, func(*lease) int64 { return 0 }),
		// Who floods the door with new names must not make us forget a name that is locked.
		counters: newExpiring[name](maxCounters, func(count int64) int64 { return count }),
	}
}

// Get implements cache.Tokens.
func (s *Store) Get(_ context.Context, link records.LinkID) (records.AccessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens.get(link, s.now())
	if !ok {
		return records.AccessToken{}, cache.ErrMissing
	}
	return t.value, nil
}

// Put implements cache.Tokens.
func (s *Store) Put(_ context.Context, link records.LinkID, t records.AccessToken) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	life := cache.Life(t, now)
	if cached, ok := s.tokens.get(link, now); life <= 0 || ok && cached.value.Generation > t.Generation {
		return nil
	}
	s.tokens.put(link, t, now, life)
	return nil
}

// Delete implements cache.Tokens.
func (s *Store) Delete(_ context.Context, link records.LinkID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens.delete(link)
	return nil
}

// Ping implements cache.Store.
func (*Store) Ping(context.Context) error { return nil }

// Close implements cache.Store. What it held is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens.clear()
	s.leases.clear()
	s.counters.clear()
	return nil
}
