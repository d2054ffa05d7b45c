package sim_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestWhoMaySeeWhat(t *testing.T) {
	s := start(t, sim.Options{})
	other := fmt.Sprintf("/api/v2/tickets/%d", sim.TicketOtherGroup)
	for _, c := range []struct {
		bearer, path string
		status       int
		says         string
	}{
		{s.Bearer(sim.ActorAgent), "/api/v2/tickets/5012/audits", 200, ""},
		{s.Bearer(sim.ActorAgent, "tickets:read"), "/api/v2/tickets/5012", 200, ""},
		{s.Bearer(sim.ActorAgent, "tickets:read"), "/api/v2/tickets/5012/comments.json", 200, ""},
		{s.Bearer(sim.ActorAgent, "tickets:read"), "/api/v2/tickets/5012/audits", 403, `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`},
		{s.Bearer(sim.ActorAgent, "tickets:read", "auditlogs:read"), "/api/v2/tickets/5012/audits.json", 403, "required scopes: read"},
		{s.Bearer(sim.ActorAgent, "tickets:read"), "/api/v2/ticket_fields", 403, "required scopes: read"},
		{s.Bearer(sim.ActorAgent, "tickets:read"), "/api/v2/users/me", 403, "users:read"},
		{s.Bearer(sim.ActorEndUser), "/api/v2/tickets/5012", 403, `"title":"Forbidden"`},
		{s.Bearer(sim.ActorLight), "/api/v2/tickets/5012/audits", 200, ""},
		{s.Bearer(sim.ActorRestricted), other, 404, "RecordNotFound"},
		{s.Bearer(sim.ActorAgent), other, 200, ""},
		{s.Bearer(sim.ActorAgent), "/api/v2/incremental/tickets/cursor", 403, "Forbidden"},
		{s.Bearer(sim.ActorAdmin), "/api/v2/incremental/tickets/cursor", 200, "end_of_stream"},
		{s.Bearer(sim.ActorAdmin), fmt.Sprintf("/api/v2/tickets/%d", sim.TicketDeleted), 404, `{"error":"RecordNotFound","description":"Not found"}`},
		{s.Bearer(sim.ActorAdmin), "/api/v2/tickets/5012/conversation_log", 404, `{"error":"InvalidEndpoint","description":"Not found"}`},
		{"tok_unknown", "/api/v2/tickets/5012", 401, "invalid_token"},
		{"", "/api/v2/tickets/5012", 401, `{"error":"Couldn't authenticate you"}`},
		{"", "/api/v2/tickets", 401, "authenticate"},
		{"", "/api/v2/users/me.json", 200, "Anonymous user"},
		{s.Bearer(sim.ActorAdmin), "/api/v2/users/me.json", 200, `"role":"admin"`},
		{s.Bearer(sim.ActorAdmin), "/hc/en-us", 404, "<!DOCTYPE html>"},
	} {
		if a := fetch(t, s, http.MethodGet, c.path, c.bearer); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("GET %s: got %d %.160q, want %d with %q", c.path, a.status, a.body, c.status, c.says)
		}
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", "", "Authorization", "Basic YUBiL3Rva2VuOng="); a.status != 401 {
		t.Errorf("basic: got %d, want 401", a.status)
	}
	strict := start(t, sim.Options{RestrictedStatus: 403})
	if a := fetch(t, strict, http.MethodGet, other, strict.Bearer(sim.ActorRestricted)); a.status != 403 {
		t.Errorf("restricted agent, other mode: got %d, want 403", a.status)
	}
}

func TestLookups(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	for path, want := range map[string]string{
		"/api/v2/groups":                              `"name":"Billing & Refunds"`,
		"/api/v2/groups/36":                           `"name":"Trust & Safety"`,
		"/api/v2/brands":                              `"host_mapping":"help.acme-outdoor.example"`,
		"/api/v2/ticket_fields.json":                  `"type":"multiselect"`,
		"/api/v2/organizations/51":                    `"Hollow Pine Cottages"`,
		"/api/v2/organizations/show_many?ids=53,9999": `"Northgate Retail Group"`,
		"/api/v2/users/show_many?ids=8001,4111,77":    `"Paula Renner"`,
		"/api/v2/tickets/5012/related":                `"from_archive":false`,
		"/api/v2/tickets/2210/related":                `"from_archive":true`,
		"/api/v2/tickets/show_many?ids=5012,5161":     `"count":1`,
		"/api/v2/satisfaction_ratings/50123":          `"score":"good"`,
		"/api/v2/tickets/9007199254740995012":         `"requester_id":9007199254740993001`,
		"/api/v2/tickets/5147":                        `{"id":26366,"value":9007199254740995}`,
	} {
		if a := fetch(t, s, http.MethodGet, path, bearer); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("GET %s: got %d %.300q, want %q", path, a.status, a.body, want)
		}
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/users/show_many?ids=8001,4111,77", bearer); strings.Contains(a.body, "Greta") {
		t.Errorf("show_many: got the deleted user, want her left out")
	}
	if a := fetch(t, s, http.MethodGet, "/api/v2/tickets/2210/comments?include=users&page[size]=10", bearer); !strings.Contains(a.body, "Greta") || !strings.Contains(a.body, `"author_id":-1`) || !strings.Contains(a.body, `"author_id":null`) {
		t.Errorf("archived ticket: got %.200q, want the deleted author's name, -1 and null", a.body)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := start(t, sim.Options{})
	a := fetch(t, s, http.MethodGet, "/api/v2/tickets/5012", s.Bearer(sim.ActorAgent))
	for _, name := range []string{"X-Request-Id", "Server", "ETag", "X-Rate-Limit", "X-Rate-Limit-Remaining", "Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset"} {
		if a.header.Get(name) == "" {
			t.Errorf("header %s: got none", name)
		}
	}
	if got := a.header.Get("Cache-Control"); got != "max-age=0, private, must-revalidate" {
		t.Errorf("cache-control: got %q", got)
	}
}
