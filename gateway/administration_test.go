package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func decode(t testing.TB, body string) map[string]any {
	t.Helper()
	m := map[string]any{}
	must(t, json.Unmarshal([]byte(body), &m))
	return m
}

func TestUsers(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	ana := e.person("ana", records.RoleAdministrator)
	resp := e.do("POST", "/api/v1/users", adminKey, `{"login":" Quinn@Acme.example ","name":"Quinn","roles":["analyst"],"password":"`+password+`"}`)
	made := decode(t, read(t, resp))
	if resp.StatusCode != 201 || made["login"] != "quinn@acme.example" || made["status"] != "active" {
		t.Fatalf("create: %d %v", resp.StatusCode, made)
	}
	for body, field := range map[string]string{
		`{"login":"quinn@acme.example","name":"Q","roles":["analyst"],"password":"` + password + `"}`: "login",
		`{"login":"x","name":"Q","roles":["analyst"],"password":"short"}`:                             "password",
		`{"login":"x","name":"Q","roles":[],"password":"` + password + `"}`:                           "roles",
		`{"login":"x","name":"Q","roles":["owner"],"password":"` + password + `"}`:                    "roles",
		`{"login":" ","name":"Q","roles":["agent"],"password":"` + password + `"}`:                    "login",
	} {
		p := problemOf(t, e.do("POST", "/api/v1/users", adminKey, body))
		if fields, ok := p["fields"].(map[string]any); !ok || fields[field] == nil || strings.Contains(fmt.Sprint(p), "short") {
			t.Errorf("%s: got %v, want a word on %s", body, p, field)
		}
	}
	path := "/api/v1/users/" + made["id"].(string)
	if resp := e.do("PATCH", path, adminKey, `{"status":"inactive","name":"Quinn Q"}`); resp.StatusCode != 200 || decode(t, read(t, resp))["status"] != "inactive" {
		t.Errorf("deactivate: %d", resp.StatusCode)
	}
	if p := problemOf(t, e.do("PATCH", "/api/v1/users/"+string(ana), adminKey, `{"status":"inactive"}`)); p["code"] != "bad_request" {
		t.Errorf("the last administrator: %v", p)
	}
	if p := problemOf(t, e.do("PATCH", "/api/v1/users/"+string(ana), adminKey, `{"ends_at":"2099-01-01T00:00:00Z"}`)); p["code"] != "bad_request" {
		t.Errorf("an end for the last administrator: %v", p)
	}
	for body, want := range map[string]any{`{"ends_at":"2099-01-01T02:00:00+02:00"}`: "2099-01-01T00:00:00Z", `{"ends_at":""}`: nil} {
		if got := decode(t, read(t, e.do("PATCH", path, adminKey, body)))["ends_at"]; got != want {
			t.Errorf("%s: got %v, want %v", body, got, want)
		}
	}
	for _, wrong := range []string{"tomorrow", "2099-01-01", "1970-01-01T00:00:00Z"} {
		p := problemOf(t, e.do("PATCH", path, adminKey, `{"ends_at":"`+wrong+`"}`))
		if fields, ok := p["fields"].(map[string]any); !ok || fields["ends_at"] == nil {
			t.Errorf("ends_at %q: got %v, want a word on it", wrong, p)
		}
	}
	cookie := e.signIn("ana")
	if p := problemOf(t, e.do("PATCH", "/api/v1/users/"+string(ana), "", `{"roles":["analyst","administrator"]}`, "Cookie", cookie, "Origin", e.url)); p["code"] != "not_allowed" {
		t.Errorf("one's own roles: %v", p)
	}
	if p := problemOf(t, e.do("GET", "/api/v1/users", analystKey, "")); p["code"] != "not_allowed" {
		t.Errorf("an analyst lists users: %v", p)
	}
	id := []string{"X-Request-Id", "the-same-request"}
	foreign := read(t, e.do("PATCH", path, otherKey, `{"name":"x"}`, id...))
	unknown := read(t, e.do("PATCH", "/api/v1/users/nobody", otherKey, `{"name":"x"}`, id...))
	if foreign != unknown {
		t.Errorf("another site's user: %s, unknown: %s", foreign, unknown)
	}
	if all := read(t, e.do("GET", "/api/v1/users", adminKey, "")); strings.Contains(all, "argon2") || strings.Count(all, `"login"`) != 2 {
		t.Errorf("list: %s", all)
	}
	var details []string
	for _, row := range e.audit() {
		if row.Event == records.AuditUserChanged {
			details = append(details, row.Detail)
		}
	}
	if got := strings.Join(details, " "); got != "changed changed refused changed refused changed changed created" {
		t.Errorf("audit, newest first: %s", got)
	}
}

