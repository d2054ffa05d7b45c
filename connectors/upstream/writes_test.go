package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// send makes a request of any method to the API's canonical host.
func (f *fixture) send(t *testing.T, method, path string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://shop.acme.test"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return upstream.Do(f.API(), req)
}

// A connector writes nothing but what its Spec names.
func TestOnlyNamedWritesGoOut(t *testing.T) {
	f := link(t, say("done"), func(o *upstream.Options) {
		o.Spec.Settings = append(o.Spec.Settings, connectors.Setting{Name: "kind", Default: "calls"})
		o.Spec.ReadPosts = []string{"/reports/{kind}/jobs"}
		o.Spec.CleanUps = []string{"/reports/{kind}/files/*"}
	})
	for _, c := range []struct {
		method, path string
		may          bool
	}{
		{http.MethodPost, "/reports/calls/jobs", true},
		{http.MethodPost, "/reports/chats/jobs", false},
		{http.MethodPost, "/reports/calls/files/1", false},
		{http.MethodDelete, "/reports/calls/files/1", true},
		{http.MethodDelete, "/reports/calls/files/", false},
		{http.MethodDelete, "/reports/calls/files/..", false},
		{http.MethodDelete, "/reports/calls/files/1/more", false},
		{http.MethodDelete, "/recordings/1", false},
		{http.MethodDelete, "/reports/calls/jobs", false},
		{http.MethodPut, "/reports/calls/files/1", false},
		{http.MethodPatch, "/reports/calls/jobs", false},
	} {
		before := len(f.api.requests())
		resp, err := f.send(t, c.method, c.path)
		if c.may {
			wantText(t, resp, err, "done")
			continue
		}
		wantCode(t, err, connectors.CodeInternal)
		if n := len(f.api.requests()) - before; n != 0 {
			t.Errorf("%s %s: %d requests went out, want none", c.method, c.path, n)
		}
	}
}

// A redirect that is wanted comes back as it is, wherever it leads, and nothing is sent there.
func TestKeptRedirectIsTheAnswer(t *testing.T) {
	const to = "https://bucket.example/file?signature=1"
	f := link(t, status(http.StatusSeeOther, "Location", to))
	req, err := http.NewRequestWithContext(connectors.KeepRedirects(t.Context()), http.MethodGet, "https://shop.acme.test/media", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := upstream.Do(f.API(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != to || len(f.api.requests()) != 1 {
		t.Errorf("got %d to %q after %d requests, want the redirect itself", resp.StatusCode, resp.Header.Get("Location"), len(f.api.requests()))
	}
	_, err = f.get(t, "/media")
	wantCode(t, err, connectors.CodeProviderNonsense)
}

// With limits per path, a wait that is asked of one path does not hold up the others; and a POST that is
// told to wait holds up nobody.
func TestWaitsConcernTheirPath(t *testing.T) {
	limited := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/slow") {
			status(http.StatusTooManyRequests, "Retry-After", "40")(w, r)
			return
		}
		say("ok")(w, r)
	}
	for _, perPath := range []bool{true, false} {
		f := link(t, limited, func(o *upstream.Options) {
			o.Spec.LimitsPerPath, o.Spec.ReadPosts = perPath, []string{"/slow/jobs"}
		})
		_, err := f.send(t, http.MethodPost, "/slow/jobs")
		if e := wantCode(t, err, connectors.CodeRateLimited); e.RetryAfter.Seconds() != 40 {
			t.Errorf("told to wait %v, want 40 s", e.RetryAfter)
		}
		resp, err := f.get(t, "/other")
		wantText(t, resp, err, "ok")
		_, err = f.get(t, "/slow/list")
		wantCode(t, err, connectors.CodeRateLimited)
		before := len(f.api.requests())
		_, err = f.get(t, "/slow/again")
		wantCode(t, err, connectors.CodeRateLimited)
		if n := len(f.api.requests()) - before; n != 0 {
			t.Errorf("%d requests went to a path that is closed", n)
		}
		resp, err = f.get(t, "/other")
		if perPath {
			wantText(t, resp, err, "ok")
			continue
		}
		wantCode(t, err, connectors.CodeRateLimited)
	}
}

// A POST that was refused for its token has made nothing, so it is sent again with a new one, and whole.
func TestNamedPostIsSentAgainWithARenewedToken(t *testing.T) {
	var bodies []string
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		if r.Header.Get("Authorization") == "Bearer first" {
			status(http.StatusUnauthorized)(w, r)
			return
		}
		say("made")(w, r)
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://shop.acme.test/search", strings.NewReader(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := upstream.Do(f.API(), req)
	wantText(t, resp, err, "made")
	if len(bodies) != 2 || bodies[0] != bodies[1] || bodies[0] != `{"a":1}` || f.keys.renewed != 1 {
		t.Errorf("got the bodies %q and %d renewals, want the same twice and 1", bodies, f.keys.renewed)
	}
}

// Where a provider calls it otherwise, the wait is read from there.
func TestWaitInAHeaderOfAnotherName(t *testing.T) {
	f := link(t, status(http.StatusTooManyRequests, "X-Wait", "40"), func(o *upstream.Options) { o.Spec.RetryAfter = "X-Wait" })
	_, err := f.get(t, "/x")
	if e := wantCode(t, err, connectors.CodeRateLimited); e.RetryAfter.Seconds() != 40 {
		t.Errorf("told to wait %v, want 40 s", e.RetryAfter)
	}
}
