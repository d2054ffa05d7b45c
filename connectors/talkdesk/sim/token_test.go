package sim_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func (a *account) token(form url.Values, header ...string) answer {
	a.Helper()
	return a.do("POST", a.HostURL(sim.HostToken)+"/oauth/token", strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

func TestTokenForSecretInHeaderOrForm(t *testing.T) {
	a := start(t, sim.Options{})
	id, secret := a.Client()
	grant := url.Values{"grant_type": {"client_credentials"}, "scope": {"recordings:read calls:write"}}
	inForm := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	got := a.token(grant, "Authorization", basic(id, secret)).object(t)
	if got["scope"] != "recordings:read" || got["expires_in"] != 600.0 || got["token_type"] != "Bearer" {
		t.Errorf("got %v, want what is asked for and granted, for 600 s", got)
	}
	if all := a.token(inForm).object(t); !strings.Contains(text(all, "scope"), "users:read") {
		t.Errorf("without a scope got %v, want all that the client has", all)
	}
	for name, bad := range map[string]answer{
		"wrong secret": a.token(grant, "Authorization", basic(id, "x")),
		"no client":    a.token(grant),
	} {
		a.wantStatus(bad, 401, name)
		if bad.object(t)["error"] != "invalid_client" {
			t.Errorf("%s: got %s, want an OAuth error", name, bad.body)
		}
	}
	if n := a.TokenRequests(); n != 4 {
		t.Errorf("%d token requests were counted, want 4", n)
	}
}

// jwt signs claims as a client would.
func jwt(t *testing.T, pkcs8, kid string, claims map[string]any) string {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(pkcs8)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(map[string]any{"alg": "ES256", "typ": "JWT", "kid": kid}) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func TestTokenForAssertion(t *testing.T) {
	a := start(t, sim.Options{})
	id, _ := a.Client()
	key, kid := a.Key()
	good := func(change ...any) string {
		c := map[string]any{"iss": id, "sub": id, "aud": "https://harborline.talkdeskid.com/oauth/token", "jti": rand.Text(),
			"iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix()}
		for i := 0; i+1 < len(change); i += 2 {
			c[change[i].(string)] = change[i+1]
		}
		return jwt(t, key, kid, c)
	}
	ask := func(assertion string) answer {
		return a.token(url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}})
	}
	once := good()
	a.wantStatus(ask(once), 200, "an assertion")
	for name, bad := range map[string]string{
		"used again":     once,
		"other audience": good("aud", "https://harborline.talkdeskid.eu/oauth/token"),
		"expired":        good("exp", time.Now().Add(-time.Second).Unix()),
		"too long":       good("exp", time.Now().Add(time.Hour).Unix()),
		"other client":   good("sub", "somebody"),
		"other key id":   jwt(t, key, "key-2", map[string]any{"iss": id, "sub": id}),
		"no jwt":         "x.y.z",
	} {
		a.wantStatus(ask(bad), 401, name)
	}
}

func TestAPIWantsTokenAndScope(t *testing.T) {
	a := start(t, sim.Options{})
	for name, c := range map[string]struct {
		bearer string
		want   int
	}{
		"none": {"", 401}, "unknown": {"x", 401}, "without the scope": {a.Bearer("users:read"), 403}, "good": {a.Bearer("recordings:read"), 200},
	} {
		a.bearer = c.bearer
		got := a.api("GET", "/calls/"+sim.CallTransfer+"/recordings")
		a.wantStatus(got, c.want, name)
		if body := got.object(t); c.want != 200 && (body["code"] == nil || body["message"] == nil) {
			t.Errorf("%s: got %s, want code and message", name, got.body)
		}
		if got.header.Get("Platform-Tid") == "" {
			t.Errorf("%s: no platform-tid", name)
		}
	}
	a.Switch(func(s *sim.Switches) { s.TokenLife = time.Nanosecond })
	a.bearer = a.Bearer()
	a.wantStatus(a.api("GET", "/account"), 401, "an expired token")
}
