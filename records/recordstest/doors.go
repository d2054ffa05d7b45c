package recordstest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// doorParts are about how people come in: from where, through which door, as whose account.
var doorParts = []part{
	{"DoorsOfASite", doorsOfASite},
	{"BreakGlassStays", breakGlassStays},
	{"BreakGlassIsNeeded", breakGlassIsNeeded},
	{"BreakGlassCannotGoMeanwhile", breakGlassCannotGoMeanwhile},
	{"IdentityComesBack", identityComesBack},
}

func networks(t testing.TB, texts ...string) records.Networks {
	t.Helper()
	n, err := records.ParseNetworks(texts)
	must(t, err)
	return n
}

func doorsOfASite(t *testing.T, s records.Store) {
	sites(t, s)
	user(t, s, "ana", records.RoleAdministrator)
	want := records.Site{ID: "main", Name: "Main", CreatedAt: at, IPRules: networks(t, "203.0.113.0/24"), SSOOnly: true, BreakGlass: "ana"}
	for _, step := range []struct {
		what  string
		moves bool
		with  func()
	}{
		{"a rule and a closed door", true, func() {}},
		{"the same again, as at every start", false, func() {}},
		{"another name", false, func() { want.Name = "Other" }},
		{"another rule", true, func() { want.IPRules = networks(t, "::1") }},
		{"no rule", true, func() { want.IPRules = nil }},
		{"the doors open", true, func() { want.SSOOnly = false }},
		{"nobody with a key", true, func() { want.BreakGlass = "" }},
	} {
		step.with()
		wantMoved(t, s, "main", step.moves, step.what, func() error { return s.PutSite(t.Context(), want) })
		got, err := s.Site(t.Context(), "main")
		must(t, err)
		wantEqual(t, step.what, got, want)
	}
}

// closed closes a site's doors but for one person's.
func closed(t testing.TB, s records.Store, who records.UserID) {
	t.Helper()
	must(t, s.PutSite(t.Context(), records.Site{ID: "main", Name: "Main", SSOOnly: true, BreakGlass: who}))
}

func breakGlassStays(t *testing.T, s records.Store) {
	sites(t, s)
	ana := user(t, s, "ana", records.RoleAdministrator)
	user(t, s, "bo", records.RoleAdministrator)
	closed(t, s, "ana")
	for what, change := range map[string]func(*records.User){
		"deactivate": func(u *records.User) { u.Status = records.UserInactive },
		"an end":     func(u *records.User) { u.EndsAt = at },
		"no password": func(u *records.User) {
			u.PasswordHash = ""
		},
	} {
		u := ana
		change(&u)
		wantErr(t, what, s.UpdateUser(t.Context(), u), records.ErrBreakGlass)
	}
	wantErr(t, "demote", s.PutMembership(t.Context(), records.Membership{Site: "main", User: "ana", Roles: []records.Role{records.RoleAnalyst}}), records.ErrBreakGlass)
	got, err := s.User(t.Context(), "ana")
	must(t, err)
	wantEqual(t, "after what was refused", got, ana)
	closed(t, s, "bo")
	ana.Status = records.UserInactive
	must(t, s.UpdateUser(t.Context(), ana))
}

func breakGlassIsNeeded(t *testing.T, s records.Store) {
	sites(t, s, "b")
	user(t, s, "ana", records.RoleAdministrator)
	user(t, s, "zoe", records.RoleAnalyst)
	leaving := user(t, s, "lee", records.RoleAdministrator)
	leaving.EndsAt = at
	must(t, s.UpdateUser(t.Context(), leaving))
	byProvider := user(t, s, "oi", records.RoleAdministrator)
	byProvider.PasswordHash = ""
	must(t, s.UpdateUser(t.Context(), byProvider))
	for _, who := range []records.UserID{"", "nobody", "zoe", "lee", "oi"} {
		wantErr(t, "break-glass "+string(who), s.PutSite(t.Context(), records.Site{ID: "main", Name: "Main", SSOOnly: true, BreakGlass: who}), records.ErrBreakGlass)
	}
	wantErr(t, "one of another site", s.PutSite(t.Context(), records.Site{ID: "b", Name: "B", SSOOnly: true, BreakGlass: "ana"}), records.ErrBreakGlass)
	got, err := s.Site(t.Context(), "main")
	must(t, err)
	wantEqual(t, "after what was refused", got, records.Site{ID: "main", Name: "Site main", CreatedAt: at})
}

