package auth

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/records"
)

// OpenIDProvider is a company's own sign-in, as the configuration names it.
type OpenIDProvider struct {
	Site     records.SiteID
	ID       string // in addresses and the audit log
	Preset   string // google, entra, okta, onelogin, salesforce or oidc
	Title    string // on the button; empty: the preset's
	Issuer   string // where the preset does not know it
	ClientID string
	Secret   records.Secret
	// Pin is what the company is to the provider, and has to be in every token: the Workspace domain
	// (google), the tenant's id (entra), the organization's id (salesforce).
	Pin string
	// LoginClaim names the claim that is compared with users' logins at somebody's first sign-in; empty:
	// the preset's.
	LoginClaim string
}

// preset is what is known of a provider.
type preset struct {
	title  string
	issuer string // {pin} stands for Pin; empty: the operator's
	pin    string // what Pin is, in words; empty: there is none
	valid  *regexp.Regexp
	hint   string // parameter of the authorize page that takes Pin
	login  string // claim
	// subject names the account for good, and whether it is the company's.
	subject func(p *OpenIDProvider, claims map[string]any) (subject string, ours bool)
}

// presets: the claims are those of each provider's own page on OpenID Connect.
var presets = map[string]preset{
	"oidc": {title: "Single sign-on", login: "email", subject: subOnly},
	// hd is the Workspace domain the account belongs to; a personal account has none (Google, "OpenID
	// Connect", ID token payload: hd). The parameter only narrows the page, so the claim is checked.
	"google": {title: "Google", issuer: "https://accounts.google.com", pin: "hosted domain", hint: "hd",
		valid: regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]{2,}$`), login: "email", subject: claimIs("hd")},
	// oid names the person in the tenant tid; mail addresses there are set by whoever administers them
	// and prove nothing (Microsoft, "ID token claims reference": never use email as an identifier).
	"entra": {title: "Microsoft", issuer: "https://login.microsoftonline.com/{pin}/v2.0", pin: "tenant id",
		valid: regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), login: "preferred_username", subject: entraSubject},
	"okta":     {title: "Okta", login: "preferred_username", subject: subOnly},
	"onelogin": {title: "OneLogin", login: "preferred_username", subject: subOnly},
	// The sub is https://login.salesforce.com/id/ORGANIZATION/USER (Salesforce, "ID Token").
	"salesforce": {title: "Salesforce", pin: "organization id", valid: regexp.MustCompile(`^00D[0-9A-Za-z]{12}([0-9A-Za-z]{3})?$`),
		login: "preferred_username", subject: salesforceSubject},
}

// PresetNames lists the presets.
func PresetNames() []string {
	names := make([]string, 0, len(presets))
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check reports every mistake in p at once.
func (p *OpenIDProvider) Check() error {
	var bad []error
	known, ok := presets[p.Preset]
	if !ok {
		return fmt.Errorf("preset: want one of %s, got %q", strings.Join(PresetNames(), ", "), p.Preset)
	}
	if p.ClientID == "" {
		bad = append(bad, errors.New("client_id: missing"))
	}
	switch {
	case known.issuer != "" && p.Issuer != "":
		bad = append(bad, fmt.Errorf("issuer: %s is known, leave it out", known.title))
	case known.issuer == "":
		if u, err := url.Parse(p.Issuer); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			bad = append(bad, fmt.Errorf("issuer: want the address that the provider calls its issuer, got %q", p.Issuer))
		}
	}
	switch {
	case known.pin == "" && p.Pin != "":
		bad = append(bad, fmt.Errorf("%s has no such thing as a domain, tenant or organization: leave it out", known.title))
	case known.pin != "" && !known.valid.MatchString(p.Pin):
		bad = append(bad, fmt.Errorf("want the %s of your company at %s, got %q", known.pin, known.title, p.Pin))
	}
	return errors.Join(bad...)
}

// withDefaults fills in what the preset knows.
func (p OpenIDProvider) withDefaults() OpenIDProvider {
	known := presets[p.Preset]
	if p.Title == "" {
		p.Title = known.title
	}
	if known.issuer != "" {
		p.Issuer = strings.ReplaceAll(known.issuer, "{pin}", p.Pin)
	}
	if p.LoginClaim == "" {
		p.LoginClaim = known.login
	}
	return p
}

func claim(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	return s
}

func subOnly(_ *OpenIDProvider, claims map[string]any) (string, bool) {
	return claim(claims, "sub"), true
}

func claimIs(name string) func(*OpenIDProvider, map[string]any) (string, bool) {
	return func(p *OpenIDProvider, claims map[string]any) (string, bool) {
		return claim(claims, "sub"), strings.EqualFold(claim(claims, name), p.Pin)
	}
}

func entraSubject(p *OpenIDProvider, claims map[string]any) (string, bool) {
	tenant, person := claim(claims, "tid"), claim(claims, "oid")
	if person == "" {
		return "", tenant == p.Pin
	}
	return tenant + "/" + person, tenant == p.Pin
}

// salesforceSubject compares 15 characters of the organization's id: the last three of 18 only
// protect its letters' case.
func salesforceSubject(p *OpenIDProvider, claims map[string]any) (string, bool) {
	u, err := url.Parse(claim(claims, "sub"))
	if err != nil {
		return "", false
	}
	parts := strings.Split(u.Path, "/")
	if len(parts) < 3 {
		return "", false
	}
	organization, person := parts[len(parts)-2], parts[len(parts)-1]
	if len(organization) < 15 || person == "" || organization[:15] != p.Pin[:15] {
		return "", false
	}
	return organization[:15] + "/" + person, true
}

// loginOf is the name that a first sign-in is matched by. A mail address counts only where the
// provider says that it is verified: elsewhere anybody could write their colleague's.
func (p *OpenIDProvider) loginOf(claims map[string]any) (login string, verified bool) {
	login = claim(claims, p.LoginClaim)
	return login, p.LoginClaim != "email" || claims["email_verified"] == true || claims["email_verified"] == "true"
}
