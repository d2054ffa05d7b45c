package redis

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/redis/go-redis/v9"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// A value is the generation in decimal digits, "|", and the token sealed for its link and that
// generation. The digits are in the clear so that Redis can refuse an older one; to change them is
// to make the value unreadable.

// tokenForm is what is sealed.
type tokenForm struct {
	Value   string `json:"value"`
	Scopes  string `json:"scopes,omitzero"`
	Expires int64  `json:"expires,omitzero"` // Unix ms
}

func place(link records.LinkID, generation int64) records.Place {
	return records.Place{Site: link.Site, Table: "cache", Row: link.Link, Column: "access_token", Generation: generation}
}

func (s *Store) seal(link records.LinkID, t records.AccessToken) ([]byte, error) {
	form := tokenForm{Value: t.Value.Reveal(), Scopes: t.Scopes}
	if !t.ExpiresAt.IsZero() {
		form.Expires = t.ExpiresAt.UnixMilli()
	}
	plain, err := json.Marshal(form)
	if err != nil {
		return nil, err
	}
	value := strconv.AppendInt(nil, t.Generation, 10)
	return append(append(value, '|'), s.keys.Seal(plain, place(link, t.Generation))...), nil
}

// unseal gives cache.ErrMissing for whatever is not this link's token: it is as good as none.
func (s *Store) unseal(link records.LinkID, value []byte) (records.AccessToken, error) {
	digits, sealed, _ := bytes.Cut(value, []byte("|"))
	generation, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return records.AccessToken{}, cache.ErrMissing
	}
	plain, err := s.keys.Open(sealed, place(link, generation))
	if err != nil {
		return records.AccessToken{}, cache.ErrMissing
	}
	var form tokenForm
	if err := json.Unmarshal(plain, &form); err != nil {
		return records.AccessToken{}, cache.ErrMissing
	}
	t := records.AccessToken{Value: records.NewSecret(form.Value), Generation: generation, Scopes: form.Scopes}
	if form.Expires != 0 {
		t.ExpiresAt = time.UnixMilli(form.Expires).UTC()
	}
	return t, nil
}

func (s *Store) tokenName(link records.LinkID) string {
	return s.name("t", string(link.Site), link.Link)
}

// Get implements cache.Tokens.
func (s *Store) Get(ctx context.Context, link records.LinkID) (t records.AccessToken, err error) {
	err = s.do(ctx, func(ctx context.Context) error {
		value, err := s.client.Get(ctx, s.tokenName(link)).Bytes()
		if errors.Is(err, redis.Nil) {
			return cache.ErrMissing
		}
		if err != nil {
			return err
		}
		if t, err = s.unseal(link, value); err != nil {
			s.drop(ctx, link, value)
			return err
		}
		if cache.Life(t, s.now()) <= 0 {
			return cache.ErrMissing
		}
		return nil
	})
	if err != nil {
		return records.AccessToken{}, err
	}
	return t, nil
}

// drop removes a value that nobody can read: with a high generation in front it would keep good
// ones out until it expires. If that fails, it is tried at the next Get.
func (s *Store) drop(ctx context.Context, link records.LinkID, value []byte) {
	_ = dropScript.Run(ctx, s.client, []string{s.tokenName(link)}, value).Err()
}

var dropScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

// Put implements cache.Tokens. One script compares and writes: between two replicas the newer
// generation stays, in whatever order they come.
func (s *Store) Put(ctx context.Context, link records.LinkID, t records.AccessToken) error {
	life := cache.Life(t, s.now())
	if life <= 0 {
		return nil
	}
	value, err := s.seal(link, t)
	if err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		return putScript.Run(ctx, s.client, []string{s.tokenName(link)}, t.Generation, value, whole(life)).Err()
	})
}

var putScript = redis.NewScript(`
local cached = redis.call('GET', KEYS[1])
local generation = cached and tonumber(string.match(cached, '^(%d+)|'))
if generation and generation > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

// whole gives milliseconds, at least one: Redis refuses none.
func whole(d time.Duration) int64 { return max(d.Milliseconds(), 1) }

// Delete implements cache.Tokens.
func (s *Store) Delete(ctx context.Context, link records.LinkID) error {
	return s.do(ctx, func(ctx context.Context) error { return s.client.Del(ctx, s.tokenName(link)).Err() })
}
