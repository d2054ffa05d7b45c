package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// SignIn checks login and password and begins a session in the person's site. Every cause of
// failure (unknown, wrong, deactivated, no role anywhere) gives the same error after the same work.
// Too many attempts give too_many with RetryAfter.
func (s *Sessions) SignIn(ctx context.Context, login, password string, peer netip.Addr) (string, Principal, error) {
	if len(password) > maxPasswordBytes || len(login) > maxPasswordBytes {
		return "", Principal{}, refused()
	}
	a := newAttempt(FoldLogin(login), peer)
	if err := s.limits.admit(ctx, &a); err != nil {
		return "", Principal{}, err
	}
	user, err := s.userOrNobody(ctx, FoldLogin(login))
	if err != nil {
		return "", Principal{}, err
	}
	ok, stale, err := s.check(ctx, user, password, a)
	if err != nil {
		return "", Principal{}, err
	}
	in, err := s.sitesOf(ctx, user.ID)
	if err != nil {
		return "", Principal{}, err
	}
	if !ok || !user.MayAt(s.now()) || len(in) == 0 {
		s.miss(ctx, a, user, in)
		return "", Principal{}, refused()
	}
	s.limits.succeeded(ctx, a)
	if stale {
		s.rehash(ctx, user, password)
	}
	return s.enterFirst(ctx, user, in, peer)
}

// enterFirst begins a session in the first site by name that a password and this address open. What
// keeps a person out is told, since the password was right: it is nobody else's to learn.
func (s *Sessions) enterFirst(ctx context.Context, u records.User, in []records.Membership, peer netip.Addr) (string, Principal, error) {
	var first error
	for _, m := range in {
		token, p, err := s.enter(ctx, u, m, records.DoorPassword, peer)
		if err == nil || connectors.CodeOf(err) != connectors.CodeNotAllowed {
			return token, p, err
		}
		if first == nil {
			first = err
		}
	}
	return "", Principal{}, first
}

// userOrNobody returns a zero User for an unknown login, so that what follows is the same work.
func (s *Sessions) userOrNobody(ctx context.Context, login string) (records.User, error) {
	u, err := s.store.UserByLogin(ctx, login)
	if errors.Is(err, records.ErrNotFound) {
		return records.User{}, nil
	}
	if err != nil {
		return u, fmt.Errorf("auth: user by login: %w", err)
	}
	return u, nil
}

// check compares the password, with a dummy when there is nothing to compare with. Misses of the
// network are looked at again inside the slot, where attempts come one after the other.
func (s *Sessions) check(ctx context.Context, u records.User, password string, a attempt) (ok, stale bool, err error) {
	phc := u.PasswordHash
	if phc == "" {
		phc = s.dummy
	}
	err = inSignInSlot(ctx, func() error {
		if !a.uncounted {
			if wait, err := s.limits.networkFull(ctx, &a); err == nil && wait > 0 {
				return tooMany(wait)
			}
		}
		ok, stale, err = verify(password, phc)
		return err
	})
	return ok && u.PasswordHash != "", stale, err
}

// sitesOf lists the sites in which the person has a role, by name.
func (s *Sessions) sitesOf(ctx context.Context, id records.UserID) ([]records.Membership, error) {
	all, err := s.store.Memberships(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("auth: memberships of %s: %w", id, err)
	}
	all = slices.DeleteFunc(all, func(m records.Membership) bool { return len(m.Roles) == 0 })
	slices.SortFunc(all, func(a, b records.Membership) int { return compareSites(a.Site, b.Site) })
	return all, nil
}

// miss counts, and records a lock. The row is written beside the answer: waiting for its commit
// would tell a known login from an unknown one. When it cannot be written the log says so; the lock
// holds all the same.
func (s *Sessions) miss(ctx context.Context, a attempt, u records.User, in []records.Membership) {
	if !s.limits.missed(ctx, a) {
		return
	}
	s.log.WarnContext(ctx, "sign-in locked", "op", "session.sign_in", "user", string(u.ID), "minutes", int(guessWindow/time.Minute))
	if len(in) == 0 {
		return // an unknown login belongs to no site's log
	}
	s.background.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditPatience)
		defer cancel()
		if _, err := s.store.Append(ctx, s.entry(records.AuditSignInLock, u, in[0].Site)); err != nil {
			s.log.ErrorContext(ctx, "audit row of a sign-in lock not written", "op", "session.sign_in", "user", string(u.ID), "err", err)
		}
	})
}

// rehash stores the password with today's parameters, in place of the hash that was checked: a
// deactivation or a new password of the same instant is not undone.
func (s *Sessions) rehash(ctx context.Context, u records.User, password string) {
	var phc string
	err := inHashSlot(ctx, func() (err error) {
		phc, err = hashText(password)
		return err
	})
	if err == nil {
		err = s.store.SetPasswordHash(ctx, u.ID, u.PasswordHash, phc)
	}
	if err != nil && !errors.Is(err, records.ErrStale) { // the old hash still works
		s.log.WarnContext(ctx, "password not re-hashed", "op", "session.sign_in", "user", string(u.ID), "err", err)
	}
}

