package recordstest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sightglass-gateway/sightglass/records"
)

var grantParts = []part{
	{"RefreshThatRotates", refreshThatRotates},
	{"RefreshThatChangesNothing", refreshThatChangesNothing},
	{"StaleGenerationChangesNothing", staleGenerationChangesNothing},
	{"IntentIsSwapped", intentIsSwapped},
	{"OneIntentWins", oneIntentWins},
	{"GrantBringsALinkBack", grantBringsALinkBack},
	{"StateIsToldOnce", stateIsToldOnce},
	{"OneSwapOfAGenerationWins", oneSwapOfAGenerationWins},
}

func refreshThatRotates(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	begun, done := at.Add(time.Minute), at.Add(2*time.Minute)
	wantMoved(t, s, "main", false, "an intent", func() error { return s.BeginRefresh(t.Context(), want.ID, 3, time.Time{}, begun) })
	want.IntentAt = begun
	wantLink(t, s, want)
	must(t, s.SwapGrant(t.Context(), want.ID, 3, records.Grant{RefreshToken: records.Sealed("rotated"), Scopes: "read", At: done}))
	want.RefreshToken, want.Generation, want.IntentAt, want.LastOKAt = records.Sealed("rotated"), 4, time.Time{}, done
	wantLink(t, s, want) // UpdatedAt has not moved: connectors stay as they are
	wantMoved(t, s, "main", true, "a rotation", func() error {
		return s.SwapGrant(t.Context(), want.ID, 4, records.Grant{RefreshToken: records.Sealed("again"), Scopes: "read write", SeedHash: []byte("seed 2"), At: done})
	})
	want.RefreshToken, want.Generation, want.Scopes, want.SeedHash, want.UpdatedAt = records.Sealed("again"), 5, "read write", []byte("seed 2"), done
	wantLink(t, s, want)
}

func refreshThatChangesNothing(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	later := at.Add(time.Minute)
	must(t, s.BeginRefresh(t.Context(), want.ID, 3, time.Time{}, later))
	must(t, s.EndRefresh(t.Context(), want.ID, 3, later, false, later))
	wantLink(t, s, want)
	must(t, s.BeginRefresh(t.Context(), want.ID, 3, time.Time{}, later))
	wantMoved(t, s, "main", false, "its end", func() error { return s.EndRefresh(t.Context(), want.ID, 3, later, true, later) })
	want.LastOKAt = later
	wantLink(t, s, want)
}

func staleGenerationChangesNothing(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	for _, from := range []int64{-1, 0, 2, 4} {
		_, state := s.SetState(t.Context(), want.ID, from, records.LinkNeedsReconnect, "x", at)
		for call, err := range map[string]error{
			"SetState":     state,
			"BeginRefresh": s.BeginRefresh(t.Context(), want.ID, from, time.Time{}, at),
			"SwapGrant":    s.SwapGrant(t.Context(), want.ID, from, records.Grant{RefreshToken: records.Sealed("x"), At: at}),
			"EndRefresh":   s.EndRefresh(t.Context(), want.ID, from, time.Time{}, true, at.Add(time.Hour)),
		} {
			wantErr(t, fmt.Sprintf("%s from generation %d of 3", call, from), err, records.ErrStale)
		}
	}
	wantLink(t, s, want)
}

func intentIsSwapped(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	first, second, other := at.Add(time.Minute), at.Add(2*time.Minute), at.Add(time.Hour)
	begin := func(seen, to time.Time) error { return s.BeginRefresh(t.Context(), want.ID, 3, seen, to) }
	end := func(intent time.Time) error { return s.EndRefresh(t.Context(), want.ID, 3, intent, true, other) }
	wantErr(t, "over an intent that never was", begin(other, second), records.ErrStale)
	must(t, begin(time.Time{}, first))
	wantErr(t, "by who saw none", begin(time.Time{}, second), records.ErrStale)
	wantErr(t, "by who saw another", begin(other, second), records.ErrStale)
	must(t, begin(first, second))
	wantErr(t, "end of the intent that was overtaken", end(first), records.ErrStale)
	wantErr(t, "end by who has none", end(time.Time{}), records.ErrStale)
	want.IntentAt = second
	wantLink(t, s, want)
	must(t, end(second))
	want.IntentAt, want.LastOKAt = time.Time{}, other
	wantLink(t, s, want)
	for _, state := range []records.LinkState{records.LinkPaused, records.LinkNeedsReconnect} {
		_, err := s.SetState(t.Context(), want.ID, 3, state, "", at)
		must(t, err)
		wantErr(t, "of a link that is "+string(state), begin(time.Time{}, first), records.ErrStale)
	}
}

