package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Config is the whole configuration. Every key has a default or may be absent; an unknown one is an
// error. Secrets stand in files of their own, never here.
type Config struct {
	Listen        string         `yaml:"listen"`
	PublicURL     string         `yaml:"public_url"`
	TLS           TLSConfig      `yaml:"tls"`
	BehindProxy   []string       `yaml:"behind_proxy"` // networks whose X-Forwarded-For is believed
	MetricsListen string         `yaml:"metrics_listen"`
	KeysFile      string         `yaml:"keys_file"`
	KeysCommand   []string       `yaml:"keys_command"` // a program and its arguments that prints them
	Keys          string         `yaml:"keys"`         // SIGHTGLASS_KEYS only: a file that holds it is refused
	Records       RecordsConfig  `yaml:"records"`
	Cache         CacheConfig    `yaml:"cache"`
	Security      SecurityConfig `yaml:"security"`
	Log           LogConfig      `yaml:"log"`
	Drain         time.Duration  `yaml:"drain"` // how long running streams may finish at a stop
	SSO           []SSOConfig    `yaml:"sso"`
	Sites         []SiteConfig   `yaml:"sites"`
	origin        map[string]string
}

// TLSConfig names the certificate that the program serves with.
type TLSConfig struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// RecordsConfig says where what the team itself makes is kept.
type RecordsConfig struct {
	DSN string `yaml:"dsn"`
}

// CacheConfig says where access tokens wait until they expire.
type CacheConfig struct {
	DSN string `yaml:"dsn"`
}

// SecurityConfig holds the exceptions to what is refused by default.
type SecurityConfig struct {
	PrivateUpstreams []string `yaml:"private_upstreams"` // networks that may be dialled although private; for sandboxes
}

// LogConfig says what is logged, to standard error.
type LogConfig struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// SiteConfig provisions one site. What it makes belongs to the file: shown in the UI, changed only
// here; what disappears from here is paused, not deleted.
type SiteConfig struct {
	ID      string         `yaml:"id"`
	Name    string         `yaml:"name"`
	Users   []UserConfig   `yaml:"users"`
	APIKeys []APIKeyConfig `yaml:"api_keys"`
	Links   []LinkConfig   `yaml:"links"`
	IPRules []string       `yaml:"ip_rules"` // networks from which requests may come; none: everywhere
	// SSOOnly closes every door but the site's OpenID providers; BreakGlass is the login of the
	// administrator who may come in by password all the same.
	SSOOnly    bool   `yaml:"sso_only"`
	BreakGlass string `yaml:"break_glass"`
}

// UserConfig provisions a user.
type UserConfig struct {
	Login        string   `yaml:"login"`
	Name         string   `yaml:"name"`
	Roles        []string `yaml:"roles"`
	PasswordFile string   `yaml:"password_file"`
	Until        string   `yaml:"until"` // last day of access (UTC); none: no end
	IPRules      []string `yaml:"ip_rules"`
}

// APIKeyConfig provisions an API key: any string of 20 characters or more.
type APIKeyConfig struct {
	ID      string   `yaml:"id"`
	Roles   []string `yaml:"roles"`
	KeyFile string   `yaml:"key_file"`
	Until   string   `yaml:"until"`
	IPRules []string `yaml:"ip_rules"`
}

// LinkConfig provisions a link.
type LinkConfig struct {
	ID         string            `yaml:"id"`
	Provider   string            `yaml:"provider"`
	Title      string            `yaml:"title"`
	Settings   map[string]string `yaml:"settings"`
	Endpoints  map[string]string `yaml:"endpoints"`
	MediaHosts []string          `yaml:"media_hosts"`
	Waveform   string            `yaml:"waveform"`
	Credential CredentialConfig  `yaml:"credential"`
}

// CredentialConfig says how a provisioned link signs in.
type CredentialConfig struct {
	Kind             string `yaml:"kind"`
	ClientID         string `yaml:"client_id"`
	ClientSecretFile string `yaml:"client_secret_file"`
	RefreshTokenFile string `yaml:"refresh_token_file"` // a seed: read while the link has no generation, or when the file changed
	TokenFile        string `yaml:"token_file"`
}

func defaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		MetricsListen: "127.0.0.1:9090",
		Records:       RecordsConfig{DSN: "sqlite:sightglass.db"},
		Cache:         CacheConfig{DSN: "memory:"},
		Log:           LogConfig{Level: "info", Format: "json"},
		Drain:         30 * time.Second,
	}
}

// namePattern is what sites, links and API keys may be called.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Validate reports all mistakes at once.
func (c *Config) Validate(reg *connectors.Registry) error {
	var e mistakes
	host, _, err := net.SplitHostPort(c.Listen)
	e.when(err != nil, "listen: want host:port, got %q", c.Listen)
	if c.MetricsListen != "" {
		_, _, err := net.SplitHostPort(c.MetricsListen)
		e.when(err != nil, "metrics_listen: want host:port or nothing, got %q", c.MetricsListen)
	}
	e.when((c.TLS.CertFile == "") != (c.TLS.KeyFile == ""), "tls: cert_file and key_file go together")
	e.when(err == nil && !loopback(host) && c.TLS.CertFile == "" && len(c.BehindProxy) == 0,
		"listen: plain http on %s would show everything to the network; set tls, or behind_proxy where a proxy speaks TLS, or listen on 127.0.0.1", c.Listen)
	e.when(err == nil && !loopback(host) && c.PublicURL == "",
		"public_url: needed where others reach the program; redirect URIs, cookies and links come from it")
	if c.PublicURL != "" {
		c.checkPublicURL(&e)
	}
	_, err = prefixes(c.BehindProxy)
	e.when(err != nil, "behind_proxy: %v", err)
	_, err = prefixes(c.Security.PrivateUpstreams)
	e.when(err != nil, "security.private_upstreams: %v", err)
	e.when(!slices.ContainsFunc([]string{"sqlite:", "postgres://", "postgresql://"}, func(p string) bool { return strings.HasPrefix(c.Records.DSN, p) }),
		"records.dsn: want sqlite:FILE or postgres://…")
	e.when(!slices.ContainsFunc([]string{"memory:", "redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://"}, func(p string) bool { return strings.HasPrefix(c.Cache.DSN, p) }),
		"cache.dsn: want memory:, redis://…, rediss://…, redis+sentinel://… or rediss+sentinel://…")
	e.when(c.logLevel() == nil, "log.level: want debug, info, warn or error, got %q", c.Log.Level)
	e.when(c.Log.Format != "json" && c.Log.Format != "text", "log.format: want json or text, got %q", c.Log.Format)
	e.when(c.Drain <= 0, "drain: want a duration such as 30s")
	c.checkSSO(&e)
	c.checkSites(&e, reg)
	return errors.Join(e...)
}

func (c *Config) checkPublicURL(e *mistakes) {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		e.add("public_url: want https://host, got %q", c.PublicURL)
		return
	}
	e.when(u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil, "public_url: only scheme and host")
	e.when(u.Scheme == "http" && !loopback(u.Hostname()), "public_url: http is for the loopback only; browsers keep the sign-in cookie for https")
}

func (c *Config) checkSites(e *mistakes, reg *connectors.Registry) {
	seenSite, seenLogin := map[string]bool{}, map[string]string{}
	for i, s := range c.Sites {
		at := fmt.Sprintf("sites[%d]", i)
		e.when(!namePattern.MatchString(s.ID), "%s.id: want a-z, 0-9 and -, got %q", at, s.ID)
		e.when(seenSite[s.ID], "%s.id: %q is there twice", at, s.ID)
		seenSite[s.ID] = true
		checkRule(e, at, s.IPRules)
		c.checkDoors(e, at, s)
		for j, u := range s.Users {
			at := fmt.Sprintf("%s.users[%d]", at, j)
			e.when(u.Login == "", "%s.login: missing", at)
			e.when(seenLogin[u.Login] == s.ID, "%s.login: %q is there twice", at, u.Login)
			seenLogin[u.Login] = s.ID
			e.when(u.PasswordFile == "" && !c.hasSSO(s.ID), "%s.password_file: missing; only people of a site with sso may do without", at)
			_, err := lastDay(u.Until)
			e.when(err != nil, "%s.until: %v", at, err)
			checkRule(e, at, u.IPRules)
			checkRoles(e, at, u.Roles)
		}
		seen := map[string]bool{}
		for j, k := range s.APIKeys {
			at := fmt.Sprintf("%s.api_keys[%d]", at, j)
			e.when(!namePattern.MatchString(k.ID), "%s.id: want a-z, 0-9 and -, got %q", at, k.ID)
			e.when(seen["key "+k.ID], "%s.id: %q is there twice", at, k.ID)
			seen["key "+k.ID] = true
			e.when(k.KeyFile == "", "%s.key_file: missing", at)
			_, err := lastDay(k.Until)
			e.when(err != nil, "%s.until: %v", at, err)
			checkRule(e, at, k.IPRules)
			checkRoles(e, at, k.Roles)
		}
		for j, l := range s.Links {
			at := fmt.Sprintf("%s.links[%d]", at, j)
			e.when(seen["link "+l.ID], "%s.id: %q is there twice", at, l.ID)
			seen["link "+l.ID] = true
			l.check(e, at, reg)
		}
	}
}

