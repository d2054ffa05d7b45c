package sim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxForm bounds the body of a token call.
const maxForm = 64 << 10

// tokenAnswer is the successful answer. Only expires_in and the refresh fields may be absent.
type tokenAnswer struct {
	AccessToken      string `json:"access_token"`
	TokenType        string `json:"token_type"`
	Scope            string `json:"scope"`
	ExpiresIn        int64  `json:"expires_in,omitzero"`
	RefreshToken     string `json:"refresh_token,omitzero"`
	RefreshExpiresIn int64  `json:"refresh_token_expires_in,omitzero"`
}

// grantError is a refusal of the token endpoint.
type grantError struct {
	status     int
	name, text string
}

var (
	errInvalidGrant = &grantError{http.StatusBadRequest, "invalid_grant",
		"The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, or revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}
	errInvalidClient = &grantError{http.StatusUnauthorized, "invalid_client",
		"Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."}
)

func badGrant(name, text string) *grantError { return &grantError{http.StatusBadRequest, name, text} }

// serveToken is POST /oauth/tokens. Zendesk documents JSON; form bodies work as well.
func (s *Sim) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	in, err := tokenParams(w, r)
	if err != nil {
		s.oauthFails(w, http.StatusBadRequest, "invalid_request", "The request could not be read")
		return
	}
	answer, fail := s.grant(in)
	if fail != nil {
		s.oauthFails(w, fail.status, fail.name, fail.text)
		return
	}
	s.reply(w, s.o.TokenStatus, answer)
}

// tokenParams reads a JSON or a form body into one map. A JSON value that is no string keeps its
// JSON text, so that scope as an array becomes an unknown scope, as at Zendesk.
func tokenParams(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	body := http.MaxBytesReader(w, r.Body, maxForm)
	in := map[string]string{}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json":
		var values map[string]jsontext.Value
		if err := json.UnmarshalRead(body, &values); err != nil {
			return nil, err
		}
		for k, v := range values {
			if in[k] = string(v); v.Kind() == '"' {
				in[k] = unquoted(v)
			}
		}
	case "application/x-www-form-urlencoded":
		r.Body = body
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		for k := range r.PostForm {
			in[k] = r.PostForm.Get(k)
		}
	default:
		return nil, errors.New("unknown body type")
	}
	return in, nil
}

func unquoted(v jsontext.Value) string {
	b, _ := jsontext.AppendUnquote(nil, v)
	return string(b)
}

