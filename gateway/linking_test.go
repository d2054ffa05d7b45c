package gateway_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// linker is an administrator who links the simulated account, by the gateway's own API.
type linker struct {
	*env
	sim   *sim.Sim
	link  string
	actor string // who approves at the provider
	ana   string // her cookie
	bo    string // another administrator's
	skew  atomic.Int64
	there atomic.Int64 // how far the provider's clock was moved
}

// detour is what goes wrong on the way, once; the zero value goes straight.
type detour struct {
	deny   bool
	away   func()                      // while the person is at the provider
	answer func(q url.Values)          // changes what the browser brings back
	cookie func(session, half *string) // changes who comes back
	again  bool                        // the address is opened a second time
}

func newLinker(t *testing.T) *linker {
	l := &linker{link: "zd", actor: sim.ActorAdmin}
	l.env, l.sim = withSim(t, sim.Options{StrictRedirects: true, Clock: func() time.Time { return time.Now().Add(time.Duration(l.there.Load())) }},
		func(s *setup) {
			s.links = nil
			s.now = func() time.Time { return time.Now().Add(time.Duration(l.skew.Load())) }
		})
	l.sim.AllowRedirect(l.url + auth.CallbackPath)
	l.person("ana", records.RoleAdministrator)
	l.person("bo", records.RoleAdministrator)
	l.ana, l.bo = l.signIn("ana"), l.signIn("bo")
	l.add("zd", "authorization_code", false)
	return l
}

// add makes a link with one of the account's two clients, and leads it to the simulator.
func (l *linker) add(name, kind string, public bool) {
	l.t.Helper()
	id, secret := l.sim.Client(public)
	if kind == "client_credentials" && public {
		secret = "none" // a public client has none, and the form asks for one
	}
	b, _ := json.Marshal(map[string]any{"id": name, "provider": "zendesk", "settings": map[string]string{"subdomain": "acme"},
		"credential_kind": kind, "client_id": id, "client_secret": secret, "token": map[bool]string{true: "an-api-token-0123456789"}[kind == "bearer"]})
	l.want(201, l.do("POST", "/api/v1/links", adminKey, string(b)))
	l.lead(name, l.sim.Endpoints())
}

// lead changes where a link goes: what a configuration file does.
func (l *linker) lead(name string, endpoints map[string]string) {
	l.t.Helper()
	row, err := l.store.Link(l.t.Context(), records.LinkID{Site: "main", Link: name})
	must(l.t, err)
	row.Endpoints = endpoints
	must(l.t, l.store.UpdateLink(l.t.Context(), row))
}

func (l *linker) want(status int, resp *http.Response) {
	l.t.Helper()
	if body := read(l.t, resp); resp.StatusCode != status {
		l.t.Fatalf("got %d %s, want %d", resp.StatusCode, body, status)
	}
}

func (l *linker) change(body string) {
	l.t.Helper()
	l.want(200, l.do("PATCH", "/api/v1/links/"+l.link, adminKey, body))
}

// role is ana's one role from now on.
func (l *linker) role(name string) {
	l.t.Helper()
	l.want(200, l.do("PATCH", "/api/v1/users/u-ana", adminKey, `{"roles":["`+name+`"]}`))
}

// try links the account and tests the link. It returns what the administrator is told first, and what
// it is called; nothing when all is well.
func (l *linker) try(d detour) (name, told string) {
	l.t.Helper()
	resp := l.do("POST", "/api/v1/links/"+l.link+"/authorize", "", "{}", "Cookie", l.ana, "Origin", l.url)
	if resp.StatusCode != 200 {
		return l.refused(resp)
	}
	half := ""
	for _, c := range resp.Cookies() {
		half = c.Name + "=" + c.Value
	}
	if to := decode(l.t, read(l.t, resp))["url"]; to != nil {
		if name, told := l.visit(to.(string), half, d); told != "" {
			return name, told
		}
	}
	resp = l.do("POST", "/api/v1/links/"+l.link+"/test", "", "{}", "Cookie", l.ana, "Origin", l.url)
	if resp.StatusCode != 200 {
		return l.refused(resp)
	}
	for _, c := range decode(l.t, read(l.t, resp))["checks"].([]any) {
		if c := c.(map[string]any); c["ok"] != true {
			return "test: " + c["name"].(string), c["say"].(string) + " " + c["fix"].(string)
		}
	}
	return "", ""
}

