package sim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

const (
	redirect = "http://127.0.0.1:8080/oauth/callback"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

func challenge(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func authorizeURL(public, pkce bool, s *sim.Sim, more ...string) string {
	id, _ := s.Client(public)
	q := query("response_type", "code", "client_id", id, "redirect_uri", redirect, "scope", "read", "state", "st-1")
	if pkce {
		q.Set("code_challenge", challenge(verifier))
		q.Set("code_challenge_method", "S256")
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "https://acme.zendesk.com/oauth/authorizations/new?" + q.Encode()
}

// approved gives the callback's parameters.
func approved(t *testing.T, s *sim.Sim, target, actor string) url.Values {
	t.Helper()
	back, err := s.Approve(t.Context(), target, actor)
	if err != nil {
		t.Fatalf("approve %s: %v", target, err)
	}
	u, err := url.Parse(back)
	if err != nil || !strings.HasPrefix(back, redirect+"?") {
		t.Fatalf("approve: got %q, want the redirect URI", back)
	}
	return u.Query()
}

type tokens struct {
	AccessToken      string `json:"access_token"`
	TokenType        string `json:"token_type"`
	Scope            string
	ExpiresIn        int64  `json:"expires_in"`
	RefreshToken     string `json:"refresh_token"`
	RefreshExpiresIn int64  `json:"refresh_token_expires_in"`
	Error            string
}

// ask makes a token call, as a form, and gives the answer with its status.
func ask(t *testing.T, s *sim.Sim, kv ...string) (tokens, int) {
	t.Helper()
	a := fetchBody(t, s, http.MethodPost, "/oauth/tokens", "", query(kv...).Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var v tokens
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("token call: %v in %q", err, a.body)
	}
	return v, a.status
}

func grantFor(t *testing.T, s *sim.Sim, public bool, more ...string) []string {
	t.Helper()
	id, secret := s.Client(public)
	code := approved(t, s, authorizeURL(public, true, s), sim.ActorAdmin).Get("code")
	return append([]string{"grant_type", "authorization_code", "code", code, "client_id", id, "client_secret", secret, "redirect_uri", redirect, "code_verifier", verifier}, more...)
}

func TestCodeWithPKCEGivesTokens(t *testing.T) {
	for _, public := range []bool{true, false} {
		s := start(t, sim.Options{})
		back := approved(t, s, authorizeURL(public, true, s), sim.ActorAgent)
		if back.Get("state") != "st-1" {
			t.Errorf("state: got %q, want st-1", back.Get("state"))
		}
		got, status := ask(t, s, grantFor(t, s, public)...)
		if status != 201 || got.TokenType != "bearer" || got.Scope != "read" || got.ExpiresIn != 1800 || got.RefreshExpiresIn != 2592000 || got.RefreshToken == "" {
			t.Errorf("public %v: got %d %+v, want 201 with a bearer of 1800 s", public, status, got)
		}
		if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", got.AccessToken); a.status != 200 {
			t.Errorf("ticket with the token: got %d, want 200", a.status)
		}
	}
}

func TestWrongTokenCallsAreRefused(t *testing.T) {
	s := start(t, sim.Options{})
	set := func(kv []string, name, value string) []string {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == name {
				kv[i+1] = value
				return kv
			}
		}
		return append(kv, name, value)
	}
	for _, c := range []struct {
		what, name, value, want string
		public                  bool
	}{
		{"another verifier", "code_verifier", strings.Repeat("x", 43), "invalid_grant", true},
		{"no verifier", "code_verifier", "", "invalid_grant", true},
		{"another redirect URI", "redirect_uri", "http://127.0.0.1:8081/oauth/callback", "invalid_grant", true},
		{"unknown code", "code", "cod_unknown", "invalid_grant", true},
		{"wrong secret", "client_secret", "sec_wrong", "invalid_client", false},
		{"unknown client", "client_id", "nobody", "invalid_client", true},
		{"unknown grant", "grant_type", "password", "unsupported_grant_type", true},
		{"life too short", "expires_in", "299", "invalid_request", true},
		{"life too long", "expires_in", "172801", "invalid_request", true},
		{"refresh life too short", "refresh_token_expires_in", "604799", "invalid_request", true},
		{"refresh life too long", "refresh_token_expires_in", "99999999999999999", "invalid_request", true},
	} {
		if got, status := ask(t, s, set(grantFor(t, s, c.public), c.name, c.value)...); got.Error != c.want || status < 400 {
			t.Errorf("%s: got %d %q, want %q", c.what, status, got.Error, c.want)
		}
	}
}

func TestPublicClientsSecretIsIgnored(t *testing.T) {
	s := start(t, sim.Options{TokenStatus: 200})
	if got, status := ask(t, s, grantFor(t, s, true, "client_secret", "whatever")...); status != 200 || got.AccessToken == "" {
		t.Errorf("public client with a secret: got %d %+v, want tokens", status, got)
	}
}

func TestConfidentialClientWithoutPKCENeedsItsSecret(t *testing.T) {
	s := start(t, sim.Options{})
	id, secret := s.Client(false)
	for sent, want := range map[string]string{secret: "", "": "invalid_client"} {
		code := approved(t, s, authorizeURL(false, false, s), sim.ActorAdmin).Get("code")
		got, _ := ask(t, s, "grant_type", "authorization_code", "code", code, "client_id", id, "client_secret", sent, "redirect_uri", redirect)
		if got.Error != want {
			t.Errorf("secret %q: got error %q, want %q", sent, got.Error, want)
		}
	}
}

func TestCodeIsSingleUseAndLives120Seconds(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now})
	in := grantFor(t, s, true)
	if _, status := ask(t, s, in...); status != 201 {
		t.Fatalf("first use: got %d, want 201", status)
	}
	if got, _ := ask(t, s, in...); got.Error != "invalid_grant" {
		t.Errorf("second use: got %q, want invalid_grant", got.Error)
	}
	in = grantFor(t, s, true)
	c.add(119 * time.Second)
	if _, status := ask(t, s, in...); status != 201 {
		t.Errorf("after 119 s: got %d, want 201", status)
	}
	in = grantFor(t, s, true)
	c.add(120 * time.Second)
	if got, _ := ask(t, s, in...); got.Error != "invalid_grant" {
		t.Errorf("after 120 s: got %q, want invalid_grant", got.Error)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	s := start(t, sim.Options{AllowedScopes: []string{"read"}})
	for what, target := range map[string]string{
		"no such client":      authorizeURL(true, true, s, "client_id", "nobody"),
		"foreign redirect":    authorizeURL(true, true, s, "redirect_uri", "https://evil.example/oauth/callback"),
		"another path":        authorizeURL(true, true, s, "redirect_uri", "http://127.0.0.1:8080/other"),
		"redirect with query": authorizeURL(true, true, s, "redirect_uri", redirect+"?x=1"),
		"redirect with user":  authorizeURL(true, true, s, "redirect_uri", "http://a@127.0.0.1:8080/oauth/callback"),
	} {
		if back, err := s.Approve(t.Context(), target, sim.ActorAdmin); err == nil {
			t.Errorf("%s: got a redirect to %q, want a page that says no", what, back)
		}
	}
	for want, target := range map[string]string{
		"invalid_request":           authorizeURL(true, false, s), // public client without PKCE
		"invalid_scope":             authorizeURL(true, true, s, "scope", "read write"),
		"unsupported_response_type": authorizeURL(true, true, s, "response_type", "token"),
	} {
		if got := approved(t, s, target, sim.ActorAdmin); got.Get("error") != want || got.Get("state") != "st-1" {
			t.Errorf("got %v, want error %s and the state", got, want)
		}
	}
	back, err := s.Deny(t.Context(), authorizeURL(true, true, s))
	if err != nil || !strings.Contains(back, "error=access_denied") || !strings.Contains(back, "state=st-1") {
		t.Errorf("deny: got %q, %v, want access_denied with the state", back, err)
	}
	s.AllowRedirect("https://review.example/oauth/callback")
	if _, err := s.Approve(t.Context(), authorizeURL(true, true, s, "redirect_uri", "https://review.example/oauth/callback"), sim.ActorAdmin); err != nil {
		t.Errorf("allowed redirect: %v", err)
	}
}

