package conformance

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
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

// patience is how long a part may take that hangs.
const patience = 60 * time.Second

// bench is one simulator with a connector on it, and what both left behind.
type bench struct {
	testing.TB
	Options
	ctx    context.Context
	target Target
	keys   *keys
	log    *lockedBuffer
	client *upstream.Client
	conn   connectors.Connector
	errs   []error
	stall  time.Duration // after which a silent body has broken; 0: 5 s
}

// newBench starts a simulator and builds the connector as the gateway does. When the part ends it
// checks what holds for all of them: nothing runs on, no credential went astray, no content leaked.
func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	b := &bench{TB: t, Options: o, ctx: ctx, target: o.Start(t), log: &lockedBuffer{}}
	b.keys = &keys{target: b.target, token: b.target.Bearer()}
	before := goleak.IgnoreCurrent()
	b.conn = b.connect(b.target.MediaHosts())
	t.Cleanup(func() {
		b.target.Heal()
		b.nothingRunsOn(before)
		b.noCredentialAstray()
		b.noContentIn("the log", b.log.String())
		for _, err := range b.errs {
			b.noContentIn("an error", err.Error())
		}
	})
	return b
}

func (b *bench) connect(mediaHosts []string) connectors.Connector {
	b.Helper()
	client, err := upstream.New(upstream.Options{
		Spec: b.Spec, Link: records.LinkID{Site: "main", Link: Link}, Settings: b.Settings, Endpoints: b.target.Endpoints(),
		MediaHosts: mediaHosts, Credentials: b.keys,
		Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Limits:  upstream.Limits{FirstByte: 5 * time.Second, Stall: cmp.Or(b.stall, 5*time.Second), Backoff: 5 * time.Millisecond},
		Log:     slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		b.Fatal(err)
	}
	conn, err := b.Spec.New(connectors.Config{Link: Link, Settings: b.Settings, API: client.API(), Media: client.Media(), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	if b.client != nil {
		b.client.Close()
	}
	b.client = client
	return conn
}

// sample gives one of the interactions that the connector's author named.
func (b *bench) sample(use string) records.Ref {
	b.Helper()
	ref, ok := b.Samples[use]
	if !ok {
		b.Fatalf("no sample %q was given", use)
	}
	ref.Link = Link
	return ref
}

func (b *bench) inject(f Fault) {
	b.Helper()
	if err := b.target.Inject(f); err != nil {
		b.Fatalf("fault %s: %v", f, err)
	}
}

// open reads all parts and the error that ended them.
func (b *bench) open(use string) ([]connectors.Part, error) {
	b.Helper()
	var parts []connectors.Part
	for p, err := range b.conn.Open(b.ctx, b.sample(use)) {
		if err != nil {
			if p != nil {
				b.Errorf("an error came with a part of type %s, want none", p.Type())
			}
			b.errs = append(b.errs, err)
			return parts, err
		}
		if p == nil {
			b.Fatal("a nil part came without an error")
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// mustOpen is open for what has to work.
func (b *bench) mustOpen(use string) []connectors.Part {
	b.Helper()
	parts, err := b.open(use)
	if err != nil {
		b.Fatalf("opening the sample %q: %v", use, err)
	}
	return parts
}

// wantCode checks an error's code, and that it says whose it is.
func (b *bench) wantCode(err error, want connectors.Code) {
	b.Helper()
	if got := connectors.CodeOf(err); got != want {
		b.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func (b *bench) nothingRunsOn(before goleak.Option) {
	b.Helper()
	b.wantIdle()
	b.client.Close()
	if err := goleak.Find(before); err != nil {
		b.Errorf("something runs on: %v", err)
	}
}

// wantIdle gives the provider a second to notice that nobody listens.
func (b *bench) wantIdle() {
	b.Helper()
	for end := time.Now().Add(time.Second); b.target.Active() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.Errorf("the provider still answers %d requests a second after nobody needs them", b.target.Active())
			return
		}
	}
}

func (b *bench) noCredentialAstray() {
	b.Helper()
	for _, r := range b.target.Requests() {
		signed := slices.ContainsFunc(b.Spec.Hosts, func(h connectors.Host) bool { return h.Name == r.Host && h.Credentials })
		if r.Credential && !signed {
			b.Errorf("%s %s on host %q carried a credential", r.Method, r.Path, r.Host)
		}
	}
}

func (b *bench) noContentIn(where, text string) {
	b.Helper()
	for _, c := range b.target.Canaries() {
		if strings.Contains(text, c) {
			b.Errorf("content (%q) is in %s", c, where)
		}
	}
}

// keys are credentials that ask the simulator for a token and count how often.
type keys struct {
	target  Target
	mu      sync.Mutex
	token   string
	renewed int
}

func (k *keys) Token(context.Context) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return records.AccessToken{Value: records.NewSecret(k.token)}, nil
}

func (k *keys) Latest(ctx context.Context) (records.AccessToken, error) { return k.Token(ctx) }

// Renew gives what somebody else has renewed meanwhile, as the keeper does: requests at the same time are
// refused at the same time.
func (k *keys) Renew(_ context.Context, refused records.AccessToken) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if refused.Value.Reveal() != k.token {
		return records.AccessToken{Value: records.NewSecret(k.token)}, nil
	}
	k.token = k.target.Bearer()
	k.renewed++
	return records.AccessToken{Value: records.NewSecret(k.token)}, nil
}

func (k *keys) renewals() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.renewed
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
