package upstream_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// private are header fields that must not be at a foreign hop, whoever set them.
var private = []string{"Authorization", "Cookie", "Referer", "X-Api-Key", "Proxy-Authorization", "Www-Authenticate"}

// TestCredentialsStayAtTheirOrigin: the foreign hop has another name, another port, or both, since
// net/http itself looks at the name only and a test with one of them proves nothing.
func TestCredentialsStayAtTheirOrigin(t *testing.T) {
	for _, foreign := range []string{"other port", "other name", "other name and port"} {
		for _, code := range []int{301, 302, 303, 307, 308} {
			var to string
			f, cdn := foreignChain(t, foreign, code, &to)
			resp, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/start?name=secret",
				"Authorization", "Bearer connector", "Cookie", "a=b", "Referer", "https://shop.acme.test/x", "X-Api-Key", "k",
				"Range", "bytes=0-9", "If-Range", `"v1"`)
			wantText(t, resp, err, "bytes")
			hop := cdn()
			for _, k := range private {
				if hop.Header.Get(k) != "" {
					t.Errorf("%s, %d: %s arrived as %q", foreign, code, k, hop.Header.Get(k))
				}
			}
			if hop.Header.Get("Range") != "bytes=0-9" || hop.Header.Get("If-Range") != `"v1"` {
				t.Errorf("%s, %d: Range %q, If-Range %q did not come along", foreign, code, hop.Header.Get("Range"), hop.Header.Get("If-Range"))
			}
			if a := f.api.requests()[0].Header; a.Get("Authorization") != "Bearer first" || a.Get("Cookie")+a.Get("Referer")+a.Get("X-Api-Key") != "" {
				t.Errorf("%s, %d: the API was sent %v", foreign, code, a)
			}
			if got := resp.Request.URL.String(); got != "https://shop.acme.test/start?name=secret" {
				t.Errorf("the answer names %s", got)
			}
		}
	}
}

// foreignChain is an API that redirects /start to a host that is declared for bytes, and the request
// that arrived there.
func foreignChain(t *testing.T, foreign string, code int, to *string) (*fixture, func() *http.Request) {
	t.Helper()
	cdn := serve(t, say("bytes"))
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/start" {
			http.Redirect(w, r, *to, code)
			return
		}
		_, _ = w.Write([]byte("bytes"))
	}
	f := link(t, answer, func(o *upstream.Options) {
		origin := cdn.URL
		if foreign == "other name" {
			origin = o.Endpoints["api"]
		}
		if foreign != "other port" {
			origin = strings.Replace(origin, "127.0.0.1", "localhost", 1)
		}
		*to = origin + "/file?sig=1"
		o.MediaHosts = []string{origin}
	})
	at := cdn
	if foreign == "other name" {
		at = f.api
	}
	return f, func() *http.Request {
		all := at.requests()
		return all[len(all)-1]
	}
}

// TestCredentialsDoNotComeBack: api → file store → api. What the store answers must not be able to
// steer a signed request.
func TestCredentialsDoNotComeBack(t *testing.T) {
	var f *fixture
	cdn := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, f.api.URL+"/end", http.StatusFound) })
	f = link(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/start" {
			http.Redirect(w, r, cdn.URL, http.StatusFound)
		}
	}, func(o *upstream.Options) { o.MediaHosts = []string{cdn.URL} })
	resp, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/start")
	wantText(t, resp, err, "")
	var got []string
	for _, r := range f.api.requests() {
		got = append(got, r.URL.Path+" "+r.Header.Get("Authorization"))
	}
	if want := "[/start Bearer first /end ]"; fmt.Sprint(got) != want {
		t.Errorf("the API saw %v, want %s", got, want)
	}
}