func TestAuthorizePageNeedsNoScript(t *testing.T) {
	s := start(t, sim.Options{})
	a := fetch(t, s, http.MethodGet, authorizeURL(true, true, s, "state", `"><script>x</script>`), "")
	for _, want := range []string{"<!DOCTYPE html>", `lang="en"`, "<legend>", `value="restricted"`, `value="deny"`, "name=\"viewport\""} {
		if !strings.Contains(a.body, want) {
			t.Errorf("page: got no %q", want)
		}
	}
	if strings.Contains(a.body, "<script") || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("page: got a script or the policy %q, want neither script nor sources", a.header.Get("Content-Security-Policy"))
	}
}

func TestRefreshRotatesAndKillsBothOldTokens(t *testing.T) {
	s := start(t, sim.Options{})
	id, _ := s.Client(true)
	first, _ := ask(t, s, grantFor(t, s, true)...)
	second, status := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken)
	if status != 201 || second.RefreshToken == "" || second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken || second.Scope != "read" {
		t.Fatalf("refresh: got %d %+v, want new tokens", status, second)
	}
	old := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", first.AccessToken)
	if old.status != 401 || !strings.Contains(old.body, `"error":"invalid_token"`) || !strings.Contains(old.header.Get("WWW-Authenticate"), `Bearer realm="Zendesk::OAuth Bearer Token Authentication", error="invalid_token"`) {
		t.Errorf("old access token: got %d %q %q, want 401 invalid_token", old.status, old.body, old.header.Get("WWW-Authenticate"))
	}
	if n := s.ReuseSeen(); n != 0 {
		t.Errorf("reuse before any: got %d, want 0", n)
	}
	if got, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("old refresh token: got %q, want invalid_grant", got.Error)
	}
	if n := s.ReuseSeen(); n != 1 {
		t.Errorf("reuse after one: got %d, want 1", n)
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", second.AccessToken); a.status != 200 {
		t.Errorf("new token after a reuse: got %d, want 200 (no strict mode)", a.status)
	}
}

