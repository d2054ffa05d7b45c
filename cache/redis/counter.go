package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

func (s *Store) counterName(counter string) string { return s.name("c", counter) }

// addScript also gives an expiry to a counter that has none: none may stay for ever.
var addScript = redis.NewScript(`
local n = redis.call('INCR', KEYS[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`)

// Add implements cache.Counters.
func (s *Store) Add(ctx context.Context, counter string, window time.Duration) (n int64, err error) {
	err = s.do(ctx, func(ctx context.Context) error {
		n, err = addScript.Run(ctx, s.client, []string{s.counterName(counter)}, whole(window)).Int64()
		return err
	})
	return n, err
}

var countScript = redis.NewScript(`
return {tonumber(redis.call('GET', KEYS[1]) or 0), redis.call('PTTL', KEYS[1])}`)

// Count implements cache.Counters.
func (s *Store) Count(ctx context.Context, counter string) (n int64, left time.Duration, err error) {
	err = s.do(ctx, func(ctx context.Context) error {
		reply, err := countScript.Run(ctx, s.client, []string{s.counterName(counter)}).Int64Slice()
		if err == nil && len(reply) == 2 && reply[1] > 0 {
			n, left = reply[0], time.Duration(reply[1])*time.Millisecond
		}
		return err
	})
	return n, left, err
}

// Reset implements cache.Counters.
func (s *Store) Reset(ctx context.Context, counter string) error {
	return s.do(ctx, func(ctx context.Context) error { return s.client.Del(ctx, s.counterName(counter)).Err() })
}