func breakGlassCannotGoMeanwhile(t *testing.T, s records.Store) {
	for range 10 {
		sites(t, s)
		id := records.UserID("u" + time.Now().Format("150405.000000000"))
		u := user(t, s, id, records.RoleAdministrator)
		user(t, s, id+"2", records.RoleAdministrator)
		u.Status = records.UserInactive
		var gone, shut error
		var wg sync.WaitGroup
		wg.Go(func() { gone = s.UpdateUser(t.Context(), u) })
		wg.Go(func() {
			shut = s.PutSite(t.Context(), records.Site{ID: "main", Name: "Main", SSOOnly: true, BreakGlass: id})
		})
		wg.Wait()
		wentFirst := gone == nil && errors.Is(shut, records.ErrBreakGlass)
		if shutFirst := shut == nil && errors.Is(gone, records.ErrBreakGlass); !wentFirst && !shutFirst {
			t.Fatalf("deactivating gave %v, closing the doors %v; want one of them refused", gone, shut)
		}
	}
}

func identityComesBack(t *testing.T, s records.Store) {
	sites(t, s, "b")
	user(t, s, "ana", records.RoleAnalyst)
	user(t, s, "bo", records.RoleAnalyst)
	want := records.Identity{Site: "main", Issuer: "https://id.example", Subject: "00u1", User: "ana", CreatedAt: at}
	must(t, s.AddIdentity(t.Context(), want))
	got, err := s.Identity(t.Context(), "main", want.Issuer, want.Subject)
	must(t, err)
	wantEqual(t, "identity", got, want)
	for what, change := range map[string]func(*records.Identity){
		"the account is somebody else's":   func(i *records.Identity) { i.User = "bo" },
		"a second account at the provider": func(i *records.Identity) { i.Subject = "00u2" },
	} {
		i := want
		change(&i)
		wantErr(t, what, s.AddIdentity(t.Context(), i), records.ErrExists)
	}
	for _, other := range [][3]string{{"b", want.Issuer, "00u1"}, {"main", "https://other.example", "00u1"}, {"main", want.Issuer, "00U1"}} {
		_, err := s.Identity(t.Context(), records.SiteID(other[0]), other[1], other[2])
		wantErr(t, "identity "+other[0]+other[1]+other[2], err, records.ErrNotFound)
	}
	wantErr(t, "of an unknown user", s.AddIdentity(t.Context(), records.Identity{Site: "b", Issuer: "x", Subject: "y", User: "nobody"}), records.ErrNotFound)
	all, err := s.IdentitiesOf(t.Context(), "ana")
	must(t, err)
	wantEqual(t, "identities", all, []records.Identity{want})
	for hash, via := range map[string]records.Door{"h1": records.DoorSSO, "h2": records.DoorPassword} {
		must(t, s.AddSession(t.Context(), records.Session{Hash: []byte(hash), Site: "main", User: "ana", CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(time.Hour), Via: via}))
	}
	wantMoved(t, s, "main", true, "releasing", func() error { return s.DeleteIdentities(t.Context(), "ana") })
	_, err = s.SessionByHash(t.Context(), []byte("h1"))
	wantErr(t, "a session that the account began", err, records.ErrNotFound)
	kept, err := s.SessionByHash(t.Context(), []byte("h2"))
	must(t, err)
	if kept.Via != records.DoorPassword {
		t.Errorf("the other session's door: got %q, want %q", kept.Via, records.DoorPassword)
	}
	must(t, s.AddIdentity(t.Context(), records.Identity{Site: "main", Issuer: want.Issuer, Subject: "00u2", User: "ana"}))
}