func (s *Sim) grant(in map[string]string) (tokenAnswer, *grantError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.oauth.clients[in["client_id"]]
	if !ok {
		return tokenAnswer{}, errInvalidClient
	}
	lives, fail := s.lives(in)
	if fail != nil {
		return tokenAnswer{}, fail
	}
	switch in["grant_type"] {
	case "authorization_code":
		return s.redeem(c, in, lives)
	case "refresh_token":
		return s.rotate(c, in, lives)
	case "client_credentials":
		return s.machine(c, in, lives)
	default:
		return tokenAnswer{}, badGrant("unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
}

// secretOK checks a secret if one is needed or was sent. A public client's is ignored.
func (c client) secretOK(in map[string]string, needed bool) bool {
	if c.public {
		return true
	}
	sent := in["client_secret"]
	if sent == "" {
		return !needed
	}
	return subtle.ConstantTimeCompare([]byte(sent), []byte(c.secret)) == 1
}

// redeem trades an authorization code. The code is used up even when the rest is wrong.
func (s *Sim) redeem(c client, in map[string]string, l lives) (tokenAnswer, *grantError) {
	g, ok := s.oauth.codes[in["code"]]
	delete(s.oauth.codes, in["code"])
	verifier := in["code_verifier"]
	switch {
	case !ok, !s.now().Before(g.expires), g.client != c.id, in["redirect_uri"] != g.redirect:
		return tokenAnswer{}, errInvalidGrant
	case !c.secretOK(in, g.challenge == ""):
		return tokenAnswer{}, errInvalidClient
	case c.public && verifier == "", (g.challenge != "") != (verifier != ""):
		return tokenAnswer{}, errInvalidGrant
	case g.challenge != "" && !verifies(g.challenge, verifier):
		return tokenAnswer{}, errInvalidGrant
	}
	return s.answer(s.issue(c, g.actor, g.scopes, l.access, l.refresh, 0)), nil
}

func verifies(challenge, verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return len(verifier) >= 43 && len(verifier) <= 128 && base64.RawURLEncoding.EncodeToString(sum[:]) == challenge
}

// rotate trades a refresh token for a new pair and deletes both old ones. There is no grace.
func (s *Sim) rotate(c client, in map[string]string, l lives) (tokenAnswer, *grantError) {
	old := s.oauth.refresh[in["refresh_token"]]
	if !c.secretOK(in, true) {
		return tokenAnswer{}, errInvalidClient
	}
	if old == nil {
		s.noteReuse(in["refresh_token"])
		return tokenAnswer{}, errInvalidGrant
	}
	if old.client != c.id || !s.now().Before(old.refreshEnds) {
		return tokenAnswer{}, errInvalidGrant
	}
	s.drop(old)
	s.oauth.spent[old.refresh] = old.family
	s.oauth.refreshes++
	return s.answer(s.issue(c, old.actor, old.scopes, l.access, l.refresh, old.family)), nil
}

// noteReuse counts a rotated token that comes again, and kills its family if StrictReuse asks for it.
func (s *Sim) noteReuse(refresh string) {
	family, spent := s.oauth.spent[refresh]
	if !spent {
		return
	}
	s.oauth.reused++
	if !s.o.StrictReuse {
		return
	}
	for _, t := range s.oauth.refresh {
		if t.family == family {
			s.drop(t)
		}
	}
}

// machine is the client_credentials grant: confidential clients only, never a refresh token.
func (s *Sim) machine(c client, in map[string]string, l lives) (tokenAnswer, *grantError) {
	if c.public || !c.secretOK(in, true) {
		return tokenAnswer{}, errInvalidClient
	}
	scopes := parseScopes(in["scope"])
	if s.beyond(scopes) != "" {
		return tokenAnswer{}, badGrant("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
	}
	return s.answer(s.issue(c, c.actor, s.narrowed(scopes), l.access, 0, 0)), nil
}

func (s *Sim) answer(t *token) tokenAnswer {
	a := tokenAnswer{AccessToken: t.access, TokenType: "bearer", Scope: strings.Join(t.scopes, " "), RefreshToken: t.refresh}
	if !t.accessEnds.IsZero() {
		a.ExpiresIn = int64(t.accessEnds.Sub(t.created) / time.Second)
	}
	if !t.refreshEnds.IsZero() {
		a.RefreshExpiresIn = int64(t.refreshEnds.Sub(t.created) / time.Second)
	}
	return a
}

// lives are those of the tokens to issue; 0: none.
type lives struct{ access, refresh time.Duration }

// lives reads expires_in and refresh_token_expires_in and checks Zendesk's bounds.
func (s *Sim) lives(in map[string]string) (lives, *grantError) {
	l := lives{access: newAccess, refresh: newRefresh}
	if s.o.OldClient && in["expires_in"] == "" {
		l = lives{}
	}
	for _, p := range []struct {
		name     string
		life     *time.Duration
		min, max time.Duration
	}{{"expires_in", &l.access, minAccess, maxAccess}, {"refresh_token_expires_in", &l.refresh, minRefresh, maxRefresh}} {
		if in[p.name] == "" {
			continue
		}
		n, err := strconv.ParseInt(in[p.name], 10, 64)
		if d := time.Duration(n) * time.Second; err != nil || n > int64(p.max/time.Second) || d < p.min {
			return lives{}, badGrant("invalid_request", p.name+" is out of bounds")
		} else {
			*p.life = d
		}
	}
	if s.o.TokenLife > 0 && l.access > 0 {
		l.access = s.o.TokenLife
	}
	return l, nil
}
