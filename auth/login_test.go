package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const password = "Correct horse 7"

var home = netip.MustParseAddr("198.51.100.7")

func (w *world) sessions(options ...func(*auth.SessionsConfig)) *auth.Sessions {
	w.t.Helper()
	c := auth.SessionsConfig{
		Store: w.store, Counters: w.tokens, Now: w.clock,
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, o := range options {
		o(&c)
	}
	s, err := auth.NewSessions(c)
	w.must(err)
	w.t.Cleanup(s.Close)
	return s
}

// user adds somebody whose password is password.
func (w *world) user(id, login string, roles ...records.Role) records.User {
	w.t.Helper()
	phc, err := auth.HashPassword(login, "", password)
	w.must(err)
	u := records.User{ID: records.UserID(id), Login: login, Name: "Rin Okabe", PasswordHash: phc, Status: records.UserActive, CreatedAt: w.clock()}
	w.must(w.store.AddUser(w.t.Context(), u, records.Membership{Site: "main", User: u.ID, Roles: roles}))
	return u
}

func (w *world) events(e records.AuditEvent) int {
	w.t.Helper()
	rows, err := w.store.AuditRows(w.t.Context(), "main", records.AuditFilter{Limit: 1000})
	w.must(err)
	n := 0
	for _, r := range rows {
		if r.Event == e && r.Principal == "u-rin" && r.PrincipalKind == records.PrincipalUser {
			n++
		}
	}
	return n
}

func TestSignIn(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	token, p, err := s.SignIn(t.Context(), " RIN ", password, home)
	w.must(err)
	if p.Site != "main" || p.ID != "u-rin" || p.Login != "rin" || p.Kind != records.PrincipalUser || !p.May(auth.ActionOpen) ||
		!p.ExpiresAt.Equal(w.clock().Add(8*time.Hour).Truncate(time.Millisecond)) && time.Until(p.ExpiresAt) < 7*time.Hour {
		t.Errorf("got %+v", p)
	}
	got, err := s.Authenticate(t.Context(), token)
	if err != nil || got.ID != p.ID || !slices.Equal(got.Roles, p.Roles) {
		t.Errorf("authenticated: got %+v, %v; want %+v", got, err, p)
	}
	if n := w.events(records.AuditSignedIn); n != 1 {
		t.Errorf("audit: got %d rows, want 1", n)
	}
	w.must(s.SignOut(t.Context(), token))
	w.must(s.SignOut(t.Context(), token))
	_, err = s.Authenticate(t.Context(), token)
	w.wantCode(err, connectors.CodeUnauthenticated)
	if strings.Contains(w.log.String(), password) || strings.Contains(w.log.String(), token) {
		t.Error("the log holds the password or the token")
	}
}

// Unknown, wrong, empty, deactivated, without a role: one message.
func TestOneMessageForAllCauses(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	off := w.user("u-off", "off", records.RoleAnalyst)
	off.Status = records.UserInactive
	w.must(w.store.UpdateUser(t.Context(), off))
	w.user("u-none", "none")
	s := w.sessions()
	var first string
	for i, c := range [][2]string{
		{"rin", "Wrong horse 77"}, {"nobody", password}, {"off", password}, {"none", password}, {"ana", password}, {"ana", ""},
		{"", ""}, {"rin", strings.Repeat("x", 5000)}, {strings.Repeat("x", 5000), password}, {"rin\x00", password},
	} {
		_, _, err := s.SignIn(t.Context(), c[0], c[1], home)
		w.wantCode(err, connectors.CodeUnauthenticated)
		var typed *connectors.Error
		if errors.As(err, &typed); i == 0 {
			first = typed.Action
		} else if typed.Action != first || typed.Error() != err.Error() {
			t.Errorf("%.20q: got %q, want %q as for all", c[0], typed.Action, first)
		}
	}
}

// Fixation: a sign-in never takes over a token that was there before, nor gives one twice.
func TestEverySignInHasANewToken(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	planted := strings.Repeat("A", 43)
	seen := map[string]bool{planted: true}
	for range 3 {
		token, _, err := s.SignIn(t.Context(), "rin", password, home)
		w.must(err)
		if seen[token] || len(token) != 43 {
			t.Fatalf("got token %q, want a new one of 43 characters", token)
		}
		seen[token] = true
	}
	for _, bad := range []string{planted, "", "A", strings.Repeat("A", 10000)} {
		_, err := s.Authenticate(t.Context(), bad)
		w.wantCode(err, connectors.CodeUnauthenticated)
	}
}

func TestDeactivatedUserIsOutAtOnce(t *testing.T) {
	w := newWorld(t, newIDP(t))
	u := w.user("u-rin", "rin", records.RoleAnalyst)
	s, other := w.sessions(), w.sessions()
	token, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
	once, err := s.NewOnce(t.Context(), "main", "u-rin")
	w.must(err)
	u.Status = records.UserInactive
	w.must(w.store.UpdateUser(t.Context(), u))
	for _, s := range []*auth.Sessions{s, other} {
		_, err = s.Authenticate(t.Context(), token)
		w.wantCode(err, connectors.CodeUnauthenticated)
		_, _, err = s.SignInOnce(t.Context(), once, netip.Addr{})
		w.wantCode(err, connectors.CodeUnauthenticated)
		_, _, err = s.SignInAs(t.Context(), "main", "u-rin", netip.Addr{})
		w.wantCode(err, connectors.CodeUnauthenticated)
		_, err = s.NewOnce(t.Context(), "main", "u-rin")
		w.wantCode(err, connectors.CodeUnauthenticated)
	}
}

// From the end date on nothing of a person works, although nobody did anything at that moment.
func TestEndDateEndsEverything(t *testing.T) {
	w := newWorld(t, newIDP(t))
	u := w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	token, p, err := s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
	u.EndsAt = p.ExpiresAt.Add(-7 * time.Hour).Truncate(time.Millisecond)
	w.must(w.store.UpdateUser(t.Context(), u))
	if p, err = s.Authenticate(t.Context(), token); err != nil || !p.ExpiresAt.Equal(u.EndsAt) {
		t.Fatalf("before the end: got a sign-in until %s, %v, want until %s", p.ExpiresAt, err, u.EndsAt)
	}
	once, err := s.NewOnce(t.Context(), "main", "u-rin")
	w.must(err)
	u.EndsAt = w.clock().Add(-time.Millisecond)
	w.must(w.store.UpdateUser(t.Context(), u))
	_, err = s.Authenticate(t.Context(), token)
	w.wantCode(err, connectors.CodeUnauthenticated)
	_, _, err = s.SignInOnce(t.Context(), once, netip.Addr{})
	w.wantCode(err, connectors.CodeUnauthenticated)
	_, _, err = s.SignIn(t.Context(), "rin", password, home)
	w.wantCode(err, connectors.CodeUnauthenticated)
	u.EndsAt = time.Time{}
	w.must(w.store.UpdateUser(t.Context(), u))
	_, _, err = s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
}

func TestRolesAreReadOnEveryRequest(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	token, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
	w.must(w.store.PutMembership(t.Context(), records.Membership{Site: "main", User: "u-rin", Roles: []records.Role{records.RoleAgent}}))
	if p, err := s.Authenticate(t.Context(), token); err == nil && p.May(auth.ActionOpen) {
		t.Error("the role of analyst was taken: may still open")
	}
	w.must(w.store.PutMembership(t.Context(), records.Membership{Site: "main", User: "u-rin"}))
	_, err = s.Authenticate(t.Context(), token)
	w.wantCode(err, connectors.CodeUnauthenticated)
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	sign := func() string {
		token, _, err := s.SignIn(t.Context(), "rin", password, home)
		w.must(err)
		return token
	}
	idle := sign()
	w.advance(29 * time.Minute)
	_, err := s.Authenticate(t.Context(), idle)
	w.must(err)
	w.advance(29 * time.Minute)
	_, err = s.Authenticate(t.Context(), idle)
	w.must(err)
	w.advance(30 * time.Minute)
	_, err = s.Authenticate(t.Context(), idle)
	w.wantCode(err, connectors.CodeUnauthenticated)

	busy := sign()
	for range 31 { // 7 h 45 min
		w.advance(15 * time.Minute)
		_, err = s.Authenticate(t.Context(), busy)
		w.must(err)
	}
	w.advance(15 * time.Minute)
	_, err = s.Authenticate(t.Context(), busy)
	w.wantCode(err, connectors.CodeUnauthenticated)
}

// Reading is no write: SeenAt moves once a minute.
func TestSeenMovesByTheMinute(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	token, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.must(err)
	seen := func() time.Time {
		_, err := s.Authenticate(t.Context(), token)
		w.must(err)
		v, err := w.store.SessionByHash(t.Context(), auth.HashKey(token))
		w.must(err)
		return v.SeenAt
	}
	first := seen()
	w.advance(50 * time.Second)
	if got := seen(); !got.Equal(first) {
		t.Errorf("after 50 s: got %v, want %v", got, first)
	}
	w.advance(11 * time.Second)
	if got := seen(); got.Sub(first) < time.Minute {
		t.Errorf("after 61 s: got %v, want a minute after %v", got, first)
	}
}

func TestOneTimeLink(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	once, err := s.NewOnce(t.Context(), "main", "u-rin")
	w.must(err)
	token, p, err := s.SignInOnce(t.Context(), once, netip.Addr{})
	if err != nil || p.ID != "u-rin" || token == once {
		t.Fatalf("got %+v, %v; want rin signed in", p, err)
	}
	_, _, err = s.SignInOnce(t.Context(), once, netip.Addr{})
	w.wantCode(err, connectors.CodeUnauthenticated)
	late, err := s.NewOnce(t.Context(), "main", "u-rin")
	w.must(err)
	w.advance(15 * time.Minute)
	_, _, err = s.SignInOnce(t.Context(), late, netip.Addr{})
	w.wantCode(err, connectors.CodeUnauthenticated)
	_, err = s.NewOnce(t.Context(), "other", "u-rin")
	w.wantCode(err, connectors.CodeUnauthenticated)
	if n := w.events(records.AuditSignedIn); n != 1 {
		t.Errorf("audit: got %d rows, want 1", n)
	}
}

func TestAPIKeys(t *testing.T) {
	w := newWorld(t, newIDP(t))
	s := w.sessions()
	key := "a-key-of-twenty-chars"
	w.must(w.store.PutAPIKey(t.Context(), records.APIKey{
		Site: "main", ID: "ci", Hash: auth.HashKey(key), Roles: []records.Role{records.RoleAnalyst}, ExpiresAt: w.clock().Add(time.Hour),
	}))
	p, err := s.AuthenticateKey(t.Context(), key)
	if err != nil || p.ID != "ci" || p.Kind != records.PrincipalAPIKey || !p.May(auth.ActionOpen) || p.May(auth.ActionLinks) {
		t.Errorf("got %+v, %v; want ci as an analyst", p, err)
	}
	short := "nineteen-characters"
	w.must(w.store.PutAPIKey(t.Context(), records.APIKey{Site: "main", ID: "short", Hash: auth.HashKey(short), Roles: p.Roles}))
	for _, bad := range []string{"", short, key + "x", key[:20] + "\x00", strings.Repeat("k", 5000)} {
		_, err := s.AuthenticateKey(t.Context(), bad)
		w.wantCode(err, connectors.CodeUnauthenticated)
	}
	w.advance(time.Hour)
	_, err = s.AuthenticateKey(t.Context(), key)
	w.wantCode(err, connectors.CodeUnauthenticated)
	if auth.CheckKey(short) == nil || auth.CheckKey(key) != nil {
		t.Error("CheckKey: want 19 characters refused and 21 allowed")
	}
}

func TestOldHashIsRenewedAtSignIn(t *testing.T) {
	defer auth.HashCost(auth.RealHashCost)()
	w := newWorld(t, newIDP(t))
	u := w.user("u-rin", "rin", records.RoleAnalyst)
	old, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	w.must(err)
	u.PasswordHash = old
	w.must(w.store.UpdateUser(t.Context(), u))
	s := w.sessions()
	for range 2 {
		_, _, err = s.SignIn(t.Context(), "rin", password, home)
		w.must(err)
	}
	now, err := w.store.User(t.Context(), "u-rin")
	w.must(err)
	if now.PasswordHash == old || !strings.Contains(now.PasswordHash, "$m=32768,t=3,p=1$") {
		t.Errorf("got hash %.40q, want one with today's parameters", now.PasswordHash)
	}
}

func TestTamperedHashDoesNotPanic(t *testing.T) {
	w := newWorld(t, newIDP(t))
	u := w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	for i, phc := range []string{
		"x", "$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$aGFzaA", "$argon2id$v=19$m=65536,t=1,p=0$c29tZXNhbHQ$aGFzaA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$aGFzaA", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$",
	} {
		u.PasswordHash = phc
		w.must(w.store.UpdateUser(t.Context(), u))
		_, _, err := s.SignIn(t.Context(), "rin", password, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
		if err == nil {
			t.Errorf("hash %q: got signed in", phc)
		}
	}
}

// auditDown is a store whose audit log cannot be written.
type auditDown struct{ records.Store }

func (auditDown) Append(context.Context, ...records.AuditEntry) ([]records.AuditRow, error) {
	return nil, errors.New("disk full")
}

func TestNoSignInWithoutAudit(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions(func(c *auth.SessionsConfig) { c.Store = auditDown{w.store} })
	token, _, err := s.SignIn(t.Context(), "rin", password, home)
	w.wantCode(err, connectors.CodeAuditUnavailable)
	if token != "" {
		t.Error("got a session that is not in the log")
	}
}

// A known login must not take longer than an unknown one, or less long.
func TestKnownAndUnknownTakeAsLong(t *testing.T) {
	defer auth.HashCost(auth.RealHashCost)()
	w := newWorld(t, newIDP(t))
	w.user("u-rin", "rin", records.RoleAnalyst)
	s := w.sessions()
	took := map[string][]time.Duration{}
	for i := range 12 {
		for _, login := range []string{"rin", fmt.Sprintf("nobody%d", i)} {
			began := time.Now()
			_, _, err := s.SignIn(t.Context(), login, "Wrong horse 77", netip.AddrFrom4([4]byte{203, 0, byte(i), 1}))
			if code := connectors.CodeOf(err); code == connectors.CodeTooMany {
				continue
			}
			took[login[:2]] = append(took[login[:2]], time.Since(began))
		}
	}
	fastest := func(d []time.Duration) time.Duration { return slices.Min(d) }
	known, unknown := fastest(took["ri"]), fastest(took["no"])
	if d := (known - unknown).Abs(); d > max(5*time.Millisecond, known/5) {
		t.Errorf("known %v, unknown %v: %v apart, want at most 5 ms or a fifth", known, unknown, d)
	}
	if known < 20*time.Millisecond {
		t.Errorf("one hash takes %v, want 20 ms or more", known)
	}
}

// meanwhile is a store in which something happens in the instant before a hash is replaced.
type meanwhile struct {
	records.Store
	happens func()
}

func (m meanwhile) SetPasswordHash(ctx context.Context, id records.UserID, from, to string) error {
	m.happens()
	return m.Store.SetPasswordHash(ctx, id, from, to)
}

// Signing in stores the password with today's parameters, and undoes nothing that happens meanwhile.
func TestRehash(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*records.User)
		want   connectors.Code
	}{
		"nothing happens":        {func(*records.User) {}, ""},
		"deactivated meanwhile":  {func(u *records.User) { u.Status = records.UserInactive }, connectors.CodeUnauthenticated},
		"new password meanwhile": {func(u *records.User) { u.PasswordHash = "$argon2id$of another" }, ""},
		"renamed meanwhile":      {func(u *records.User) { u.Name = "Åsa" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			restore := auth.HashCost(argon2id.Params{Memory: 32, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
			was := w.user("u-rin", "rin", records.RoleAnalyst)
			restore()
			want := was
			c.change(&want)
			s := w.sessions(func(cfg *auth.SessionsConfig) {
				cfg.Store = meanwhile{w.store, func() { w.must(w.store.UpdateUser(t.Context(), want)) }}
			})
			_, _, err := s.SignIn(t.Context(), "rin", password, home)
			if c.want != "" {
				w.wantCode(err, c.want)
			} else if err != nil {
				t.Errorf("sign in: got %v", err)
			}
			got, err := w.store.User(t.Context(), "u-rin")
			w.must(err)
			if got.Status != want.Status || got.Name != want.Name {
				t.Errorf("user: got %s %q, want %s %q", got.Status, got.Name, want.Status, want.Name)
			}
			renewed := strings.Contains(got.PasswordHash, "m=64,")
			if want.PasswordHash != was.PasswordHash && got.PasswordHash != want.PasswordHash {
				t.Error("the new password was undone")
			} else if want.PasswordHash == was.PasswordHash && !renewed {
				t.Errorf("hash: got %s, want one with today's parameters", got.PasswordHash)
			}
			if strings.Contains(w.log.String(), "not re-hashed") {
				t.Errorf("log: %s", w.log.String())
			}
		})
	}
}
