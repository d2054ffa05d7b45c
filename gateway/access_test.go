package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// signIn returns the cookie of a person.
func (e *env) signIn(login string) string {
	e.t.Helper()
	resp := e.do("POST", "/api/v1/session", "", fmt.Sprintf(`{"login":%q,"password":%q}`, login, password))
	if resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
		e.t.Fatalf("sign in: %d %s", resp.StatusCode, read(e.t, resp))
	}
	c := resp.Cookies()[0]
	if c.Name != "__Host-sightglass" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		e.t.Errorf("cookie: %+v", c)
	}
	return c.Name + "=" + c.Value
}

func TestSignInLooksOpensAndOut(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	who := read(t, e.do("GET", "/api/v1/session", "", "", "Cookie", cookie))
	for _, want := range []string{`"login":"quinn"`, `"site_name":"Site main"`, `"kind":"user"`, `"interaction.open"`} {
		if !strings.Contains(who, want) {
			t.Errorf("session %s lacks %s", who, want)
		}
	}
	if resp := e.do("GET", ticket, "", "", "Cookie", cookie); resp.StatusCode != 200 {
		t.Errorf("open: %d", resp.StatusCode)
	}
	out := e.do("DELETE", "/api/v1/session", "", "", "Cookie", cookie, "Origin", e.url)
	if out.StatusCode != 204 || len(out.Cookies()) != 1 || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("sign out: %d %v", out.StatusCode, out.Cookies())
	}
	if resp := e.do("GET", "/api/v1/session", "", "", "Cookie", cookie); resp.StatusCode != 401 {
		t.Errorf("after signing out: %d", resp.StatusCode)
	}
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	e := withFake(t, &fake{open: parts(), refs: []records.Ref{{Kind: "ticket", ID: "1"}}})
	e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	const body = `{"text":"1"}`
	for _, tc := range []struct {
		name   string
		h      []string
		key    string
		status int
	}{
		{"our page", []string{"Cookie", cookie, "Origin", e.url}, "", 200},
		{"our page by another of its names", []string{"Cookie", cookie, "Origin", "http://localhost:1", "Sec-Fetch-Site", "same-origin"}, "", 200},
		{"no sign of where from", []string{"Cookie", cookie}, "", 403},
		{"another site", []string{"Cookie", cookie, "Origin", "https://evil.example"}, "", 403},
		{"a sibling", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}, "", 403},
		{"null origin", []string{"Cookie", cookie, "Origin", "null"}, "", 403},
		{"a form of another site", []string{"Cookie", cookie, "Origin", "https://evil.example", "Content-Type", "text/plain"}, "", 403},
		{"an API key", nil, analystKey, 200},
		{"an API key from anywhere", []string{"Origin", "https://evil.example"}, analystKey, 200},
	} {
		resp := e.do("POST", "/api/v1/resolve", tc.key, body, tc.h...)
		if resp.StatusCode != tc.status {
			t.Errorf("%s: got %d, want %d", tc.name, resp.StatusCode, tc.status)
		}
		if tc.status == 403 && problemOf(t, resp)["code"] != "cross_site" {
			t.Errorf("%s: another code", tc.name)
		}
	}
	if resp := e.do("POST", "/api/v1/session", "", `{"login":"quinn","password":"x"}`, "Origin", "https://evil.example"); resp.StatusCode != 403 {
		t.Errorf("signing in from another site: %d", resp.StatusCode)
	}
}

// The list of routes that answer without a sign-in is complete: every other one of the contract
// answers 401, whatever else is wrong with the request.
func TestUnauthenticatedRoutesAreTheListedOnes(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	open := []string{"POST /api/v1/session", "GET /oauth/callback", "GET /oauth/sign-in", "GET /api/v1/session/sso", "POST /api/v1/session/sso", "GET /livez", "GET /readyz", "GET /api/v1/demo", "POST /api/v1/demo/break"}
	var found []string
	for path, methods := range contractPaths(t) {
		for _, method := range methods {
			concrete := strings.NewReplacer("{link}", "fd", "{kind}", "ticket", "{id}", "1", "{handle}", "h1.x", "{user}", "u", "{key}", "k").Replace(path)
			resp := e.do(method, concrete, "", "")
			if method+" "+path == "POST /api/v1/session" || slices.Contains(open, method+" "+path) && resp.StatusCode != 401 {
				found = append(found, method+" "+path)
			} else if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: got %d, want 401", method, path, resp.StatusCode)
			}
		}
	}
	slices.Sort(found)
	slices.Sort(open)
	if !slices.Equal(found, open) {
		t.Errorf("open routes: got %v, want %v", found, open)
	}
}