// SignInOnce begins a session with a one-time token. It works once; an unknown, used or expired one
// is unauthenticated.
func (s *Sessions) SignInOnce(ctx context.Context, once string, peer netip.Addr) (string, Principal, error) {
	if len(once) != tokenLength {
		return "", Principal{}, onceRefused()
	}
	o, err := s.store.TakeOnce(ctx, hash(once), s.now())
	if errors.Is(err, records.ErrNotFound) {
		return "", Principal{}, onceRefused()
	}
	if err != nil {
		return "", Principal{}, fmt.Errorf("auth: one-time link: %w", err)
	}
	return s.signInBy(ctx, o.Site, o.User, records.DoorOnce, peer)
}

// SignInAs begins a session without any proof: for the demo's "Look as". The user must be active and
// have a role in the site.
func (s *Sessions) SignInAs(ctx context.Context, site records.SiteID, user records.UserID, peer netip.Addr) (string, Principal, error) {
	return s.signInBy(ctx, site, user, records.DoorOnce, peer)
}

// signInBy begins a session of somebody whose proof has been looked at.
func (s *Sessions) signInBy(ctx context.Context, site records.SiteID, user records.UserID, via records.Door, peer netip.Addr) (string, Principal, error) {
	u, m, err := s.member(ctx, site, user)
	if err != nil {
		return "", Principal{}, err
	}
	return s.enter(ctx, u, m, via, peer)
}

// NewOnce makes a one-time sign-in token that works for 15 minutes. Where a site takes single
// sign-on only, it is for the break-glass administrator.
func (s *Sessions) NewOnce(ctx context.Context, id records.SiteID, user records.UserID) (string, error) {
	if _, _, err := s.member(ctx, id, user); err != nil {
		return "", err
	}
	site, err := s.site(ctx, id)
	if err != nil {
		return "", err
	}
	if !opens(site, user, records.DoorOnce) {
		return "", ssoOnly()
	}
	once := randomToken()
	err = s.store.AddOnce(ctx, records.Once{Hash: hash(once), Site: id, User: user, ExpiresAt: s.now().Add(onceLife)})
	if err != nil {
		return "", fmt.Errorf("auth: one-time link: %w", err)
	}
	return once, nil
}

// begin writes the audit row, then the session, under a new token: whatever cookie the browser had
// before is worth nothing (fixation). Without the row there is no sign-in: a person whose coming
// cannot be recorded could open nothing anyway, and a log with holes proves nothing.
func (s *Sessions) begin(ctx context.Context, u records.User, m records.Membership, site records.Site, via records.Door) (string, Principal, error) {
	row := s.entry(records.AuditSignedIn, u, m.Site)
	row.Detail = string(via)
	if breaksGlass(site, u.ID, via) {
		row.Detail = DetailBreakGlass
		s.log.WarnContext(ctx, "the break-glass administrator signed in", "op", "session.sign_in", "site", string(m.Site), "user", string(u.ID))
	}
	if _, err := s.store.Append(ctx, row); err != nil {
		return "", Principal{}, &connectors.Error{
			Code: connectors.CodeAuditUnavailable, Op: "session.sign_in",
			Action: "Nobody can sign in while the audit log cannot be written. Try again in a moment.",
			Err:    err,
		}
	}
	token, now := randomToken(), s.now()
	session := records.Session{Hash: hash(token), Site: m.Site, User: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.life), Via: via}
	err := s.store.AddSession(ctx, session)
	if errors.Is(err, records.ErrNotFound) { // deactivated in this moment
		return "", Principal{}, refused()
	}
	if err != nil {
		return "", Principal{}, fmt.Errorf("auth: new session: %w", err)
	}
	return token, principal(u, m, site, session.ExpiresAt), nil
}

func (s *Sessions) entry(e records.AuditEvent, u records.User, site records.SiteID) records.AuditEntry {
	return records.AuditEntry{Site: site, At: s.now(), Event: e, PrincipalKind: records.PrincipalUser, Principal: string(u.ID)}
}

// refused is the one answer to a failed sign-in, whatever the cause.
func refused() error {
	return &connectors.Error{
		Code: connectors.CodeUnauthenticated, Op: "session.sign_in",
		Action: "Login or password is not right. Check both and try again.",
	}
}

func onceRefused() error {
	return &connectors.Error{
		Code: connectors.CodeUnauthenticated, Op: "session.sign_in",
		Action: "This sign-in link was used already or is older than 15 minutes. Ask for a new one.",
	}
}
