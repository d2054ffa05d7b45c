package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// SSOPath is where OpenID providers send people back to. It is another path than that of linkings:
// an answer for the one can never be taken for the other.
const SSOPath = "/oauth/sign-in"

// SSOConfig is what SSO is built from. PublicURL is where browsers reach Sightglass.
type SSOConfig struct {
	Sessions  *Sessions
	Counters  cache.Counters
	Keys      *records.Keyring
	PublicURL string
	Providers []OpenIDProvider
	Client    *http.Client
	Log       *slog.Logger
	Now       func() time.Time
}

// SSO signs people in through their company's OpenID provider. It makes no users: who is to come in
// was added by an administrator. It is safe for concurrent use; a nil SSO has no providers.
type SSO struct {
	cfg      SSOConfig
	redirect string
	all      []*openID
}

// openID is one provider, with what its discovery document says.
type openID struct {
	OpenIDProvider

	mu       sync.Mutex
	provider *oidc.Provider
	says     discovery
	at       time.Time
}

// discovery is what go-oidc does not read of the document.
type discovery struct {
	Methods     []string `json:"token_endpoint_auth_methods_supported"`
	PromisesIss bool     `json:"authorization_response_iss_parameter_supported"`
}

// discoveryLife is how long a discovery document is believed. Signing keys are asked for as needed.
const discoveryLife = time.Hour

// NewSSO reports every mistake in c at once. It does not touch the network.
func NewSSO(c SSOConfig) (*SSO, error) {
	if c.Sessions == nil || c.Counters == nil || c.Keys == nil || c.Client == nil {
		return nil, errors.New("auth: single sign-on needs Sessions, Counters, Keys and Client")
	}
	c.Log, c.Now = orLog(c.Log), orNow(c.Now)
	s := &SSO{cfg: c, redirect: strings.TrimSuffix(c.PublicURL, "/") + SSOPath}
	var bad []error
	for _, p := range c.Providers {
		if err := p.Check(); err != nil {
			bad = append(bad, fmt.Errorf("auth: OpenID provider %s: %w", p.ID, err))
		}
		s.all = append(s.all, &openID{OpenIDProvider: p.withDefaults()})
	}
	return s, errors.Join(bad...)
}

// Providers lists the providers, without their secrets.
func (s *SSO) Providers() []OpenIDProvider {
	if s == nil {
		return nil
	}
	all := make([]OpenIDProvider, len(s.all))
	for i, p := range s.all {
		all[i] = p.OpenIDProvider
		all[i].Secret = records.Secret{}
	}
	return all
}

// Has tells whether a site has a provider.
func (s *SSO) Has(site records.SiteID) bool {
	return slices.ContainsFunc(s.Providers(), func(p OpenIDProvider) bool { return p.Site == site })
}

func (s *SSO) find(site records.SiteID, id string) *openID {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.all, func(p *openID) bool { return p.Site == site && p.ID == id })
	if i < 0 {
		return nil
	}
	return s.all[i]
}

// attemptAt is a sign-in in progress. It lives in the browser's cookie, sealed: strangers who begin
// sign-ins leave nothing here.
type attemptAt struct {
	Site     records.SiteID `json:"s"`
	Provider string         `json:"p"`
	Seed     string         `json:"r"` // state, nonce and verifier come from it
	Return   string         `json:"t"`
	Until    int64          `json:"u"`
}

func (a attemptAt) part(name string) string {
	return base64.RawURLEncoding.EncodeToString(hash(name + " " + a.Seed))
}
func (a attemptAt) state() string    { return a.part("state") }
func (a attemptAt) nonce() string    { return a.part("nonce") }
func (a attemptAt) verifier() string { return a.part("verifier") }

var attemptPlace = records.Place{Table: "cookie", Column: "sso"}

// maxReturn bounds the path that a cookie takes along.
const maxReturn = 300

// Begin starts a sign-in. It returns where to send the browser, and what goes into its cookie.
func (s *SSO) Begin(ctx context.Context, site records.SiteID, id, returnTo string) (to, cookie string, err error) {
	p := s.find(site, id)
	if p == nil {
		return "", "", &connectors.Error{Code: connectors.CodeNotFound, Op: opSSO, Action: "There is no such way to sign in here. Go back to the sign-in page."}
	}
	provider, _, err := p.discover(s.context(ctx), s.cfg.Now())
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "the OpenID provider cannot be asked", "op", opSSO, "provider", id, "cause", causeOfSSO(err))
		return "", "", &connectors.Error{Code: connectors.CodeProviderDown, Op: opSSO, Err: errors.New("discovery"),
			Action: p.Title + " does not answer. Try again in a moment; if it stays, tell your administrator."}
	}
	if returnTo = localPath(returnTo); len(returnTo) > maxReturn {
		returnTo = "/"
	}
	a := attemptAt{Site: site, Provider: id, Seed: randomToken(), Return: returnTo, Until: s.cfg.Now().Add(flowLife).Unix()}
	plain, err := json.Marshal(a)
	if err != nil {
		return "", "", fmt.Errorf("auth: begin a sign-in: %w", err)
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.nonce()), oauth2.S256ChallengeOption(a.verifier())}
	if hint := presets[p.Preset].hint; hint != "" {
		options = append(options, oauth2.SetAuthURLParam(hint, p.Pin))
	}
	return s.client(p, provider, discovery{}).AuthCodeURL(a.state(), options...),
		base64.RawURLEncoding.EncodeToString(s.cfg.Keys.Seal(plain, attemptPlace)), nil
}

// attempt opens the cookie. false: there is none, or none of ours.
func (s *SSO) attempt(cookie string) (a attemptAt, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || cookie == "" {
		return a, false
	}
	plain, err := s.cfg.Keys.Open(records.Sealed(sealed), attemptPlace)
	return a, err == nil && json.Unmarshal(plain, &a) == nil
}

// once tells whether a state comes back for the first time. Without the counters it does: the
// provider takes its code once, and the verifier is this browser's.
func (s *SSO) once(ctx context.Context, state string) bool {
	n, err := s.cfg.Counters.Add(ctx, "sso "+hex.EncodeToString(hash(state)), flowLife)
	return err != nil || n == 1
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *SSO) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, s.cfg.Client)
}

// discover reads the provider's document, once an hour. One that cannot be read again still counts.
func (p *openID) discover(ctx context.Context, now time.Time) (*oidc.Provider, discovery, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider != nil && now.Sub(p.at) < discoveryLife {
		return p.provider, p.says, nil
	}
	provider, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		if p.provider != nil {
			return p.provider, p.says, nil
		}
		return nil, discovery{}, err
	}
	var says discovery
	if err := provider.Claims(&says); err != nil {
		return nil, discovery{}, err
	}
	p.provider, p.says, p.at = provider, says, now
	return provider, says, nil
}

// client is the OAuth side. The style of authentication is fixed by what the provider says: trying
// both would spend the code on the first.
func (s *SSO) client(p *openID, provider *oidc.Provider, says discovery) *oauth2.Config {
	e := provider.Endpoint()
	e.AuthStyle = oauth2.AuthStyleInHeader
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		e.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret.Reveal(), Endpoint: e, RedirectURL: s.redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
}

// opSSO is the operation in the errors of single sign-on.
const opSSO = "session.sso"
