package sim

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
)

// allScopes are what Talkdesk has for reading.
var allScopes = []string{
	"account:read", "recordings:read", "data-reports:read", "data-reports:write", "interactions-public:read", "users:read",
	"contacts:read", "attachments:download",
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxClock is how far ahead of ours another clock may be.
const maxClock = 30 * time.Second

type token struct {
	scopes []string
	until  time.Time
}

// tokenURL is what an assertion must name as its audience: the token URL as the region has it.
func (s *Sim) tokenURL() string { return "https://" + s.o.Account + ".talkdeskid.com/oauth/token" }

func (s *Sim) tokenHandler() http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", s.serveToken)
	return mux.ServeHTTP
}

// serveToken is the client credentials grant, with the client's secret in a header or in the form, or
// with an assertion.
func (s *Sim) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	if err := r.ParseForm(); err != nil || len(r.PostForm) == 0 {
		s.oauthFails(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if !s.knows(r) {
		s.oauthFails(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if r.PostForm.Get("grant_type") != "client_credentials" {
		s.oauthFails(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	scopes := s.o.Scopes
	if asked := strings.Fields(r.PostForm.Get("scope")); len(asked) > 0 {
		scopes = slices.DeleteFunc(slices.Clone(asked), func(one string) bool { return !slices.Contains(s.o.Scopes, one) })
	}
	life := s.set().TokenLife
	s.reply(w, http.StatusOK, map[string]any{
		"access_token": s.newToken(scopes, life), "token_type": "Bearer", "expires_in": int(life / time.Second), "scope": strings.Join(scopes, " "),
	})
}

// knows checks who asks.
func (s *Sim) knows(r *http.Request) bool {
	_, want := s.Client()
	if id, secret, ok := r.BasicAuth(); ok {
		id, err1 := url.QueryUnescape(id)
		secret, err2 := url.QueryUnescape(secret)
		return err1 == nil && err2 == nil && id == s.ids.id && secret == want
	}
	if r.PostForm.Get("client_assertion_type") == assertionType {
		return s.asserted(r.PostForm.Get("client_assertion"))
	}
	return r.PostForm.Get("client_id") == s.ids.id && r.PostForm.Get("client_secret") == want
}

// asserted checks a JWT: key, algorithm, signature, whose it is, for whom, until when, and that it is
// used for the first time.
func (s *Sim) asserted(jwt string) bool {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return false
	}
	var head struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Sub, Aud, Jti string
		Iat, Exp           int64
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 || !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if head.Alg != "ES256" || head.Kid != s.ids.keyID ||
		!ecdsa.Verify(&s.ids.key.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return false
	}
	now := s.now()
	if claims.Iss != s.ids.id || claims.Sub != s.ids.id || claims.Aud != s.tokenURL() || claims.Jti == "" ||
		!now.Before(time.Unix(claims.Exp, 0)) || time.Unix(claims.Iat, 0).After(now.Add(maxClock)) || claims.Exp-claims.Iat > 300 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.used[claims.Jti]
	s.used[claims.Jti] = true
	return !again
}

func decodePart(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, into, json.MatchCaseInsensitiveNames(true)) == nil
}

func (s *Sim) newToken(scopes []string, life time.Duration) string {
	value := "eyJhbGciOiJFUzI1NiJ9." + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[value] = &token{scopes: scopes, until: s.stage.Now().Add(life)}
	return value
}

// Bearer gives an access token with these scopes, or with all that the client has.
func (s *Sim) Bearer(scopes ...string) string {
	if len(scopes) == 0 {
		scopes = s.o.Scopes
	}
	return s.newToken(scopes, s.set().TokenLife)
}

// ExpireTokens makes every token that was given out worthless.
func (s *Sim) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// RotateSecret makes the client's secret another one, as an administrator of the account would to cut us
// off; undo brings the old one back.
func (s *Sim) RotateSecret(undo bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids.secret = strings.TrimPrefix(s.ids.secret, "rotated-")
	if !undo {
		s.ids.secret = "rotated-" + s.ids.secret
	}
}
