package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	listPath = "/api/v1/links/zd/interactions"
	ndjson   = "application/x-ndjson"
)

// listAs reads a page as JSON.
func listAs(t testing.TB, e *env, key, query string) map[string]any {
	t.Helper()
	resp := e.do("GET", listPath+query, key, "")
	body := read(t, resp)
	if resp.StatusCode != 200 {
		t.Fatalf("GET %s: %d %s", query, resp.StatusCode, body)
	}
	m := map[string]any{}
	must(t, json.Unmarshal([]byte(body), &m))
	return m
}

// refsOf gives the ids of items, or of lines of type row.
func refsOf(items []any) []string {
	var out []string
	for _, item := range items {
		if m := item.(map[string]any); m["ref"] != nil {
			out = append(out, m["ref"].(map[string]any)["id"].(string))
		}
	}
	return out
}

func asAny(lines []map[string]any) []any {
	out := make([]any, len(lines))
	for i := range lines {
		out[i] = lines[i]
	}
	return out
}

// A list read page by page is the list read as lines; each line is what openapi.yaml says.
func TestListInPagesAndLines(t *testing.T) {
	e, _ := withSim(t, sim.Options{Queue: 600})
	month := "?from=" + url.QueryEscape(time.Now().AddDate(0, 0, -31).Format(time.DateOnly)) + "&to=" + time.Now().Format(time.DateOnly)
	schema, resp := schemaOf(t, "ListLine"), e.do("GET", listPath+month+"&limit=5000", analystKey, "", "Accept", ndjson)
	if got := resp.Header.Get("Content-Type"); got != ndjson {
		t.Fatalf("Content-Type %q", got)
	}
	lines := e.lines(resp)
	kinds := map[string]int{}
	for _, l := range lines {
		b, err := json.Marshal(l)
		must(t, err)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
		must(t, err)
		if err := schema.Validate(v); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		kinds[l["type"].(string)]++
	}
	end := lines[len(lines)-1]
	if kinds["row"] < 600 || kinds["progress"] < 6 || kinds["person"] < 9 || end["type"] != "end" || end["next"] != nil ||
		end["count"] != float64(kinds["row"]) || end["scanned"] != end["count"] {
		t.Errorf("lines %v, last %v", kinds, end)
	}
	var pages []string
	cursor := ""
	for n := 0; n < 20; n++ {
		page := listAs(t, e, analystKey, month+"&limit=90"+cursor)
		items := page["items"].([]any)
		pages = append(pages, refsOf(items)...)
		if n == 0 {
			if page["count"] != end["count"] {
				t.Errorf("the first page counts %v, the list has %v", page["count"], end["count"])
			}
			if name := agentName(items); name == "" {
				t.Error("no row of the page names its agent")
			}
		}
		next, more := page["next"].(string)
		if !more {
			break
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
	if rows := refsOf(asAny(lines)); !slices.Equal(pages, rows) {
		t.Errorf("%d in pages, %d as lines; they differ", len(pages), len(rows))
	}
	for _, r := range e.audit() {
		if r.Event != records.AuditListed || r.Ref.Link != "zd" || r.Ref.ID != "" || r.Detail != "" || r.Thing != "" {
			t.Errorf("audit row %+v, want listed, the link, and nothing of the filter", r.AuditEntry)
		}
	}
}

func agentName(items []any) string {
	for _, item := range items {
		if a, ok := item.(map[string]any)["agent"].(map[string]any); ok && a["name"] != nil {
			return a["name"].(string)
		}
	}
	return ""
}

// Without dates: the last seven days. What is filtered here is said, and reads on until the page ends.
func TestListDefaultsAndFilters(t *testing.T) {
	e, _ := withSim(t, sim.Options{Queue: 300})
	week := listAs(t, e, analystKey, "?limit=500")
	for _, item := range week["items"].([]any) {
		at, err := time.Parse(time.RFC3339, item.(map[string]any)["at"].(string))
		if must(t, err); time.Since(at) > 7*24*time.Hour+time.Minute {
			t.Errorf("a row of %v is in the list of the last seven days", at)
		}
	}
	mails := listAs(t, e, analystKey, "?channel=email&status=solved,closed&limit=500")
	if here := mails["filtered_here"].([]any); len(here) != 1 || here[0] != "channel" || mails["count"] != nil {
		t.Errorf("filtered here: %v, count %v; want the channel, and no count", here, mails["count"])
	}
	for _, item := range mails["items"].([]any) {
		if m := item.(map[string]any); m["channel"] != "email" || m["status"] != "solved" && m["status"] != "closed" {
			t.Errorf("a row %v is in the list of solved mails", m)
		}
	}
	calls := listAs(t, e, analystKey, "?direction=inbound&limit=500")
	if n, s := len(calls["items"].([]any)), calls["scanned"].(float64); n == 0 || float64(n) >= s {
		t.Errorf("%d calls of %v rows read", n, s)
	}
	late := listAs(t, e, analystKey, "?field.26364=late_delivery&limit=500")
	if n := len(late["items"].([]any)); n == 0 || n == len(week["items"].([]any)) {
		t.Errorf("%d rows with the reason late_delivery", n)
	}
}

func TestListRefusals(t *testing.T) {
	e, s := withSim(t, sim.Options{Queue: 5})
	s.ResetRequests()
	for _, c := range []struct {
		name, key, query string
		status           int
		code             string
	}{
		{"nobody", "", "", 401, "unauthenticated"},
		{"an administrator", adminKey, "", 403, "not_allowed"},
		{"an administrator with a mistake", adminKey, "?sttaus=x", 403, "not_allowed"},
		{"another site", otherKey, "", 404, "not_found"},
		{"a misspelt name", analystKey, "?sttaus=solved", 400, "bad_request"},
		{"words in a URL", analystKey, "?text=parcel", 400, "bad_request"},
		{"a filter nobody has", analystKey, "?min_seconds=60", 400, "bad_request"},
		{"no page is that long", analystKey, "?limit=501", 400, "bad_request"},
		{"dates the wrong way", analystKey, "?from=2026-11-02&to=2026-11-01", 400, "bad_request"},
		{"ten years", analystKey, "?from=2016-01-01&to=2026-01-01", 400, "bad_request"},
		{"what no cursor is", analystKey, "?cursor=c1.AAAA", 400, "bad_request"},
		{"a name twice", analystKey, "?agent=1&agent=2", 400, "bad_request"},
	} {
		resp := e.do("GET", listPath+c.query, c.key, "")
		if p := problemOf(t, resp); resp.StatusCode != c.status || p["code"] != c.code {
			t.Errorf("%s: %d %v, want %d %s", c.name, resp.StatusCode, p["code"], c.status, c.code)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("the provider saw %d requests", n)
	}
}

func TestCursorsAreOfOnePersonFilterAndHour(t *testing.T) {
	var ahead atomic.Int64
	e, _ := withSim(t, sim.Options{Queue: 300}, func(s *setup) {
		s.deps = func(d *gateway.Deps) {
			d.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		}
	})
	next := "&cursor=" + url.QueryEscape(listAs(t, e, analystKey, "?status=solved&limit=2")["next"].(string))
	want := func(what, key, query string, status int) {
		t.Helper()
		resp := e.do("GET", listPath+query, key, "")
		if body := read(t, resp); resp.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", what, resp.StatusCode, body, status)
		}
	}
	want("its own", analystKey, "?status=solved&limit=2"+next, 200)
	want("another limit", analystKey, "?status=solved&limit=3"+next, 200)
	want("another filter", analystKey, "?status=open&limit=2"+next, 400)
	want("another person", bothKey, "?status=solved&limit=2"+next, 400)
	ahead.Store(int64(61 * time.Minute))
	want("an hour later", analystKey, "?status=solved&limit=2"+next, 410)
}

// Rows carry what the audit log knows by reference: opened by you, by a colleague, when.
func TestListSaysWhoHasOpened(t *testing.T) {
	e, _ := withSim(t, sim.Options{Queue: 40})
	items := listAs(t, e, analystKey, "?limit=3")["items"].([]any)
	id := refsOf(items)
	_ = e.lines(e.do("GET", listPath+"/ticket/"+id[0], analystKey, ""))
	_ = e.lines(e.do("GET", listPath+"/ticket/"+id[1], bothKey, ""))
	for i, item := range listAs(t, e, analystKey, "?limit=3")["items"].([]any) {
		opened, _ := item.(map[string]any)["opened"].(map[string]any)
		got := slices.Sorted(maps.Keys(opened))
		if want := [][]string{{"you"}, {"colleague"}, nil}[i]; !slices.Equal(got, want) {
			t.Errorf("row %d was opened by %v, want %v", i, got, want)
		}
	}
}

func drawn(t testing.TB, e *env, body string) ([]string, map[string]any) {
	t.Helper()
	resp := e.do("POST", listPath+"/draw", analystKey, body)
	text := read(t, resp)
	if resp.StatusCode != 200 {
		t.Fatalf("draw %s: %d %s", body, resp.StatusCode, text)
	}
	m := map[string]any{}
	must(t, json.Unmarshal([]byte(text), &m))
	return refsOf(m["items"].([]any)), m
}

// One seed, one draw: by numbers where the provider filters, by marks where we do.
func TestDraw(t *testing.T) {
	e, s := withSim(t, sim.Options{Queue: 1500, PerMinute: -1}, func(s *setup) {
		s.config = func(c *gateway.Config) { c.AuditTimeout = time.Minute } // a loaded machine's disk takes its time
	})
	days := fmt.Sprintf(`"from":"%s","to":"%s"`, time.Now().AddDate(0, 0, -31).UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	for _, filter := range []string{days, days + `,"channel":"email"`} {
		first, answer := drawn(t, e, fmt.Sprintf(`{"n":8,"filter":{%s}}`, filter))
		seed := answer["seed"].(string)
		again, _ := drawn(t, e, fmt.Sprintf(`{"n":8,"seed":"%s","filter":{%s}}`, strings.ToLower(seed), filter))
		other, _ := drawn(t, e, fmt.Sprintf(`{"n":8,"seed":"AAAA-0000","filter":{%s}}`, filter))
		if len(first) != 8 || !slices.Equal(first, again) || slices.Equal(first, other) || answer["next"] != nil {
			t.Errorf("{%s} seed %s: %v, again %v, another seed %v", filter, seed, first, again, other)
		}
		distinct := slices.Clone(first)
		slices.Sort(distinct)
		if len(slices.Compact(distinct)) != 8 {
			t.Errorf("something was drawn twice: %v", first)
		}
	}
	if few, _ := drawn(t, e, `{"n":50,"filter":{"tag":["vip"],"status":["hold"]}}`); len(few) >= 50 {
		t.Errorf("%d were drawn of a few", len(few))
	}
	for _, body := range []string{`{"n":0}`, `{"n":101}`, `{"n":5,"seed":"call me Ishmael"}`} {
		if resp := e.do("POST", listPath+"/draw", analystKey, body); resp.StatusCode != 400 {
			t.Errorf("%s: %d, want 400", body, resp.StatusCode)
		}
	}
	if r := e.audit()[0]; r.Event != records.AuditDrawn || len(r.Detail) != 9 {
		t.Errorf("audit row %+v, want drawn with its seed", r.AuditEntry)
	}
	for _, r := range s.Requests() {
		if r.Method != "GET" {
			t.Errorf("the draw caused %s %s", r.Method, r.Path)
		}
	}
}

func TestFiltersSayWhoFilters(t *testing.T) {
	e, _ := withSim(t, sim.Options{})
	var got struct {
		Filters []struct{ Name, By string }
		Agents  []struct{ ID, Name string }
		Fields  []struct{ Values []struct{ ID, Name string } }
	}
	resp := e.do("GET", "/api/v1/links/zd/filters", analystKey, "")
	must(t, json.Unmarshal([]byte(read(t, resp)), &got))
	by := map[string]string{}
	for _, f := range got.Filters {
		by[f.Name] = f.By
	}
	if by["status"] != "provider" || by["channel"] != "here" || by["seconds"] != "" || len(got.Agents) < 10 || got.Agents[0].Name == "" || len(got.Fields) == 0 {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct {
		key    string
		status int
	}{{"", 401}, {adminKey, 403}, {otherKey, 404}} {
		if resp := e.do("GET", "/api/v1/links/zd/filters", c.key, ""); resp.StatusCode != c.status {
			t.Errorf("with %q: %d, want %d", c.key, resp.StatusCode, c.status)
		}
	}
}

// What stops a list after it has begun is its last line; before that it is an error.
func TestListThatBreaks(t *testing.T) {
	e, s := withSim(t, sim.Options{Queue: 900})
	s.Set(sim.Fault{Kind: sim.FaultHTML503, Path: "/api/v2/search", Host: sim.HostAPI, Skip: 2})
	lines := e.lines(e.do("GET", listPath+"?from=2020-01-01&to=2020-12-30&limit=5000", analystKey, "", "Accept", ndjson))
	if n := len(lines); lines[n-1]["type"] != "end" {
		t.Errorf("an empty list ended with %v", lines[n-1])
	}
	month := "?from=" + time.Now().AddDate(0, 0, -31).Format(time.DateOnly)
	lines = e.lines(e.do("GET", listPath+month+"&limit=5000", analystKey, "", "Accept", ndjson))
	last := lines[len(lines)-1]
	if len(lines) < 100 || last["type"] != "problem" || last["code"] != "provider_down" {
		t.Errorf("%d lines, the last %v; want a page and a problem", len(lines), last)
	}
	resp := e.do("GET", listPath+month, analystKey, "", "Accept", ndjson)
	if p := problemOf(t, resp); resp.StatusCode != 502 || p["code"] != "provider_down" {
		t.Errorf("a list that does not begin: %d %v", resp.StatusCode, p)
	}
}

// The rows of a page are with the reader while the provider still thinks about the next page; when the
// reader leaves, so does the request.
func TestListRowsAreNotHeld(t *testing.T) {
	e, s := withSim(t, sim.Options{Queue: 900})
	s.Set(sim.Fault{Kind: sim.FaultSlowStart, Host: sim.HostAPI, Path: "/api/v2/search", Skip: 1, Delay: time.Minute})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	resp, err := e.try(ctx, "GET", listPath+"?limit=5000&from="+time.Now().AddDate(0, 0, -31).Format(time.DateOnly), analystKey, "", "Accept", ndjson)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	rows := 0
	for sc := bufio.NewScanner(resp.Body); rows < 100 && sc.Scan(); {
		if strings.HasPrefix(sc.Text(), `{"type":"row"`) {
			rows++
		}
	}
	running := func() int {
		n := 0
		for _, r := range s.Requests() {
			if r.Ended.IsZero() {
				n++
			}
		}
		return n
	}
	if rows != 100 {
		t.Errorf("%d rows, want the first page's 100", rows)
	}
	within(t, 5*time.Second, "the second page is asked for", func() bool { return running() == 1 })
	leave()
	within(t, 5*time.Second, "nothing is asked of the provider when the reader has left", func() bool { return running() == 0 })
}

// What people look for, and what lists show, is kept nowhere.
func TestCanaryOfLists(t *testing.T) {
	const canary = "SGC2-OBQXEY3FNQQGYYLUMU"
	e, s := withSim(t, sim.Options{Canary: canary, Queue: 30})
	metrics := e.server.Metrics()
	for _, accept := range []string{"application/json", ndjson} {
		for _, body := range []string{`{"text":"%s"}`, `{"person":"%s"}`, `{"tag":["%s"]}`, `{"field":{"26363":"%s"}}`, `{"cursor":"%s"}`, `{"%s":1}`} {
			_ = read(t, e.do("POST", listPath+"/search", analystKey, fmt.Sprintf(body, canary), "Accept", accept))
		}
		for _, query := range []string{"?limit=500", "?tag=" + canary, "?text=" + canary, "?" + canary + "=1", "?cursor=" + canary} {
			_ = read(t, e.do("GET", listPath+query, analystKey, "", "Accept", accept))
		}
	}
	_ = read(t, e.do("POST", listPath+"/draw", analystKey, fmt.Sprintf(`{"n":3,"seed":"%s"}`, canary)))
	_ = read(t, e.do("POST", listPath+"/draw", analystKey, fmt.Sprintf(`{"n":3,"filter":{"text":"%s"}}`, canary)))
	_ = read(t, e.do("GET", "/api/v1/links/zd/filters", analystKey, ""))
	s.Set(sim.Fault{Kind: sim.FaultServerError})
	if body := read(t, e.do("POST", listPath+"/search", analystKey, fmt.Sprintf(`{"text":"%s"}`, canary))); strings.Contains(body, canary) {
		t.Errorf("the canary is in an error: %s", body)
	}
	surfaces := map[string]string{"log": e.log.String(), "metrics": scrape(t, metrics)}
	must(t, e.stop())
	for _, f := range filesIn(t, e.dir) {
		b, err := os.ReadFile(f)
		must(t, err)
		surfaces[filepath.Base(f)] = string(b)
	}
	if !strings.Contains(surfaces["log"], "/api/v1/links/:link/interactions") || len(surfaces["records.db"]) < 1000 {
		t.Fatal("a surface is empty, so that it proves nothing")
	}
	for name, text := range surfaces {
		for form, find := range forms(canary) {
			if strings.Contains(text, find) {
				t.Errorf("%s has the canary as %s", name, form)
			}
		}
	}
}