func TestLinks(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	body := `{"id":"two","provider":"fake","settings":{"subdomain":"beta"},"credential_kind":"bearer","token":"a-fixed-token"}`
	resp := e.do("POST", "/api/v1/links", adminKey, body)
	if made := read(t, resp); resp.StatusCode != 201 || strings.Contains(made, "a-fixed-token") || !strings.Contains(made, `"state":"ok"`) {
		t.Fatalf("create: %d %s", resp.StatusCode, made)
	}
	for body, field := range map[string]string{
		body: "id",
		`{"id":"UP","provider":"fake","settings":{"subdomain":"b"},"credential_kind":"bearer","token":"t"}`:                "id",
		`{"id":"x","provider":"none","settings":{},"credential_kind":"bearer","token":"t"}`:                                "provider",
		`{"id":"x","provider":"fake","settings":{"subdomain":"evil.com#"},"credential_kind":"bearer","token":"t"}`:         "settings.subdomain",
		`{"id":"x","provider":"fake","settings":{"subdomain":"b","other":"c"},"credential_kind":"bearer","token":"t"}`:     "settings.other",
		`{"id":"x","provider":"fake","settings":{"subdomain":"b"},"credential_kind":"bearer"}`:                             "token",
		`{"id":"x","provider":"fake","settings":{"subdomain":"b"},"credential_kind":"authorization_code","client_id":"c"}`: "credential_kind",
	} {
		p := problemOf(t, e.do("POST", "/api/v1/links", adminKey, body))
		if fields, ok := p["fields"].(map[string]any); !ok || fields[field] == nil {
			t.Errorf("%s: got %v, want a word on %s", body, p, field)
		}
	}
	seen := decode(t, read(t, e.do("GET", "/api/v1/links/two", analystKey, "")))
	if seen["settings"] != nil || seen["client_id"] != nil || seen["state"] != "ok" || seen["media"] != true {
		t.Errorf("an analyst sees %v", seen)
	}
	if p := problemOf(t, e.do("PATCH", "/api/v1/links/two", analystKey, `{"paused":true}`)); p["code"] != "not_allowed" {
		t.Errorf("an analyst pauses: %v", p)
	}
	if resp := e.do("GET", "/api/v1/links/two/interactions/ticket/1", analystKey, ""); resp.StatusCode != 200 {
		t.Errorf("open: %d", resp.StatusCode)
	}
	// The last is another account, and the token belongs to the one before.
	for _, step := range []struct {
		body   string
		status int
	}{{`{"paused":true}`, 409}, {`{"paused":false,"title":"Beta"}`, 200}, {`{"settings":{"subdomain":"gamma"}}`, 409}} {
		if resp := e.do("PATCH", "/api/v1/links/two", adminKey, step.body); resp.StatusCode != 200 {
			t.Errorf("%s: %d %s", step.body, resp.StatusCode, read(t, resp))
		}
		if resp := e.do("GET", "/api/v1/links/two/interactions/ticket/1", analystKey, ""); resp.StatusCode != step.status {
			t.Errorf("open after %s: %d, want %d", step.body, resp.StatusCode, step.status)
		}
	}
	if resp := e.do("DELETE", "/api/v1/links/two", adminKey, ""); resp.StatusCode != 204 {
		t.Errorf("delete: %d %s", resp.StatusCode, read(t, resp))
	}
	for _, path := range []string{"/api/v1/links/two", "/api/v1/links/two/interactions/ticket/1"} {
		if resp := e.do("GET", path, analystKey, ""); resp.StatusCode != 404 {
			t.Errorf("%s after the delete: %d", path, resp.StatusCode)
		}
	}
	if resp := e.do("DELETE", "/api/v1/links/two", adminKey, ""); resp.StatusCode != 404 {
		t.Errorf("delete again: %d", resp.StatusCode)
	}
}

