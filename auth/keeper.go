package auth

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// KeeperConfig is what a Keeper is built from. Links, Tokens, Keys and Registry are required.
type KeeperConfig struct {
	Links    records.Links
	Tokens   cache.Tokens
	Keys     *records.Keyring
	Registry *connectors.Registry
	Private  []netip.Prefix // security.private_upstreams
	RootCAs  *x509.CertPool
	Log      *slog.Logger
	Now      func() time.Time
	// OnBroken is told that a link went to needs_reconnect and why (a Reason of this package), once
	// for all replicas. It runs in the refresh: it must not block for long, nor ask for a token.
	OnBroken func(ctx context.Context, l records.Link, reason string)
}

// Keeper gives out the access tokens of links and gets new ones: once for all callers and replicas,
// and never losing a rotated refresh token while the process lives. It is safe for concurrent use.
//
// How a refresh is kept single has four layers, each a net below the one before:
//
//  1. within the process, a flight per link on a context of its own;
//  2. across replicas, a lease in the cache (it may be lost, or held twice);
//  3. the intent in the link's row, which says that somebody is asking the provider now, and which
//     one of all who want to ask gets written, for when the lease lies or the cache is down;
//  4. the generation in the row: a new refresh token is written by compare-and-swap before its
//     access token is used. This one decides; the others only thin the herd.
type Keeper struct {
	cfg     KeeperConfig
	flights singleflight.Group

	mu      sync.Mutex
	links   map[records.LinkID]*memory
	closed  bool
	closing chan struct{}
	running sync.WaitGroup
}

// memory is what this process knows of a link. The token lives here as well as in the cache, so
// that a cache that is down costs nothing while a token lives.
type memory struct {
	token    records.AccessToken
	identity string // of the row the token was got for

	row     view
	movedAt time.Time // when another's rotation was first seen here
	pending *pending  // rotated, but not yet written
	intent  intent
	held    *connectors.Error
	until   time.Time // the provider said 429: not asked before
}

// view is what was last read of a link's row.
type view struct {
	generation int64
	state      records.LinkState
	reason     string
	provider   string
	identity   string
	at         time.Time
}

const (
	// viewLife is how long a row read earlier is believed: a pause, a broken grant or another
	// replica's rotation is noticed within a second, and a media range reads no row of its own.
	viewLife = time.Second

	// patience is how long one caller waits for a refresh. The refresh goes on without him: giving
	// it up half-way could lose a rotated token.
	patience = 10 * time.Second

	// flightLife bounds a refresh with all its waiting.
	flightLife = 3 * time.Minute

	// cachePatience bounds one call to the cache, for implementations that do not bound it themselves.
	cachePatience = time.Second
)

// NewKeeper reports every mistake in c at once.
func NewKeeper(c KeeperConfig) (*Keeper, error) {
	var bad []error
	for name, missing := range map[string]bool{
		"Links": c.Links == nil, "Tokens": c.Tokens == nil, "Keys": c.Keys == nil, "Registry": c.Registry == nil,
	} {
		if missing {
			bad = append(bad, fmt.Errorf("auth: the keeper needs %s", name))
		}
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	c.Log, c.Now = orLog(c.Log), orNow(c.Now)
	if c.OnBroken == nil {
		c.OnBroken = func(context.Context, records.Link, string) {}
	}
	return &Keeper{cfg: c, links: map[records.LinkID]*memory{}, closing: make(chan struct{})}, nil
}

// Token returns a token to read with. A link that is paused or needs a person gives an *Error of
// that code, without a call to the provider.
func (k *Keeper) Token(ctx context.Context, id records.LinkID) (records.AccessToken, error) {
	return k.get(ctx, id, records.Secret{})
}

// Renew returns another token than the one the provider refused with 401: a newer one that somebody
// got meanwhile, else one from at most one refresh, shared by all who were refused. A fixed token
// comes back as it is.
func (k *Keeper) Renew(ctx context.Context, id records.LinkID, refused records.AccessToken) (records.AccessToken, error) {
	k.forgetView(id) // a rotation elsewhere is the likely cause: look now, not in a second
	return k.get(ctx, id, refused.Value)
}

// Credentials gives a link's tokens to the HTTP client that signs its requests.
func (k *Keeper) Credentials(id records.LinkID) upstream.Credentials { return credentials{k, id} }

type credentials struct {
	keeper *Keeper
	link   records.LinkID
}

func (c credentials) Token(ctx context.Context) (records.AccessToken, error) {
	return c.keeper.Token(ctx, c.link)
}

func (c credentials) Latest(ctx context.Context) (records.AccessToken, error) {
	c.keeper.forgetView(c.link) // a rotation elsewhere is the likely cause: look now, not in a second
	return c.keeper.Token(ctx, c.link)
}

func (c credentials) Renew(ctx context.Context, refused records.AccessToken) (records.AccessToken, error) {
	return c.keeper.Renew(ctx, c.link, refused)
}

// ExpiresAt tells until when the token at hand is used; zero when there is none or it has no end.
func (k *Keeper) ExpiresAt(id records.LinkID) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of(id).token.ExpiresAt
}

