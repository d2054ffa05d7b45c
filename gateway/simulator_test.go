package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// withSim is a gateway linked to a simulated Zendesk account, by a fixed token of an admin there.
func withSim(t testing.TB, o sim.Options, change ...func(*setup)) (*env, *sim.Sim) {
	t.Helper()
	s := sim.New(o)
	must(t, s.Start())
	t.Cleanup(s.Close)
	set := setup{specs: []connectors.Spec{zendesk.Spec()}, links: []records.Link{{ID: records.LinkID{Site: "main", Link: "zd"}, Provider: "zendesk",
		Settings: map[string]string{"subdomain": "acme"}, Endpoints: s.Endpoints(), MediaHosts: s.MediaHosts(), RefreshToken: records.Sealed(s.Bearer("admin", "read"))}}}
	for _, c := range change {
		c(&set)
	}
	return start(t, set), s
}

func ticketPath(id int64) string { return fmt.Sprintf("/api/v1/links/zd/interactions/ticket/%d", id) }

// Every line of every ticket of the simulator is what openapi.yaml says a part is.
func TestEveryPartIsInTheContract(t *testing.T) {
	e, s := withSim(t, sim.Options{})
	schema := schemaOf(t, "Part")
	seen := map[string]int{}
	for _, id := range s.Tickets() {
		resp := e.do("GET", ticketPath(id), analystKey, "")
		if resp.StatusCode != 200 {
			seen[problemOf(t, resp)["code"].(string)]++
			continue
		}
		sc := bufio.NewScanner(resp.Body)
		sc.Buffer(nil, 4<<20)
		last := ""
		for sc.Scan() {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(sc.Bytes()))
			must(t, err)
			if err := schema.Validate(v); err != nil {
				t.Fatalf("ticket %d: %s: %v", id, sc.Text(), err)
			}
			last = v.(map[string]any)["type"].(string)
			seen[last]++
			if !strings.HasPrefix(sc.Text(), `{"type":"`) {
				t.Errorf("the type is not first: %.60s", sc.Text())
			}
		}
		if last != "end" && last != "problem" {
			t.Errorf("ticket %d: last line is %q", id, last)
		}
	}
	for _, want := range []string{"header", "person", "message", "event", "missing", "end"} {
		if seen[want] == 0 {
			t.Errorf("the simulator's tickets have no %s: %v", want, seen)
		}
	}
}

func schemaOf(t testing.TB, name string) *jsonschema.Schema {
	b, err := os.ReadFile("openapi.yaml")
	must(t, err)
	var doc any
	must(t, yaml.Unmarshal(b, &doc))
	j, err := json.Marshal(doc)
	must(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource("openapi.json", v))
	s, err := c.Compile("openapi.json#/components/schemas/" + name)
	must(t, err)
	return s
}

// 1,200 comments in pages that take 150 ms: the first message is out before the second page is
// asked for.
func TestLongTicketStreams(t *testing.T) {
	e, s := withSim(t, sim.Options{PageDelay: 150 * time.Millisecond})
	resp := e.do("GET", ticketPath(sim.TicketIncident), analystKey, "")
	r := bufio.NewReader(resp.Body)
	for {
		line, err := r.ReadString('\n')
		must(t, err)
		if strings.Contains(line, `"type":"message"`) {
			break
		}
	}
	if n := pagesOf(s); n != 1 {
		t.Errorf("%d pages were asked for when the first message arrived, want 1", n)
	}
	rest, err := io.ReadAll(r)
	must(t, err)
	if n := strings.Count(string(rest), `"type":"message"`) + 1; n < 1200 {
		t.Errorf("got %d messages", n)
	}
	ids := map[string]bool{}
	for line := range strings.Lines(string(rest)) {
		var m struct{ Type, ID string }
		must(t, json.Unmarshal([]byte(line), &m))
		if m.Type == "message" && ids[m.ID] {
			t.Fatalf("message %s came twice", m.ID)
		}
		ids[m.ID] = true
	}
}

func pagesOf(s *sim.Sim) int {
	n := 0
	for _, r := range s.Requests() {
		if strings.HasSuffix(strings.TrimSuffix(r.Path, ".json"), "/comments") {
			n++
		}
	}
	return n
}

