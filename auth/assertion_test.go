package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// proving gives a world whose link has client credentials and whose client proves itself by way.
func proving(t *testing.T, way connectors.ClientAuth, secret string) (*world, *auth.Keeper, func() url.Values, func() *http.Request) {
	t.Helper()
	w := newWorld(t, newIDP(t))
	w.spec.OAuth.ClientAuth, w.spec.OAuth.KeyID = string(way), "{subdomain}-key"
	w.spec.OAuth.Scopes = append(w.spec.OAuth.Scopes, connectors.Scope{Name: "extra", Why: "for more", Optional: true})
	reg, err := connectors.NewRegistry(w.spec)
	w.must(err)
	w.reg = reg
	var form url.Values
	var last *http.Request
	w.idp.set(func(p *idp) {
		p.fault = func(rw http.ResponseWriter, r *http.Request) bool {
			_ = r.ParseForm()
			form, last = r.PostForm, r
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(`{"access_token":"a","token_type":"Bearer","expires_in":600,"scope":"read"}`))
			return true
		}
	})
	k := w.keeper()
	w.must(w.store.AddLink(t.Context(), records.Link{
		ID: linkID, Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"}, Endpoints: map[string]string{"api": w.idp.server.URL},
		CredentialKind: records.CredentialClientCredentials, ClientID: "the client", State: records.LinkNew, CreatedAt: w.clock(),
	}))
	w.must(k.PutClientSecret(t.Context(), linkID, records.NewSecret(secret)))
	return w, k, func() url.Values { return form }, func() *http.Request { return last }
}

func TestClientProvesItselfByBasic(t *testing.T) {
	_, k, form, last := proving(t, connectors.ClientAuthBasic, "s e:cret")
	if _, err := k.Token(t.Context(), linkID); err != nil {
		t.Fatal(err)
	}
	id, secret, ok := last().BasicAuth()
	if !ok || id != url.QueryEscape("the client") || secret != url.QueryEscape("s e:cret") {
		t.Errorf("got %q, %q, %v; want the client and its secret, form-encoded (RFC 6749, section 2.3.1)", id, secret, ok)
	}
	if form().Has("client_secret") || form().Get("grant_type") != "client_credentials" {
		t.Errorf("the form has %v, want the grant and no secret", form())
	}
}

func TestClientProvesItselfByAssertion(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	sec1, _ := x509.MarshalECPrivateKey(key)
	for name, secret := range map[string]string{
		"base64 of PKCS#8": base64.StdEncoding.EncodeToString(pkcs8),
		"on several lines": base64.StdEncoding.EncodeToString(pkcs8[:60]) + "\n" + base64.StdEncoding.EncodeToString(pkcs8[60:]) + "\n",
		"PEM":              string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
		"PEM on one line":  strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), "\n", ""),
		"PEM of SEC 1":     string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})),
	} {
		t.Run(name, func(t *testing.T) {
			w, k, form, last := proving(t, connectors.ClientAuthJWT, secret)
			if _, err := k.Token(t.Context(), linkID); err != nil {
				t.Fatal(err)
			}
			if got := form().Get("client_assertion_type"); got != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
				t.Errorf("client_assertion_type is %q", got)
			}
			if _, _, basic := last().BasicAuth(); basic || form().Has("client_secret") {
				t.Error("the private key, or something else, went along as a secret")
			}
			claims := verified(t, &key.PublicKey, form().Get("client_assertion"), "acme-key")
			now := w.clock()
			if claims.Iss != "the client" || claims.Sub != "the client" || claims.Aud != "https://acme.zendesk.com/token" || claims.Jti == "" {
				t.Errorf("got %+v, want the client twice, the token URL as the account knows it, and an id", claims)
			}
			if age := now.Sub(time.Unix(claims.Iat, 0)).Abs(); age > time.Minute || claims.Exp-claims.Iat != 300 {
				t.Errorf("got iat %d, exp %d; want now and five minutes later", claims.Iat, claims.Exp)
			}
		})
	}
}

type claims struct {
	Iss, Sub, Aud, Jti string
	Iat, Exp           int64
}

// verified checks a JWT's header and signature and gives its claims.
func verified(t *testing.T, key *ecdsa.PublicKey, jwt, kid string) (c claims) {
	t.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("got %q, want three parts", jwt)
	}
	var header map[string]string
	for i, into := range []any{&header, &c} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(b, into) != nil {
			t.Fatalf("part %d is %q", i, parts[i])
		}
	}
	if header["alg"] != "ES256" || header["typ"] != "JWT" || header["kid"] != kid {
		t.Errorf("the header is %v, want ES256 and the key %s", header, kid)
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		t.Fatalf("the signature has %d bytes (%v), want r and s of 32 each", len(sig), err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the signature does not fit")
	}
	return c
}

// A key that is none is told before anything is sent, and is in no error.
func TestBadPrivateKeyIsTold(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKCS8PrivateKey(p384)
	for _, secret := range []string{"not a key", "bm90IGEga2V5", base64.StdEncoding.EncodeToString(der)} {
		w, k, _, last := proving(t, connectors.ClientAuthJWT, secret)
		_, err := k.Token(t.Context(), linkID)
		if connectors.CodeOf(err) != connectors.CodeNeedsReconnect || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: got %v, want needs_reconnect without the key", secret, err)
		}
		if last() != nil {
			t.Errorf("%q: a request was sent without a proof", secret)
		}
		if row, _ := w.store.Link(t.Context(), linkID); row.Reason != auth.ReasonClientRefused {
			t.Errorf("%q: the link's reason is %q, want %q", secret, row.Reason, auth.ReasonClientRefused)
		}
	}
}

// The answer of proving grants one of two scopes; the other is optional.
func TestOptionalScopeMayBeMissing(t *testing.T) {
	w, _, _, _ := proving(t, connectors.ClientAuthBody, "secret")
	if _, _, err := w.flow(w.keeper()).Begin(t.Context(), admin, linkID, "/"); err != nil {
		t.Fatalf("got %v, want a link that works without the optional scope", err)
	}
	if row, _ := w.store.Link(t.Context(), linkID); row.State != records.LinkOK || row.Scopes != "read" {
		t.Errorf("the link is %s with %q, want ok with read", row.State, row.Scopes)
	}
}
