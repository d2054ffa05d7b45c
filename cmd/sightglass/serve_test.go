package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/sightglass-gateway/sightglass/connectors/all"
	"github.com/sightglass-gateway/sightglass/records"
)

const testKey = "a-key-of-twenty-characters-or-more"

// recorded serves testdata/recorded as the provider's API: an answer as accounts give it, with nulls,
// missing fields, numbers as strings, thumbnails listed again, and fields that nobody documented.
// What was not recorded is 404, as for a stub made from a capture.
type recorded struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
	unsigned int
}

func newRecorded(t *testing.T) *recorded {
	t.Helper()
	r := &recorded{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(r.Close)
	return r
}

func (r *recorded) answer(w http.ResponseWriter, q *http.Request) {
	path := strings.TrimSuffix(q.URL.Path, ".json")
	r.mu.Lock()
	r.requests = append(r.requests, q.Method+" "+path)
	if q.Header.Get("Authorization") != "Bearer recorded-token" {
		r.unsigned++
	}
	r.mu.Unlock()
	file := ""
	switch {
	case path == "/oauth/tokens":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"access_token":"recorded-token","token_type":"bearer","scope":"read"}`))
		return
	case path == "/api/v2/tickets/35436":
		file = "ticket.json"
	case path == "/api/v2/tickets/35436/comments" && q.URL.Query().Get("page[after]") == "":
		file = "comments-1.json"
	case path == "/api/v2/tickets/35436/comments":
		file = "comments-2.json"
	case strings.HasPrefix(path, "/attachments/token/Q1w2"):
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00 a picture of a wet box"))
		return
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":"RecordNotFound","description":"Not found"}`))
		return
	}
	b, err := os.ReadFile(filepath.Join("testdata", "recorded", file))
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(b)
}

