package recordstest

import (
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

var linkParts = []part{
	{"LinkComesBack", linkComesBack},
	{"BareLinkComesBack", func(t *testing.T, s records.Store) {
		sites(t, s)
		id := records.LinkID{Site: "main", Link: "zd"}
		must(t, s.AddLink(t.Context(), records.Link{ID: id, Provider: "zendesk", CreatedAt: at}))
		got, err := s.Link(t.Context(), id)
		must(t, err)
		wantEqual(t, "link", got, records.Link{ID: id, Provider: "zendesk", State: records.LinkNew, CreatedAt: at, UpdatedAt: at})
	}},
	{"LinksAreApart", linksAreApart},
	{"UpdateLinkKeepsSecretsAndState", updateLinkKeepsSecretsAndState},
	{"AnotherAccountDropsTheGrant", anotherAccountDropsTheGrant},
	{"StateAfterAnotherAccount", stateAfterAnotherAccount},
	{"ScopesWithoutAGeneration", scopesWithoutAGeneration},
	{"UpdatedAtMovesEveryTime", func(t *testing.T, s records.Store) {
		sites(t, s)
		l := link(t, s, "zd")
		l.UpdatedAt = time.Now().Add(time.Hour) // a clock that was set back since
		l.ID.Link = "late"
		must(t, s.AddLink(t.Context(), l))
		seen := map[time.Time]bool{l.UpdatedAt.Truncate(time.Millisecond).UTC(): true}
		for range 5 {
			must(t, s.UpdateLink(t.Context(), l))
			got, err := s.Link(t.Context(), l.ID)
			must(t, err)
			if seen[got.UpdatedAt] {
				t.Errorf("updated at %v twice", got.UpdatedAt)
			}
			seen[got.UpdatedAt] = true
		}
	}},
	{"ClientSecretIsSwapped", clientSecretIsSwapped},
	{"LinkIsSealedAnew", linkIsSealedAnew},
	{"UnknownLink", unknownLink},
}

// link adds a link that has been linked: generation 3, secret generation 2.
func link(t testing.TB, s records.Store, name string) records.Link {
	t.Helper()
	l := records.Link{
		ID: records.LinkID{Site: "main", Link: name}, Provider: "zendesk", Title: "Zendesk “Acme”",
		Settings: map[string]string{"subdomain": "acme", "note": "a,b\n\"c\""}, Endpoints: map[string]string{"api": "http://127.0.0.1:9"},
		MediaHosts: []string{"b.example", "a.example"}, Waveform: records.WaveformHeard, CredentialKind: records.CredentialAuthorizationCode, ClientID: "client",
		ClientSecret: records.Sealed{1, 0, 255}, SecretGeneration: 2, RefreshToken: records.Sealed("sealed refresh token"), Generation: 3,
		SeedHash: []byte("seed"), State: records.LinkOK, Scopes: "read", Account: "acme", LastOKAt: at, CreatedAt: at, UpdatedAt: at,
		Provisioned: true,
	}
	must(t, s.AddLink(t.Context(), l))
	return l
}

func wantLink(t testing.TB, s records.Store, want records.Link) {
	t.Helper()
	got, err := s.Link(t.Context(), want.ID)
	must(t, err)
	wantEqual(t, "link", got, want)
}

func linkComesBack(t *testing.T, s records.Store) {
	sites(t, s)
	var l records.Link
	wantMoved(t, s, "main", true, "a new link", func() error { l = link(t, s, "zd"); return nil })
	wantLink(t, s, l)
	wantErr(t, "the name again", s.AddLink(t.Context(), l), records.ErrExists)
	wantMoved(t, s, "main", true, "a deleted link", func() error { return s.DeleteLink(t.Context(), l.ID) })
	_, err := s.Link(t.Context(), l.ID)
	wantErr(t, "the link afterwards", err, records.ErrNotFound)
}

func linksAreApart(t *testing.T, s records.Store) {
	sites(t, s, "b")
	one, two := link(t, s, "zd"), link(t, s, "a")
	elsewhere := one
	elsewhere.ID.Site = "b"
	must(t, s.AddLink(t.Context(), elsewhere))
	got, err := s.Links(t.Context(), "main")
	must(t, err)
	wantEqual(t, "links of main", got, []records.Link{two, one})
	got, err = s.AllLinks(t.Context())
	must(t, err)
	wantEqual(t, "all links", got, []records.Link{elsewhere, two, one})
	must(t, s.DeleteLink(t.Context(), one.ID))
	wantLink(t, s, elsewhere)
	elsewhere.ID.Site = "nowhere"
	wantErr(t, "a link in an unknown site", s.AddLink(t.Context(), elsewhere), records.ErrNotFound)
}

func updateLinkKeepsSecretsAndState(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	change := records.Link{
		ID: want.ID, Title: "Other", Settings: want.Settings, MediaHosts: []string{"c.example"}, Waveform: records.WaveformOff,
		CredentialKind: want.CredentialKind, ClientID: want.ClientID,
		// What has calls of its own must not change here:
		Provider: "other", ClientSecret: records.Sealed("x"), RefreshToken: records.Sealed("x"), Generation: 99, SecretGeneration: 99,
		State: records.LinkPaused, Reason: "x", Scopes: "x", Account: "x",
	}
	wantMoved(t, s, "main", true, "an update", func() error { return s.UpdateLink(t.Context(), change) })
	got, err := s.Link(t.Context(), want.ID)
	must(t, err)
	if !got.UpdatedAt.After(at) {
		t.Errorf("updated at: got %v, want later than %v", got.UpdatedAt, at)
	}
	want.Title, want.Settings, want.Endpoints, want.MediaHosts, want.Waveform = change.Title, change.Settings, nil, change.MediaHosts, change.Waveform
	want.Provisioned, want.UpdatedAt = false, got.UpdatedAt
	wantEqual(t, "link", got, want)
}

// otherAccounts are the changes after which a link leads to another account.
var otherAccounts = map[string]func(*records.Link){
	"another subdomain": func(l *records.Link) { l.Settings = map[string]string{"subdomain": "other"} },
	"one setting more": func(l *records.Link) {
		l.Settings = map[string]string{"subdomain": "acme", "note": "a,b\n\"c\"", "x": ""}
	},
	"another client": func(l *records.Link) { l.ClientID = "other" },
	"a fixed token":  func(l *records.Link) { l.CredentialKind = records.CredentialBearer },
}

func anotherAccountDropsTheGrant(t *testing.T, s records.Store) {
	sites(t, s)
	user(t, s, "ana", records.RoleAdministrator)
	for what, change := range otherAccounts {
		want := link(t, s, what)
		must(t, s.BeginRefresh(t.Context(), want.ID, 3, time.Time{}, at))
		must(t, s.AddAuthorization(t.Context(), records.Authorization{
			StateHash: []byte(what), Link: want.ID, User: "ana", BrowserHash: []byte("b"), ExpiresAt: at.Add(time.Hour),
		}))
		change(&want)
		must(t, s.UpdateLink(t.Context(), want))
		got, err := s.Link(t.Context(), want.ID)
		must(t, err)
		want.RefreshToken, want.SeedHash, want.Generation = nil, nil, 4
		want.State, want.Reason, want.Scopes, want.Account, want.UpdatedAt = records.LinkNeedsReconnect, records.AccountChanged, "", "", got.UpdatedAt
		wantEqual(t, what, got, want)
		wantErr(t, what+": a refresh under way", s.SwapGrant(t.Context(), want.ID, 3, records.Grant{RefreshToken: records.Sealed("late"), At: at}), records.ErrStale)
		_, err = s.TakeAuthorization(t.Context(), []byte(what), at)
		wantErr(t, what+": a linking in progress", err, records.ErrNotFound)
		must(t, s.SwapGrant(t.Context(), want.ID, 4, records.Grant{RefreshToken: records.Sealed("new"), At: at}))
		if got, err := s.Link(t.Context(), want.ID); err != nil || got.State != records.LinkOK || got.Reason != "" {
			t.Errorf("%s, connected again: got %s %s, %v; want ok", what, got.State, got.Reason, err)
		}
	}
}

func stateAfterAnotherAccount(t *testing.T, s records.Store) {
	sites(t, s)
	code, client, bearer := records.CredentialAuthorizationCode, records.CredentialClientCredentials, records.CredentialBearer
	for name, c := range map[string]struct {
		from, to   records.CredentialKind
		generation int64
		before     records.LinkState
		after      records.LinkState
		moved      int64
	}{
		"never-linked":       {code, code, 0, records.LinkNew, records.LinkNew, 0},
		"paused":             {code, code, 2, records.LinkPaused, records.LinkPaused, 3},
		"bearer":             {bearer, bearer, 1, records.LinkOK, records.LinkNeedsReconnect, 2},
		"client":             {client, client, 0, records.LinkOK, records.LinkNew, 1},
		"refused-client":     {client, client, 0, records.LinkNeedsReconnect, records.LinkNew, 1},
		"code-then-client":   {code, client, 5, records.LinkOK, records.LinkNew, 6},
		"client-then-code":   {client, code, 0, records.LinkOK, records.LinkNeedsReconnect, 1},
		"broken-before-that": {code, code, 2, records.LinkNeedsReconnect, records.LinkNeedsReconnect, 3},
	} {
		l := records.Link{
			ID: records.LinkID{Site: "main", Link: name}, Provider: "zendesk", CredentialKind: c.from,
			Generation: c.generation, State: c.before, Reason: "x", CreatedAt: at,
		}
		must(t, s.AddLink(t.Context(), l))
		l.Settings, l.CredentialKind = map[string]string{"subdomain": "other"}, c.to
		must(t, s.UpdateLink(t.Context(), l))
		got, err := s.Link(t.Context(), l.ID)
		must(t, err)
		reason := map[records.LinkState]string{records.LinkNeedsReconnect: records.AccountChanged, records.LinkPaused: "x"}[c.after]
		if got.State != c.after || got.Reason != reason || got.Generation != c.moved {
			t.Errorf("%s: got %s %q, generation %d; want %s %q, %d", name, got.State, got.Reason, got.Generation, c.after, reason, c.moved)
		}
	}
}

func scopesWithoutAGeneration(t *testing.T, s records.Store) {
	sites(t, s)
	want := link(t, s, "zd")
	later := at.Add(time.Minute)
	wantErr(t, "of another generation", s.SetScopes(t.Context(), want.ID, 2, "x", later), records.ErrStale)
	wantMoved(t, s, "main", true, "other scopes", func() error { return s.SetScopes(t.Context(), want.ID, 3, "read write", later) })
	want.Scopes, want.UpdatedAt = "read write", later
	wantLink(t, s, want)
}

func clientSecretIsSwapped(t *testing.T, s records.Store) {
	sites(t, s)
	l := link(t, s, "zd")
	wantErr(t, "from an older generation", s.SetClientSecret(t.Context(), l.ID, 1, records.Sealed("x")), records.ErrStale)
	wantErr(t, "from a generation to come", s.SetClientSecret(t.Context(), l.ID, 3, records.Sealed("x")), records.ErrStale)
	wantLink(t, s, l)
	wantMoved(t, s, "main", true, "a new secret", func() error { return s.SetClientSecret(t.Context(), l.ID, 2, records.Sealed("new")) })
	got, err := s.Link(t.Context(), l.ID)
	must(t, err)
	if string(got.ClientSecret) != "new" || got.SecretGeneration != 3 || got.Generation != 3 || !got.UpdatedAt.After(l.UpdatedAt) {
		t.Errorf("link: got %+v, want the secret \"new\" of generation 3", got)
	}
	wantMoved(t, s, "main", true, "an account", func() error { return s.SetAccount(t.Context(), l.ID, "acme2") })
	if got, err = s.Link(t.Context(), l.ID); err != nil || got.Account != "acme2" {
		t.Errorf("account: got %q, %v, want acme2", got.Account, err)
	}
}

func linkIsSealedAnew(t *testing.T, s records.Store) {
	sites(t, s)
	l := link(t, s, "zd")
	late := l
	late.Generation--
	wantErr(t, "after a rotation", s.ResealLink(t.Context(), late, records.Sealed("x"), records.Sealed("y")), records.ErrStale)
	late = l
	late.SecretGeneration--
	wantErr(t, "after a new secret", s.ResealLink(t.Context(), late, records.Sealed("x"), records.Sealed("y")), records.ErrStale)
	wantLink(t, s, l)
	wantMoved(t, s, "main", false, "another seal", func() error { return s.ResealLink(t.Context(), l, records.Sealed("x"), records.Sealed("y")) })
	l.ClientSecret, l.RefreshToken = records.Sealed("x"), records.Sealed("y")
	wantLink(t, s, l)
	must(t, s.ResealLink(t.Context(), l, nil, nil)) // a link may have neither
	l.ClientSecret, l.RefreshToken = nil, nil
	wantLink(t, s, l)
}

func unknownLink(t *testing.T, s records.Store) {
	sites(t, s)
	for _, id := range []records.LinkID{{Site: "main", Link: "zd"}, {Site: "nowhere", Link: "zd"}} {
		_, get := s.Link(t.Context(), id)
		_, state := s.SetState(t.Context(), id, 0, records.LinkPaused, "", at)
		for call, err := range map[string]error{
			"Link": get, "SetState": state, "DeleteLink": s.DeleteLink(t.Context(), id),
			"UpdateLink":      s.UpdateLink(t.Context(), records.Link{ID: id}),
			"SetClientSecret": s.SetClientSecret(t.Context(), id, 0, records.Sealed("x")),
			"SetAccount":      s.SetAccount(t.Context(), id, "x"),
			"ResealLink":      s.ResealLink(t.Context(), records.Link{ID: id}, nil, nil),
			"SetScopes":       s.SetScopes(t.Context(), id, 0, "x", at),
			"BeginRefresh":    s.BeginRefresh(t.Context(), id, 0, time.Time{}, at),
			"SwapGrant":       s.SwapGrant(t.Context(), id, 0, records.Grant{At: at}),
			"EndRefresh":      s.EndRefresh(t.Context(), id, 0, time.Time{}, true, at),
		} {
			wantErr(t, call+" of the unknown link "+id.String(), err, records.ErrNotFound)
		}
	}
}
