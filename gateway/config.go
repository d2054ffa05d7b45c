package gateway

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Config is what an operator sets. Zero fields take the defaults of the comments.
type Config struct {
	PublicURL      string         // origin that people use, e.g. https://review.acme.example; required
	Private        []netip.Prefix // security.private_upstreams: addresses allowed although private
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts; none: the peer is the client
	CookieSuffix   string         // appended to the cookie's name; cookies ignore the port
	Version        string         // shown by /api/openapi.json and the build metric

	// Sandbox is where links that are made here lead to instead of the provider, by its name: the demo's
	// simulators.
	Sandbox map[string]Sandbox

	Drain time.Duration // how long running streams may finish at a stop; 30 s

	FlushAfter   time.Duration // longest a written part waits for company; 10 ms
	WaitAfter    time.Duration // silence after which a stream says that it waits; 10 s
	WriteTimeout time.Duration // a reader that takes nothing for so long is cut; 30 s
	StallTimeout time.Duration // a provider's body that gives nothing for so long has broken; 30 s
	HandleLife   time.Duration // 12 h
	MediaIdle    time.Duration // no read for so long closes a media handle's audit row; 60 s
	RightsEvery  time.Duration // how often rights versions are read; 700 ms, so that 1 s is never exceeded
	AuditTimeout time.Duration // longest an audit row may take; 5 s

	StreamsPerPrincipal int   // open streams and media reads of one person or key; 32
	MaxBodyBytes        int64 // of a request; 64 KiB
}

// Sandbox stands in for a provider's hosts; see records.Link.
type Sandbox struct {
	Endpoints  map[string]string
	MediaHosts []string
}

func (c Config) withDefaults() Config {
	def(&c.Drain, 30*time.Second)
	def(&c.FlushAfter, 10*time.Millisecond)
	def(&c.WaitAfter, 10*time.Second)
	def(&c.WriteTimeout, 30*time.Second)
	def(&c.StallTimeout, 30*time.Second)
	def(&c.HandleLife, 12*time.Hour)
	def(&c.MediaIdle, time.Minute)
	def(&c.RightsEvery, 700*time.Millisecond)
	def(&c.AuditTimeout, 5*time.Second)
	def(&c.StreamsPerPrincipal, 32)
	def(&c.MaxBodyBytes, 64<<10)
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	return c
}

func def[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// Validate reports every mistake at once.
func (c Config) Validate() error {
	var errs []error
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		errs = append(errs, errors.New("public_url: want an origin such as https://review.acme.example"))
	}
	for name, d := range map[string]time.Duration{"drain": c.Drain, "flush_after": c.FlushAfter, "wait_after": c.WaitAfter,
		"write_timeout": c.WriteTimeout, "stall_timeout": c.StallTimeout, "handle_life": c.HandleLife, "media_idle": c.MediaIdle,
		"rights_every": c.RightsEvery, "audit_timeout": c.AuditTimeout} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("%s: %s is negative", name, d))
		}
	}
	if c.StreamsPerPrincipal < 0 || c.MaxBodyBytes < 0 {
		errs = append(errs, errors.New("limits cannot be negative"))
	}
	return errors.Join(errs...)
}

// secure tells whether people reach us by https.
func (c Config) secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Deps is what the gateway works with. All but SSO, UI, Demo, RootCAs and Now are required.
type Deps struct {
	Store    records.Store
	Cache    cache.Store
	Keys     *records.Keyring
	Registry *connectors.Registry
	Sessions *auth.Sessions
	Keeper   *auth.Keeper
	Flow     *auth.Flow
	SSO      *auth.SSO // nil: no OpenID provider
	Log      *slog.Logger
	UI       fs.FS // holds index.html and assets/; nil: not built
	Demo     Demo  // nil: not a demo
	RootCAs  *x509.CertPool
	Now      func() time.Time
}

func (d Deps) check() error {
	var errs []error
	for name, missing := range map[string]bool{"Store": d.Store == nil, "Cache": d.Cache == nil, "Keys": d.Keys == nil,
		"Registry": d.Registry == nil, "Sessions": d.Sessions == nil, "Keeper": d.Keeper == nil, "Flow": d.Flow == nil, "Log": d.Log == nil} {
		if missing {
			errs = append(errs, fmt.Errorf("gateway: %s is required", name))
		}
	}
	return errors.Join(errs...)
}
