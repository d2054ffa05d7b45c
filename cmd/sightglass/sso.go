package main

import (
	"fmt"
	"slices"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

// SSOConfig names an OpenID provider that people of a site sign in through. Unlike what stands under
// sites it does not make the site belong to the file.
type SSOConfig struct {
	ID               string `yaml:"id"`
	Site             string `yaml:"site"` // default: main
	Preset           string `yaml:"preset"`
	Title            string `yaml:"title"`
	Issuer           string `yaml:"issuer"`
	ClientID         string `yaml:"client_id"`
	ClientSecretFile string `yaml:"client_secret_file"`
	Pin              string `yaml:"pin"` // Workspace domain, tenant id, organization id
	LoginClaim       string `yaml:"login_claim"`
}

func (c SSOConfig) site() string {
	if c.Site == "" {
		return "main"
	}
	return c.Site
}

// provider is the configuration without its secret.
func (c SSOConfig) provider() auth.OpenIDProvider {
	return auth.OpenIDProvider{Site: records.SiteID(c.site()), ID: c.ID, Preset: c.Preset, Title: c.Title, Issuer: c.Issuer,
		ClientID: c.ClientID, Pin: c.Pin, LoginClaim: c.LoginClaim}
}

func (c *Config) hasSSO(site string) bool {
	return slices.ContainsFunc(c.SSO, func(s SSOConfig) bool { return s.site() == site })
}

func (c *Config) checkSSO(e *mistakes) {
	seen := map[string]bool{}
	for i, s := range c.SSO {
		at := fmt.Sprintf("sso[%d]", i)
		e.when(!namePattern.MatchString(s.ID), "%s.id: want a-z, 0-9 and -, got %q", at, s.ID)
		e.when(seen[s.site()+"/"+s.ID], "%s.id: %q is there twice", at, s.ID)
		seen[s.site()+"/"+s.ID] = true
		e.when(s.ClientSecretFile == "", "%s.client_secret_file: missing", at)
		p := s.provider()
		err := p.Check()
		e.when(err != nil, "%s: %v", at, err)
	}
}

// checkDoors looks at what closes a site's doors. Whoever breaks the glass stands in the file, too.
func (c *Config) checkDoors(e *mistakes, at string, s SiteConfig) {
	e.when(s.SSOOnly && !c.hasSSO(s.ID), "%s.sso_only: the site has no provider under sso", at)
	if !s.SSOOnly && s.BreakGlass == "" {
		return
	}
	ok := slices.ContainsFunc(s.Users, func(u UserConfig) bool {
		return u.Login == s.BreakGlass && slices.Contains(u.Roles, string(records.RoleAdministrator)) && u.PasswordFile != "" && u.Until == ""
	})
	e.when(!ok, "%s.break_glass: want the login of an administrator of this site with a password_file and without until, got %q", at, s.BreakGlass)
}

// openIDProviders reads the secrets.
func (c *Config) openIDProviders() ([]auth.OpenIDProvider, error) {
	var all []auth.OpenIDProvider
	for _, s := range c.SSO {
		p := s.provider()
		secret, err := readSecret(s.ClientSecretFile)
		if err != nil {
			return nil, fmt.Errorf("sso %s: %w", s.ID, err)
		}
		p.Secret = records.NewSecret(secret)
		all = append(all, p)
	}
	return all, nil
}
