package auth_test

import (
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/auth"
)

const (
	tenant       = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
	organization = "00D7Q000005aBcD"
)

// Every preset's mistakes are named, each by its own words.
func TestPresetsSayWhatIsMissing(t *testing.T) {
	for _, p := range []auth.OpenIDProvider{
		{Preset: "google", ClientID: "c", Pin: "acme.example"},
		{Preset: "entra", ClientID: "c", Pin: tenant},
		{Preset: "okta", ClientID: "c", Issuer: "https://acme.okta.example"},
		{Preset: "onelogin", ClientID: "c", Issuer: "https://acme.onelogin.example/oidc/2"},
		{Preset: "salesforce", ClientID: "c", Issuer: "https://acme.my.salesforce.example", Pin: organization},
		{Preset: "oidc", ClientID: "c", Issuer: "https://id.acme.example/realms/acme"},
	} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, c := range []struct {
		p    auth.OpenIDProvider
		want string
	}{
		{auth.OpenIDProvider{Preset: "facebook"}, "want one of entra, google, oidc, okta, onelogin, salesforce"},
		{auth.OpenIDProvider{Preset: "google", ClientID: "c"}, "hosted domain"},
		{auth.OpenIDProvider{Preset: "google", ClientID: "c", Pin: "acme.example", Issuer: "https://x.example"}, "leave it out"},
		{auth.OpenIDProvider{Preset: "entra", ClientID: "c", Pin: "common"}, "tenant id"},
		{auth.OpenIDProvider{Preset: "entra", ClientID: "c", Pin: "acme.onmicrosoft.com"}, "tenant id"},
		{auth.OpenIDProvider{Preset: "okta", ClientID: "c"}, "issuer: want the address"},
		{auth.OpenIDProvider{Preset: "okta", ClientID: "c", Issuer: "acme.okta.example"}, "issuer: want the address"},
		{auth.OpenIDProvider{Preset: "okta", ClientID: "c", Issuer: "https://acme.okta.example", Pin: "acme"}, "leave it out"},
		{auth.OpenIDProvider{Preset: "onelogin", Issuer: "https://acme.onelogin.example/oidc/2"}, "client_id: missing"},
		{auth.OpenIDProvider{Preset: "salesforce", ClientID: "c", Issuer: "https://acme.my.salesforce.example", Pin: "acme"}, "organization id"},
	} {
		if err := c.p.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.p, err, c.want)
		}
	}
}
