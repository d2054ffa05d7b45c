package auth_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/memory"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "6"); err != nil { // each has a database; the command line may ask for more
		panic(err)
	}
	auth.HashCost(argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	// go-redis sleeps a second between looks at a server that is gone, also after Close.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

var (
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	linkID   = records.LinkID{Site: "main", Link: "zd"}
	admin    = auth.Principal{Site: "main", Kind: records.PrincipalUser, ID: "u-admin", Roles: []records.Role{records.RoleAdministrator}}
)

// world is one database, one cache and any number of replicas around an identity provider.
type world struct {
	t      testing.TB
	idp    *idp
	store  *sql.Store
	tokens *memory.Store
	keys   *records.Keyring
	oldKey string // the one that keys begins with
	newKey string
	reg    *connectors.Registry
	log    *syncBuffer
	spec   connectors.Spec

	mu     sync.Mutex
	now    func() time.Time
	broken []string // reasons that OnBroken was told
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func testSpec() connectors.Spec {
	return connectors.Spec{
		Name: "zendesk", Title: "Zendesk", Kinds: []records.Kind{records.KindTicket},
		Hosts:    []connectors.Host{{Name: "api", Pattern: "{subdomain}.zendesk.com", Credentials: true}},
		Settings: []connectors.Setting{{Name: "subdomain", Title: "Subdomain", Required: true}},
		OAuth: connectors.OAuth{
			AuthorizeURL: "https://{subdomain}.zendesk.com/authorize",
			TokenURL:     "https://{subdomain}.zendesk.com/token",
			RevokeURL:    "https://{subdomain}.zendesk.com/revoke",
			PKCE:         true, TokenLife: 48 * time.Hour,
			Scopes: []connectors.Scope{{Name: "read", Why: "to read"}},
		},
		New: func(connectors.Config) (connectors.Connector, error) { return nil, errors.New("not here") },
	}
}

func newWorld(t testing.TB, p *idp) *world {
	t.Helper()
	w := &world{t: t, idp: p, log: &syncBuffer{}, now: time.Now, spec: testSpec()}
	ctx := t.Context()
	var err error
	if w.store, err = sql.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "records.db"), sql.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	w.tokens = memory.NewClock(w.clock)
	w.oldKey, w.newKey = records.NewKey("k1"), records.NewKey("k2")
	if w.keys, err = records.ParseKeys(w.oldKey); err != nil {
		t.Fatal(err)
	}
	if w.reg, err = connectors.NewRegistry(w.spec); err != nil {
		t.Fatal(err)
	}
	w.must(w.store.PutSite(ctx, records.Site{ID: "main", Name: "Main", CreatedAt: time.Now()}))
	w.must(w.store.AddUser(ctx, records.User{ID: "u-admin", Login: "ana", Name: "Ana", Status: records.UserActive, CreatedAt: time.Now()},
		records.Membership{Site: "main", User: "u-admin", Roles: []records.Role{records.RoleAdministrator}}))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// clock is the time of the replicas' token arithmetic; advance moves it.
func (w *world) clock() time.Time {
	w.mu.Lock()
	now := w.now
	w.mu.Unlock()
	return now()
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.now
	w.now = func() time.Time { return before().Add(d) }
}

func (w *world) onBroken(_ context.Context, _ records.Link, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, reason)
}

func (w *world) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broken
}

// keeper is one replica. The options replace its parts.
func (w *world) keeper(options ...func(*auth.KeeperConfig)) *auth.Keeper {
	w.t.Helper()
	c := auth.KeeperConfig{
		Links: w.store, Tokens: w.tokens, Keys: w.keys, Registry: w.reg, Private: loopback,
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: w.clock, OnBroken: w.onBroken,
	}
	for _, o := range options {
		o(&c)
	}
	k, err := auth.NewKeeper(c)
	w.must(err)
	w.t.Cleanup(k.Close)
	return k
}

func withLinks(l records.Links) func(*auth.KeeperConfig) {
	return func(c *auth.KeeperConfig) { c.Links = l }
}

func withTokens(t cache.Tokens) func(*auth.KeeperConfig) {
	return func(c *auth.KeeperConfig) { c.Tokens = t }
}

// link adds the link, of that kind and with its client secret, but without a grant.
func (w *world) link(kind records.CredentialKind) *auth.Keeper {
	w.t.Helper()
	k := w.keeper()
	ctx := w.t.Context()
	w.must(w.store.AddLink(ctx, records.Link{
		ID: linkID, Provider: "zendesk", Title: "Zendesk", Settings: map[string]string{"subdomain": "acme"},
		Endpoints:      map[string]string{"api": w.idp.server.URL},
		CredentialKind: kind, ClientID: "client", State: records.LinkNew, CreatedAt: w.clock(), UpdatedAt: w.clock(),
	}))
	w.must(k.PutClientSecret(ctx, linkID, records.NewSecret("hush")))
	return k
}