// visit goes to the provider and comes back.
func (l *linker) visit(to, half string, d detour) (name, told string) {
	l.t.Helper()
	press := func() (string, error) { return l.sim.Approve(l.t.Context(), to, l.actor) }
	if d.deny {
		press = func() (string, error) { return l.sim.Deny(l.t.Context(), to) }
	}
	back, err := press()
	must(l.t, err)
	u, err := url.Parse(back)
	must(l.t, err)
	q, session := u.Query(), l.ana
	if d.away != nil {
		d.away()
	}
	if d.answer != nil {
		d.answer(q)
	}
	if d.cookie != nil {
		d.cookie(&session, &half)
	}
	open := func() *http.Response {
		return l.do("GET", auth.CallbackPath+"?"+q.Encode(), "", "", "Cookie", session+"; "+half)
	}
	resp := open()
	if d.again {
		_ = read(l.t, resp)
		resp = open()
	}
	if resp.StatusCode != http.StatusSeeOther {
		return l.refused(resp)
	}
	page, err := url.Parse(resp.Header.Get("Location"))
	must(l.t, err)
	why := page.Query().Get("why")
	if page.Path != "/links/"+l.link || page.Query().Has("problem") != (why != "") {
		l.t.Fatalf("got back to %s, want the link's page, with a reason where there is a problem", page)
	}
	if why == "" {
		return "", ""
	}
	answer := decode(l.t, read(l.t, l.do("GET", "/api/v1/links/"+l.link+"/failure?why="+why, adminKey, "")))
	if answer["code"] != page.Query().Get("problem") {
		l.t.Errorf("%s: got code %v, want %s as in the address", why, answer["code"], page.Query().Get("problem"))
	}
	return why, answer["say"].(string)
}

func (l *linker) refused(resp *http.Response) (name, told string) {
	l.t.Helper()
	p := problemOf(l.t, resp)
	if name, _ = p["why"].(string); name == "" {
		name = p["code"].(string)
	}
	return name, p["action"].(string)
}

