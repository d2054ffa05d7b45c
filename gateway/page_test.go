package gateway_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
)

var built = fstest.MapFS{
	"index.html":          {Data: []byte(`<meta property="csp-nonce" nonce="__NONCE__"><script type="module" nonce="__NONCE__" src="/assets/a-1.js"></script>`)},
	"assets/a-1.js":       {Data: []byte(`console.log(1)`)},
	"assets/plex-2.woff2": {Data: []byte("x")},
	"icon.svg":            {Data: []byte("<svg/>")},
}

func withPage(t testing.TB, files fstest.MapFS) *env {
	return withFake(t, &fake{open: parts()}, func(s *setup) {
		s.deps = func(d *gateway.Deps) {
			if files != nil {
				d.UI = files
			}
		}
	})
}

func TestPageHasANonceOfItsOwn(t *testing.T) {
	e := withPage(t, built)
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/i/zd/ticket/5012", "/i/zd/ticket/a.b", "/links/zd", "/signin", "/index.html"} {
		resp := e.do("GET", path, "", "")
		body := read(t, resp)
		m := regexp.MustCompile(`'nonce-([^']+)'`).FindStringSubmatch(resp.Header.Get("Content-Security-Policy"))
		if resp.StatusCode != 200 || m == nil || strings.Count(body, m[1]) != 2 || strings.Contains(body, "__NONCE__") || nonces[m[1]] {
			t.Errorf("%s: %d, policy %s, body %s", path, resp.StatusCode, resp.Header.Get("Content-Security-Policy"), body)
			continue
		}
		nonces[m[1]] = true
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
	if resp := e.do("HEAD", "/", "", ""); resp.StatusCode != 200 {
		t.Errorf("HEAD /: %d", resp.StatusCode)
	}
}

func TestAssets(t *testing.T) {
	e := withPage(t, built)
	for path, want := range map[string][3]string{
		"/assets/a-1.js":       {"200", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/plex-2.woff2": {"200", "font/woff2", "public, max-age=31536000, immutable"},
		"/icon.svg":            {"200", "image/svg+xml", "no-cache"},
		"/assets/none.js":      {"404", "application/problem+json", "no-store"},
		"/assets/":             {"404", "application/problem+json", "no-store"},
		"/favicon.ico":         {"404", "application/problem+json", "no-store"},
		"/../server.go":        {"404", "application/problem+json", "no-store"},
	} {
		resp := e.do("GET", path, "", "")
		if got := [3]string{strings.Fields(resp.Status)[0], resp.Header.Get("Content-Type"), resp.Header.Get("Cache-Control")}; got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestPageThatWasNotBuiltSaysHow(t *testing.T) {
	e := withPage(t, nil)
	resp := e.do("GET", "/", "", "")
	if body := read(t, resp); resp.StatusCode != 200 || !strings.Contains(body, "npm ci") || !strings.Contains(body, "/api/openapi.json") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

func TestUnknownPathsOfTheAPIAreNotThePage(t *testing.T) {
	e := withPage(t, built)
	for _, path := range []string{"/api/v1/none", "/api", "/api/v2/x", "/metrics", "/debug/pprof/", "/oauth/none", "/problems/none", "/livez/x"} {
		resp := e.do("GET", path, analystKey, "")
		if p := problemOf(t, resp); resp.StatusCode != 404 || p["code"] != "not_found" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, p)
		}
	}
	for _, method := range []string{"TRACE", "PUT", "OPTIONS", "CONNECTED"} {
		if resp := e.do(method, "/api/v1/links", analystKey, ""); resp.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", method, resp.StatusCode)
		}
	}
	if resp := e.do("POST", "/", analystKey, "{}"); resp.StatusCode != 404 {
		t.Errorf("POST /: %d", resp.StatusCode)
	}
}

func TestOpenAPIAndProblemsAreServed(t *testing.T) {
	e := withPage(t, built)
	var doc struct {
		OpenAPI string
		Paths   map[string]any
	}
	must(t, json.Unmarshal([]byte(read(t, e.do("GET", "/api/openapi.json", "", ""))), &doc))
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 15 {
		t.Errorf("got %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for _, code := range connectors.Codes() {
		if body := read(t, e.do("GET", "/problems/"+string(code), "", "")); !strings.Contains(body, string(code)) || !strings.Contains(body, "action") {
			t.Errorf("%s: %s", code, body)
		}
	}
	resp := e.do("GET", "/problems/gone", "", "", "Accept", "text/html")
	if body := read(t, resp); !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || strings.Contains(body, "{provider}") {
		t.Errorf("as a page: %s", body)
	}
}

func TestReadyNamesWhatFails(t *testing.T) {
	e := withPage(t, built)
	resp := e.do("GET", "/readyz", "", "")
	if body := read(t, resp); resp.StatusCode != 200 || !strings.Contains(body, `"ready":true`) || !strings.Contains(body, `"records"`) {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	if got := read(t, e.do("GET", "/livez", "", "")); got != "ok\n" {
		t.Errorf("livez: %q", got)
	}
	_ = e.store.Close()
	resp = e.do("GET", "/readyz", "", "")
	if body := read(t, resp); resp.StatusCode != 503 || !strings.Contains(body, `"name":"records","ok":false`) {
		t.Errorf("without a database: %d %s", resp.StatusCode, body)
	}
}

func TestRequestBodies(t *testing.T) {
	e := withPage(t, built)
	for name, tc := range map[string]struct {
		body, contentType string
		status            int
	}{
		"unknown field": {`{"text":"1","x":2}`, "application/json", 400},
		"twice":         {`{"text":"1","text":"2"}`, "application/json", 400},
		"wrong type":    {`{"text":1}`, "application/json", 400},
		"not JSON":      {`text=1`, "application/json", 400},
		"a form":        {`text=1`, "application/x-www-form-urlencoded", 400},
		"XML":           {`<text>1</text>`, "application/xml", 400},
		"nothing":       {``, "application/json", 400},
		"two values":    {`{"text":"1"}{}`, "application/json", 400},
		"deep":          {strings.Repeat("[", 60000), "application/json", 400},
		"long":          {`{"text":"` + strings.Repeat("a", 100<<10) + `"}`, "application/json", 400},
		"empty text":    {`{"text":" "}`, "application/json", 400},
	} {
		resp := e.do("POST", "/api/v1/resolve", analystKey, tc.body, "Content-Type", tc.contentType)
		if p := problemOf(t, resp); resp.StatusCode != tc.status || p["code"] != "bad_request" || p["fields"] == nil {
			t.Errorf("%s: %d %v", name, resp.StatusCode, p)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	e := withPage(t, built)
	for in, kept := range map[string]bool{"abcdef-0123": true, "short": false, "has space in it": false, strings.Repeat("a", 65): false, "quote\"quote": false} {
		resp := e.do("GET", "/livez", "", "", "X-Request-Id", in)
		if got := resp.Header.Get("X-Request-Id"); (got == in) != kept || got == "" {
			t.Errorf("%q: got %q", in, got)
		}
	}
}
