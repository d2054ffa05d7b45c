package upstream_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// spec is a provider with one exact host that takes credentials and a domain that never does.
func spec() connectors.Spec {
	return connectors.Spec{
		Name: "acme",
		Hosts: []connectors.Host{
			{Name: "api", Pattern: "{account}.acme.test", Credentials: true},
			{Name: "media", Pattern: "*.acmecontent.test"},
		},
		ReadPosts: []string{"/search"},
	}
}

// quick are limits under which a test does not wait.
func quick() upstream.Limits {
	return upstream.Limits{Connect: 2 * time.Second, FirstByte: 2 * time.Second, Stall: 2 * time.Second, Backoff: time.Millisecond}
}

// fixture is a link at a provider: a client, and what the provider saw.
type fixture struct {
	*upstream.Client
	api   *provider
	keys  *keys
	seen  *observations
	other upstream.Options
}

// link starts an API that answers with h and a client of it. change may alter the options.
func link(t *testing.T, h http.HandlerFunc, change ...func(*upstream.Options)) *fixture {
	t.Helper()
	f := &fixture{api: serve(t, h), keys: &keys{token: "first"}, seen: &observations{}}
	o := upstream.Options{
		Spec: spec(), Link: records.LinkID{Site: "main", Link: "ac"}, Settings: map[string]string{"account": "shop"},
		Endpoints: map[string]string{"api": f.api.URL}, Credentials: f.keys, Private: loopback, Limits: quick(), Observe: f.seen.add,
	}
	for _, c := range change {
		c(&o)
	}
	c, err := upstream.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	f.Client, f.other = c, o
	return f
}

// get asks for path of the API's canonical host.
func (f *fixture) get(t *testing.T, path string) (*http.Response, error) {
	t.Helper()
	return ask(t.Context(), t, f.API(), "https://shop.acme.test"+path)
}

func ask(ctx context.Context, t *testing.T, c *http.Client, url string, header ...string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return upstream.Do(c, req)
}

// text reads an answer to its end.
func text(t *testing.T, resp *http.Response, err error) (string, error) {
	t.Helper()
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func wantText(t *testing.T, resp *http.Response, err error, want string) {
	t.Helper()
	got, err := text(t, resp, err)
	if err != nil || got != want {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

func wantCode(t *testing.T, err error, want connectors.Code) *connectors.Error {
	t.Helper()
	e, ok := err.(*connectors.Error) //nolint:errorlint // the client gives it unwrapped
	if !ok || e.Code != want {
		t.Fatalf("got %T %v, want *connectors.Error %s", err, err, want)
	}
	return e
}

// provider is a server that remembers what it was asked.
type provider struct {
	*httptest.Server
	mu  sync.Mutex
	all []*http.Request
}

func serve(t *testing.T, h http.HandlerFunc) *provider {
	t.Helper()
	p := &provider{}
	p.Server = httptest.NewServer(p.record(h))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) record(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.all = append(p.all, r)
		p.mu.Unlock()
		h(w, r)
	})
}

func (p *provider) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all)
}

// keys are credentials that count how they are used.
type keys struct {
	mu      sync.Mutex
	token   string
	renewed int
	fail    error
}

func (k *keys) Token(context.Context) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return records.AccessToken{Value: records.NewSecret(k.token)}, nil
}

func (k *keys) Latest(ctx context.Context) (records.AccessToken, error) { return k.Token(ctx) }

func (k *keys) Renew(_ context.Context, refused records.AccessToken) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.renewed++
	if k.fail != nil {
		return records.AccessToken{}, k.fail
	}
	k.token = refused.Value.Reveal() + "+"
	return records.AccessToken{Value: records.NewSecret(k.token)}, nil
}

type observations struct {
	mu  sync.Mutex
	all []upstream.Observation
}

func (o *observations) add(x upstream.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, x)
}

func say(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

// inTurn answers the nth request with the nth handler, and all later ones with the last.
func inTurn(hs ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := hs[min(n, len(hs)-1)]
		n++
		mu.Unlock()
		h(w, r)
	}
}

// status answers with a code, header pairs and a body that must not get into an error.
func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, canary)
	}
}

const canary = "CANARY what a customer wrote"

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutAt sends the header and n bytes of the body that it announced.
func cutAt(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, strings.Repeat("x", n))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
