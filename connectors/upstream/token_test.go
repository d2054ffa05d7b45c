package upstream_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestTokenClient(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, r.Method+" "+r.Form.Get("grant_type")+" "+r.Header.Get("Authorization"))
	})
	c, err := upstream.NewTokenClient(upstream.Options{
		Spec: spec(), Settings: map[string]string{"account": "shop"}, Endpoints: map[string]string{"api": p.URL},
		Private: loopback, Credentials: &keys{token: "never"},
	})
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"refresh_token"}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://shop.acme.test/oauth/tokens", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := upstream.Do(c, req)
	wantText(t, resp, err, "POST refresh_token ")
	req, _ = http.NewRequestWithContext(t.Context(), http.MethodDelete, "https://shop.acme.test/oauth/tokens/current.json", nil)
	req.Header.Set("Authorization", "Bearer own")
	resp, err = upstream.Do(c, req)
	wantText(t, resp, err, "DELETE  Bearer own")
}

func TestTokenClientGoesNowhereElse(t *testing.T) {
	elsewhere := serve(t, say("never"))
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		at     string
		want   connectors.Code
		sent   int
	}{
		"other host":       {say(""), elsewhere.URL, connectors.CodeHostRefused, 0},
		"wildcard host":    {say(""), "https://p1.acmecontent.test/x", connectors.CodeHostRefused, 0},
		"redirect":         {status(307, "Location", elsewhere.URL), "https://shop.acme.test/oauth/tokens", connectors.CodeProviderNonsense, 1},
		"own redirect":     {status(302, "Location", "/x"), "https://shop.acme.test/oauth/tokens", connectors.CodeProviderNonsense, 1},
		"no second try":    {hangUp, "https://shop.acme.test/oauth/tokens", connectors.CodeProviderDown, 1},
		"an error answers": {status(500), "https://shop.acme.test/oauth/tokens", "", 1},
	} {
		p := serve(t, c.answer)
		client, err := upstream.NewTokenClient(upstream.Options{
			Spec: spec(), Settings: map[string]string{"account": "shop"}, Private: loopback,
			Endpoints: map[string]string{"api": p.URL, "media": elsewhere.URL}, MediaHosts: []string{elsewhere.URL},
		})
		if err != nil {
			t.Fatal(err)
		}
		if name == "other host" {
			c.at = "https://other.test/x"
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.at, strings.NewReader("refresh_token=secret"))
		resp, err := upstream.Do(client, req)
		if _, err = text(t, resp, err); connectors.CodeOf(err) != c.want || len(p.requests()) != c.sent {
			t.Errorf("%s: got %v, %d requests; want %q, %d", name, err, len(p.requests()), c.want, c.sent)
		}
	}
	if n := len(elsewhere.requests()); n != 0 {
		t.Errorf("%d requests elsewhere, want none", n)
	}
}

func TestCounters(t *testing.T) {
	f := link(t, inTurn(status(502), say("ok")))
	outer, all := upstream.WithCounter(t.Context())
	inner, one := upstream.WithCounter(outer)
	resp, err := ask(inner, t, f.API(), "https://shop.acme.test/x") // two tries
	wantText(t, resp, err, "ok")
	resp, err = ask(outer, t, f.Media(), "https://shop.acme.test/x")
	wantText(t, resp, err, "ok")
	_, _ = ask(outer, t, f.API(), "https://evil.test/x") // not sent
	if all.Requests() != 3 || one.Requests() != 2 {
		t.Errorf("counted %d and %d, want 3 and 2", all.Requests(), one.Requests())
	}
}
