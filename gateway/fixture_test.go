package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache/memory"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

const (
	analystKey = "analyst-key-of-the-tests-0001"
	adminKey   = "administrator-key-of-tests-01"
	bothKey    = "analyst-and-administrator-001"
	otherKey   = "analyst-of-the-other-site-001"
)

// env is a gateway on a real database and a free port, with whatever connectors a test wants.
type env struct {
	t      testing.TB
	url    string
	store  *faultyStore
	keys   *records.Keyring
	server *gateway.Server
	keeper *auth.Keeper
	log    *logBuffer
	dir    string
	cfg    gateway.Config
	deps   gateway.Deps
	client *http.Client
	stop   func() error // ends Serve and returns its error
}

type setup struct {
	specs  []connectors.Spec
	config func(*gateway.Config)
	deps   func(*gateway.Deps)
	links  []records.Link
	tls    *tls.Config
	now    func() time.Time // of the keeper, the linking flow and the gateway
}

func start(t testing.TB, s setup) *env {
	t.Helper()
	e := &env{t: t, log: &logBuffer{}, dir: t.TempDir()}
	ctx := context.Background()
	real, err := sql.Open(ctx, "sqlite:"+filepath.Join(e.dir, "records.db"), sql.Options{})
	must(t, err)
	e.store = &faultyStore{Store: real}
	e.keys, err = records.ParseKeys(records.NewKey("k1"))
	must(t, err)
	registry, err := connectors.NewRegistry(s.specs...)
	must(t, err)
	log := slog.New(slog.NewJSONHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	e.url = "http://" + ln.Addr().String()
	if s.tls != nil {
		e.url = "https://" + ln.Addr().String()
	}
	tokens := memory.New()
	cfg := gateway.Config{PublicURL: e.url, Private: loopback, Drain: 3 * time.Second}
	if s.config != nil {
		s.config(&cfg)
	}
	e.keeper, err = auth.NewKeeper(auth.KeeperConfig{Links: e.store, Tokens: tokens, Keys: e.keys, Registry: registry, Private: cfg.Private, Log: log, Now: s.now})
	must(t, err)
	sessions, err := auth.NewSessions(auth.SessionsConfig{Store: e.store, Counters: tokens, Log: log})
	must(t, err)
	flow, err := auth.NewFlow(auth.FlowConfig{Store: e.store, Keeper: e.keeper, Keys: e.keys, Registry: registry, PublicURL: cfg.PublicURL, Private: cfg.Private, Log: log, Now: s.now})
	must(t, err)
	deps := gateway.Deps{Store: e.store, Cache: tokens, Keys: e.keys, Registry: registry, Sessions: sessions, Keeper: e.keeper, Flow: flow, Log: log, Now: s.now}
	if s.deps != nil {
		s.deps(&deps)
	}
	e.people(ctx)
	for _, l := range s.links {
		e.link(ctx, l)
	}
	e.cfg, e.deps = cfg, deps
	e.server, err = gateway.New(cfg, deps)
	must(t, err)
	e.serve(ln, s.tls)
	e.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: s.tls != nil}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		e.client.CloseIdleConnections()
		_ = e.stop()
		sessions.Close()
		e.keeper.Close()
		_ = tokens.Close()
		_ = real.Close()
	})
	return e
}

func (e *env) serve(ln net.Listener, conf *tls.Config) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.server.Serve(ctx, ln, conf) }()
	e.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
}

// people makes two sites, an analyst and an administrator with passwords, and API keys.
func (e *env) people(ctx context.Context) {
	e.t.Helper()
	for _, site := range []records.SiteID{"main", "other"} {
		must(e.t, e.store.PutSite(ctx, records.Site{ID: site, Name: "Site " + string(site), CreatedAt: time.Now()}))
	}
	for key, k := range map[string]records.APIKey{
		analystKey: {Site: "main", ID: "analyst", Roles: []records.Role{records.RoleAnalyst}},
		adminKey:   {Site: "main", ID: "admin", Roles: []records.Role{records.RoleAdministrator}},
		bothKey:    {Site: "main", ID: "both", Roles: []records.Role{records.RoleAnalyst, records.RoleAdministrator}},
		otherKey:   {Site: "other", ID: "other", Roles: []records.Role{records.RoleAnalyst, records.RoleAdministrator}},
	} {
		k.Hash, k.CreatedAt = auth.HashKey(key), time.Now()
		must(e.t, e.store.PutAPIKey(ctx, k))
	}
}

const password = "Correct1Horse2Battery"

// person adds a user of site main who can sign in with password.
func (e *env) person(login string, roles ...records.Role) records.UserID {
	e.t.Helper()
	hash, err := auth.HashPassword(login, login, password)
	must(e.t, err)
	u := records.User{ID: records.UserID("u-" + login), Login: login, Name: strings.ToUpper(login[:1]) + login[1:], PasswordHash: hash, Status: records.UserActive, CreatedAt: time.Now()}
	must(e.t, e.store.AddUser(context.Background(), u, records.Membership{Site: "main", User: u.ID, Roles: roles}))
	return u.ID
}

// link adds a link that works, with a fixed token.
func (e *env) link(ctx context.Context, l records.Link) {
	e.t.Helper()
	if l.CredentialKind == "" {
		l.CredentialKind = records.CredentialBearer
	}
	token := string(l.RefreshToken)
	l.RefreshToken, l.State, l.CreatedAt, l.UpdatedAt = nil, records.LinkNew, time.Now(), time.Now()
	must(e.t, e.store.AddLink(ctx, l))
	if token == "" {
		token = "token-of-the-tests"
	}
	_, err := e.keeper.Seed(ctx, l.ID, []byte(token))
	must(e.t, err)
}

