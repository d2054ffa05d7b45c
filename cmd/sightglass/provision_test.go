package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/sightglass-gateway/sightglass/connectors/all"
	"github.com/sightglass-gateway/sightglass/records"
)

// built gives a program on a database of its own, and a function that writes a file beside it.
func built(t *testing.T) (*program, *Config, func(name, text string) string) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := defaultConfig()
	c.Log.Level = "error"
	c.Records.DSN = "sqlite:" + filepath.Join(dir, "sightglass.db")
	c.KeysFile = file("keys.txt", records.NewKey("t"))
	reg, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	p, err := build(t.Context(), &c, reg, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p, &c, file
}

// A link of the file that is given another account, with its seed beside it, comes out ok; so does one
// that was away meanwhile. Without a seed it waits for a person.
func TestProvisionedLinkOfAnotherAccount(t *testing.T) {
	p, c, file := built(t)
	id := records.LinkID{Site: "main", Link: "zd"}
	seed, secret := file("seed.txt", "a-refresh-token"), file("secret.txt", "hush")
	link := func(subdomain, seed string) SiteConfig {
		return SiteConfig{ID: "main", Links: []LinkConfig{{
			ID: "zd", Provider: "zendesk", Title: "Zendesk", Settings: map[string]string{"subdomain": subdomain},
			Credential: CredentialConfig{Kind: "authorization_code", ClientID: "client", ClientSecretFile: secret, RefreshTokenFile: seed},
		}}}
	}
	for i, step := range []struct {
		site   SiteConfig
		state  records.LinkState
		reason string
	}{
		{link("acme", seed), records.LinkOK, ""},
		{link("other", seed), records.LinkOK, ""},
		{link("other", seed), records.LinkOK, ""},
		{SiteConfig{ID: "main"}, records.LinkPaused, "not_in_file"},
		{link("third", seed), records.LinkOK, ""},
		{link("fourth", ""), records.LinkNeedsReconnect, records.AccountChanged},
		{link("fourth", seed), records.LinkOK, ""},
	} {
		c.Sites = []SiteConfig{step.site}
		if err := provision(t.Context(), p, c); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		got, err := p.store.Link(t.Context(), id)
		if err != nil || got.State != step.state || got.Reason != step.reason {
			t.Errorf("step %d: got %s %q, %v; want %s %q", i, got.State, got.Reason, err, step.state, step.reason)
		}
	}
}

// A link that breaks leaves one row in its site's log.
func TestBrokenLinkIsInTheAuditLog(t *testing.T) {
	p, c, _ := built(t)
	c.Sites = []SiteConfig{{ID: "main"}}
	if err := provision(t.Context(), p, c); err != nil {
		t.Fatal(err)
	}
	p.linkBroken(t.Context(), records.Link{ID: records.LinkID{Site: "main", Link: "zd"}, Provider: "zendesk"}, "grant_refused")
	rows, err := p.store.AuditRows(t.Context(), "main", records.AuditFilter{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %d rows, %v; want 1", len(rows), err)
	}
	if r := rows[0]; r.Event != records.AuditLinkChanged || r.Detail != "broken" || r.Ref.Link != "zd" || r.PrincipalKind != records.PrincipalSystem {
		t.Errorf("row: got %+v, want link_changed broken of zd by the system", r.AuditEntry)
	}
}

// The last day of a user of the file is read as YAML has it, and follows the file.
func TestProvisionedUserHasALastDay(t *testing.T) {
	p, _, file := built(t)
	password := file("password.txt", "Correct horse 1 battery")
	for _, step := range []struct {
		line string
		want time.Time
	}{
		{"until: 2031-12-31", time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)},
		{`until: "2031-12-30"`, time.Date(2031, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"name: Ben", time.Time{}},
	} {
		flags := pflag.NewFlagSet("t", pflag.ContinueOnError)
		addConfigFlags(flags)
		if err := flags.Set("config", file("c.yaml", "sites: [{id: main, users: [{login: ana, roles: [administrator], password_file: "+
			password+"}, {login: ben, roles: [analyst], password_file: "+password+", "+step.line+"}]}]\n")); err != nil {
			t.Fatal(err)
		}
		c, err := loadConfig(flags, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := provision(t.Context(), p, c); err != nil {
			t.Fatal(err)
		}
		u, err := p.store.UserByLogin(t.Context(), "ben")
		if err != nil || !u.EndsAt.Equal(step.want) {
			t.Errorf("%s: got an end at %s, %v, want %s", step.line, u.EndsAt, err, step.want)
		}
	}
	c := Config{Sites: []SiteConfig{{ID: "main", Users: []UserConfig{{Login: "ben", Until: "2031-02-30"}}}}}
	if err := c.Validate(p.registry); err == nil || !strings.Contains(err.Error(), "sites[0].users[0].until: want the last day") {
		t.Errorf("until 2031-02-30: got %v, want a word on it", err)
	}
}