func TestReaderLeavesAndTheProviderIsLeft(t *testing.T) {
	e, s := withSim(t, sim.Options{})
	s.Set(sim.Fault{Kind: sim.FaultStall, Suffix: "/comments", After: 2000})
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := e.try(ctx, "GET", ticketPath(sim.TicketIncident), analystKey, "")
	must(t, err)
	within(t, 2*time.Second, "the comments are asked for", func() bool { return pagesOf(s) == 1 })
	cancel()
	_ = resp.Body.Close()
	within(t, time.Second, "the provider sees us leave", func() bool {
		return slices.ContainsFunc(s.Requests(), func(r sim.Request) bool { return strings.HasSuffix(r.Path, "/comments") && r.ClosedEarly })
	})
}

func TestFaultsAreNamed(t *testing.T) {
	for _, tc := range []struct {
		fault  sim.Fault
		want   string // code; "" means that all goes well
		fault2 string
	}{
		{sim.Fault{Kind: sim.FaultRateText, RetryAfter: "1", Remaining: 100, Times: 1}, "", ""},
		{sim.Fault{Kind: sim.FaultRateText, RetryAfter: "40"}, "rate_limited", "provider"},
		{sim.Fault{Kind: sim.FaultReset, Times: 1}, "", ""},
		{sim.Fault{Kind: sim.FaultHTML200}, "provider_nonsense", "provider"},
		{sim.Fault{Kind: sim.FaultHTML502}, "provider_down", "provider"},
		{sim.Fault{Kind: sim.FaultCut, Suffix: "/comments", After: 3000}, "provider_cut", "provider"},
		{sim.Fault{Kind: sim.FaultTruncate, Suffix: "/comments", After: 3000}, "provider_cut provider_nonsense", "provider"},
		{sim.Fault{Kind: sim.FaultRedirect, To: "attacker"}, "host_refused provider_nonsense", "provider"},
	} {
		t.Run(string(tc.fault.Kind)+tc.fault.RetryAfter, func(t *testing.T) {
			e, s := withSim(t, sim.Options{})
			s.Set(tc.fault)
			resp := e.do("GET", ticketPath(sim.TicketIncident), analystKey, "")
			var last map[string]any
			if resp.StatusCode == 200 {
				all := e.lines(resp)
				last = all[len(all)-1]
			} else {
				last = problemOf(t, resp)
			}
			switch {
			case tc.want == "" && last["type"] != "end":
				t.Errorf("got %v, want it to end well", last)
			case tc.want != "" && (last["code"] == nil || !strings.Contains(tc.want, last["code"].(string)) || last["fault"] != tc.fault2):
				t.Errorf("got %v, want %s", last, tc.want)
			}
			if leaks := s.Leaks(); len(leaks) > 0 {
				t.Errorf("credentials went elsewhere: %+v", leaks)
			}
		})
	}
}

func TestAttachmentsComeThroughTheRedirect(t *testing.T) {
	e, s := withSim(t, sim.Options{})
	fetched := 0
	for _, id := range s.Tickets() {
		resp := e.do("GET", ticketPath(id), analystKey, "")
		if resp.StatusCode != 200 {
			continue
		}
		for _, p := range e.lines(resp) {
			html, _ := p["html"].(string)
			as, _ := p["attachments"].([]any)
			for _, x := range as {
				a := x.(map[string]any)
				h, ok := a["handle"].(string)
				if !ok || fetched > 30 {
					continue
				}
				resp := e.do("GET", "/api/v1/media/"+h, analystKey, "", "Range", "bytes=0-15")
				switch resp.StatusCode {
				case 200, 206:
					fetched++
				case 410, 502: // a file that is gone, or hosted where nobody answers
				default:
					t.Errorf("ticket %d, attachment %v: %d %s", id, a["id"], resp.StatusCode, read(t, resp))
				}
				if a["inline"] == true && !strings.Contains(html, h) && strings.Contains(html, "<img") {
					t.Errorf("ticket %d: the inline image %v is not where the message shows it", id, a["id"])
				}
			}
		}
	}
	if fetched < 5 {
		t.Errorf("fetched %d attachments", fetched)
	}
	if leaks := s.Leaks(); len(leaks) > 0 {
		t.Errorf("credentials went elsewhere: %+v", leaks)
	}
}

