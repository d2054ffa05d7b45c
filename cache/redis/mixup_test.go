package redis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/redis"
	"github.com/sightglass-gateway/sightglass/records"
)

func wantMissing(t *testing.T, s cache.Store, links ...records.LinkID) {
	t.Helper()
	for _, link := range links {
		if got, err := s.Get(t.Context(), link); !errors.Is(err, cache.ErrMissing) {
			t.Errorf("token of %v: got %q, %v, want cache.ErrMissing", link, got.Value.Reveal(), err)
		}
	}
}

func TestSwappedValuesOpenNowhere(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	put(t, s, zd, "zd's", 3)
	put(t, s, td, "td's", 3)
	nameA, nameB := redis.TokenName(s, zd), redis.TokenName(s, td)
	a, b := c.Get(t.Context(), nameA).Val(), c.Get(t.Context(), nameB).Val()
	c.Set(t.Context(), nameA, b, time.Hour)
	c.Set(t.Context(), nameB, a, time.Hour)
	wantMissing(t, s, zd, td)
	if names := allKeys(t, c); len(names) != 0 {
		t.Errorf("keys afterwards: got %q, want none: what nobody can read is dropped", names)
	}
}

// askForOther makes every GET ask for another key: replies that reach the wrong caller, as in
// CVE-2025-29923.
type askForOther struct{ other map[string]string }

func (h askForOther) DialHook(next goredis.DialHook) goredis.DialHook { return next }
func (h askForOther) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

func (h askForOther) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if args := cmd.Args(); args[0] == "get" {
			args[1] = h.other[args[1].(string)]
		}
		return next(ctx, cmd)
	}
}

func TestSwappedRepliesOpenNowhere(t *testing.T) {
	server := cachetest.StartRedis(t)
	s := open(t, server.DSN(), keyring(t))
	put(t, s, zd, "zd's", 3)
	put(t, s, td, "td's", 3)
	a, b := redis.TokenName(s, zd), redis.TokenName(s, td)
	redis.Client(s).AddHook(askForOther{map[string]string{a: b, b: a}})
	wantMissing(t, s, zd, td)
	if names := allKeys(t, raw(t, server)); len(names) != 2 {
		t.Errorf("keys afterwards: got %q, want both: only a value that stands there is dropped", names)
	}
}

func TestAlteredValuesAreMissing(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	put(t, s, zd, "a", 3)
	name := redis.TokenName(s, zd)
	good := c.Get(t.Context(), name).Val()
	for _, bad := range []string{
		"", "|", "3", "3|", "x|" + good[2:], "99" + good[1:], "2" + good[1:], "9007199254740993" + good[1:],
		good[:len(good)-1], good + "x", "-3" + good[1:],
	} {
		c.Set(t.Context(), name, bad, time.Hour)
		wantMissing(t, s, zd)
		put(t, s, zd, "again", 3)
		if got, err := s.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "again" {
			t.Errorf("put after %.20q: got %q, %v, want the token", bad, got.Value.Reveal(), err)
		}
	}
}

// A value that cannot be read and has a high generation keeps others out only until it is read.
func TestForgedGenerationKeepsNobodyOut(t *testing.T) {
	server := cachetest.StartRedis(t)
	s, c := open(t, server.DSN(), keyring(t)), raw(t, server)
	c.Set(t.Context(), redis.TokenName(s, zd), "9999|forged", time.Hour)
	wantMissing(t, s, zd)
	put(t, s, zd, "a", 1)
	if got, err := s.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "a" {
		t.Errorf("got %q, %v, want the token", got.Value.Reveal(), err)
	}
}
