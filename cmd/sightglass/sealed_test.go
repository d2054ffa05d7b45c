package main

import (
	"os"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/all"
	"github.com/sightglass-gateway/sightglass/records"
)

// Keys of another installation change nothing: the same start with the right ones goes on.
func TestForeignKeysDoNotStart(t *testing.T) {
	p, c, file := built(t)
	c.Sites = []SiteConfig{{ID: "main", Links: []LinkConfig{{
		ID: "zd", Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"},
		Credential: CredentialConfig{Kind: "client_credentials", ClientID: "client", ClientSecretFile: file("secret.txt", "hush")},
	}}}}
	if err := start(t.Context(), p, c); err != nil {
		t.Fatal(err)
	}
	before, err := p.store.Link(t.Context(), records.LinkID{Site: "main", Link: "zd"})
	if err != nil {
		t.Fatal(err)
	}
	right, err := os.ReadFile(c.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]struct{ keys, want string }{
		"foreign":        {records.NewKey("u"), `zd was sealed with key "t"`},
		"foreign, as t":  {records.NewKey("t"), `zd was sealed with key "t"`},
		"rotated":        {records.NewKey("u") + "\n" + string(right), ""},
		"as it was made": {string(right), ""},
	} {
		if p.keys, err = records.ParseKeys(step.keys); err != nil {
			t.Fatal(err)
		}
		switch err := checkKeys(t.Context(), p, p.keys); {
		case step.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)):
			t.Errorf("%s: got %v, want %q", name, err, step.want)
		}
		if step.want == "" {
			continue
		}
		if err := start(t.Context(), p, c); err == nil {
			t.Errorf("%s: started", name)
		}
		now, err := p.store.Link(t.Context(), before.ID)
		if err != nil || string(now.ClientSecret) != string(before.ClientSecret) {
			t.Errorf("%s: the stored secret changed, %v", name, err)
		}
	}
}

func TestDoctorNeedsNoPublicURL(t *testing.T) {
	_, c, _ := built(t)
	reg, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := doctorCommand()
	cmd.SetOut(&out)
	(&doctor{cmd: cmd}).running(t.Context(), c, reg)
	if !strings.Contains(out.String(), "ok    records") {
		t.Errorf("got %s", out.String())
	}
}

// A site for programs alone has keys and no user: there is nothing to mend.
func TestDoctorTakesASiteWithKeysOnly(t *testing.T) {
	p, c, file := built(t)
	c.Sites = []SiteConfig{
		{ID: "keys", APIKeys: []APIKeyConfig{{ID: "ci", Roles: []string{"analyst"}, KeyFile: file("key.txt", "a-key-of-twenty-letters")}}},
		{ID: "empty"},
	}
	if err := start(t.Context(), p, c); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := doctorCommand()
	cmd.SetOut(&out)
	(&doctor{cmd: cmd}).sites(t.Context(), p)
	if s := out.String(); strings.Contains(s, "site keys") || !strings.Contains(s, "site empty") {
		t.Errorf("got %s, want the empty site alone to be mended", s)
	}
}
