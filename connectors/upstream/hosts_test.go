package upstream_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestUndeclaredURLsAreRefused(t *testing.T) {
	elsewhere := serve(t, say("never"))
	f := link(t, say("never"), func(o *upstream.Options) { o.MediaHosts = []string{"files.test"} })
	at := strings.TrimPrefix(elsewhere.URL, "http://")
	own := strings.TrimPrefix(f.api.URL, "http://")
	for _, u := range []string{
		elsewhere.URL + "/x", "https://" + at + "/x",
		"http://shop.acme.test/x", "https://shop.acme.test:8443/x", "https://shop.acme.test.:443/x", "https://shop.acme.test./x",
		"https://other.acme.test/x", "https://acme.test/x", "https://shop.acme.test.evil.test/x", "https://evilshop.acme.test/x",
		"https://shop.acme.test@" + at + "/x", "https://user:pw@shop.acme.test/x", "http://user@" + own + "/x",
		"https://acmecontent.test/x", "https://.acmecontent.test/x", "https://evilacmecontent.test/x",
		"ftp://shop.acme.test/x", "file:///etc/passwd", "//shop.acme.test/x", "//" + own + "/x", "/x", "https:///x", "https:shop.acme.test/x",
		"https://" + own + "/x", "javascript:alert(1)", "gopher://" + own,
		"https://127.0.0.1/x", "https://[::1]/x", "https://2130706433/x", "https://shop.acme.test%2eevil.test/x", "https://ѕhop.acme.test/x",
	} {
		parsed, err := url.Parse(u)
		if err != nil {
			continue // no connector could ask for it
		}
		for name, c := range map[string]*http.Client{"api": f.API(), "media": f.Media()} {
			req := (&http.Request{Method: http.MethodGet, URL: parsed, Header: http.Header{}}).WithContext(t.Context())
			_, err := upstream.Do(c, req)
			if connectors.CodeOf(err) != connectors.CodeHostRefused {
				t.Errorf("%s %s: got %v, want host_refused", name, u, err)
			}
		}
	}
	if a, b := len(elsewhere.requests()), len(f.api.requests()); a+b != 0 {
		t.Errorf("%d requests elsewhere, %d at the API; want none", a, b)
	}
}

func TestFurtherHostsAreForMediaOnly(t *testing.T) {
	files := serve(t, say("bytes"))
	f := link(t, say("never"), func(o *upstream.Options) { o.MediaHosts = []string{files.URL} })
	_, err := ask(t.Context(), t, f.API(), files.URL+"/x")
	wantCode(t, err, connectors.CodeHostRefused)
	resp, err := ask(t.Context(), t, f.Media(), files.URL+"/x")
	wantText(t, resp, err, "bytes")
	if r := files.requests(); len(r) != 1 || r[0].Header.Get("Authorization") != "" {
		t.Errorf("got %d requests, Authorization %q; want one without", len(r), r[0].Header["Authorization"])
	}
}

// TestCanonicalURLsLandOnTheEndpoint: connectors write the provider's own host names, payloads hold
// either, and both lead to the sandbox with path and query untouched.
func TestCanonicalURLsLandOnTheEndpoint(t *testing.T) {
	f := link(t, say("ok"))
	for ask1, want := range map[string]string{
		"https://shop.acme.test/api/a%2Fb?q=a+b%20c": "/api/a%2Fb?q=a+b%20c",
		"https://SHOP.acme.test:443/x":               "/x",
		f.api.URL + "/direct?x=1":                    "/direct?x=1",
	} {
		resp, err := ask(t.Context(), t, f.API(), ask1)
		wantText(t, resp, err, "ok")
		all := f.api.requests()
		last := all[len(all)-1]
		if last.RequestURI != want || last.Header.Get("Authorization") != "Bearer first" {
			t.Errorf("%s: arrived as %q with %q, want %q, signed", ask1, last.RequestURI, last.Header.Get("Authorization"), want)
		}
		if resp.Request.URL.String() != ask1 {
			t.Errorf("the answer says it is of %s, want %s", resp.Request.URL, ask1)
		}
	}
}