func TestSameOriginRedirectStaysSigned(t *testing.T) {
	for _, target := range []string{"/end?a=b", "end?a=b", "https://shop.acme.test/end?a=b", "//HOST/end?a=b"} {
		f := link(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/start" {
				w.Header().Set("Location", strings.Replace(target, "HOST", r.Host, 1))
				w.WriteHeader(http.StatusFound)
				return
			}
			_, _ = w.Write([]byte(r.Header.Get("Authorization")))
		})
		for _, c := range []*http.Client{f.API(), f.Media()} {
			resp, err := ask(t.Context(), t, c, "https://shop.acme.test/start")
			wantText(t, resp, err, "Bearer first")
		}
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	attacker := serve(t, say("never"))
	cdn := serve(t, say("never"))
	ends := map[string]struct{ api, media connectors.Code }{
		attacker.URL + "/x":                          {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"https://evil.test/":                         {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		cdn.URL + "/x":                               {connectors.CodeProviderNonsense, ""},
		"http://169.254.169.254/latest/meta-data":    {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"http://shop.acme.test/x":                    {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"https://shop.acme.test@" + attacker.URL[7:]: {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"//" + attacker.URL[7:] + "/x":               {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"ftp://shop.acme.test/x":                     {connectors.CodeProviderNonsense, connectors.CodeHostRefused},
		"":                                           {connectors.CodeProviderNonsense, connectors.CodeProviderNonsense},
		"%zz":                                        {connectors.CodeProviderNonsense, connectors.CodeProviderNonsense},
		"/again":                                     {connectors.CodeProviderNonsense, connectors.CodeProviderNonsense},
	}
	for target, want := range ends {
		f := link(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", target)
			w.WriteHeader(http.StatusFound)
		}, func(o *upstream.Options) { o.MediaHosts = []string{cdn.URL} })
		start := time.Now()
		_, err := f.get(t, "/start")
		wantCode(t, err, want.api)
		resp, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/start")
		if _, err = text(t, resp, err); connectors.CodeOf(err) != want.media {
			t.Errorf("media to %q: got %v, want %q", target, err, want.media)
		}
		if err != nil && (strings.Contains(err.Error(), "evil") || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("the error tells a URL: %v", err)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%q took %v", target, d)
		}
	}
	if n := len(attacker.requests()); n != 0 {
		t.Errorf("%d requests at the attacker", n)
	}
	if r := cdn.requests(); len(r) != 1 || r[0].Header.Get("Authorization") != "" {
		t.Errorf("the file store saw %d requests, the first with %q", len(r), r[0].Header.Get("Authorization"))
	}
}

func TestThreeHopsAndNoMore(t *testing.T) {
	for hops, want := range map[int]connectors.Code{3: "", 4: connectors.CodeProviderNonsense, 20: connectors.CodeProviderNonsense} {
		f := link(t, func(w http.ResponseWriter, r *http.Request) {
			var n int
			if _, _ = fmt.Sscanf(r.URL.Path, "/%d", &n); n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
			}
		})
		for _, c := range []*http.Client{f.API(), f.Media()} {
			before := len(f.api.requests())
			resp, err := ask(t.Context(), t, c, fmt.Sprintf("https://shop.acme.test/%d", hops))
			if _, err = text(t, resp, err); connectors.CodeOf(err) != want {
				t.Errorf("%d hops: got %v, want %q", hops, err, want)
			}
			if n := len(f.api.requests()) - before; n > 4 {
				t.Errorf("%d hops: %d requests, want at most 4", hops, n)
			}
		}
	}
}

// TestAPICallsStayAtTheirOrigin: not even a declared host may answer in the API's place.
func TestAPICallsStayAtTheirOrigin(t *testing.T) {
	store := serve(t, say("never"))
	f := link(t, status(http.StatusFound, "Location", "https://p1.acmecontent.test/x"), func(o *upstream.Options) { o.Endpoints["media"] = store.URL })
	_, err := f.get(t, "/start")
	wantCode(t, err, connectors.CodeProviderNonsense)
	if n := len(store.requests()); n != 0 {
		t.Errorf("%d requests at the other host, want none", n)
	}
}
