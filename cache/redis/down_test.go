package redis_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/redis"
	"github.com/sightglass-gateway/sightglass/records"
)

// everyCall makes each call of a store once.
func everyCall(ctx context.Context, s cache.Store) map[string]error {
	_, get := s.Get(ctx, zd)
	_, lock := s.Lock(ctx, zd, time.Minute)
	_, add := s.Add(ctx, "a", time.Minute)
	_, _, count := s.Count(ctx, "a")
	return map[string]error{
		"get": get, "lock": lock, "add": add, "count": count,
		"put":    s.Put(ctx, zd, records.AccessToken{Value: records.NewSecret("a")}),
		"delete": s.Delete(ctx, zd), "reset": s.Reset(ctx, "a"), "ping": s.Ping(ctx),
	}
}

func wantUnavailable(t *testing.T, s cache.Store, within time.Duration) {
	t.Helper()
	start := time.Now()
	for call, err := range everyCall(t.Context(), s) {
		if !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("%s: got %v, want cache.ErrUnavailable", call, err)
		}
	}
	if took := time.Since(start); took > within {
		t.Errorf("8 calls took %v, want at most %v", took, within)
	}
}

func TestRedisThatHangsCostsOneShortWait(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // it accepts, and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := open(t, "redis://"+l.Addr().String(), keyring(t)) // New has waited, and opens all the same
	wantUnavailable(t, s, 700*time.Millisecond)            // 100 ms at most by the clock of an idle machine
}

// A Redis that was late once is asked again as soon as it answers: nothing is lost for a fixed while.
func TestRedisThatStoodStillIsFoundAgain(t *testing.T) {
	server := cachetest.StartRedis(t)
	s := open(t, "redis://"+server.Addr, keyring(t))
	put(t, s, zd, "a", 1)
	server.Pause(t)
	wantUnavailable(t, s, 700*time.Millisecond)
	server.Resume(t)
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err = s.Get(t.Context(), zd); err == nil {
			return
		}
	}
	t.Errorf("20 s after it went on: got %v, want the token that it held", err)
}

func TestRedisThatGoesAndComesBack(t *testing.T) {
	server, keys := cachetest.StartRedis(t), keyring(t)
	s := open(t, server.DSN(), keys)
	put(t, s, zd, "a", 1)
	server.Stop()
	wantUnavailable(t, s, 2*time.Second)
	wantUnavailable(t, s, 700*time.Millisecond)
	cachetest.StartRedisAt(t, server.Addr)
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = s.Ping(t.Context()); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("after it came back: got %v", err)
	}
	wantMissing(t, s, zd)
	put(t, s, zd, "b", 1)
}

func TestRedisThatIsDownAtStart(t *testing.T) {
	server := cachetest.StartRedis(t)
	server.Stop()
	wantUnavailable(t, open(t, "redis://"+server.Addr, keyring(t)), 2*time.Second)
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	s := open(t, cachetest.StartRedis(t).DSN(), keyring(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, s, 2*time.Second)
}

func TestCallerWhoLeavesSaysNothingAboutRedis(t *testing.T) {
	s := open(t, cachetest.StartRedis(t).DSN(), keyring(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for call, err := range everyCall(gone, s) {
		if !errors.Is(err, cache.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want cache.ErrUnavailable and context.Canceled", call, err)
		}
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping afterwards: got %v", err)
	}
}

// A Redis that is full refuses what would be written; what it holds can be read.
func TestFullRedisStillReads(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	put(t, s, zd, "a", 1)
	if err := c.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Put(t.Context(), td, records.AccessToken{Value: records.NewSecret("b")}); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("put: got %v, want cache.ErrUnavailable", err)
		}
		if got, err := s.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "a" {
			t.Errorf("get: got %q, %v, want the token", got.Value.Reveal(), err)
		}
	}
}

func TestFlushedRedisIsEmpty(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	put(t, s, zd, "a", 1)
	c.FlushAll(t.Context())
	c.ScriptFlush(t.Context()) // as after a restart: scripts are sent again
	wantMissing(t, s, zd)
	put(t, s, zd, "b", 1)
}

var _ cache.Store = (*redis.Store)(nil)
