package recordstest

import (
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
)

var siteParts = []part{
	{"SiteComesBack", func(t *testing.T, s records.Store) {
		_, err := s.Site(t.Context(), "main")
		wantErr(t, "an unknown site", err, records.ErrNotFound)
		_, err = s.RightsVersion(t.Context(), "main")
		wantErr(t, "rights version of an unknown site", err, records.ErrNotFound)
		sites(t, s, "b", "a")
		must(t, s.PutSite(t.Context(), records.Site{ID: "main", Name: "Überblick", Provisioned: true}))
		got, err := s.Site(t.Context(), "main")
		must(t, err)
		wantEqual(t, "site", got, records.Site{ID: "main", Name: "Überblick", Provisioned: true, CreatedAt: at})
		all, err := s.Sites(t.Context())
		must(t, err)
		if len(all) != 3 || all[0].ID != "a" || all[2].ID != "main" {
			t.Errorf("sites: got %v, want a, b, main", all)
		}
	}},
	{"Ping", func(t *testing.T, s records.Store) { must(t, s.Ping(t.Context())) }},
	{"APIKeyComesBack", apiKeyComesBack},
	{"APIKeysAreApart", func(t *testing.T, s records.Store) {
		sites(t, s, "b")
		k := records.APIKey{Site: "main", ID: "ci", Hash: []byte("h1"), Roles: []records.Role{records.RoleAnalyst}}
		must(t, s.PutAPIKey(t.Context(), k))
		wantErr(t, "the same id again", s.AddAPIKey(t.Context(), records.APIKey{Site: "main", ID: "ci", Hash: []byte("h9")}), records.ErrExists)
		must(t, s.AddAPIKey(t.Context(), records.APIKey{Site: "main", ID: "new", Hash: []byte("h8"), Roles: k.Roles}))
		k.ID = "other"
		wantErr(t, "a key with the hash of another", s.PutAPIKey(t.Context(), k), records.ErrExists)
		k.Site, k.ID, k.Hash = "b", "ci", []byte("h2")
		must(t, s.PutAPIKey(t.Context(), k))
		wantErr(t, "delete of an unknown key", s.DeleteAPIKey(t.Context(), "main", "nobody"), records.ErrNotFound)
		must(t, s.DeleteAPIKey(t.Context(), "main", "ci"))
		_, err := s.APIKeyByHash(t.Context(), []byte("h1"))
		wantErr(t, "the deleted key", err, records.ErrNotFound)
		_, err = s.APIKeyByHash(t.Context(), []byte("h2"))
		must(t, err)
		k.Site = "nowhere"
		wantErr(t, "a key in an unknown site", s.PutAPIKey(t.Context(), k), records.ErrNotFound)
	}},
}

func apiKeyComesBack(t *testing.T, s records.Store) {
	sites(t, s)
	want := records.APIKey{
		Site: "main", ID: "ci", Hash: []byte{0, 1, 255}, Provisioned: true, CreatedAt: at, ExpiresAt: at.AddDate(0, 1, 0),
		IPRules: networks(t, "192.0.2.7"),
		Roles:   []records.Role{records.RoleAdministrator, records.RoleAnalyst},
	}
	wantMoved(t, s, "main", true, "a new key", func() error { return s.PutAPIKey(t.Context(), want) })
	got, err := s.APIKeyByHash(t.Context(), want.Hash)
	must(t, err)
	wantEqual(t, "key", got, want)
	want.Hash, want.ExpiresAt, want.Roles = []byte("other"), at.AddDate(1, 0, 0), []records.Role{records.RoleAgent}
	must(t, s.PutAPIKey(t.Context(), want))
	all, err := s.APIKeys(t.Context(), "main")
	must(t, err)
	wantEqual(t, "keys", all, []records.APIKey{want})
	want.Roles = []records.Role{"king"}
	if s.PutAPIKey(t.Context(), want) == nil {
		t.Error("a key with an unknown role: got no error")
	}
	wantMoved(t, s, "main", true, "a deleted key", func() error { return s.DeleteAPIKey(t.Context(), "main", "ci") })
}
