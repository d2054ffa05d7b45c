package auth_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary stands for anything a provider may put into an answer and that must come out nowhere.
const canary = "CANARY-8d1f-customer-words"

// idp is an authorization server that rotates: a refresh deletes the access and the refresh token
// before it, and a refresh token that is used again revokes the whole family, as the strictest do.
type idp struct {
	server *httptest.Server

	mu       sync.Mutex
	family   map[string]*family // by current access, current refresh, or spent refresh token
	codes    map[string]code
	calls    int // of the token endpoint
	grants   map[string]int
	reused   int
	revoked  int
	extra    map[string]any // merged into every answer; a nil value removes the field
	fault    func(w http.ResponseWriter, r *http.Request) bool
	hook     func() // before a refresh is looked at
	scope    string
	lastForm url.Values
}

type family struct {
	access, refresh string
	dead            bool
}

type code struct {
	challenge, redirect string
	scope               string
}

func newIDP(t testing.TB) *idp {
	p := &idp{family: map[string]*family{}, codes: map[string]code{}, grants: map[string]int{}, scope: "read"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(http.ResponseWriter, *http.Request) {}) // a page
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("DELETE /revoke", p.revoke)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func newToken(kind string) string {
	b := make([]byte, 12)
	_, _ = rand.Read(b)
	return kind + "_" + base64.RawURLEncoding.EncodeToString(b)
}

// grant makes a family without a browser and returns its refresh token.
func (p *idp) grant() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := &family{}
	p.turn(f)
	return f.refresh
}

// turn gives a family new tokens; p.mu is held. Spent refresh tokens stay known, to notice reuse.
func (p *idp) turn(f *family) {
	delete(p.family, f.access)
	f.access, f.refresh = newToken("acc"), newToken("ref")
	p.family[f.access], p.family[f.refresh] = f, f
}

// rotate does what a refresh does, for somebody else.
func (p *idp) rotate(refresh string) (next string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.family[refresh]
	p.turn(f)
	return f.refresh
}

// valid tells whether an access token works now.
func (p *idp) valid(access string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.family[access]
	return f != nil && !f.dead && f.access == access
}

// accessOf gives the access token that goes with a refresh token.
func (p *idp) accessOf(refresh string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.family[refresh].access
}

// revokeAll is an administrator at the provider who ends every grant.
func (p *idp) revokeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.family {
		f.dead = true
	}
}

func (p *idp) count() (calls, refreshes, reused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls, p.grants["refresh_token"], p.reused
}

func (p *idp) set(f func(p *idp)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

// approve plays the person at the authorize page who presses Allow.
func (p *idp) approve(t testing.TB, authorizeURL string) (state, c string) {
	t.Helper()
	u, err := url.Parse(authorizeURL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("client_id") == "" {
		t.Fatalf("authorize URL lacks response_type=code, S256 or client_id: %v", q)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c = newToken("code")
	p.codes[c] = code{q.Get("code_challenge"), q.Get("redirect_uri"), p.scope}
	return q.Get("state"), c
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls++
	fault, hook := p.fault, p.hook
	p.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if hook != nil {
		hook()
	}
	_ = r.ParseForm()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastForm = r.PostForm
	grant := r.PostForm.Get("grant_type")
	p.grants[grant]++
	if r.PostForm.Get("client_id") != "client" || r.PostForm.Get("client_secret") != "hush" {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	f := p.find(grant, r.PostForm)
	if f == nil {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	p.turn(f)
	answer := map[string]any{"access_token": f.access, "token_type": "bearer", "scope": p.scope, "expires_in": 1800}
	if grant != "client_credentials" {
		answer["refresh_token"] = f.refresh
	}
	for name, v := range p.extra {
		if answer[name] = v; v == nil {
			delete(answer, name)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated) // as Zendesk does
	_ = json.NewEncoder(w).Encode(answer)
}

// find checks what was presented; p.mu is held.
func (p *idp) find(grant string, form url.Values) *family {
	switch grant {
	case "client_credentials":
		return &family{}
	case "refresh_token":
		f := p.family[form.Get("refresh_token")]
		if f != nil && !f.dead && f.refresh != form.Get("refresh_token") {
			p.reused++
			f.dead = true
		}
		if f == nil || f.dead {
			return nil
		}
		return f
	case "authorization_code":
		c, ok := p.codes[form.Get("code")]
		delete(p.codes, form.Get("code"))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if !ok || c.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || c.redirect != form.Get("redirect_uri") {
			return nil
		}
		return &family{}
	default:
		return nil
	}
}

func (p *idp) revoke(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.family[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if f == nil || f.dead {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	f.dead = true
	p.revoked++
	w.WriteHeader(http.StatusNoContent)
}

func refuse(w http.ResponseWriter, status int, name string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": name, "error_description": canary, "error_uri": canary})
}

// answerWith is a fault that sends status, headers and body.
func answerWith(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// delay is a fault that answers late.
func delay(d time.Duration) func(http.ResponseWriter, *http.Request) bool {
	return func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(d)
		return false
	}
}
