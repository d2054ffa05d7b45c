package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// provider is the Zendesk simulator behind an ear that hears every token call, and a gate that can
// hold any request.
type provider struct {
	*sim.Sim
	url  string
	t    testing.TB
	mu   sync.Mutex
	gate func(r *http.Request) // may wait
	// slow is how long a token call takes: half before the provider has rotated, half after.
	slow   time.Duration
	asked  atomic.Int64   // token calls that are under way
	family map[string]int // of a refresh token: which grant it descends from
	access []string       // tokens that were given out
	calls  []tokenCall
}

// tokenCall is one refresh as the provider saw it.
type tokenCall struct {
	family     int
	ok         bool
	begun      time.Time
	rotated    time.Time // when the old refresh token was gone
	ended      time.Time
	unreceived bool // the gateway left before it had the answer
}

func newProvider(t *testing.T, o sim.Options) *provider {
	t.Helper()
	p := &provider{Sim: sim.New(o), t: t, family: map[string]int{}}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	target, err := url.Parse(p.HostURL(sim.HostAPI))
	if err != nil {
		t.Fatal(err)
	}
	rp := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = target.Host },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
		FlushInterval: -1,
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		gate := p.gate
		p.mu.Unlock()
		if gate != nil {
			gate(r)
		}
		if r.Method == http.MethodPost && r.URL.Path == "/oauth/tokens" {
			p.tokens(w, r, rp)
			return
		}
		rp.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *provider) hold(gate func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = gate
}

// tokens passes a token call on and notes it.
func (p *provider) tokens(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p.asked.Add(1)
	defer p.asked.Add(-1)
	form, _ := url.ParseQuery(string(body))
	c := tokenCall{begun: time.Now()}
	time.Sleep(p.slow / 2)
	// Detached: what has reached the provider happens there, whether or not the gateway still lives.
	inner := r.Clone(context.WithoutCancel(r.Context()))
	inner.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, inner)
	c.rotated = time.Now()
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	_ = json.Unmarshal(answer.Body.Bytes(), &got)
	p.mu.Lock()
	c.family = p.family[form.Get("refresh_token")]
	c.ok = answer.Code < 300
	if c.ok && got.Refresh != "" {
		p.family[got.Refresh] = c.family
	}
	if got.Access != "" {
		p.access = append(p.access, got.Access)
	}
	p.mu.Unlock()
	time.Sleep(p.slow / 2)
	c.ended, c.unreceived = time.Now(), r.Context().Err() != nil
	if form.Get("grant_type") == "refresh_token" {
		p.mu.Lock()
		p.calls = append(p.calls, c)
		p.mu.Unlock()
	}
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (p *provider) tokenCalls() []tokenCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]tokenCall(nil), p.calls...)
}

// selfSigned writes cert.pem, key.pem and both.pem for 127.0.0.1 and gives the pool that trusts it.
func selfSigned(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sightglass test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	for name, b := range map[string][]byte{"cert.pem": cert, "key.pem": keyPEM, "both.pem": append(bytes.Clone(cert), keyPEM...)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return pool
}