func TestResolve(t *testing.T) {
	e, s := withSim(t, sim.Options{})
	for _, sample := range s.Samples() {
		resp := e.do("POST", "/api/v1/resolve", analystKey, fmt.Sprintf(`{"text":%q}`, sample.URL))
		if body := read(t, resp); resp.StatusCode != 200 || !strings.Contains(body, `"id":"`+sample.Ref.ID+`"`) || !strings.Contains(body, `"link":"zd"`) {
			t.Errorf("%s: %d %s", sample.URL, resp.StatusCode, body)
		}
	}
	for _, text := range []string{"https://evil.example/agent/tickets/1", "hello there", "https://evil.zendesk.com/agent/tickets/5012"} {
		resp := e.do("POST", "/api/v1/resolve", analystKey, fmt.Sprintf(`{"text":%q}`, text))
		if p := problemOf(t, resp); resp.StatusCode != 422 || p["code"] != "not_recognised" || !strings.Contains(p["action"].(string), "Zendesk") || strings.Contains(fmt.Sprint(p), "evil") {
			t.Errorf("%s: %d %v", text, resp.StatusCode, p)
		}
	}
}

// The whole way: an administrator makes a link, is sent to the provider's page, comes back, tests
// it, and an analyst reads.
func TestLinkingByAuthorizationCode(t *testing.T) {
	e, s := withSim(t, sim.Options{}, func(s *setup) { s.links = nil })
	e.person("ana", records.RoleAdministrator)
	cookie := e.signIn("ana")
	h := []string{"Cookie", cookie, "Origin", e.url}
	id, secret := s.Client(false)
	s.AllowRedirect(e.url + "/oauth/callback")
	body := fmt.Sprintf(`{"id":"zd","provider":"zendesk","settings":{"subdomain":"acme"},"credential_kind":"authorization_code","client_id":%q,"client_secret":%q}`, id, secret)
	resp := e.do("POST", "/api/v1/links", "", body, h...)
	if made := read(t, resp); resp.StatusCode != 201 || strings.Contains(made, secret) || !strings.Contains(made, `"state":"new"`) {
		t.Fatalf("create: %d %s", resp.StatusCode, made)
	}
	// Endpoints are the operator's to set, not the form's: here they lead to the simulator.
	row, err := e.store.Link(context.Background(), records.LinkID{Site: "main", Link: "zd"})
	must(t, err)
	row.Endpoints = s.Endpoints()
	must(t, e.store.UpdateLink(context.Background(), row))
	if p := problemOf(t, e.do("GET", ticketPath(sim.TicketIncident), analystKey, "")); p["code"] != "needs_reconnect" {
		t.Errorf("before linking: %v", p)
	}
	resp = e.do("POST", "/api/v1/links/zd/authorize", "", "", h...)
	var to struct{ URL string }
	must(t, json.Unmarshal([]byte(read(t, resp)), &to))
	linking := resp.Cookies()[0]
	back, err := s.Approve(context.Background(), to.URL, "admin")
	must(t, err)
	callback := strings.TrimPrefix(back, e.url)
	if p := problemOf(t, e.do("GET", "/oauth/callback?state=wrong&code=x", "", "", "Cookie", cookie)); p["code"] != "bad_request" {
		t.Errorf("a wrong state: %v", p)
	}
	resp = e.do("GET", callback, "", "", "Cookie", cookie+"; "+linking.Name+"="+linking.Value)
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/links/zd" {
		t.Fatalf("callback: %d to %q: %s", resp.StatusCode, resp.Header.Get("Location"), read(t, resp))
	}
	if resp := e.do("GET", callback, "", "", "Cookie", linking.Name+"="+linking.Value); resp.StatusCode != 400 {
		t.Errorf("the callback again: %d", resp.StatusCode)
	}
	resp = e.do("POST", "/api/v1/links/zd/test", "", "", h...)
	if test := read(t, resp); resp.StatusCode != 200 || !strings.Contains(test, `"ok":true`) {
		t.Errorf("test: %d %s", resp.StatusCode, test)
	}
	if resp := e.do("GET", ticketPath(sim.TicketIncident), analystKey, ""); resp.StatusCode != 200 {
		t.Errorf("open: %d %s", resp.StatusCode, read(t, resp))
	}
	resp = e.do("DELETE", "/api/v1/links/zd", "", "", h...)
	if resp.StatusCode != 204 || s.LiveGrants() != 0 {
		t.Errorf("delete: %d, %d grants live", resp.StatusCode, s.LiveGrants())
	}
}