func TestEndpointMayHaveAPath(t *testing.T) {
	f := link(t, say("ok"), func(o *upstream.Options) { o.Endpoints["api"] += "/proxied%20here/" })
	resp, err := f.get(t, "/x%2Fy")
	wantText(t, resp, err, "ok")
	if got, want := f.api.requests()[0].RequestURI, "/proxied%20here/x%2Fy"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWildcardHostsAreNeverSigned(t *testing.T) {
	cdn := serve(t, say("bytes"))
	f := link(t, say("never"), func(o *upstream.Options) { o.Endpoints["media"] = cdn.URL })
	resp, err := ask(t.Context(), t, f.Media(), "https://p19.acmecontent.test/x?sig=1")
	wantText(t, resp, err, "bytes")
	if h := cdn.requests()[0].Header; h.Get("Authorization") != "" {
		t.Errorf("the file store was sent %q", h.Get("Authorization"))
	}
}

// TestSharedSandbox: a stub may serve the API and the files on one port.
func TestSharedSandbox(t *testing.T) {
	f := link(t, say("ok"), func(o *upstream.Options) { o.Endpoints["media"] = o.Endpoints["api"] })
	resp, err := ask(t.Context(), t, f.API(), f.api.URL+"/x")
	wantText(t, resp, err, "ok")
	if h := f.api.requests()[0].Header.Get("Authorization"); h == "" {
		t.Error("the API's port was not signed")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*upstream.Options){
		"a setting is missing":       func(o *upstream.Options) { o.Settings = nil },
		"setting with a host in it":  func(o *upstream.Options) { o.Settings["account"] = "evil.test/" },
		"setting with userinfo":      func(o *upstream.Options) { o.Settings["account"] = "a@127.0.0.1" },
		"setting with a line break":  func(o *upstream.Options) { o.Settings["account"] = "a\r\nb" },
		"setting with a fragment":    func(o *upstream.Options) { o.Settings["account"] = "evil.test#" },
		"endpoint of no host":        func(o *upstream.Options) { o.Endpoints["apii"] = "https://x.test" },
		"endpoint with a query":      func(o *upstream.Options) { o.Endpoints["api"] = "https://x.test?a=b" },
		"endpoint with a user":       func(o *upstream.Options) { o.Endpoints["api"] = "https://a:b@x.test" },
		"endpoint without scheme":    func(o *upstream.Options) { o.Endpoints["api"] = "x.test:80" },
		"endpoint of another scheme": func(o *upstream.Options) { o.Endpoints["api"] = "unix:///x" },
		"wildcard media host":        func(o *upstream.Options) { o.MediaHosts = []string{"*.test"} },
		"media host with a path":     func(o *upstream.Options) { o.MediaHosts = []string{"https://x.test/a"} },
		"media host with a port":     func(o *upstream.Options) { o.MediaHosts = []string{"x.test:80"} },
		"empty media host":           func(o *upstream.Options) { o.MediaHosts = []string{""} },
	} {
		o := upstream.Options{Spec: spec(), Settings: map[string]string{"account": "shop"}, Endpoints: map[string]string{}}
		change(&o)
		if _, err := upstream.New(o); err == nil {
			t.Errorf("%s: New accepts it", name)
		}
	}
}

func TestRebase(t *testing.T) {
	o := upstream.Options{Spec: spec(), Settings: map[string]string{"account": "shop"}}
	for _, c := range []struct{ endpoint, in, want string }{
		{"", "https://shop.acme.test/oauth/new?state=a%2Bb", "https://shop.acme.test/oauth/new?state=a%2Bb"},
		{"http://127.0.0.1:99", "https://shop.acme.test/oauth/new?state=a%2Bb", "http://127.0.0.1:99/oauth/new?state=a%2Bb"},
		{"", "https://evil.test/", ""}, {"", "http://shop.acme.test/", ""}, {"", "%zz", ""},
	} {
		if o.Endpoints = map[string]string{}; c.endpoint != "" {
			o.Endpoints["api"] = c.endpoint
		}
		got, err := o.Rebase(c.in)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("Rebase(%s) over %q = %q, %v; want %q", c.in, c.endpoint, got, err, c.want)
		}
	}
}

func TestConnectorsOnlyRead(t *testing.T) {
	f := link(t, say("ok"))
	for _, c := range []struct {
		client      *http.Client
		method, at  string
		want        connectors.Code
		wantArrived int
	}{
		{f.API(), http.MethodPost, "/search", "", 1},
		{f.API(), http.MethodPost, "/tickets", connectors.CodeInternal, 1},
		{f.API(), http.MethodDelete, "/tickets/1", connectors.CodeInternal, 1},
		{f.API(), http.MethodPut, "/search", connectors.CodeInternal, 1},
		{f.Media(), http.MethodPost, "/search", connectors.CodeInternal, 1},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), c.method, "https://shop.acme.test"+c.at, strings.NewReader("{}"))
		resp, err := upstream.Do(c.client, req)
		if _, err = text(t, resp, err); connectors.CodeOf(err) != c.want || len(f.api.requests()) != c.wantArrived {
			t.Errorf("%s %s: got %v, %d requests; want %q, %d", c.method, c.at, err, len(f.api.requests()), c.want, c.wantArrived)
		}
	}
}
