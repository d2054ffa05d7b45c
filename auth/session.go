package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	defaultIdle = 30 * time.Minute // domain 6.8
	defaultLife = 8 * time.Hour
	onceLife    = 15 * time.Minute

	// seenStep: a session's SeenAt is written at most once a minute, so that reading is no write.
	seenStep = time.Minute

	// auditPatience bounds what is written beside an answer.
	auditPatience = 5 * time.Second

	// minKey is the shortest API key (design section 10).
	minKey = 20
	// maxKey bounds what is hashed for a stranger.
	maxKey = 4096
)

// SessionsConfig is what Sessions are built from. Idle and Life default to 30 minutes and 8 hours.
type SessionsConfig struct {
	Store    records.Store
	Counters cache.Counters
	Idle     time.Duration
	Life     time.Duration
	Log      *slog.Logger
	Now      func() time.Time
}

// Sessions signs people and programs in. It is safe for concurrent use. Nothing of a session is
// cached: each request reads its row, so that a deactivated user is out at once on every replica.
type Sessions struct {
	store      records.Store
	limits     *limits
	idle, life time.Duration
	log        *slog.Logger
	now        func() time.Time
	dummy      string // hash that stands in where there is none
	background sync.WaitGroup
}

// NewSessions reports every mistake in c at once.
func NewSessions(c SessionsConfig) (*Sessions, error) {
	var bad []error
	if c.Store == nil || c.Counters == nil {
		bad = append(bad, errors.New("auth: sessions need Store and Counters"))
	}
	if c.Idle < 0 || c.Life < 0 {
		bad = append(bad, errors.New("auth: sessions: Idle and Life are not negative"))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	now := orNow(c.Now)
	return &Sessions{
		store:  c.Store,
		limits: &limits{counters: c.Counters, now: now},
		idle:   orDuration(c.Idle, defaultIdle),
		life:   orDuration(c.Life, defaultLife),
		log:    orLog(c.Log),
		now:    now,
		dummy:  newDummyHash(),
	}, nil
}

// Close waits for audit rows that are being written beside an answer, 5 seconds at most.
func (s *Sessions) Close() { s.background.Wait() }

// Authenticate tells whose session a cookie's token is. Unknown, idle, old, signed out, deactivated
// and without a role all give unauthenticated.
func (s *Sessions) Authenticate(ctx context.Context, token string) (Principal, error) {
	if len(token) != tokenLength {
		return Principal{}, unauthenticated()
	}
	session, err := s.store.SessionByHash(ctx, hash(token))
	if errors.Is(err, records.ErrNotFound) {
		return Principal{}, unauthenticated()
	}
	if err != nil {
		return Principal{}, fmt.Errorf("auth: session: %w", err)
	}
	now := s.now()
	if !now.Before(session.ExpiresAt) || now.Sub(session.SeenAt) >= s.idle {
		s.forget(ctx, session)
		return Principal{}, unauthenticated()
	}
	u, m, err := s.member(ctx, session.Site, session.User)
	if err != nil {
		return Principal{}, err
	}
	site, err := s.site(ctx, session.Site)
	if err != nil {
		return Principal{}, err
	}
	if !opens(site, u.ID, session.Via) { // the site has closed the door since
		s.forget(ctx, session)
		return Principal{}, unauthenticated()
	}
	s.touch(ctx, session, now)
	return principal(u, m, site, session.ExpiresAt), nil
}

// touch moves SeenAt, at most once a minute. A failure costs the person a minute of idle time.
func (s *Sessions) touch(ctx context.Context, session records.Session, now time.Time) {
	if now.Sub(session.SeenAt) < seenStep {
		return
	}
	err := s.store.TouchSession(ctx, session.Hash, now)
	if err != nil && !errors.Is(err, records.ErrNotFound) {
		s.log.WarnContext(ctx, "session not touched", "op", "session.touch", "err", err)
	}
}

// forget removes a session that has ended. It stays refused if that fails.
func (s *Sessions) forget(ctx context.Context, session records.Session) {
	if err := s.store.DeleteSession(ctx, session.Hash); err != nil && !errors.Is(err, records.ErrNotFound) {
		s.log.WarnContext(ctx, "ended session not removed", "op", "session.forget", "err", err)
	}
}

// member reads a user and their roles in a site, both as they are now. Inactive, unknown and
// without a role give unauthenticated.
func (s *Sessions) member(ctx context.Context, site records.SiteID, id records.UserID) (records.User, records.Membership, error) {
	u, err := s.store.User(ctx, id)
	if errors.Is(err, records.ErrNotFound) || err == nil && !u.MayAt(s.now()) {
		return u, records.Membership{}, unauthenticated()
	}
	if err != nil {
		return u, records.Membership{}, fmt.Errorf("auth: user %s: %w", id, err)
	}
	all, err := s.store.Memberships(ctx, id)
	if err != nil {
		return u, records.Membership{}, fmt.Errorf("auth: memberships of %s: %w", id, err)
	}
	for _, m := range all {
		if m.Site == site && len(m.Roles) > 0 {
			return u, m, nil
		}
	}
	return u, records.Membership{}, unauthenticated()
}

func (s *Sessions) site(ctx context.Context, id records.SiteID) (records.Site, error) {
	site, err := s.store.Site(ctx, id)
	if err != nil {
		return site, fmt.Errorf("auth: site %s: %w", id, err)
	}
	return site, nil
}

// AuthenticateKey tells which program an API key belongs to.
func (s *Sessions) AuthenticateKey(ctx context.Context, key string) (Principal, error) {
	if len(key) < minKey || len(key) > maxKey {
		return Principal{}, unauthenticated()
	}
	k, err := s.store.APIKeyByHash(ctx, HashKey(key))
	if errors.Is(err, records.ErrNotFound) {
		return Principal{}, unauthenticated()
	}
	if err != nil {
		return Principal{}, fmt.Errorf("auth: API key: %w", err)
	}
	if !k.ExpiresAt.IsZero() && !s.now().Before(k.ExpiresAt) {
		return Principal{}, unauthenticated()
	}
	site, err := s.site(ctx, k.Site)
	if err != nil {
		return Principal{}, err
	}
	return Principal{
		Site: k.Site, Kind: records.PrincipalAPIKey, ID: k.ID, Name: k.ID, Roles: k.Roles, ExpiresAt: k.ExpiresAt,
		From: rules(site.IPRules, k.IPRules),
	}, nil
}

// SignOut ends a session. Ending one that is over is no error.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	if len(token) != tokenLength {
		return nil
	}
	if err := s.store.DeleteSession(ctx, hash(token)); err != nil && !errors.Is(err, records.ErrNotFound) {
		return fmt.Errorf("auth: sign out: %w", err)
	}
	return nil
}