func contractPaths(t testing.TB) map[string][]string {
	b, err := os.ReadFile("openapi.yaml")
	must(t, err)
	var doc struct {
		Paths map[string]map[string]any
	}
	must(t, yaml.Unmarshal(b, &doc))
	out := map[string][]string{}
	for path, ops := range doc.Paths {
		for method := range ops {
			if method != "parameters" {
				out[path] = append(out[path], strings.ToUpper(method))
			}
		}
	}
	return out
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	for _, path := range []string{"/", "/i/fd/ticket/5012", "/frame", "/livez", "/readyz", "/api/openapi.json", "/problems/gone", "/api/v1/none", "/api/v1/session", ticket, "/assets/none.js"} {
		resp := e.do("GET", path, analystKey, "")
		for k, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := resp.Header.Get(k); got != want {
				t.Errorf("%s: %s = %q, want %q", path, k, got, want)
			}
		}
		if resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("Permissions-Policy") == "" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers %v", path, resp.Header)
		}
		framed := path == "/frame"
		if ancestors := strings.Contains(resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'"); ancestors == framed {
			t.Errorf("%s: policy %s", path, resp.Header.Get("Content-Security-Policy"))
		}
		if !framed && !strings.Contains(resp.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s: Cache-Control %q", path, resp.Header.Get("Cache-Control"))
		}
		if hsts := resp.Header.Get("Strict-Transport-Security"); hsts != "" {
			t.Errorf("%s: HSTS on plain http", path)
		}
	}
}

// endless streams until its context ends.
func endless(t *testing.T) *fake {
	return &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if yield(header(ref), nil) {
				<-ctx.Done()
				yield(nil, ctx.Err())
			}
		}
	}}
}

func (e *env) openStream(path string, headers ...string) *bufio.Reader {
	e.t.Helper()
	resp := e.do("GET", path, "", "", headers...)
	if resp.StatusCode != 200 {
		e.t.Fatalf("open: %d %s", resp.StatusCode, read(e.t, resp))
	}
	r := bufio.NewReader(resp.Body)
	_, err := r.ReadString('\n')
	must(e.t, err)
	return r
}

func TestDeactivationEndsStreamsAndRequests(t *testing.T) {
	e := withFake(t, endless(t))
	id := e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	r := e.openStream(ticket, "Cookie", cookie)
	time.Sleep(900 * time.Millisecond) // past the first look at the rights version
	u, err := e.store.User(context.Background(), id)
	must(t, err)
	u.Status = records.UserInactive
	start := time.Now()
	must(t, e.store.UpdateUser(context.Background(), u))
	within(t, time.Second, "requests fail", func() bool { return e.do("GET", "/api/v1/session", "", "", "Cookie", cookie).StatusCode == 401 })
	line, err := r.ReadString('\n')
	if took := time.Since(start); err != nil || !strings.Contains(line, `"unauthenticated"`) || took > 2*time.Second {
		t.Errorf("after %s: %q, %v", took, line, err)
	}
	within(t, time.Second, "a closing row", func() bool { return e.audit()[0].Outcome == records.OutcomeRevoked })
}

// The end comes by itself: nothing in the records moves at that moment.
func TestEndDateEndsStreamsAndRequests(t *testing.T) {
	e := withFake(t, endless(t))
	id := e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	r := e.openStream(ticket, "Cookie", cookie)
	u, err := e.store.User(context.Background(), id)
	must(t, err)
	u.EndsAt = time.Now().Add(1500 * time.Millisecond)
	must(t, e.store.UpdateUser(context.Background(), u))
	if resp := e.do("GET", "/api/v1/session", "", "", "Cookie", cookie); resp.StatusCode != 200 && time.Now().Before(u.EndsAt) {
		t.Errorf("before the end: %d, want 200", resp.StatusCode)
	}
	line, err := r.ReadString('\n')
	if late := time.Since(u.EndsAt); err != nil || !strings.Contains(line, `"unauthenticated"`) || late < -10*time.Millisecond || late > 2*time.Second {
		t.Errorf("%s after the end: %q, %v, want unauthenticated within 2 s", late, line, err)
	}
	if resp := e.do("GET", "/api/v1/session", "", "", "Cookie", cookie); resp.StatusCode != 401 {
		t.Errorf("after the end: %d, want 401", resp.StatusCode)
	}
	within(t, 5*time.Second, "a closing row", func() bool { return e.audit()[0].Outcome == records.OutcomeRevoked })
}

