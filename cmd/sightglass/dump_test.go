package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"
)

// All that may stand in Redis: a kind, a keyed hash, and a value of that kind.
var inRedis = map[string]*regexp.Regexp{
	"sg:t:": regexp.MustCompile(`(?s)^[0-9]+\|\x01.{40,}$`), // a generation, then a sealed token
	"sg:l:": regexp.MustCompile(`^[A-Za-z0-9_+/=-]{10,}$`),  // who holds the lock: random
	"sg:c:": regexp.MustCompile(`^[0-9]+$`),                 // a count
}

var keyedHash = regexp.MustCompile(`^sg:[tlc]:[A-Za-z0-9_-]{43}$`)

// redisHoldsNoSecret dumps every key while gateways work: names are hashes, values sealed tokens, locks and
// counters, and every key expires.
func (s *storm) redisHoldsNoSecret(t *testing.T) {
	s.weather(t)
	s.text(s.client, "POST", "http://"+s.replicas[0].addr+"/api/v1/session", "", `{"login":"login-canary","password":"Wrong-password-1"}`, http.StatusUnauthorized)
	c := goredis.NewClient(&goredis.Options{Addr: s.redis.Addr, Protocol: 2, DisableIdentity: true})
	defer func() { _ = c.Close() }()
	kinds := map[string]int{}
	s.blow(func() bool { // until each kind was seen
		s.dumping.Lock()
		defer s.dumping.Unlock()
		s.dump(t, c, kinds)
		return t.Failed() || len(kinds) == len(inRedis)
	})
	if len(kinds) != len(inRedis) {
		t.Errorf("kinds of keys that were seen: %v, want tokens, locks and counters", kinds)
	}
}

func (s *storm) dump(t *testing.T, c *goredis.Client, kinds map[string]int) {
	names, err := c.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Errorf("keys: %v", err)
		return
	}
	for _, name := range names {
		value, err := c.Get(t.Context(), name).Result()
		ttl := c.PTTL(t.Context(), name).Val()
		if err == goredis.Nil || ttl == -2 { //nolint:errorlint // never wrapped; it expired between two looks
			continue
		}
		kind := name[:min(len(name), 5)]
		form := inRedis[kind]
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case !keyedHash.MatchString(name) || form == nil || !form.MatchString(value):
			t.Errorf("%s holds %d bytes, beginning with %.6q: want a hashed name, and a sealed token, a lock or a count", name, len(value), value)
		case ttl == -1:
			t.Errorf("%s never expires", name)
		}
		kinds[kind]++
		for _, secret := range append(s.provider.secrets(), "canary", "main", "zd0", "acme") {
			if len(secret) > 3 && strings.Contains(name+value, secret) {
				t.Errorf("%s: %.6s… can be read", name, secret)
			}
		}
	}
}

// secrets are the tokens that the provider has given out.
func (p *provider) secrets() (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.family {
		all = append(all, t)
	}
	return append(all, p.access...)
}