// However many begin a refresh at the same time from what they all saw, one of them has begun it.
func oneIntentWins(t *testing.T, s records.Store) {
	sites(t, s)
	id, seen := link(t, s, "zd").ID, time.Time{}
	for round := range 20 {
		calls := make([]func() error, 8)
		for i := range calls {
			calls[i] = func() error {
				return s.BeginRefresh(t.Context(), id, 3, seen, at.Add(time.Duration(10*round+i+1)*time.Second))
			}
		}
		winner := -1
		for i, err := range together(calls) {
			switch {
			case errors.Is(err, records.ErrStale):
			case err != nil:
				t.Fatalf("round %d, caller %d: got %v, want records.ErrStale", round, i, err)
			case winner >= 0:
				t.Fatalf("round %d: callers %d and %d have both begun", round, winner, i)
			default:
				winner = i
			}
		}
		got, err := s.Link(t.Context(), id)
		must(t, err)
		if want := at.Add(time.Duration(10*round+winner+1) * time.Second); winner < 0 || !got.IntentAt.Equal(want) {
			t.Fatalf("round %d: got winner %d and intent %v, want one and %v", round, winner, got.IntentAt, want)
		}
		seen = got.IntentAt
	}
}

func grantBringsALinkBack(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	_, err := s.SetState(t.Context(), want.ID, 3, records.LinkNeedsReconnect, "needs_reconnect", at.Add(time.Minute))
	must(t, err)
	must(t, s.SwapGrant(t.Context(), want.ID, 3, records.Grant{Scopes: "read", At: at.Add(2 * time.Minute)}))
	want.RefreshToken, want.Generation = nil, 4 // a grant without a refresh token: none is kept
	want.LastOKAt, want.UpdatedAt = at.Add(2*time.Minute), at.Add(2*time.Minute)
	wantLink(t, s, want)
}

// However many find that a link is broken, one of them is told that this is news.
func stateIsToldOnce(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	var told atomic.Int64
	set := func() error {
		changed, err := s.SetState(t.Context(), want.ID, 3, records.LinkNeedsReconnect, "needs_reconnect", at.Add(time.Minute))
		if changed {
			told.Add(1)
		}
		return err
	}
	for _, err := range together([]func() error{set, set, set, set, set, set, set, set}) {
		must(t, err)
	}
	if told.Load() != 1 {
		t.Errorf("%d of 8 were told, want 1", told.Load())
	}
	want.State, want.Reason, want.UpdatedAt = records.LinkNeedsReconnect, "needs_reconnect", at.Add(time.Minute)
	wantLink(t, s, want)
	changed, err := s.SetState(t.Context(), want.ID, 3, records.LinkNeedsReconnect, "missing_scope", at.Add(2*time.Minute))
	if err != nil || changed {
		t.Errorf("another reason: got %v, %v, want no change of state", changed, err)
	}
	if got, err := s.Link(t.Context(), want.ID); err != nil || got.Reason != "missing_scope" {
		t.Errorf("reason: got %q, %v, want missing_scope", got.Reason, err)
	}
}

// Any number of callers swap any generations at the same time: of each generation one swap wins,
// what stands there afterwards is what the last winner wrote, and losers are told.
func oneSwapOfAGenerationWins(t *testing.T, s records.Store) {
	sites(t, s)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		l := records.Link{ID: records.LinkID{Site: "main", Link: fmt.Sprint("zd", n)}, Provider: "zendesk", CreatedAt: at}
		must(t, s.AddLink(t.Context(), l))
		defer func() { must(t, s.DeleteLink(t.Context(), l.ID)) }()
		callers := rapid.IntRange(2, 12).Draw(r, "callers")
		generations := rapid.IntRange(1, 4).Draw(r, "generations")
		for from := range int64(generations) {
			winner := swapAtOnce(r, s, l.ID, from, callers)
			got, err := s.Link(t.Context(), l.ID)
			if err != nil || got.Generation != from+1 || string(got.RefreshToken) != winner {
				r.Fatalf("after generation %d: got generation %d, %q, %v, want %d, %q", from, got.Generation, got.RefreshToken, err, from+1, winner)
			}
		}
	})
}

// swapAtOnce lets callers swap generation from, and some the one before, and gives what the one
// winner wrote.
func swapAtOnce(r *rapid.T, s records.Store, id records.LinkID, from int64, callers int) string {
	calls := make([]func() error, callers)
	for i := range calls {
		base := from
		if i > 0 && rapid.Bool().Draw(r, "late") {
			base--
		}
		calls[i] = func() error {
			return s.SwapGrant(r.Context(), id, base, records.Grant{RefreshToken: records.Sealed(fmt.Sprint(from, " of ", i)), At: at})
		}
	}
	winner := ""
	for i, err := range together(calls) {
		switch {
		case errors.Is(err, records.ErrStale):
		case err != nil:
			r.Fatalf("caller %d: got %v, want records.ErrStale", i, err)
		case winner != "":
			r.Fatalf("generation %d was swapped twice: by %q and by caller %d", from, winner, i)
		default:
			winner = fmt.Sprint(from, " of ", i)
		}
	}
	return winner
}