func TestStrictReuseRevokesTheFamily(t *testing.T) {
	s := start(t, sim.Options{StrictReuse: true})
	id, _ := s.Client(true)
	first, _ := ask(t, s, grantFor(t, s, true)...)
	other, _ := ask(t, s, grantFor(t, s, true)...)
	second, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken)
	ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken)
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", second.AccessToken); a.status != 401 {
		t.Errorf("token of the family: got %d, want 401", a.status)
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", other.AccessToken); a.status != 200 {
		t.Errorf("token of another family: got %d, want 200", a.status)
	}
}

func TestOneOfManyRefreshesWins(t *testing.T) {
	s := start(t, sim.Options{})
	id, _ := s.Client(true)
	first, _ := ask(t, s, grantFor(t, s, true)...)
	var wg sync.WaitGroup
	won := make(chan string, 8)
	for range 8 {
		wg.Go(func() {
			if got, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken); got.Error == "" {
				won <- got.RefreshToken
			}
		})
	}
	wg.Wait()
	if len(won) != 1 || s.ReuseSeen() != 7 || s.Refreshes() != 1 || s.LiveGrants() != 1 {
		t.Errorf("8 refreshes: got %d winners, %d reuses, %d refreshes, %d grants, want 1, 7, 1, 1", len(won), s.ReuseSeen(), s.Refreshes(), s.LiveGrants())
	}
}

func TestJSONBodyAndScopeAsArray(t *testing.T) {
	s := start(t, sim.Options{})
	id, secret := s.Client(false)
	for scope, want := range map[string]string{`"read"`: "read", `["read"]`: "", `"read made_up"`: "read"} {
		body := `{"grant_type":"client_credentials","client_id":"` + id + `","client_secret":"` + secret + `","scope":` + scope + `,"expires_in":900}`
		a := fetchBody(t, s, http.MethodPost, "/oauth/tokens", "", body, "Content-Type", "application/json")
		var got tokens
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Scope != want || got.RefreshToken != "" || got.ExpiresIn != 900 {
			t.Errorf("scope %s: got %d %s, want a token of scope %q, 900 s, without refresh token", scope, a.status, a.body, want)
		}
		status := 200
		if want == "" {
			status = 403
		}
		if b := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", got.AccessToken); b.status != status {
			t.Errorf("scope %s: got %d for a ticket, want %d", scope, b.status, status)
		}
	}
	public, _ := s.Client(true)
	if got, status := ask(t, s, "grant_type", "client_credentials", "client_id", public, "scope", "read"); status != 401 || got.Error != "invalid_client" {
		t.Errorf("client_credentials of a public client: got %d %q, want 401 invalid_client", status, got.Error)
	}
}

