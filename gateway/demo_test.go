package gateway_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

type fakeDemo struct {
	broken []string
	by     []string
}

func (*fakeDemo) Info(context.Context) api.Demo {
	d := api.Demo{LookAs: []api.Role{api.RoleAnalyst}}
	return d
}

func (*fakeDemo) LookAs(_ context.Context, r records.Role) (records.SiteID, records.UserID, error) {
	return "main", records.UserID("u-" + string(r)), nil
}

func (d *fakeDemo) Break(_ context.Context, p *auth.Principal, id string, _ bool) error {
	if id == "unknown" {
		return &connectors.Error{Code: connectors.CodeNotFound}
	}
	by := "nobody"
	if p != nil {
		by = p.ID
	}
	d.broken, d.by = append(d.broken, id), append(d.by, by)
	return nil
}

func TestDemoRoutes(t *testing.T) {
	d := &fakeDemo{}
	e := withFake(t, &fake{open: parts()}, func(s *setup) {
		s.config = func(c *gateway.Config) { c.CookieSuffix = "-7f3a" }
		s.deps = func(g *gateway.Deps) { g.Demo = d }
	})
	e.person("analyst", records.RoleAnalyst)
	e.person("administrator", records.RoleAdministrator)
	resp := e.do("POST", "/api/v1/demo/look-as", analystKey, `{"role":"administrator"}`)
	if body := read(t, resp); resp.StatusCode != 200 || !strings.Contains(body, `"links.manage"`) || !strings.Contains(body, `"demo":true`) || resp.Cookies()[0].Name != "__Host-sightglass-7f3a" {
		t.Fatalf("look as: %d %s %v", resp.StatusCode, body, resp.Cookies())
	}
	cookie := resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
	for _, h := range [][]string{nil, {"Cookie", cookie, "Origin", e.url}} {
		if resp := e.do("POST", "/api/v1/demo/break", "", `{"id":"cut"}`, h...); resp.StatusCode != 204 {
			t.Errorf("break: %d", resp.StatusCode)
		}
	}
	if got := strings.Join(d.by, " "); got != "nobody u-administrator" {
		t.Errorf("broken by %s", got)
	}
	if resp := e.do("POST", "/api/v1/demo/break", "", `{"id":"unknown"}`); resp.StatusCode != 404 {
		t.Errorf("an unknown break: %d", resp.StatusCode)
	}
	if resp := e.do("POST", "/api/v1/demo/break", "", `{"id":"cut"}`, "Origin", "https://evil.example"); resp.StatusCode != 403 {
		t.Errorf("a break from another site: %d", resp.StatusCode)
	}
	if resp := e.do("POST", "/api/v1/demo/look-as", analystKey, `{"role":"king"}`); resp.StatusCode != 400 {
		t.Errorf("an unknown role: %d", resp.StatusCode)
	}
}

func TestNoDemoNoDemoRoutes(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	for path, body := range map[string]string{"/api/v1/demo/look-as": `{"role":"analyst"}`, "/api/v1/demo/break": `{"id":"cut"}`} {
		if resp := e.do("POST", path, analystKey, body); resp.StatusCode != 404 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp := e.do("GET", "/api/v1/demo", "", ""); resp.StatusCode != 404 {
		t.Errorf("/api/v1/demo: %d", resp.StatusCode)
	}
}

// Metrics say how much and how long; their labels are closed sets.
func TestMetricsHoldNoIDs(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	_ = read(t, e.do("GET", ticket, analystKey, ""))
	_ = read(t, e.do("GET", "/api/v1/links/fd/interactions/ticket/secret-id", otherKey, ""))
	_ = read(t, e.do("GET", "/some/secret-id", "", ""))
	_ = read(t, e.do("BREW", "/some/secret-id", "", ""))
	got := scrape(t, e.server.Metrics())
	for _, want := range []string{
		`sightglass_requests_total{method="GET",route="/api/v1/links/:link/interactions/:kind/:id",status="200"} 1`,
		`sightglass_requests_total{method="other",route="other",status="404"} 1`,
		`sightglass_opens_total{code="",outcome="complete",provider="fake"} 1`,
		"sightglass_streams_open 0", "sightglass_audit_commit_seconds_count 2", `sightglass_first_message_seconds_count{provider="fake"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if m := regexp.MustCompile(`secret-id|5012|analyst|"fd"|Fakedesk`).FindString(got); m != "" {
		t.Errorf("metrics hold %q", m)
	}
	if resp := e.do("GET", "/metrics", adminKey, ""); resp.StatusCode != 404 {
		t.Errorf("/metrics on the public side: %d", resp.StatusCode)
	}
}
