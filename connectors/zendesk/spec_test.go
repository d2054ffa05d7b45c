package zendesk_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/all"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
)

var errNobody = errors.New("nobody may be asked here")

func TestSpecIsInTheList(t *testing.T) {
	r, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	s, ok := r.Spec("zendesk")
	if !ok {
		t.Fatal("zendesk is not listed")
	}
	if len(s.OAuth.Scopes) != 1 || s.OAuth.Scopes[0].Name != "read" || s.OAuth.Scopes[0].Why == "" || !s.OAuth.PKCE {
		t.Errorf("OAuth = %+v, want exactly the scope read, with a reason, and PKCE", s.OAuth)
	}
	for _, u := range []string{s.OAuth.AuthorizeURL, s.OAuth.TokenURL, s.OAuth.RevokeURL} {
		if got := connectors.Expand(u, map[string]string{"subdomain": "acme"}); !strings.HasPrefix(got, "https://acme.zendesk.com/") {
			t.Errorf("%s expands to %s", u, got)
		}
	}
}

func TestSubdomains(t *testing.T) {
	client := &http.Client{Transport: failing{errNobody}}
	for sub, ok := range map[string]bool{
		"acme": true, "a1": true, "acme-shop": true, "": false, "a": false, "-acme": false, "Acme": false,
		"acme.zendesk.com": false, "acme/x": false, "acme@evil": false, strings.Repeat("a", 64): false, "acme\n": false,
	} {
		settings := map[string]string{"subdomain": sub}
		_, err := zendesk.New(connectors.Config{Settings: settings, API: client, Media: client})
		if (err == nil) != ok {
			t.Errorf("%q: error %v, want ok %v", sub, err, ok)
		}
		if bad := zendesk.Spec().CheckSettings(settings); (bad == nil) != ok {
			t.Errorf("%q: the form says %v, want ok %v", sub, bad, ok)
		}
	}
	if _, err := zendesk.New(connectors.Config{Settings: map[string]string{"subdomain": "acme"}}); err == nil {
		t.Error("a connector without clients was built")
	}
}

func TestCapabilities(t *testing.T) {
	c := newConnector(t, &http.Client{Transport: failing{errNobody}})
	if got, want := connectors.CapabilitiesOf(c), (connectors.Capabilities{Media: true, Resolve: true, Search: true, Sample: true, Choices: true}); got != want {
		t.Errorf("capabilities = %+v, want %+v", got, want)
	}
}
