package redis_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/redis"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	zd = records.LinkID{Site: "main", Link: "zd"}
	td = records.LinkID{Site: "main", Link: "td"}
)

func keyring(t testing.TB) *records.Keyring {
	t.Helper()
	keys, err := records.ParseKeys(records.NewKey("k1"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func open(t testing.TB, dsn string, keys *records.Keyring) *redis.Store {
	t.Helper()
	s, err := redis.New(t.Context(), dsn, keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// raw is a client that looks at what stands in Redis.
func raw(t testing.TB, r *cachetest.Redis) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: r.Addr, Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func allKeys(t testing.TB, c *goredis.Client) []string {
	t.Helper()
	names, err := c.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func token(value string, generation int64) records.AccessToken {
	return records.AccessToken{
		Value: records.NewSecret(value), Generation: generation, ExpiresAt: time.Now().Add(time.Hour), Scopes: "scope-canary",
	}
}

func put(t testing.TB, s cache.Store, link records.LinkID, value string, generation int64) {
	t.Helper()
	if err := s.Put(t.Context(), link, token(value, generation)); err != nil {
		t.Fatal(err)
	}
}

// The suite runs on a real Redis. To move the clock is to move ours, and to shorten the life of
// every key there: a key without a life, or with a longer one than it should have, is caught.
func TestStore(t *testing.T) {
	server := cachetest.StartRedis(t)
	c := raw(t, server)
	cachetest.Run(t, func(t testing.TB) (cache.Store, func(time.Duration)) {
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		var moved atomic.Int64
		s, err := redis.OpenAt(t.Context(), server.DSN(), keyring(t), func() time.Time {
			return time.Now().Add(time.Duration(moved.Load()))
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s, func(d time.Duration) {
			moved.Add(int64(d))
			age(t, c, d)
		}
	})
}

func age(t testing.TB, c *goredis.Client, d time.Duration) {
	t.Helper()
	for _, k := range allKeys(t, c) {
		left, err := c.PTTL(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		if left < 0 {
			t.Fatalf("key %s has no expiry", k)
		}
		if err := c.PExpire(t.Context(), k, left-d).Err(); err != nil { // not positive: it goes
			t.Fatal(err)
		}
	}
}

func TestNothingReadableStandsInRedisAndEverythingExpires(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	link := records.LinkID{Site: "site-canary", Link: "link-canary"}
	put(t, s, link, "token-canary", 7)
	if _, err := s.Lock(t.Context(), link, time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), "login-canary", time.Minute); err != nil {
		t.Fatal(err)
	}
	names := allKeys(t, c)
	if len(names) != 3 {
		t.Fatalf("keys: got %q, want 3", names)
	}
	for _, k := range names {
		value, err := c.Get(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(k+value, "canary") {
			t.Errorf("key %q holds %q: a canary is readable", k, value)
		}
		if !strings.HasPrefix(k, "sg:") {
			t.Errorf("key %q: want the prefix sg:", k)
		}
		if ttl := c.TTL(t.Context(), k).Val(); ttl <= 0 || ttl > time.Hour {
			t.Errorf("key %q: got a life of %v, want one of at most an hour", k, ttl)
		}
	}
}

func TestRealTimeRunsOut(t *testing.T) {
	server := cachetest.StartRedis(t)
	s := open(t, server.DSN(), keyring(t))
	held, err := s.Lock(t.Context(), zd, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(80 * time.Millisecond)
	if err := held.Renew(t.Context(), time.Minute); !errors.Is(err, cache.ErrLeaseLost) {
		t.Errorf("renew after the lease's time: got %v, want cache.ErrLeaseLost", err)
	}
}

func TestReplicasShare(t *testing.T) {
	server, keys := cachetest.StartRedis(t), keyring(t)
	one, two := open(t, server.DSN(), keys), open(t, server.DSN(), keys)
	put(t, one, zd, "a", 1)
	if got, err := two.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "a" {
		t.Errorf("the other replica: got %q, %v, want the token", got.Value.Reveal(), err)
	}
	if _, err := one.Lock(t.Context(), zd, time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Lock(t.Context(), zd, time.Minute); !errors.Is(err, cache.ErrLocked) {
		t.Errorf("lease of the other replica: got %v, want cache.ErrLocked", err)
	}
	if _, err := open(t, server.DSN(), keyring(t)).Get(t.Context(), zd); !errors.Is(err, cache.ErrMissing) {
		t.Errorf("with other keys: got %v, want cache.ErrMissing", err)
	}
}