// do sends a request; key "" sends no Authorization.
func (e *env) do(method, path, key, body string, headers ...string) *http.Response {
	e.t.Helper()
	resp, err := e.try(context.Background(), method, path, key, body, headers...)
	must(e.t, err)
	e.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (e *env) try(ctx context.Context, method, path, key, body string, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, e.url+path, strings.NewReader(body))
	must(e.t, err)
	if body == "" {
		req.Body = http.NoBody
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return e.client.Do(req)
}

// lines reads a whole stream of parts.
func (e *env) lines(resp *http.Response) []map[string]any {
	e.t.Helper()
	var out []map[string]any
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		m := map[string]any{}
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			e.t.Fatalf("line %q: %v", sc.Text(), err)
		}
		out = append(out, m)
	}
	return out
}

func (e *env) audit() []records.AuditRow {
	e.t.Helper()
	rows, err := e.store.AuditRows(context.Background(), "main", records.AuditFilter{})
	must(e.t, err)
	return rows
}

// problemOf reads a problem body.
func problemOf(t testing.TB, resp *http.Response) map[string]any {
	t.Helper()
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type: got %q, want application/problem+json (status %d)", got, resp.StatusCode)
	}
	m := map[string]any{}
	must(t, json.Unmarshal([]byte(read(t, resp)), &m))
	return m
}

func read(t testing.TB, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// within waits until ok, at most d.
func within(t testing.TB, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", d, what)
		}
	}
}

// logBuffer is a log that a test can search.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// faultyStore is the real store, which can be told to refuse audit rows or to answer nothing.
type faultyStore struct {
	*sql.Store
	mu         sync.Mutex
	appendFail error
	readFail   error
}

func (f *faultyStore) fail(appending, reading error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.appendFail, f.readFail = appending, reading
}

func (f *faultyStore) failing() (appending, reading error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.appendFail, f.readFail
}

func (f *faultyStore) Append(ctx context.Context, es ...records.AuditEntry) ([]records.AuditRow, error) {
	if err, _ := f.failing(); err != nil {
		return nil, err
	}
	return f.Store.Append(ctx, es...)
}

func (f *faultyStore) RightsVersion(ctx context.Context, id records.SiteID) (int64, error) {
	if _, err := f.failing(); err != nil {
		return 0, err
	}
	return f.Store.RightsVersion(ctx, id)
}

func (f *faultyStore) APIKeyByHash(ctx context.Context, h []byte) (records.APIKey, error) {
	if _, err := f.failing(); err != nil {
		return records.APIKey{}, err
	}
	return f.Store.APIKeyByHash(ctx, h)
}

// fake is a connector whose parts a test gives.
type fake struct {
	open  func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error]
	media func(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error)
	refs  []records.Ref
	probe error
}

func (f *fake) Open(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
	return f.open(ctx, ref)
}

func (f *fake) Probe(context.Context) (connectors.Account, error) {
	return connectors.Account{Name: "acme", Checks: []connectors.Check{{Name: "tickets", OK: f.probe == nil, Say: "Read a ticket."}}}, f.probe
}

func (f *fake) OpenMedia(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	return f.media(ctx, at, r)
}

func (f *fake) Resolve(context.Context, string) ([]records.Ref, error) { return f.refs, nil }

func (f *fake) spec() connectors.Spec {
	return connectors.Spec{Name: "fake", Title: "Fakedesk", Kinds: []records.Kind{records.KindTicket, records.KindCall},
		Hosts:    []connectors.Host{{Name: "api", Pattern: "{subdomain}.fake.example", Credentials: true}},
		Settings: []connectors.Setting{{Name: "subdomain", Title: "Subdomain", Help: "The first part of the address.", Pattern: "[a-z0-9-]{1,30}", Required: true, Example: "acme"}},
		OAuth:    connectors.OAuth{Grants: []records.CredentialKind{records.CredentialBearer}},
		New:      func(connectors.Config) (connectors.Connector, error) { return f, nil }}
}

func fakeLink(name string) records.Link {
	return records.Link{ID: records.LinkID{Site: "main", Link: name}, Provider: "fake", Title: "Fakedesk", Settings: map[string]string{"subdomain": "acme"}}
}

// withFake is a gateway with one link "fd" to f.
func withFake(t testing.TB, f *fake, change ...func(*setup)) *env {
	s := setup{specs: []connectors.Spec{f.spec()}, links: []records.Link{fakeLink("fd")}}
	for _, c := range change {
		c(&s)
	}
	return start(t, s)
}

// header is the part that every interaction begins with.
func header(ref records.Ref) *connectors.Header {
	return &connectors.Header{Ref: ref, Provider: "fake", Subject: connectors.NewText("Parcel late")}
}

func message(id, text string) *connectors.Message {
	return &connectors.Message{ID: id, At: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Author: connectors.WhoID("801"),
		Visibility: connectors.VisibilityPublic, Text: connectors.NewText(text)}
}

// parts yields a fixed interaction.
func parts(ps ...connectors.Part) func(context.Context, records.Ref) iter.Seq2[connectors.Part, error] {
	return func(_ context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if !yield(header(ref), nil) {
				return
			}
			for _, p := range ps {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}