// served runs the program as `sightglass serve --config FILE` does, and gives its URL.
func served(t *testing.T, config string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["keys.txt"] = records.NewKey("t")
	files["key.txt"] = testKey
	files["sightglass.yaml"] = config
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reg, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addConfigFlags(flags)
	addr := freeAddress(t)
	if err := flags.Parse([]string{"--config", filepath.Join(dir, "sightglass.yaml"), "--listen", addr, "--metrics-listen", "", "--log-level", "error"}); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(flags, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(reg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, c, reg) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	waitReady(t, "http://"+addr, done)
	return "http://" + addr
}

// freeAddress is on a port below those that the kernel gives to outgoing connections: one of those could be
// taken again before the program that is told of it listens there.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 200 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+mathrand.IntN(20_000)))
		if err == nil {
			defer ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("no free port between 12000 and 32000")
	return ""
}

func waitReady(t *testing.T, base string, done chan error) {
	t.Helper()
	for range 1000 {
		resp, err := http.Get(base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("serve ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("serve did not become ready")
}

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// part is a line of the stream as a client sees it.
type part struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Author *struct {
		ID *string `json:"id"`
	} `json:"author"`
	Visibility  string       `json:"visibility"`
	Text        string       `json:"text"`
	Native      string       `json:"native"`
	What        string       `json:"what"`
	Attachments []attachment `json:"attachments"`
	Code        string       `json:"code"`
	Subject     string       `json:"subject"`
	Remote      int          `json:"remote_images"`
}

type attachment struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	State  string `json:"state"`
	Size   int64  `json:"size"`
	Handle string `json:"handle"`
}

func open(t *testing.T, url string) []part {
	t.Helper()
	resp := get(t, url)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, resp.Status)
	}
	var parts []part
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var p part
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("line %d: %v: %s", len(parts)+1, err, lines.Bytes())
		}
		parts = append(parts, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestARecordedAccountOpensThroughServe(t *testing.T) {
	provider := newRecorded(t)
	base := served(t, fmt.Sprintf(`
public_url: http://127.0.0.1
keys_file: keys.txt
records: {dsn: "sqlite:sg.db"}
security: {private_upstreams: [127.0.0.1/32]}
sites:
  - id: main
    api_keys: [{id: ci, roles: [analyst], key_file: key.txt}]
    links:
      - id: zd
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: %q}
        credential: {kind: bearer, token_file: token.txt}
`, provider.URL), map[string]string{"token.txt": "recorded-token\n"})

	parts := open(t, base+"/api/v1/links/zd/interactions/ticket/35436")
	if parts[0].Type != "header" || parts[0].Subject != "Order 20-1189 arrived wet" {
		t.Errorf("first part %+v, want the header", parts[0])
	}
	if last := parts[len(parts)-1]; last.Type != "end" {
		t.Errorf("last part %+v, want end", last)
	}
	checkMessages(t, parts)
	checkPeople(t, parts)
	checkAttachments(t, base, parts)
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if provider.unsigned != 0 {
		t.Errorf("%d requests came without the link's token: %q", provider.unsigned, provider.requests)
	}
}

// A link of the file with client credentials needs nobody: the first open asks for the token.
func TestAClientCredentialsLinkOpensAtOnce(t *testing.T) {
	provider := newRecorded(t)
	base := served(t, fmt.Sprintf(`
public_url: http://127.0.0.1
keys_file: keys.txt
records: {dsn: "sqlite:sg.db"}
security: {private_upstreams: [127.0.0.1/32]}
sites:
  - id: main
    api_keys: [{id: ci, roles: [analyst], key_file: key.txt}]
    links:
      - id: zd
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: %q}
        credential: {kind: client_credentials, client_id: sightglass, client_secret_file: secret.txt}
`, provider.URL), map[string]string{"secret.txt": "a secret of the client\n"})

	for range 2 {
		parts := open(t, base+"/api/v1/links/zd/interactions/ticket/35436")
		if last := parts[len(parts)-1]; last.Type != "end" {
			t.Errorf("last part %+v, want end", last)
		}
	}
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if tokens := strings.Count(strings.Join(provider.requests, "\n"), "POST /oauth/tokens"); tokens != 1 || provider.unsigned != tokens {
		t.Errorf("%d token requests and %d unsigned ones, want 1 and the same one: %q", tokens, provider.unsigned, provider.requests)
	}
}

func checkMessages(t *testing.T, parts []part) {
	t.Helper()
	var ids []string
	byID := map[string]part{}
	for _, p := range parts {
		if p.Type == "message" {
			ids = append(ids, p.ID)
			byID[p.ID] = p
		}
	}
	want := []string{
		"10000000000000001", "10000000000000002", "10000000000000003",
		"10000000000000004", "10000000000000005", "10000000000000006",
	}
	if d := cmp.Diff(want, ids); d != "" {
		t.Errorf("messages, in order, none twice (-want +got):\n%s", d)
	}
	if m := byID["10000000000000003"]; m.Visibility != "internal" {
		t.Errorf("the note's visibility is %q, want internal", m.Visibility)
	}
	if m := byID["10000000000000005"]; m.Native != "ZZNewKindOfComment" || m.Text == "" {
		t.Errorf("an unknown type of comment became %+v, want it shown with its native type", m)
	}
	if m := byID["10000000000000002"]; m.Remote != 1 || m.Author == nil || m.Author.ID == nil || *m.Author.ID != "1900087224313" {
		t.Errorf("the agent's message is %+v, want its author's id and one remote image", m)
	}
}

func checkPeople(t *testing.T, parts []part) {
	t.Helper()
	people := map[string]bool{}
	for _, p := range parts {
		if p.Type == "person" {
			people[p.ID] = true
		}
	}
	for _, id := range []string{"9007199254740993", "1900087224313"} {
		if !people[id] {
			t.Errorf("no person part for %s among %v", id, people)
		}
	}
}

func checkAttachments(t *testing.T, base string, parts []part) {
	t.Helper()
	states := map[string]string{}
	handles := map[string]string{}
	for _, p := range parts {
		for _, a := range p.Attachments {
			if _, twice := states[a.ID]; twice {
				t.Errorf("attachment %s came twice", a.ID)
			}
			states[a.ID], handles[a.ID] = a.State, a.Handle
		}
	}
	if states["71001"] != "ok" || states["71009"] != "blocked" || len(states) != 4 {
		t.Errorf("attachments %v, want 71001 ok, 71009 blocked, 71010 and 71011, and no thumbnail", states)
	}
	if handles["71009"] != "" {
		t.Error("the infected file has a handle")
	}
	resp := get(t, base+"/api/v1/media/"+handles["71001"])
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "image/jpeg" {
		t.Errorf("the picture: %s, %s, want 200 image/jpeg", resp.Status, got)
	}
	var problem part
	resp = get(t, base+"/api/v1/media/"+handles["71011"])
	if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil || problem.Code != "host_refused" {
		t.Errorf("a file elsewhere: %s code %q (%v), want host_refused", resp.Status, problem.Code, err)
	}
}
