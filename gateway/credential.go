package gateway

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// credential is what a request signs in with: a session's token or an API key.
type credential struct {
	key    bool
	secret records.Secret
}

// none tells whether the request brought nothing.
func (c credential) none() bool { return c.secret.IsZero() }

// id names the credential in memory without holding it.
func (c credential) id() [32]byte {
	kind := "session:"
	if c.key {
		kind = "key:"
	}
	var room [128]byte // as long as our own tokens and keys are, and some
	return sha256.Sum256(append(append(room[:0], kind...), c.secret.Reveal()...))
}

func (c credential) check(ctx context.Context, s *auth.Sessions) (auth.Principal, error) {
	if c.key {
		return s.AuthenticateKey(ctx, c.secret.Reveal())
	}
	return s.Authenticate(ctx, c.secret.Reveal())
}

// cookieName is the login cookie's. Chromium stores __Host- cookies on http://127.0.0.1 as well.
func (c Config) cookieName() string { return "__Host-sightglass" + c.CookieSuffix }

// linkingCookieName is that of the browser's half of an authorization in progress.
func (c Config) linkingCookieName() string { return "__Host-sightglass-linking" + c.CookieSuffix }

// signingCookieName is that of a sign-in through a provider in progress.
func (c Config) signingCookieName() string { return "__Host-sightglass-signing" + c.CookieSuffix }

// credentialOf reads the bearer key, else the cookie. A request with both is the key's: a browser
// never sends Authorization by itself.
func (c Config) credentialOf(r *http.Request) (credential, error) {
	if h := r.Header.Values("Authorization"); len(h) > 0 {
		scheme, key, ok := strings.Cut(h[0], " ")
		if len(h) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || len(key) < 20 || len(key) > 4096 {
			return credential{}, &connectors.Error{Code: connectors.CodeUnauthenticated}
		}
		return credential{true, records.NewSecret(strings.TrimSpace(key))}, nil
	}
	if v, ok := oneCookie(r, c.cookieName()); ok {
		return credential{false, records.NewSecret(v)}, nil
	}
	return credential{}, nil
}

// oneCookie returns a cookie that is there exactly once.
func oneCookie(r *http.Request, name string) (string, bool) { return cookieWithin(r, name, 512) }

func cookieWithin(r *http.Request, name string, longest int) (string, bool) {
	found := r.CookiesNamed(name)
	if len(found) != 1 || found[0].Value == "" || len(found[0].Value) > longest {
		return "", false
	}
	return found[0].Value, true
}

// cookie makes a cookie of ours; an empty value removes it.
func cookie(name, value string) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// sameSite tells whether a browser says that the request comes from our own pages.
func (c Config) sameSite(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return true
	}
	o := r.Header.Get("Origin")
	return o != "" && o == c.PublicURL
}

// crossSite refuses requests that change something and that another site may have caused. Keys are
// exempt: no browser sends them by itself. Without a cookie (signing in, or a program) there must
// be no sign of another site.
func (c Config) crossSite(r *http.Request, cred credential) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if cred.key || c.sameSite(r) {
		return nil
	}
	if cred.none() && r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return nil
	}
	return &connectors.Error{Code: connectors.CodeCrossSite}
}
