package auth_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// realProvider is npm's oidc-provider in a process of its own.
type realProvider struct {
	t      *testing.T
	issuer string
}

func startProvider(t *testing.T, secret string) *realProvider {
	t.Helper()
	if _, err := os.Stat("openid/node_modules/oidc-provider"); err != nil {
		if os.Getenv("OPENID_PROVIDER") != "" {
			t.Fatalf("oidc-provider: %v", err)
		}
		t.Skip("oidc-provider is not installed (make setup)")
	}
	cmd := exec.CommandContext(t.Context(), "node", "server.mjs", "https://review.example"+auth.SSOPath, "sightglass", secret)
	cmd.Dir = "openid"
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // ends it
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v", err)
	}
	var ready struct {
		Issuer string `json:"issuer"`
	}
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	return &realProvider{t, ready.Issuer}
}

// next says who signs in there next, and how.
func (p *realProvider) next(body string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "PUT", p.issuer+"/control", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// visit follows the provider's pages until it sends the browser back; nil when it does not.
func (p *realProvider) visit(to string) url.Values {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "review.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	req, err := http.NewRequestWithContext(p.t.Context(), "GET", to, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	back, err := resp.Location()
	if err != nil {
		return nil
	}
	return back.Query()
}

func callbackOf(q url.Values) auth.Callback {
	return auth.Callback{State: q.Get("state"), Code: q.Get("code"), Iss: q.Get("iss"), Error: q.Get("error")}
}

// The whole way through a real OpenID provider, over the client that the program uses: it demands PKCE,
// checks the client's secret, promises iss, and sends mail and name at its user info endpoint.
func TestARealOpenIDProvider(t *testing.T) {
	p := startProvider(t, "hush")
	w := newWorld(t, nil)
	w.user("u-rin", "rin@acme.example", records.RoleAnalyst)
	client := upstream.NewOpenIDClient(loopback, nil)
	s := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: p.issuer}, client.Transport)
	begin := func() (string, string) {
		to, cookie, err := s.Begin(t.Context(), "main", "idp", "/audit")
		w.must(err)
		return to, cookie
	}
	p.next(`{"account":{"sub":"rin","email":"rin@acme.example","email_verified":true}}`)
	to, cookie := begin()
	back := p.visit(to)
	if back.Get("iss") != p.issuer || back.Get("code") == "" {
		t.Fatalf("it sent back %v, want a code and its iss", back)
	}
	token, path, err := s.Finish(t.Context(), callbackOf(back), cookie, home)
	if err != nil || path != "/audit" {
		t.Fatalf("got %q, %v, want a session and /audit", path, err)
	}
	if who, err := w.sessions().Authenticate(t.Context(), token); err != nil || who.ID != "u-rin" {
		t.Errorf("the session is of %+v, %v, want u-rin", who, err)
	}
	for _, c := range []struct {
		what, next string
		back       func(url.Values)
		want       auth.Turned
	}{
		{"denied", `{"account":{"sub":"rin"},"deny":true}`, nil, auth.TurnedDenied},
		{"nobody here", `{"account":{"sub":"eve","email":"eve@acme.example","email_verified":true}}`, nil, auth.TurnedUnknown},
		{"not verified", `{"account":{"sub":"eve","email":"rin@acme.example","email_verified":false}}`, nil, auth.TurnedUnproven},
		{"no mail", `{"account":{"sub":"eve"}}`, nil, auth.TurnedNameless},
		{"somebody's second account", `{"account":{"sub":"rin2","email":"rin@acme.example","email_verified":true}}`, nil, auth.TurnedOther},
		{"iss left out", `{"account":{"sub":"rin"}}`, func(q url.Values) { q.Del("iss") }, auth.TurnedIssuer},
		{"a code it never gave", `{"account":{"sub":"rin"}}`, func(q url.Values) { q.Set("code", "made-up") }, auth.TurnedCode},
	} {
		p.next(c.next)
		to, cookie := begin()
		q := p.visit(to)
		if c.back != nil {
			c.back(q)
		}
		_, _, err := s.Finish(t.Context(), callbackOf(q), cookie, home)
		wantTurned(t, c.what, err, c.want)
	}
	// A code of one sign-in in another: the verifier is not the one it was asked with.
	p.next(`{"account":{"sub":"rin"}}`)
	to, _ = begin()
	stolen := p.visit(to).Get("code")
	to, cookie = begin()
	mine := p.visit(to)
	mine.Set("code", stolen)
	_, _, err = s.Finish(t.Context(), callbackOf(mine), cookie, home)
	wantTurned(t, "another sign-in's code", err, auth.TurnedCode)
	if log := w.log.String(); strings.Contains(log, "acme.example") || strings.Contains(log, stolen) {
		t.Error("the log holds a mail address or a code")
	}
}

func TestARealProviderRefusesAWrongSecret(t *testing.T) {
	p := startProvider(t, "another")
	w := newWorld(t, nil)
	s := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: p.issuer}, upstream.NewOpenIDClient(loopback, nil).Transport)
	p.next(`{"account":{"sub":"rin"}}`)
	to, cookie, err := s.Begin(t.Context(), "main", "idp", "")
	w.must(err)
	_, _, err = s.Finish(t.Context(), callbackOf(p.visit(to)), cookie, home)
	wantTurned(t, "a wrong client secret", err, auth.TurnedClient)
	shut := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: p.issuer}, upstream.NewOpenIDClient(nil, nil).Transport)
	if _, _, err := shut.Begin(t.Context(), "main", "idp", ""); err == nil {
		t.Error("a provider on a private address that is not allowed was asked")
	}
}