func TestOldClientGetsExpiryOnlyWhenItAsks(t *testing.T) {
	s := start(t, sim.Options{OldClient: true})
	if got, _ := ask(t, s, grantFor(t, s, true)...); got.ExpiresIn != 0 || got.RefreshToken != "" || got.AccessToken == "" {
		t.Errorf("old client: got %+v, want a token without end and without refresh token", got)
	}
	if got, _ := ask(t, s, grantFor(t, s, true, "expires_in", "3600")...); got.ExpiresIn != 3600 || got.RefreshToken == "" {
		t.Errorf("old client that asks: got %+v, want 3600 s and a refresh token", got)
	}
}

func TestTokensEnd(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now, TokenLife: time.Minute})
	got, _ := ask(t, s, grantFor(t, s, true, "expires_in", "3600")...)
	if got.ExpiresIn != 60 {
		t.Errorf("expires_in: got %d, want 60", got.ExpiresIn)
	}
	status := func(bearer string) int { return fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", bearer).status }
	if n := status(got.AccessToken); n != 200 {
		t.Errorf("fresh: got %d, want 200", n)
	}
	c.add(time.Minute)
	if n := status(got.AccessToken); n != 401 {
		t.Errorf("after its life: got %d, want 401", n)
	}
	id, _ := s.Client(true)
	next, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", got.RefreshToken)
	s.ExpireTokens()
	if n := status(next.AccessToken); n != 401 {
		t.Errorf("after ExpireTokens: got %d, want 401", n)
	}
	next, code := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", next.RefreshToken)
	if code != 201 {
		t.Errorf("refresh after ExpireTokens: got %d, want 201", code)
	}
	s.RevokeGrants()
	if again, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", next.RefreshToken); again.Error != "invalid_grant" || status(next.AccessToken) != 401 {
		t.Errorf("after RevokeGrants: got %q, want invalid_grant and 401", again.Error)
	}
	if s.ReuseSeen() != 0 {
		t.Errorf("reuse: got %d, want 0: nothing rotated was used", s.ReuseSeen())
	}
	month, _ := ask(t, s, grantFor(t, s, true)...)
	c.add(30 * 24 * time.Hour)
	if late, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", month.RefreshToken); late.Error != "invalid_grant" {
		t.Errorf("refresh after 30 days: got %q, want invalid_grant", late.Error)
	}
}

func TestTokenIsShownInPartAndRevoked(t *testing.T) {
	s := start(t, sim.Options{})
	first, _ := ask(t, s, grantFor(t, s, true)...)
	type shown struct {
		Token struct {
			ID     int64
			Token  string
			Scopes []string
		}
	}
	got := get[shown](t, s, "/api/v2/oauth/tokens/current.json", first.AccessToken, 200)
	if got.Token.Token != first.AccessToken[:10] || len(got.Token.Scopes) != 1 {
		t.Errorf("current token: got %+v, want ten characters and one scope", got)
	}
	if a := fetch(t, s, http.MethodDelete, "/api/v2/oauth/tokens/current.json", first.AccessToken); a.status != 204 {
		t.Errorf("revoke: got %d, want 204", a.status)
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", first.AccessToken); a.status != 401 || s.LiveGrants() != 0 {
		t.Errorf("after revoking: got %d with %d grants, want 401 with none", a.status, s.LiveGrants())
	}
	second, _ := ask(t, s, grantFor(t, s, true)...)
	id := get[shown](t, s, "/api/v2/oauth/tokens/current", second.AccessToken, 200).Token.ID
	s.ExpireTokens() // its refresh token lives on and can be revoked by id
	if a := fetch(t, s, http.MethodDelete, "/api/v2/oauth/tokens/"+itoa(id)+".json", s.Bearer(sim.ActorAdmin)); a.status != 204 || s.LiveGrants() != 0 {
		t.Errorf("revoke by id: got %d with %d grants, want 204 with none", a.status, s.LiveGrants())
	}
}