// linked adds the link with a grant and returns a replica and the grant's refresh token.
func (w *world) linked() (*auth.Keeper, string) {
	w.t.Helper()
	k := w.link(records.CredentialAuthorizationCode)
	refresh := w.idp.grant()
	w.seed(k, refresh)
	return k, refresh
}

func (w *world) seed(k *auth.Keeper, token string) {
	w.t.Helper()
	if read, err := k.Seed(w.t.Context(), linkID, []byte(token+"\n")); err != nil || !read {
		w.t.Fatalf("Seed: got read %v, error %v; want it read", read, err)
	}
}

func (w *world) row() records.Link {
	w.t.Helper()
	l, err := w.store.Link(context.Background(), linkID)
	w.must(err)
	return l
}

// good fails unless token works at the provider now.
func (w *world) good(token records.AccessToken, err error) records.AccessToken {
	w.t.Helper()
	if err != nil {
		w.t.Errorf("token: got error %v, want a token", err)
	} else if !w.idp.valid(token.Value.Reveal()) {
		w.t.Errorf("token of generation %d does not work at the provider", token.Generation)
	}
	return token
}

func (w *world) wantCode(err error, want connectors.Code) {
	w.t.Helper()
	if got := connectors.CodeOf(err); got != want {
		w.t.Errorf("error: got code %q (%v), want %q", got, err, want)
	}
	w.clean(err)
}

// clean fails when an error or the log holds what the provider said or a secret.
func (w *world) clean(err error) {
	w.t.Helper()
	for what, s := range map[string]string{"error": errText(err), "log": w.log.String()} {
		for _, bad := range []string{canary, "hush", "acc_", "ref_"} {
			if strings.Contains(s, bad) {
				w.t.Errorf("%s holds %q: %s", what, bad, s)
			}
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (w *world) wantRefreshes(want int) {
	w.t.Helper()
	if _, got, reused := w.idp.count(); got != want || reused != 0 {
		w.t.Errorf("provider: got %d refreshes and %d reuses of a spent token, want %d and 0", got, reused, want)
	}
}

// links fails and watches calls of the Links below it.
type links struct {
	*sql.Store
	beforeSwap  func() error // an error: nothing is written
	afterSwap   func() error // an error: written, but the answer is lost
	beforeBegun func()       // the row was read, the intent is not written
	begun       func()
}

func (l *links) SwapGrant(ctx context.Context, id records.LinkID, from int64, g records.Grant) error {
	if l.beforeSwap != nil {
		if err := l.beforeSwap(); err != nil {
			return err
		}
	}
	if err := l.Store.SwapGrant(ctx, id, from, g); err != nil || l.afterSwap == nil {
		return err
	}
	return l.afterSwap()
}

func (l *links) BeginRefresh(ctx context.Context, id records.LinkID, from int64, seen, at time.Time) error {
	if l.beforeBegun != nil {
		l.beforeBegun()
	}
	err := l.Store.BeginRefresh(ctx, id, from, seen, at)
	if l.begun != nil {
		l.begun()
	}
	return err
}

// twoMasters is a cache that has failed over without its leases: everybody gets one.
type twoMasters struct{ *memory.Store }

func (twoMasters) Lock(context.Context, records.LinkID, time.Duration) (cache.Lease, error) {
	return anyLease{}, nil
}

type anyLease struct{}

func (anyLease) Renew(context.Context, time.Duration) error { return nil }
func (anyLease) Release(context.Context) error              { return nil }

// noCache is a cache that is down.
type noCache struct{}

func (noCache) Get(context.Context, records.LinkID) (records.AccessToken, error) {
	return records.AccessToken{}, cache.ErrUnavailable
}
func (noCache) Put(context.Context, records.LinkID, records.AccessToken) error {
	return cache.ErrUnavailable
}
func (noCache) Delete(context.Context, records.LinkID) error { return cache.ErrUnavailable }
func (noCache) Lock(context.Context, records.LinkID, time.Duration) (cache.Lease, error) {
	return nil, cache.ErrUnavailable
}
func (noCache) Add(context.Context, string, time.Duration) (int64, error) {
	return 0, cache.ErrUnavailable
}
func (noCache) Count(context.Context, string) (int64, time.Duration, error) {
	return 0, 0, cache.ErrUnavailable
}
func (noCache) Reset(context.Context, string) error { return cache.ErrUnavailable }