func checkRule(e *mistakes, at string, rule []string) {
	_, err := records.ParseNetworks(rule)
	e.when(err != nil, "%s.ip_rules: %v", at, err)
}

func checkRoles(e *mistakes, at string, roles []string) {
	e.when(len(roles) == 0, "%s.roles: missing", at)
	for _, r := range roles {
		e.when(!records.Role(r).Valid(), "%s.roles: no role %q (agent, team_leader, analyst, administrator)", at, r)
	}
}

func (l *LinkConfig) check(e *mistakes, at string, reg *connectors.Registry) {
	e.when(!namePattern.MatchString(l.ID), "%s.id: want a-z, 0-9 and -, got %q", at, l.ID)
	spec, ok := reg.Spec(l.Provider)
	if !ok {
		e.add("%s.provider: no connector %q (see sightglass connector list)", at, l.Provider)
		return
	}
	for name, say := range spec.CheckSettings(l.Settings) {
		e.add("%s.settings.%s: %s", at, name, say)
	}
	for name, v := range l.Endpoints {
		e.when(!slices.ContainsFunc(spec.Hosts, func(h connectors.Host) bool { return h.Name == name }),
			"%s.endpoints.%s: %s has no host of this name", at, name, spec.Title)
		u, err := url.Parse(v)
		e.when(err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"), "%s.endpoints.%s: want a URL, got %q", at, name, v)
	}
	e.when(l.Waveform != "" && !records.Waveform(l.Waveform).Valid(), "%s.waveform: want full, heard or off, got %q", at, l.Waveform)
	switch k := records.CredentialKind(l.Credential.Kind); k {
	case records.CredentialClientCredentials:
		e.when(l.Credential.ClientID == "" || l.Credential.ClientSecretFile == "", "%s.credential: client_credentials needs client_id and client_secret_file", at)
	case records.CredentialAuthorizationCode:
		e.when(l.Credential.ClientID == "", "%s.credential.client_id: missing", at)
	case records.CredentialBearer:
		e.when(l.Credential.TokenFile == "", "%s.credential.token_file: missing", at)
	default:
		e.add("%s.credential.kind: want client_credentials, authorization_code or bearer, got %q", at, l.Credential.Kind)
	}
	if k := records.CredentialKind(l.Credential.Kind); !slices.Contains(spec.OAuth.Grants, k) && l.Credential.Kind != "" {
		e.add("%s.credential.kind: %s does not offer %s", at, spec.Title, k)
	}
}

// mistakes collects all there is to say about a configuration.
type mistakes []error

func (m *mistakes) add(format string, args ...any) { *m = append(*m, fmt.Errorf(format, args...)) }

func (m *mistakes) when(wrong bool, format string, args ...any) {
	if wrong {
		m.add(format, args...)
	}
}

func (c *Config) logLevel() *slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return nil
	}
	return &l
}

// publicURL is the configured one, or the listener's own on the loopback.
func (c *Config) publicURL(listen net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	scheme := "http"
	if c.TLS.CertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + listen.String()
}

// tls reads the certificate; nil means plain http.
func (c *Config) tls() (*tls.Config, error) {
	if c.TLS.CertFile == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLS.CertFile, c.TLS.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("want networks such as 127.0.0.1/32, got %q", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
