package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is a running simulator and a client of it.
type account struct {
	*testing.T
	*sim.Sim
	client *http.Client
	bearer string
}

func start(t *testing.T, o sim.Options) *account {
	t.Helper()
	s := sim.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	t.Cleanup(func() { tr.CloseIdleConnections(); s.Close() })
	return &account{T: t, Sim: s, bearer: s.Bearer(), client: &http.Client{Transport: tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return m
}

func (a *account) do(method, to string, body io.Reader, header ...string) answer {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), method, to, body)
	if err != nil {
		a.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := a.client.Do(req)
	if err != nil {
		a.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		a.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, b}
}

// api asks the gateway, signed in.
func (a *account) api(method, path string, body ...string) answer {
	a.Helper()
	return a.do(method, a.HostURL(sim.HostAPI)+path, strings.NewReader(strings.Join(body, "")), "Authorization", "Bearer "+a.bearer)
}

// stored asks for a file where a redirect of the API leads.
func (a *account) stored(location string, header ...string) answer {
	a.Helper()
	u, err := url.Parse(location)
	if err != nil || u.Host != "td-recordings-us1.s3.amazonaws.com" {
		a.Fatalf("the file lies at %q, want the storage", location)
	}
	return a.do("GET", a.HostURL(sim.HostStorage)+u.RequestURI(), nil, header...)
}

func (a *account) wantStatus(got answer, want int, what string) {
	a.Helper()
	if got.status != want {
		a.Fatalf("%s: got %d %s, want %d", what, got.status, bytes.TrimSpace(got.body), want)
	}
}

// at follows a path of keys and indices into decoded JSON.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func text(v any, path ...any) string { return fmt.Sprint(at(v, path...)) }

func count(v any, path ...any) int {
	l, _ := at(v, path...).([]any)
	return len(l)
}
