package zendesk_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const brands = `{"brands":[{"id":11,"subdomain":"acme","host_mapping":null},
 {"id":12,"name":"Shop","subdomain":"acme-shop","host_mapping":"Help.Acme.example","brand_url":"https://acme-shop.zendesk.com"},null,7],"meta":{"has_more":false}}`

func TestResolve(t *testing.T) {
	for in, want := range map[string]string{
		"https://acme.zendesk.com/agent/tickets/5012":                 "5012",
		"https://acme.zendesk.com/agent/tickets/5012?zcli_apps=true":  "5012",
		"https://acme.zendesk.com/agent/tickets/5012?brand_id=11#331": "5012",
		"https://acme.zendesk.com/agent/tickets/5012/events":          "5012",
		"https://acme.zendesk.com/agent/tickets/5012/requester/x":     "5012",
		"https://acme.zendesk.com/agent/#/tickets/5012":               "5012",
		"https://acme.zendesk.com/tickets/5012":                       "5012",
		"https://acme.zendesk.com/hc/requests/5012":                   "5012",
		"https://acme.zendesk.com/hc/en-us/requests/5012":             "5012",
		"https://acme.zendesk.com/hc/de/requests/5012":                "5012",
		"https://acme.zendesk.com/api/v2/tickets/5012.json":           "5012",
		"https://acme.zendesk.com/api/v2/tickets/5012/comments.json":  "5012",
		"HTTPS://ACME.Zendesk.com/Agent/Tickets/5012":                 "5012",
		"http://acme.zendesk.com/agent/tickets/5012":                  "5012",
		"https://acme.zendesk.com:443/agent/tickets/5012":             "5012",
		"acme.zendesk.com/agent/tickets/5012":                         "5012",
		" <https://acme.zendesk.com/agent/tickets/5012>, ":            "5012",
		"https://acme-shop.zendesk.com/agent/tickets/5012":            "5012",
		"https://help.acme.example/hc/requests/5012":                  "5012",
		"5012":                 "5012",
		"#5012":                "5012",
		"9007199254740993":     "9007199254740993",
		"0":                    "",
		"#":                    "",
		"12345678901234567890": "",
		"5012a":                "",
		"٥٠١٢":                 "",
		"":                     "",
		"https://acme.zendesk.com/agent/filters/5012":                       "",
		"https://acme.zendesk.com/agent/users/5012":                         "",
		"https://acme.zendesk.com/agent/dashboard":                          "",
		"https://acme.zendesk.com/agent/search/1?q=5012":                    "",
		"https://acme.zendesk.com/admin/tickets/5012":                       "",
		"https://acme.zendesk.com/agent/tickets/5012x":                      "",
		"https://acme.zendesk.com:8443/agent/tickets/5012":                  "",
		"https://acme.zendesk.com@evil.example/agent/tickets/5012":          "",
		"https://evil.example/?https://acme.zendesk.com/agent/tickets/5012": "",
		"https://other.zendesk.com/agent/tickets/5012":                      "",
		"https://acme.zendesk.com.evil.example/agent/tickets/5012":          "",
		"ftp://acme.zendesk.com/agent/tickets/5012":                         "",
		"https://help.acme.example/about":                                   "",
		strings.Repeat("5", 5000):                                           "",
	} {
		c := connect(t, answers{"/api/v2/brands": brands}).(connectors.LinkResolver)
		refs, err := c.Resolve(t.Context(), in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
		}
		var ref []records.Ref
		if want != "" {
			ref = []records.Ref{{Link: "zd", Kind: records.KindTicket, ID: want}}
		}
		if !slices.Equal(refs, ref) {
			t.Errorf("%q: refs %v, want %v", in, refs, ref)
		}
	}
}

// TestResolveAsksOnlyForTickets: the account is asked only when its answer can matter, and nobody else is.
func TestResolveAsksOnlyForTickets(t *testing.T) {
	for in, want := range map[string]int32{
		"5012": 0,
		"https://acme.zendesk.com/agent/tickets/5012":  0,
		"https://news.example/agent/dashboard":         0,
		"https://other.zendesk.com/agent/tickets/5012": 1,
	} {
		var asked atomic.Int32
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if got := r.Header.Get("X-Canonical-Host"); got != "acme.zendesk.com" {
				t.Errorf("%q: host %s was contacted", in, got)
			}
			answers{"/api/v2/brands": brands}.ServeHTTP(w, r)
		})
		if _, err := connect(t, h).(connectors.LinkResolver).Resolve(t.Context(), in); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if got := asked.Load(); got != want {
			t.Errorf("%q: %d requests, want %d", in, got, want)
		}
	}
}

func TestResolveWithoutBrands(t *testing.T) {
	for status, want := range map[int]connectors.Code{403: "", 404: "", 503: connectors.CodeProviderDown} {
		h := refusing(answers{}, "/api/v2/brands", status, `{"error":{"title":"Forbidden"}}`)
		refs, err := connect(t, h).(connectors.LinkResolver).Resolve(t.Context(), "https://other.zendesk.com/agent/tickets/5012")
		if len(refs) != 0 || connectors.CodeOf(err) != want {
			t.Errorf("%d: refs %v, error %v, want none and %q", status, refs, err, want)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"#5012", "https://acme.zendesk.com/agent/tickets/5012?x#y", "acme.zendesk.com/hc/en-us/requests/1", "https://a.b/tickets/9/..", "https://[::1]/tickets/1"} {
		f.Add(s)
	}
	c := newConnector(f, &http.Client{Transport: failing{errNobody}}).(connectors.LinkResolver)
	f.Fuzz(func(t *testing.T, in string) {
		refs, _ := c.Resolve(t.Context(), in)
		for _, r := range refs {
			if id, err := records.DecodeRefID(records.EncodeRefID(r.ID)); err != nil || id != r.ID || strings.Trim(id, "0123456789") != "" {
				t.Errorf("%q: ref %+v has an id that is no ticket's", in, r)
			}
			if !strings.Contains(in, r.ID) {
				t.Errorf("%q: id %s is not in it", in, r.ID)
			}
		}
	})
}
