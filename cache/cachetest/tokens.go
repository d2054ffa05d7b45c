package cachetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

func tokenComesBackAsItWas(t *testing.T, s cache.Store, _ func(time.Duration)) {
	want := records.AccessToken{
		Value: records.NewSecret("to|ken \x00 ü"), Generation: 1 << 40, Scopes: "read write", ExpiresAt: Start().Add(time.Hour),
	}
	must(t, s.Put(t.Context(), zd, want))
	got, err := s.Get(t.Context(), zd)
	must(t, err)
	if got.Value.Reveal() != want.Value.Reveal() || got.Generation != want.Generation || got.Scopes != want.Scopes || !got.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("got %q %+v, want %q %+v", got.Value.Reveal(), got, want.Value.Reveal(), want)
	}
}

func tokenOfAnotherLinkIsMissing(t *testing.T, s cache.Store, _ func(time.Duration)) {
	wantToken(t, s, zd, "")
	must(t, s.Put(t.Context(), zd, token("a", 1, time.Hour)))
	wantToken(t, s, other, "")
}

func tokenExpires(t *testing.T, s cache.Store, advance func(time.Duration)) {
	must(t, s.Put(t.Context(), zd, token("a", 1, time.Hour)))
	advance(59 * time.Minute)
	wantToken(t, s, zd, "a")
	advance(2 * time.Minute)
	wantToken(t, s, zd, "")
}

func tokenWithoutExpiryStaysAnHour(t *testing.T, s cache.Store, advance func(time.Duration)) {
	must(t, s.Put(t.Context(), zd, records.AccessToken{Value: records.NewSecret("a"), Generation: 1}))
	advance(59 * time.Minute)
	got, err := s.Get(t.Context(), zd)
	must(t, err)
	if !got.ExpiresAt.IsZero() {
		t.Errorf("expiry: got %v, want none", got.ExpiresAt)
	}
	advance(2 * time.Minute)
	wantToken(t, s, zd, "")
}

func tokenStaysTwoDaysAtMost(t *testing.T, s cache.Store, advance func(time.Duration)) {
	must(t, s.Put(t.Context(), zd, token("a", 1, 1000*time.Hour)))
	advance(47 * time.Hour)
	wantToken(t, s, zd, "a")
	advance(2 * time.Hour)
	wantToken(t, s, zd, "")
}

func tokenThatIsPastIsNotPut(t *testing.T, s cache.Store, _ func(time.Duration)) {
	must(t, s.Put(t.Context(), zd, token("a", 1, -time.Minute)))
	wantToken(t, s, zd, "")
}

func olderGenerationIsNotPut(t *testing.T, s cache.Store, advance func(time.Duration)) {
	put := func(value string, generation int64) {
		t.Helper()
		must(t, s.Put(t.Context(), zd, token(value, generation, time.Hour)))
	}
	put("ten", 10)
	put("nine", 9)
	wantToken(t, s, zd, "ten")
	put("ten again", 10) // client credentials: a new token, no new generation
	wantToken(t, s, zd, "ten again")
	put("hundred", 100)
	wantToken(t, s, zd, "hundred")
	advance(61 * time.Minute)
	must(t, s.Put(t.Context(), zd, token("one", 1, 3*time.Hour))) // nothing cached any more
	wantToken(t, s, zd, "one")
}

func newestOfManyPutsStays(t *testing.T, s cache.Store, _ func(time.Duration)) {
	const n = 64
	var all sync.WaitGroup
	for _, generation := range rand.Perm(n) {
		all.Go(func() {
			if err := s.Put(t.Context(), zd, token(fmt.Sprint(generation), int64(generation), time.Hour)); err != nil {
				t.Errorf("put generation %d: %v", generation, err)
			}
		})
	}
	all.Wait()
	wantToken(t, s, zd, fmt.Sprint(n-1))
}

func deletedTokenIsMissing(t *testing.T, s cache.Store, _ func(time.Duration)) {
	must(t, s.Put(t.Context(), zd, token("a", 7, time.Hour)))
	must(t, s.Put(t.Context(), other, token("b", 7, time.Hour)))
	must(t, s.Delete(t.Context(), zd))
	must(t, s.Delete(t.Context(), zd))
	wantToken(t, s, zd, "")
	wantToken(t, s, other, "b")
	must(t, s.Put(t.Context(), zd, token("older", 6, time.Hour)))
	wantToken(t, s, zd, "older")
}