// Forget drops what is known of a link, here and in the cache: for when an administrator changed or
// removed it.
func (k *Keeper) Forget(ctx context.Context, id records.LinkID) error {
	k.mu.Lock()
	if m := k.of(id); m.pending == nil {
		delete(k.links, id)
	} else {
		m.token, m.row = records.AccessToken{}, view{}
	}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	return k.cfg.Tokens.Delete(ctx, id)
}

// Close waits for refreshes under way, so that none loses a rotated token, and starts no other.
func (k *Keeper) Close() {
	k.mu.Lock()
	if !k.closed {
		k.closed = true
		close(k.closing)
	}
	k.mu.Unlock()
	k.running.Wait()
}

// get returns a token other than refused.
func (k *Keeper) get(ctx context.Context, id records.LinkID, refused records.Secret) (records.AccessToken, error) {
	var t records.AccessToken
	for range 2 {
		var err error
		if t, err = k.ready(ctx, id, refused); err != nil || !t.Value.IsZero() {
			return t, err
		}
		if t, err = k.shared(ctx, id, refused); err != nil || !same(t.Value, refused) {
			return t, err
		}
		// The flight had begun before this token was refused: once more.
	}
	return t, nil // the provider gives the same token again, or it is a fixed one
}

// ready returns a token that is at hand, or none.
func (k *Keeper) ready(ctx context.Context, id records.LinkID, refused records.Secret) (records.AccessToken, error) {
	v, err := k.view(ctx, id)
	if err != nil {
		return records.AccessToken{}, err
	}
	k.mu.Lock()
	m := k.of(id)
	t, fits, unwritten := m.token, m.identity == v.identity, m.pending != nil
	k.mu.Unlock()
	if unwritten { // a flight has to bring the rotated grant home first, whatever others made of the row
		return records.AccessToken{}, nil
	}
	if err := k.usable(v); err != nil {
		return records.AccessToken{}, err
	}
	if fits && k.good(t, v.generation, refused) {
		return t, nil
	}
	return k.cached(ctx, id, v, refused), nil
}

// cached returns the cache's token when it is good, or none. A cache that is down has none.
func (k *Keeper) cached(ctx context.Context, id records.LinkID, v view, refused records.Secret) records.AccessToken {
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	t, err := k.cfg.Tokens.Get(ctx, id)
	if err != nil || !k.good(t, v.generation, refused) {
		return records.AccessToken{}
	}
	k.remember(id, v.identity, t)
	return t
}

// good tells whether t can be used: there, not expired, not of an older generation than the row
// (a rotation kills the access token before it at some providers), and not just refused.
func (k *Keeper) good(t records.AccessToken, generation int64, refused records.Secret) bool {
	return !t.Value.IsZero() && t.Generation >= generation && !same(t.Value, refused) &&
		(t.ExpiresAt.IsZero() || k.cfg.Now().Before(t.ExpiresAt))
}

// shared joins or begins the link's refresh. Its context is its own: a caller who leaves fails
// nobody else.
func (k *Keeper) shared(ctx context.Context, id records.LinkID, refused records.Secret) (records.AccessToken, error) {
	done := k.flights.DoChan(string(id.Site)+"\x00"+id.Link, func() (any, error) {
		if !k.begin() {
			return records.AccessToken{}, stopping()
		}
		defer k.running.Done()
		ctx, cancel := context.WithTimeout(context.Background(), flightLife)
		defer cancel()
		return k.refresh(ctx, id, refused)
	})
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-done:
		t, _ := r.Val.(records.AccessToken)
		return t, r.Err
	case <-timer.C:
		return records.AccessToken{}, k.slow(id)
	case <-ctx.Done():
		return records.AccessToken{}, context.Cause(ctx)
	}
}

func (k *Keeper) begin() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	k.running.Add(1)
	return true
}

// same compares two tokens; nothing equals no token.
func same(a, b records.Secret) bool { return !a.IsZero() && a.Reveal() == b.Reveal() }
