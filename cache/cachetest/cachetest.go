package cachetest

import (
	"errors"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/records"
)

// New makes an empty store and a function that moves its clock forward. The store is closed by the
// test's cleanup.
type New func(t testing.TB) (store cache.Store, advance func(time.Duration))

// Start is the time at which a store's clock must start, where it has one of its own.
func Start() time.Time { return time.Now().Truncate(time.Millisecond).UTC() }

// Run runs the suite, with a fresh store for each part.
func Run(t *testing.T, open New) {
	for _, part := range []struct {
		name string
		test func(t *testing.T, s cache.Store, advance func(time.Duration))
	}{
		{"TokenComesBackAsItWas", tokenComesBackAsItWas},
		{"TokenOfAnotherLinkIsMissing", tokenOfAnotherLinkIsMissing},
		{"TokenExpires", tokenExpires},
		{"TokenWithoutExpiryStaysAnHour", tokenWithoutExpiryStaysAnHour},
		{"TokenStaysTwoDaysAtMost", tokenStaysTwoDaysAtMost},
		{"TokenThatIsPastIsNotPut", tokenThatIsPastIsNotPut},
		{"OlderGenerationIsNotPut", olderGenerationIsNotPut},
		{"NewestOfManyPutsStays", newestOfManyPutsStays},
		{"DeletedTokenIsMissing", deletedTokenIsMissing},
		{"LeaseKeepsOthersOut", leaseKeepsOthersOut},
		{"LeaseRunsOut", leaseRunsOut},
		{"LostLeaseHarmsNobody", lostLeaseHarmsNobody},
		{"OneOfManyGetsTheLease", oneOfManyGetsTheLease},
		{"CounterCounts", counterCounts},
		{"WindowStartsWithTheFirstEvent", windowStartsWithTheFirstEvent},
		{"CountersAreApart", countersAreApart},
		{"NothingIsLostInACrowd", nothingIsLostInACrowd},
		{"Ping", func(t *testing.T, s cache.Store, _ func(time.Duration)) { must(t, s.Ping(t.Context())) }},
	} {
		t.Run(part.name, func(t *testing.T) {
			s, advance := open(t)
			part.test(t, s, advance)
		})
	}
}

var (
	zd    = records.LinkID{Site: "main", Link: "zd"}
	other = records.LinkID{Site: "mai", Link: "nzd"} // the same letters, parted elsewhere
)

func token(value string, generation int64, life time.Duration) records.AccessToken {
	return records.AccessToken{
		Value: records.NewSecret(value), Generation: generation, Scopes: "read", ExpiresAt: Start().Add(life),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got %v, want no error", err)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// wantToken checks what the store has for a link; "" wants none.
func wantToken(t *testing.T, s cache.Store, link records.LinkID, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), link)
	if want == "" {
		wantErr(t, err, cache.ErrMissing)
		return
	}
	must(t, err)
	if got.Value.Reveal() != want {
		t.Fatalf("token of %v: got %q, want %q", link, got.Value.Reveal(), want)
	}
}