// CheckKey tells what is wrong with a new API key, or nil.
func CheckKey(key string) error {
	if len(key) < minKey || len(key) > maxKey {
		return fmt.Errorf("auth: an API key has %d to %d characters", minKey, maxKey)
	}
	return nil
}

// NewKey makes an API key: 256 random bits, with a mark by which people and scanners of secrets know
// what they have found.
func NewKey() string { return "sgk_" + randomToken() }

// HashKey is what records keep of an API key. A plain hash is enough: keys are long and random.
func HashKey(key string) []byte { return hash(key) }

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// tokenLength is that of 256 bits in base64url.
const tokenLength = 43

// randomToken gives 256 random bits in base64url.
func randomToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

func principal(u records.User, m records.Membership, site records.Site, until time.Time) Principal {
	if !u.EndsAt.IsZero() && u.EndsAt.Before(until) {
		until = u.EndsAt
	}
	return Principal{
		Site: m.Site, Kind: records.PrincipalUser, ID: string(u.ID), Login: u.Login, Name: u.Name,
		Roles: m.Roles, ExpiresAt: until, From: rules(site.IPRules, u.IPRules),
	}
}

// rules leaves out those that admit everybody.
func rules(all ...records.Networks) (set []records.Networks) {
	for _, n := range all {
		if len(n) > 0 {
			set = append(set, n)
		}
	}
	return set
}

func unauthenticated() error {
	return &connectors.Error{Code: connectors.CodeUnauthenticated, Op: "session", Action: "Sign in."}
}

func compareSites(a, b records.SiteID) int { return strings.Compare(string(a), string(b)) }

func orNow(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func orLog(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

func orDuration(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
