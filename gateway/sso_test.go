package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// Single sign-on over HTTP: the cookies, where the browser is sent, and what strangers see.
func TestSingleSignOnOverHTTP(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	honest := &oidctest.Server{Algorithms: []string{oidc.ES256}, PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.ES256}}}
	var claims string
	idp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			honest.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"a","token_type":"Bearer","id_token":%q}`, oidctest.SignIDToken(key, "k", oidc.ES256, claims))
	}))
	t.Cleanup(idp.Close)
	honest.SetIssuer(idp.URL)
	e := withFake(t, &fake{open: parts()}, func(s *setup) {
		s.deps = func(d *gateway.Deps) {
			var err error
			d.SSO, err = auth.NewSSO(auth.SSOConfig{Sessions: d.Sessions, Counters: d.Cache, Keys: d.Keys, PublicURL: "https://review.example", Log: slog.New(slog.DiscardHandler),
				Client:    upstream.NewOpenIDClient(loopback, nil),
				Providers: []auth.OpenIDProvider{{Site: "main", ID: "okta", Preset: "okta", Issuer: idp.URL, ClientID: "c", Secret: records.NewSecret("s")}}})
			must(t, err)
		}
	})
	e.person("quinn", records.RoleAnalyst)
	if got := read(t, e.do("GET", "/api/v1/session/sso", "", "")); got != `{"providers":[{"id":"okta","site":"main","title":"Okta"}],"sso_only":false}`+"\n" {
		t.Errorf("what strangers see: %s", got)
	}
	if resp := e.do("POST", "/api/v1/session/sso", "", `{"site":"main","id":"okta"}`, "Origin", "https://evil.example"); resp.StatusCode != 403 {
		t.Errorf("begun by another site: %d, want 403", resp.StatusCode)
	}
	if resp := e.do("POST", "/api/v1/session/sso", "", `{"site":"other","id":"okta"}`); resp.StatusCode != 404 {
		t.Errorf("a provider of another site: %d, want 404", resp.StatusCode)
	}
	begin := e.do("POST", "/api/v1/session/sso", "", `{"site":"main","id":"okta","return_to":"https://evil.example/"}`)
	to, err := url.Parse(decode(t, read(t, begin))["url"].(string))
	must(t, err)
	half := begin.Cookies()[0]
	if half.Name != "__Host-sightglass-signing" || !half.HttpOnly || !half.Secure || half.SameSite != http.SameSiteLaxMode || half.MaxAge != 600 {
		t.Errorf("the browser's half: %+v", half)
	}
	now := time.Now().Unix()
	claims = fmt.Sprintf(`{"iss":%q,"aud":"c","sub":"00u1","nonce":%q,"iat":%d,"exp":%d,"preferred_username":"Quinn"}`, idp.URL, to.Query().Get("nonce"), now, now+600)
	back := "/oauth/sign-in?code=x&state=" + to.Query().Get("state")
	for what, cookie := range map[string][]string{"no cookie": nil, "a made-up one": {"Cookie", half.Name + "=made-up"}} {
		if resp := e.do("GET", back, "", "", cookie...); resp.StatusCode != 303 || resp.Header.Get("Location") != "/signin?refused=browser" {
			t.Errorf("%s: %d to %q, want the sign-in page with its word", what, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
	done := e.do("GET", back, "", "", "Cookie", half.Name+"="+half.Value)
	if done.StatusCode != 303 || done.Header.Get("Location") != "/" || len(done.Cookies()) != 2 {
		t.Fatalf("come back: %d to %q with %v, want / and a session", done.StatusCode, done.Header.Get("Location"), done.Cookies())
	}
	var session string
	for _, c := range done.Cookies() {
		if c.Name == "__Host-sightglass" {
			session = c.Name + "=" + c.Value
		}
	}
	if who := read(t, e.do("GET", "/api/v1/session", "", "", "Cookie", session)); !strings.Contains(who, `"login":"quinn"`) {
		t.Errorf("who came in: %s, want quinn", who)
	}
	if resp := e.do("GET", back, "", "", "Cookie", half.Name+"="+half.Value); resp.Header.Get("Location") != "/signin?refused=used&with=okta" {
		t.Errorf("again: %q, want the word on a used answer", resp.Header.Get("Location"))
	}
	if resp := e.do("POST", "/api/v1/users", adminKey, `{"login":"cleo","name":"Cleo","roles":["analyst"]}`); resp.StatusCode != 201 {
		t.Errorf("a user without a password where there is a provider: %d %s", resp.StatusCode, read(t, resp))
	}
	if resp := e.do("POST", "/api/v1/users", otherKey, `{"login":"dan","name":"Dan","roles":["analyst"]}`); resp.StatusCode != 400 {
		t.Errorf("a user without a password where there is none: %d, want 400", resp.StatusCode)
	}
	if resp := e.do("PATCH", "/api/v1/site", otherKey, `{"sso_only":true,"break_glass":"x"}`); resp.StatusCode != 400 {
		t.Errorf("single sign-on only without a provider: %d, want 400", resp.StatusCode)
	}
	ada := e.person("ada", records.RoleAdministrator)
	if resp := e.do("PATCH", "/api/v1/site", adminKey, `{"sso_only":true,"break_glass":"`+string(ada)+`"}`); resp.StatusCode != 200 {
		t.Errorf("single sign-on only: %d %s", resp.StatusCode, read(t, resp))
	}
	if resp := e.do("POST", "/api/v1/session", "", fmt.Sprintf(`{"login":"quinn","password":%q}`, password)); resp.StatusCode != 403 {
		t.Errorf("a password then: %d, want 403", resp.StatusCode)
	}
	if resp := e.do("GET", "/api/v1/session", "", "", "Cookie", session); resp.StatusCode != 200 {
		t.Errorf("the session through the provider then: %d, want 200", resp.StatusCode)
	}
	e.signIn("ada")
}