// Each wrong input ends in words of its own, and doing only what they say makes the next try pass.
func TestWrongInputsSayTheirOwnWayOut(t *testing.T) {
	l := newLinker(t)
	everywhere := func(kind sim.FaultKind) func() {
		return func() { l.sim.Set(sim.Fault{Kind: kind, Host: sim.HostAPI, Path: "/"}) }
	}
	clear := func() { l.sim.Clear() }
	nothing := func() {} // the words say: connect again
	at := func(name string) func() { return func() { l.link = name } }
	told := map[string]string{}
	for _, c := range []struct {
		input  string
		name   string // what it is called
		says   string // a word that tells what to do
		spoil  func() // before the try
		detour detour
		mend   func() // exactly what the words say
	}{
		{"the state was never ours", "state_unknown", "Open Links", nil, detour{answer: func(q url.Values) { q.Set("state", strings.Repeat("A", 43)) }}, nothing},
		{"the address is opened twice", "state_used", "connect again", nil, detour{again: true}, nothing},
		{"eleven minutes at the provider", "state_old", "within ten minutes", nil, detour{away: func() { l.skew.Store(int64(11 * time.Minute)) }}, func() { l.skew.Store(0) }},
		{"another browser", "other_browser", "stay in one window", nil, detour{cookie: func(_, half *string) { *half = "x=y" }}, nothing},
		{"another person", "other_person", "as yourself", nil, detour{cookie: func(session, _ *string) { *session = l.bo }}, nothing},
		{"the link is removed meanwhile", "link_gone", "Add it again", nil, detour{away: func() { l.want(204, l.do("DELETE", "/api/v1/links/zd", adminKey, "")) }}, func() { l.add("zd", "authorization_code", false) }},
		{"an administrator no more", "no_right", "give you that role", nil,
			detour{away: func() { l.role("analyst") }}, func() { l.role("administrator") }},
		{"the link is paused meanwhile", "paused", "Resume it", nil, detour{away: func() { l.change(`{"paused":true}`) }}, func() { l.change(`{"paused":false}`) }},
		{"a private host", "host_private", "Correct the link's address", func() { l.lead("zd", map[string]string{"api": "http://10.11.12.13"}) }, detour{}, func() { l.lead("zd", l.sim.Endpoints()) }},
		{"a wrong subdomain", "account_unknown", "Correct the name of the account", func() { l.change(`{"settings":{"subdomain":"acmee"}}`); everywhere(sim.FaultNoAccount)() }, detour{},
			func() { l.change(`{"settings":{"subdomain":"acme"}}`); clear() }},
		{"a suspended account or a trial that is over", "account_shut", "Have its owner open it", everywhere(sim.FaultSuspended), detour{}, clear},
		{"an unknown client", "client_unknown", "Copy the client's id", func() { l.change(`{"client_id":"sightglas"}`) }, detour{}, func() { l.change(`{"client_id":"sightglass"}`) }},
		{"a redirect URL that does not match", "redirect_unknown", l.url + "/oauth/callback", func() { l.sim.ForgetRedirects() }, detour{}, func() { l.sim.AllowRedirect(l.url + "/oauth/callback") }},
		{"a scope the client may not ask for", "scope_refused", "Allow it for the client", func() { l.sim.AllowScopes("tickets:read") }, detour{}, func() { l.sim.AllowScopes() }},
		{"less granted than asked", "scope_missing", "did not grant read", func() { l.sim.GrantOnly("tickets:read") }, detour{}, func() { l.sim.GrantOnly() }},
		{"a client refused on the page", "client_refused", "Check its kind", nil, detour{answer: func(q url.Values) { q.Del("code"); q.Set("error", "unauthorized_client") }}, nothing},
		{"consent denied", "denied", "press Allow", nil, detour{deny: true}, nothing},
		{"another issuer", "other_issuer", "no page but the one that opens", nil, detour{answer: func(q url.Values) { q.Set("iss", "https://evil.example") }}, nothing},
		{"an answer without a result", "no_result", "Connect again", nil, detour{answer: func(q url.Values) { q.Del("code") }}, nothing},
		{"an expired code", "code_old", "straight back", nil, detour{away: func() { l.skew.Store(int64(3 * time.Minute)); l.there.Store(int64(3 * time.Minute)) }}, func() { l.skew.Store(0); l.there.Store(0) }},
		{"another attempt's code", "code_refused", "in one window", nil, detour{answer: func(q url.Values) { q.Set("code", "cod_of_another") }}, nothing},
		{"a wrong secret", "secret_wrong", "Enter it anew", func() { l.change(`{"client_secret":"sec_wrong"}`) }, detour{}, func() { _, s := l.sim.Client(false); l.change(`{"client_secret":"` + s + `"}`) }},
		{"a client deleted meanwhile", "client_gone", "Bring it back", nil, detour{away: func() { l.sim.SwitchClient(false, false) }}, func() { l.sim.SwitchClient(false, true) }},
		{"a provider that is down", "provider_down", "Wait until it answers", everywhere(sim.FaultHTML503), detour{}, clear},
		{"a provider that wants a pause", "provider_busy", "when it is over", everywhere(sim.FaultRateJSON), detour{}, clear},
		{"a host that is no provider", "provider_nonsense", "Check the link's settings", nil, detour{away: everywhere(sim.FaultHTML200)}, clear},
		{"our clock is ten minutes off", "test: clock", "Set the clock", func() { l.skew.Store(int64(10 * time.Minute)) }, detour{}, func() { l.skew.Store(0) }},
		{"who approves is a customer", "test: token", "as an agent or administrator", func() { l.actor = sim.ActorEndUser }, detour{}, func() { l.actor = sim.ActorAgent }},
		{"the wrong kind of client", "kind_wrong", "Make it confidential", func() { l.add("machine", "client_credentials", true); at("machine")() }, detour{},
			func() {
				id, s := l.sim.Client(false)
				l.change(`{"client_id":"` + id + `","client_secret":"` + s + `"}`)
			}},
		{"the wrong kind of key", "test: token (fixed)", "OAuth access token", func() { l.add("fixed", "bearer", false); at("fixed")() }, detour{}, func() { l.change(`{"token":"` + l.sim.Bearer(sim.ActorAgent) + `"}`) }},
	} {
		at("zd")()
		if c.spoil != nil {
			c.spoil()
		}
		name, say := l.try(c.detour)
		if l.link == "fixed" {
			name += " (fixed)"
		}
		if name != c.name || !strings.Contains(say, c.says) {
			t.Errorf("%s: got %s %q, want %s and %q", c.input, name, say, c.name, c.says)
		}
		for other, said := range told {
			if said == say {
				t.Errorf("%s: told the same as %s: %q", c.input, other, say)
			}
		}
		told[c.input] = say
		c.mend()
		if name, say := l.try(detour{}); say != "" {
			t.Errorf("%s: after doing what %q says, got %s %q, want a link that works", c.input, told[c.input], name, say)
		}
	}
	if len(told) < 20 {
		t.Errorf("got %d wrong inputs, want 20 at least", len(told))
	}
	if said := slices.Collect(maps.Values(told)); strings.Contains(strings.Join(said, " "), "{") {
		t.Errorf("a word was not filled in: %q", said)
	}
}

// The words of an address are ours: another name there is told nothing.
func TestFailureNamesAreAClosedSet(t *testing.T) {
	l := newLinker(t)
	said := map[string]auth.Why{}
	for _, why := range auth.Whys() {
		answer := decode(t, read(t, l.do("GET", "/api/v1/links/zd/failure?why="+string(why), adminKey, "")))
		say, _ := answer["say"].(string)
		if other, twice := said[say]; say == "" || twice || strings.Contains(say, "{") {
			t.Errorf("%s: got %q, want words of its own (as %s)", why, say, other)
		}
		said[say] = why
	}
	for _, why := range []string{"", "nothing", "%3Cscript%3E"} {
		if p := problemOf(t, l.do("GET", "/api/v1/links/zd/failure?why="+why, adminKey, "")); p["code"] != "bad_request" {
			t.Errorf("why=%s: got %v, want bad_request", why, p["code"])
		}
	}
	if p := problemOf(t, l.do("GET", "/api/v1/links/zd/failure?why=denied", analystKey, "")); p["code"] != "not_allowed" {
		t.Errorf("an analyst: got %v, want not_allowed", p["code"])
	}
}
