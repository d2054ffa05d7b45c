package recordstest

import (
	"errors"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

var sessionParts = []part{
	{"SessionComesBack", sessionComesBack},
	{"SessionsOfAUserEnd", sessionsOfAUserEnd},
	{"PastSessionsAreCleared", func(t *testing.T, s records.Store) {
		sites(t, s)
		user(t, s, "ana", records.RoleAnalyst)
		add := func(hash string, from time.Time) {
			must(t, s.AddSession(t.Context(), records.Session{Hash: []byte(hash), Site: "main", User: "ana", CreatedAt: from, ExpiresAt: from.Add(8 * time.Hour)}))
		}
		add("old", at)
		add("new", at.Add(9*time.Hour))
		_, err := s.SessionByHash(t.Context(), []byte("old"))
		wantErr(t, "a session that ended before another began", err, records.ErrNotFound)
	}},
	{"LeavingASiteEndsItsSessions", func(t *testing.T, s records.Store) {
		sites(t, s, "b")
		user(t, s, "ana", records.RoleAnalyst)
		for _, site := range []records.SiteID{"main", "b"} {
			must(t, s.PutMembership(t.Context(), records.Membership{Site: site, User: "ana", Roles: []records.Role{records.RoleAgent}}))
			must(t, s.AddSession(t.Context(), records.Session{Hash: []byte(site), Site: site, User: "ana", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))
		}
		must(t, s.PutMembership(t.Context(), records.Membership{Site: "main", User: "ana"}))
		_, err := s.SessionByHash(t.Context(), []byte("main"))
		wantErr(t, "the session in the site that was left", err, records.ErrNotFound)
		_, err = s.SessionByHash(t.Context(), []byte("b"))
		must(t, err)
	}},
	{"OnceWorksOnce", onceWorksOnce},
	{"AuthorizationWorksOnce", authorizationWorksOnce},
}

func sessionComesBack(t *testing.T, s records.Store) {
	sites(t, s)
	user(t, s, "ana", records.RoleAnalyst)
	want := records.Session{Hash: []byte{0, 255}, Site: "main", User: "ana", CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(8 * time.Hour)}
	must(t, s.AddSession(t.Context(), want))
	wantErr(t, "the hash again", s.AddSession(t.Context(), want), records.ErrExists)
	want.SeenAt = at.Add(time.Minute)
	wantMoved(t, s, "main", false, "a touch", func() error { return s.TouchSession(t.Context(), want.Hash, want.SeenAt) })
	got, err := s.SessionByHash(t.Context(), want.Hash)
	must(t, err)
	wantEqual(t, "session", got, want)
	wantMoved(t, s, "main", true, "a sign-out", func() error { return s.DeleteSession(t.Context(), want.Hash) })
	must(t, s.DeleteSession(t.Context(), want.Hash))
	_, err = s.SessionByHash(t.Context(), want.Hash)
	wantErr(t, "the session afterwards", err, records.ErrNotFound)
	wantErr(t, "a touch afterwards", s.TouchSession(t.Context(), want.Hash, at), records.ErrNotFound)
}

func sessionsOfAUserEnd(t *testing.T, s records.Store) {
	sites(t, s)
	for _, id := range []records.UserID{"ana", "bo"} {
		user(t, s, id, records.RoleAnalyst)
		must(t, s.AddSession(t.Context(), records.Session{Hash: []byte(id), Site: "main", User: id, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}))
	}
	wantMoved(t, s, "main", true, "the end of sessions", func() error { return s.DeleteSessionsOf(t.Context(), "ana") })
	_, err := s.SessionByHash(t.Context(), []byte("ana"))
	wantErr(t, "her session", err, records.ErrNotFound)
	_, err = s.SessionByHash(t.Context(), []byte("bo"))
	must(t, err)
	must(t, s.DeleteSessionsOf(t.Context(), "nobody"))
}

// oneOf lets eight take the same thing at once: one gets it, the others ErrNotFound.
func oneOf(t *testing.T, what string, take func() error) {
	t.Helper()
	got := 0
	for _, err := range together([]func() error{take, take, take, take, take, take, take, take}) {
		if err == nil {
			got++
		} else if !errors.Is(err, records.ErrNotFound) {
			t.Errorf("%s: got %v, want records.ErrNotFound", what, err)
		}
	}
	if got != 1 {
		t.Errorf("%s: %d of 8 got it, want 1", what, got)
	}
}

func onceWorksOnce(t *testing.T, s records.Store) {
	sites(t, s)
	user(t, s, "ana", records.RoleAnalyst)
	want := records.Once{Hash: []byte("h"), Site: "main", User: "ana", ExpiresAt: at.Add(15 * time.Minute)}
	must(t, s.AddOnce(t.Context(), want))
	oneOf(t, "a one-time link", func() error {
		got, err := s.TakeOnce(t.Context(), want.Hash, at)
		if err == nil {
			wantEqual(t, "once", got, want)
		}
		return err
	})
	must(t, s.AddOnce(t.Context(), want))
	_, err := s.TakeOnce(t.Context(), want.Hash, want.ExpiresAt)
	wantErr(t, "at its end", err, records.ErrNotFound)
	_, err = s.TakeOnce(t.Context(), want.Hash, at)
	wantErr(t, "after an attempt at its end", err, records.ErrNotFound)
}

func authorizationWorksOnce(t *testing.T, s records.Store) {
	sites(t, s)
	l := link(t, s, "zd")
	want := records.Authorization{
		StateHash: []byte("state"), Link: l.ID, User: "ana", BrowserHash: []byte("browser"), Verifier: records.Sealed("sealed"),
		RedirectURI: "https://review.example/oauth/callback", ReturnTo: "/links", ExpiresAt: at.Add(10 * time.Minute),
	}
	add := func(state string) error {
		a := want
		a.StateHash = []byte(state)
		return s.AddAuthorization(t.Context(), a)
	}
	must(t, add("state"))
	wantErr(t, "the state again", add("state"), records.ErrExists)
	oneOf(t, "an authorization", func() error {
		got, err := s.TakeAuthorization(t.Context(), want.StateHash, at)
		if err == nil {
			wantEqual(t, "authorization", got, want)
		}
		return err
	})
	must(t, add("late"))
	_, err := s.TakeAuthorization(t.Context(), []byte("late"), want.ExpiresAt)
	wantErr(t, "at its end", err, records.ErrNotFound)
	must(t, add("gone"))
	must(t, s.DeleteLink(t.Context(), l.ID))
	_, err = s.TakeAuthorization(t.Context(), []byte("gone"), at)
	wantErr(t, "of a link that is gone", err, records.ErrNotFound)
	wantErr(t, "for an unknown link", add("new"), records.ErrNotFound)
}