func TestARoleTakenAwayEndsStreams(t *testing.T) {
	e := withFake(t, endless(t))
	id := e.person("quinn", records.RoleAnalyst)
	r := e.openStream(ticket, "Cookie", e.signIn("quinn"))
	must(t, e.store.PutMembership(context.Background(), records.Membership{Site: "main", User: id, Roles: []records.Role{records.RoleTeamLeader}}))
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"not_allowed"`) {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestPausingTheLinkEndsStreams(t *testing.T) {
	e := withFake(t, endless(t))
	r := e.openStream(ticket, "Authorization", "Bearer "+analystKey)
	if resp := e.do("PATCH", "/api/v1/links/fd", adminKey, `{"paused":true}`); resp.StatusCode != 200 {
		t.Fatalf("pause: %d %s", resp.StatusCode, read(t, resp))
	}
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"paused"`) {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestSigningOutEndsStreams(t *testing.T) {
	e := withFake(t, endless(t))
	e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	r := e.openStream(ticket, "Cookie", cookie)
	_ = e.do("DELETE", "/api/v1/session", "", "", "Cookie", cookie, "Origin", e.url)
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"unauthenticated"`) {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestRecordsLostEndsStreamsAndOpensNothing(t *testing.T) {
	e := withFake(t, endless(t), func(s *setup) { s.config = func(c *gateway.Config) { c.RightsEvery = 100 * time.Millisecond } })
	r := e.openStream(ticket, "Authorization", "Bearer "+analystKey)
	time.Sleep(250 * time.Millisecond)
	start := time.Now()
	e.store.fail(errors.New("no database"), errors.New("no database"))
	line, err := r.ReadString('\n')
	if took := time.Since(start); err != nil || !strings.Contains(line, `"audit_unavailable"`) || took > 2*time.Second {
		t.Errorf("after %s: %q, %v", took, line, err)
	}
	resp := e.do("GET", ticket, analystKey, "")
	if p := problemOf(t, resp); resp.StatusCode != 503 || p["code"] != "audit_unavailable" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got %d %v", resp.StatusCode, p)
	}
	e.store.fail(nil, nil)
	within(t, 2*time.Second, "the closing row, written late", func() bool {
		rows := e.audit()
		return len(rows) == 2 && rows[0].Event == records.AuditClosed && rows[0].Detail == "audit_unavailable"
	})
}

func TestDrainLetsStreamsFinishThenEndsThem(t *testing.T) {
	release := make(chan struct{})
	f := &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if !yield(header(ref), nil) {
				return
			}
			if ref.ID == "short" {
				<-release
				return
			}
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}}
	e := withFake(t, f, func(s *setup) { s.config = func(c *gateway.Config) { c.Drain = time.Second } })
	key := "Bearer " + analystKey
	short := e.openStream("/api/v1/links/fd/interactions/ticket/short", "Authorization", key)
	long := e.openStream("/api/v1/links/fd/interactions/ticket/long", "Authorization", key)
	keptAlive := e.do("GET", "/livez", "", "")
	_ = read(t, keptAlive)
	stopped := make(chan error, 1)
	go func() { stopped <- e.stop() }()
	within(t, time.Second, "no new connections", func() bool {
		resp, err := e.try(context.Background(), "GET", "/readyz", "", "")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err != nil || resp.StatusCode == 503
	})
	close(release)
	if rest, err := io.ReadAll(short); err != nil || !strings.Contains(string(rest), `"end"`) {
		t.Errorf("the short one: %q, %v", rest, err)
	}
	if rest, err := io.ReadAll(long); err != nil || !strings.Contains(string(rest), `"stopping"`) {
		t.Errorf("the long one: %q, %v", rest, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if rows := e.audit(); len(rows) != 4 {
		t.Errorf("got %d audit rows, want 4", len(rows))
	}
}

func TestClientAddressIsThePeersUnlessAProxyIsTrusted(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	e.person("quinn", records.RoleAnalyst)
	for i := range 12 {
		resp := e.do("POST", "/api/v1/session", "", `{"login":"quinn","password":"wrong-Password-1"}`, "X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i), "X-Real-Ip", "10.9.9.9")
		if resp.StatusCode == 429 {
			return // counted against one peer, whatever the headers say
		}
	}
	t.Error("12 wrong guesses from one peer were all evaluated")
}
