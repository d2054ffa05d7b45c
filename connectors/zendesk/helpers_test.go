package zendesk_test

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/records"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the clock of all tests here.
var now = time.Date(2026, 9, 3, 12, 0, 0, 0, time.UTC)

var ticket = records.Ref{Link: "zd", Kind: records.KindTicket, ID: "5012"}

// rebased sends every request to one server, whatever its host, as the client's endpoints do.
type rebased struct {
	to   *url.URL
	next http.RoundTripper
}

func (r rebased) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Canonical-Host", req.URL.Host)
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return r.next.RoundTrip(req)
}

// connect gives a connector that reads from h.
func connect(t testing.TB, h http.Handler) connectors.Connector {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	client := &http.Client{Transport: rebased{u, tr}}
	return newConnector(t, client)
}

func newConnector(t testing.TB, client *http.Client) connectors.Connector {
	t.Helper()
	c, err := zendesk.New(connectors.Config{Link: "zd", Settings: map[string]string{"subdomain": "acme"},
		API: client, Media: client, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answers serves fixed bodies by path; a query's page[after] is appended as "#cursor".
type answers map[string]string

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Path
	if c := r.URL.Query().Get("page[after]"); c != "" {
		key += "#" + c
	}
	body, ok := a[key]
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		body = `{"error":"RecordNotFound","description":"Not found"}`
	}
	_, _ = w.Write([]byte(body))
}

// bare answers for a ticket with these comments and nothing else.
func bare(comments string) answers {
	return answers{
		"/api/v2/tickets/5012":          `{"ticket":{"id":5012,"subject":"S","status":"open","via":{"channel":"email"},"custom_fields":[]}}`,
		"/api/v2/tickets/5012/comments": comments,
		"/api/v2/tickets/5012/audits":   `{"audits":[],"meta":{"has_more":false}}`,
	}
}

// collect opens ref and gives all parts and the error.
func collect(t testing.TB, c connectors.Connector, ref records.Ref) ([]connectors.Part, error) {
	t.Helper()
	var parts []connectors.Part
	for p, err := range c.Open(context.Background(), ref) {
		if err != nil {
			if p != nil {
				t.Errorf("an error came with a part of type %s", p.Type())
			}
			return parts, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func only[T connectors.Part](parts []connectors.Part) []T {
	var out []T
	for _, p := range parts {
		if v, ok := p.(T); ok {
			out = append(out, v)
		}
	}
	return out
}

// messageIDs gives the ids of messages in order.
func messageIDs(parts []connectors.Part) []string {
	var out []string
	for _, m := range only[*connectors.Message](parts) {
		out = append(out, m.ID)
	}
	return out
}

// lines writes parts as the gateway would, one a line, with locators added.
func lines(t testing.TB, parts []connectors.Part) string {
	t.Helper()
	door := json.WithMarshalers(json.JoinMarshalers(
		json.MarshalToFunc(func(e *jsontext.Encoder, v connectors.Text) error {
			return e.WriteToken(jsontext.String(connectors.Wire(v)))
		}),
		json.MarshalToFunc(func(e *jsontext.Encoder, v time.Time) error {
			return e.WriteToken(jsontext.String(v.UTC().Format("2006-01-02T15:04:05.000Z")))
		}),
	))
	var b bytes.Buffer
	for _, p := range parts {
		line, err := json.Marshal(p, door, json.OmitZeroStructFields(true))
		if err != nil {
			t.Fatalf("%s: %v", p.Type(), err)
		}
		b.WriteString(string(p.Type()) + " ")
		b.Write(line)
		b.WriteString("\n")
		for _, l := range locators(p) {
			b.WriteString("    at " + l.What + " " + l.ID + " " + l.URL + "\n")
		}
	}
	return b.String()
}

func locators(p connectors.Part) []connectors.Locator {
	var out []connectors.Locator
	switch p := p.(type) {
	case *connectors.Message:
		for _, a := range p.Attachments {
			out = append(out, a.At)
		}
	case *connectors.Recording:
		out = append(out, p.Locator)
	}
	return out
}

// golden compares got with a file of testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func recorded(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "recorded", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
