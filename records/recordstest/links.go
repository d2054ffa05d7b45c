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
	{"UnknownLink", unknownLink},
}

// link adds a link that has been linked: generation 3, secret generation 2.
func link(t testing.TB, s records.Store, name string) records.Link {
	t.Helper()
	l := records.Link{
		ID: records.LinkID{Site: "main", Link: name}, Provider: "zendesk", Title: "Zendesk “Acme”",
		Settings: map[string]string{"subdomain": "acme", "note": "a,b\n\"c\""}, Endpoints: map[string]string{"api": "http://127.0.0.1:9"},
		MediaHosts: []string{"b.example", "a.example"}, CredentialKind: records.CredentialAuthorizationCode, ClientID: "client",
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
		ID: want.ID, Title: "Other", Settings: map[string]string{"subdomain": "other"}, MediaHosts: []string{"c.example"},
		CredentialKind: records.CredentialBearer, ClientID: "other",
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
	want.Title, want.Settings, want.Endpoints, want.MediaHosts = change.Title, change.Settings, nil, change.MediaHosts
	want.CredentialKind, want.ClientID, want.Provisioned, want.UpdatedAt = change.CredentialKind, change.ClientID, false, got.UpdatedAt
	wantEqual(t, "link", got, want)
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
			"BeginRefresh":    s.BeginRefresh(t.Context(), id, 0, time.Time{}, at),
			"SwapGrant":       s.SwapGrant(t.Context(), id, 0, records.Grant{At: at}),
			"EndRefresh":      s.EndRefresh(t.Context(), id, 0, time.Time{}, true, at),
		} {
			wantErr(t, call+" of the unknown link "+id.String(), err, records.ErrNotFound)
		}
	}
}
