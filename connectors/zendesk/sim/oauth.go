package sim

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// codeLife of an authorization code (developer.zendesk.com, oauth grant_type_tokens).
const codeLife = 120 * time.Second

// Bounds of the lives a client may ask for, and what it gets when it asks for nothing
// (support.zendesk.com articles/9182123625370).
const (
	minAccess, maxAccess   = 300 * time.Second, 172800 * time.Second
	minRefresh, maxRefresh = 604800 * time.Second, 7776000 * time.Second
	newAccess, newRefresh  = 1800 * time.Second, 2592000 * time.Second
)

type client struct {
	id, secret string
	number     int64
	public     bool
	actor      string // whom client_credentials act as
	redirects  []string
}

// code is an authorization code that waits to be redeemed.
type code struct {
	client, actor, redirect, challenge string
	scopes                             []string
	expires                            time.Time
}

// token is one pair of access and refresh token.
type token struct {
	id              int64
	access, refresh string
	client, actor   string
	scopes          []string
	family          int64
	created         time.Time
	accessEnds      time.Time // zero: never
	refreshEnds     time.Time // zero: there is no refresh token
	lastUsed        time.Time
}

// oauthState is guarded by Sim.mu.
type oauthState struct {
	clients   map[string]client
	deleted   map[string]client // see SwitchClient
	redirects []string          // further allowed redirect URIs
	codes     map[string]code
	access    map[string]*token
	refresh   map[string]*token
	spent     map[string]int64 // rotated refresh tokens → family
	next      int64
	reused    int
	refreshes int
}

func newOAuthState(o Options) oauthState {
	return oauthState{
		clients: map[string]client{
			"sightglass":        {id: "sightglass", secret: secret("sec"), number: 9101, actor: ActorAdmin},
			"sightglass_public": {id: "sightglass_public", number: 9102, public: true, actor: ActorAdmin},
		},
		deleted: map[string]client{},
		codes:   map[string]code{}, access: map[string]*token{}, refresh: map[string]*token{}, spent: map[string]int64{},
		next: 70001,
	}
}

func secret(prefix string) string { return prefix + "_" + rand.Text() + rand.Text() }

// Client gives the id and the secret of one of the account's two OAuth clients. A public client has
// no secret and must use PKCE.
func (s *Sim) Client(public bool) (id, secret string) {
	if public {
		return "sightglass_public", ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return "sightglass", s.oauth.clients["sightglass"].secret
}

// AllowRedirect adds an exact redirect URI. http on localhost or 127.0.0.1 with the path
// /oauth/callback is allowed anyway, with any port: nobody knows it in advance (Options.StrictRedirects).
func (s *Sim) AllowRedirect(uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.redirects = append(s.oauth.redirects, uri)
}

func (s *Sim) redirectAllowed(c client, uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Fragment != "" {
		return false
	}
	if h := u.Hostname(); !s.o.StrictRedirects && u.Scheme == "http" && (h == "localhost" || h == "127.0.0.1") && u.Path == "/oauth/callback" && u.RawQuery == "" && u.User == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.oauth.redirects, uri) || slices.Contains(c.redirects, uri)
}

// Bearer mints an access token for an actor, without a refresh token; it lives TokenLife or 1800 s.
// Without scopes it has "read". It panics on an unknown actor.
func (s *Sim) Bearer(actor string, scopes ...string) string {
	if _, ok := actorIDs[actor]; !ok {
		panic("zendesk simulator: unknown actor " + actor)
	}
	if len(scopes) == 0 {
		scopes = []string{"read"}
	}
	life := s.o.TokenLife
	if life == 0 {
		life = newAccess
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issue(client{id: "sightglass"}, actor, scopes, life, 0, 0).access
}

// issue makes a token pair. A life of 0 means none: no expiry, or no refresh token. Call with s.mu.
func (s *Sim) issue(c client, actor string, scopes []string, access, refresh time.Duration, family int64) *token {
	s.oauth.next++
	now := s.now()
	t := &token{
		id: s.oauth.next, access: secret("tok"), client: c.id, actor: actor, scopes: scopes, family: family, created: now,
	}
	if family == 0 {
		t.family = t.id
	}
	if access > 0 {
		t.accessEnds = now.Add(access)
	}
	if refresh > 0 {
		t.refresh, t.refreshEnds = secret("ref"), now.Add(refresh)
		s.oauth.refresh[t.refresh] = t
	}
	s.oauth.access[t.access] = t
	return t
}

// drop deletes both tokens of a pair at once. Call with s.mu.
func (s *Sim) drop(t *token) {
	delete(s.oauth.access, t.access)
	delete(s.oauth.refresh, t.refresh)
}

// lookup gives the living token of a request's bearer, or nil.
func (s *Sim) lookup(r *http.Request) *token {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.oauth.access[bearerOf(r)]
	if t == nil || !t.accessEnds.IsZero() && !s.now().Before(t.accessEnds) {
		return nil
	}
	t.lastUsed = s.now()
	return t
}

func bearerOf(r *http.Request) string {
	scheme, v, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(v)
}

// killToken ends the access token that r carries.
func (s *Sim) killToken(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.oauth.access[bearerOf(r)]; t != nil {
		delete(s.oauth.access, t.access)
	}
}

// ExpireTokens ends every access token now; refresh tokens live on.
func (s *Sim) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.oauth.access)
}

// RevokeGrants ends every token, as an administrator does who removes the app.
func (s *Sim) RevokeGrants() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.oauth.access)
	clear(s.oauth.refresh)
	clear(s.oauth.codes)
}

// ReuseSeen counts how often a rotated refresh token came again. A correct keeper leaves it at 0.
func (s *Sim) ReuseSeen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oauth.reused
}

// Refreshes counts successful refreshes.
func (s *Sim) Refreshes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oauth.refreshes
}

// LiveGrants counts refresh tokens that still work.
func (s *Sim) LiveGrants() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.oauth.refresh)
}