func TestProvisionedLinksBelongToTheFile(t *testing.T) {
	l := fakeLink("fd")
	l.Provisioned = true
	e := withFake(t, &fake{open: parts()}, func(s *setup) { s.links = []records.Link{l} })
	for _, method := range []string{"PATCH", "DELETE"} {
		if p := problemOf(t, e.do(method, "/api/v1/links/fd", adminKey, `{"title":"x"}`)); p["code"] != "not_allowed" || !strings.Contains(p["action"].(string), "configuration file") {
			t.Errorf("%s: %v", method, p)
		}
	}
}

func TestSelfTestTellsWhatIsWrong(t *testing.T) {
	f := &fake{open: parts()}
	e := withFake(t, f)
	if got := read(t, e.do("POST", "/api/v1/links/fd/test", adminKey, "")); !strings.Contains(got, `"ok":true`) || !strings.Contains(got, `"account":"acme"`) {
		t.Errorf("got %s", got)
	}
	f.probe = &connectors.Error{Code: connectors.CodeMissingScope, Provider: "fake", Err: errors.New("SECRET")}
	resp := e.do("POST", "/api/v1/links/fd/test", adminKey, "")
	if got := read(t, resp); resp.StatusCode != 200 || !strings.Contains(got, `"ok":false`) || !strings.Contains(got, `"missing_scope"`) || strings.Contains(got, "SECRET") {
		t.Errorf("got %d %s", resp.StatusCode, got)
	}
	if rows := e.audit(); rows[0].Detail != "missing_scope" || rows[1].Detail != "tested" || rows[0].Ref.Link != "fd" {
		t.Errorf("audit: %+v", rows[:2])
	}
}

func TestProvidersAreDescribed(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	got := read(t, e.do("GET", "/api/v1/providers", adminKey, ""))
	for _, want := range []string{`"name":"fake"`, `"redirect_uri":"` + e.url + `/oauth/callback"`, `"scopes":[]`, `"example":"acme"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestAuditIsOnesOwnOrTheSites(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	for _, key := range []string{analystKey, bothKey, analystKey} {
		_ = read(t, e.do("GET", ticket, key, ""))
	}
	within(t, time.Second, "six rows", func() bool { return len(e.audit()) == 6 })
	items := func(key, query string) []any {
		return decode(t, read(t, e.do("GET", "/api/v1/audit"+query, key, "")))["items"].([]any)
	}
	if n := len(items(analystKey, "")); n != 4 {
		t.Errorf("an analyst sees %d rows, want 4", n)
	}
	if n := len(items(adminKey, "")); n != 6 {
		t.Errorf("an administrator sees %d rows, want 6", n)
	}
	if n := len(items(otherKey, "")); n != 0 {
		t.Errorf("another site sees %d rows", n)
	}
	page := decode(t, read(t, e.do("GET", "/api/v1/audit?limit=4", adminKey, "")))
	rest := items(adminKey, fmt.Sprintf("?limit=4&before=%v", page["next"]))
	if len(page["items"].([]any)) != 4 || len(rest) != 2 {
		t.Errorf("pages of %d and %d", len(page["items"].([]any)), len(rest))
	}
	first := items(analystKey, "?limit=1")[0].(map[string]any)
	if len(items(analystKey, "?open="+first["open"].(string))) != 2 || len(first["hash"].(string)) != 64 {
		t.Errorf("rows of one open: %v", first)
	}
	for _, q := range []string{"?limit=0", "?limit=501", "?before=-1", "?limit=x"} {
		if resp := e.do("GET", "/api/v1/audit"+q, adminKey, ""); resp.StatusCode != 400 {
			t.Errorf("%s: %d", q, resp.StatusCode)
		}
	}
	report, err := e.store.VerifyAudit(context.Background(), "main")
	if err != nil || report.BadSeq != 0 {
		t.Errorf("the chain: %+v, %v", report, err)
	}
}
