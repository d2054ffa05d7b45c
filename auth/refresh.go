package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// errAdopt says that somebody else has moved the row on: take what he got.
var errAdopt = errors.New("auth: the link's row has moved on")

const (
	// rounds bounds how often a refresh starts again because the row had moved on.
	rounds = 5

	// swapPatience is how long writing a rotated refresh token is tried before the flight gives up;
	// the token stays in memory and the next flight goes on.
	swapPatience = 20 * time.Second

	// adoptPatience is how long a winner is given to put his access token into the cache, and a
	// crowded refusal to turn out as somebody's success. Where the cache is down, it is how long he
	// may use that token before the next replica rotates: at some providers that kills it at once,
	// and replicas that share nothing have to take turns.
	adoptPatience = time.Second

	// putPatience is how long putting a token into the cache is tried on.
	putPatience = 5 * time.Second
)

// pending is a grant that the provider has rotated to and that could not be written yet. This
// process has the only copy of the new refresh token.
type pending struct {
	from  int64
	grant records.Grant
	token records.AccessToken
}

// refresh is one flight: take the turn, then read, announce, ask, write, use.
func (k *Keeper) refresh(ctx context.Context, id records.LinkID, refused records.Secret) (records.AccessToken, error) {
	t, got, err := k.take(ctx, id, refused)
	if err != nil || t == nil {
		return got, err
	}
	defer k.end(t)
	for range rounds {
		row, err := k.read(ctx, id)
		if err != nil {
			return records.AccessToken{}, err
		}
		got, err := k.round(ctx, row, refused, t)
		if !errors.Is(err, errAdopt) {
			return got, err
		}
		t.passed++
	}
	return records.AccessToken{}, restless(opToken)
}

// restless is the end of patience with a row that moves on whenever it is looked at.
func restless(op string) error {
	return &connectors.Error{
		Code: connectors.CodeOverloaded, Op: op, RetryAfter: time.Second,
		Action: "The link is changing too fast. Try again in a moment.",
	}
}

// round tries once from the row as it is now.
func (k *Keeper) round(ctx context.Context, row records.Link, refused records.Secret, t *turn) (records.AccessToken, error) {
	v := k.saw(ctx, row)
	if p := k.pendingOf(row); p != nil {
		return k.settle(ctx, row, *p)
	}
	if err := k.usable(v); err != nil {
		return records.AccessToken{}, err
	}
	if got := k.adopt(ctx, row, v, refused, t); !got.Value.IsZero() {
		return got, nil
	}
	k.dropRefused(ctx, row.ID, refused)
	if err := k.held(row); err != nil {
		return records.AccessToken{}, err
	}
	switch row.CredentialKind {
	case records.CredentialBearer:
		return k.fixed(ctx, row)
	case records.CredentialClientCredentials:
		return k.askAgain(ctx, row, t)
	case records.CredentialAuthorizationCode:
		return k.rotate(ctx, row, t)
	default:
		return records.AccessToken{}, k.broken(row.Provider, "")
	}
}

// adopt takes the token that another replica has put into the cache. A winner writes the row first
// and the cache next, so he is given a moment from when his rotation was seen; who has sat through
// several waits less, so that everybody's turn comes.
func (k *Keeper) adopt(ctx context.Context, row records.Link, v view, refused records.Secret, t *turn) records.AccessToken {
	for {
		got := k.cached(ctx, row.ID, v, refused)
		if !got.Value.IsZero() || !k.justRotated(row, adoptPatience/time.Duration(1+t.passed)) || pause(ctx, poll) != nil {
			return got
		}
	}
}

// justRotated tells whether somebody else's rotation was seen here less than that long ago.
func (k *Keeper) justRotated(row records.Link, within time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.of(row.ID)
	return row.Generation > m.token.Generation && time.Since(m.movedAt) < within
}

// dropRefused takes the refused token out of the cache, so that other replicas do not run into the
// same 401. The turn is ours, so nobody puts a newer one in between.
func (k *Keeper) dropRefused(ctx context.Context, id records.LinkID, refused records.Secret) {
	if refused.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	if t, err := k.cfg.Tokens.Get(ctx, id); err == nil && same(t.Value, refused) {
		_ = k.cfg.Tokens.Delete(ctx, id)
	}
}

// fixed opens a bearer token, which has no end and no refresh.
func (k *Keeper) fixed(ctx context.Context, row records.Link) (records.AccessToken, error) {
	secret, err := k.openGrant(ctx, row)
	if err != nil {
		return records.AccessToken{}, err
	}
	t := records.AccessToken{Value: secret, Generation: row.Generation, Scopes: row.Scopes}
	k.remember(row.ID, identity(row), t)
	return t, nil
}

// askAgain gets a token for a client of its own. Nothing rotates, so the generation stays.
func (k *Keeper) askAgain(ctx context.Context, row records.Link, t *turn) (records.AccessToken, error) {
	answer, err := k.ask(ctx, row, nil)
	if err != nil {
		return records.AccessToken{}, k.failed(ctx, row, t, err)
	}
	if err := k.cfg.Links.EndRefresh(ctx, row.ID, row.Generation, row.IntentAt, true, k.cfg.Now()); err != nil && !errors.Is(err, records.ErrStale) {
		k.cfg.Log.WarnContext(ctx, "refresh not noted", "op", opToken, "link", row.ID.String(), "err", err)
	}
	if answer.scopes != "" && answer.scopes != row.Scopes {
		err := k.cfg.Links.SetScopes(ctx, row.ID, row.Generation, answer.scopes, k.cfg.Now())
		if err != nil && !errors.Is(err, records.ErrStale) {
			k.cfg.Log.WarnContext(ctx, "granted scopes not noted", "op", opToken, "link", row.ID.String(), "err", err)
		}
	}
	if row.State != records.LinkOK {
		_, err := k.cfg.Links.SetState(ctx, row.ID, row.Generation, records.LinkOK, "", k.cfg.Now())
		if err != nil && !errors.Is(err, records.ErrStale) {
			return records.AccessToken{}, unwritten(row, err)
		}
	}
	token := answer.token(row.Generation)
	k.put(ctx, row, token)
	return token, nil
}

// rotate trades the refresh token for a new one: intent, provider, row, and only then the cache.
func (k *Keeper) rotate(ctx context.Context, row records.Link, t *turn) (records.AccessToken, error) {
	generation := row.Generation
	row, err := k.await(ctx, row, t)
	if err != nil {
		return records.AccessToken{}, err
	}
	if row.Generation != generation || k.usable(k.saw(ctx, row)) != nil {
		return records.AccessToken{}, errAdopt
	}
	old, err := k.openGrant(ctx, row)
	if err != nil {
		return records.AccessToken{}, err
	}
	if err := k.announce(ctx, row, t); err != nil {
		return records.AccessToken{}, err
	}
	end := k.heartbeat(ctx, row)
	defer end()
	answer, err := k.ask(ctx, row, refreshParams(old))
	if err != nil {
		end() // no beat may follow the end of the intent
		return records.AccessToken{}, k.failed(ctx, row, t, err)
	}
	next := answer.refresh
	if next.IsZero() {
		next = old // some providers leave it out when it stays
	}
	return k.settle(ctx, row, pending{row.Generation, k.grant(row, next, answer), answer.token(row.Generation + 1)})
}

// grant is what a refresh changes in the row. Scopes that the answer does not name stay.
func (k *Keeper) grant(row records.Link, refresh records.Secret, a answer) records.Grant {
	g := records.Grant{
		RefreshToken: k.SealRefreshToken(row.ID, refresh, row.Generation+1),
		Scopes:       row.Scopes, At: k.cfg.Now(),
	}
	if a.scopes != "" {
		g.Scopes = a.scopes
	}
	return g
}

// settle writes a rotated grant, and only then lets its access token be used. While records cannot
// be written it keeps trying, and leaves the grant in memory for the next flight when it gives up.
func (k *Keeper) settle(ctx context.Context, row records.Link, p pending) (records.AccessToken, error) {
	err := k.swap(ctx, row.ID, p)
	k.mu.Lock()
	if k.of(row.ID).pending = nil; err != nil && !errors.Is(err, errAdopt) {
		k.of(row.ID).pending = &p
	}
	k.mu.Unlock()
	if err != nil {
		return records.AccessToken{}, err
	}
	row.Generation, row.State, row.Reason = p.from+1, records.LinkOK, ""
	v := k.saw(ctx, row)
	k.put(ctx, row, p.token)
	if !k.good(p.token, v.generation, records.Secret{}) {
		return records.AccessToken{}, errAdopt // it took so long that it expired
	}
	return p.token, nil
}

// swap writes a grant by compare-and-swap. errAdopt: somebody else was first.
func (k *Keeper) swap(ctx context.Context, id records.LinkID, p pending) error {
	began := time.Now()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := k.cfg.Links.SwapGrant(ctx, id, p.from, p.grant)
		if err == nil {
			return nil
		}
		if errors.Is(err, records.ErrStale) {
			return k.whose(ctx, id, p)
		}
		row := records.Link{ID: id}
		if errors.Is(err, records.ErrNotFound) { // removed meanwhile
			return unwritten(row, err)
		}
		k.cfg.Log.ErrorContext(ctx, "rotated grant not written, trying on", "op", opToken, "link", id.String(), "err", err)
		if time.Since(began) > swapPatience || pause(ctx, wait) != nil {
			return unwritten(row, err)
		}
	}
}

// whose tells apart a swap that was committed although its answer was lost, and another's. The tokens
// are compared, not their seals: the row may have been sealed anew in between.
func (k *Keeper) whose(ctx context.Context, id records.LinkID, p pending) error {
	row, err := k.read(ctx, id)
	if err != nil {
		return err
	}
	if row.Generation != p.from+1 {
		return errAdopt
	}
	place := refreshTokenPlace(id, row.Generation)
	there, err := k.cfg.Keys.OpenSecret(row.RefreshToken, place)
	if err != nil {
		return errAdopt
	}
	ours, err := k.cfg.Keys.OpenSecret(p.grant.RefreshToken, place)
	if err != nil || !same(there, ours) {
		return errAdopt
	}
	return nil
}

// pendingOf returns the grant that waits to be written on top of this row, if there is one.
func (k *Keeper) pendingOf(row records.Link) *pending {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.of(row.ID)
	if m.pending != nil && m.pending.from != row.Generation {
		m.pending = nil
	}
	return m.pending
}

// put keeps a token here and in the cache. A cache that is out of reach just then gets it when it is
// back: the other replicas look there for it.
func (k *Keeper) put(ctx context.Context, row records.Link, t records.AccessToken) {
	k.remember(row.ID, identity(row), t)
	err := k.share(ctx, row.ID, t)
	if err == nil {
		return
	}
	k.cfg.Log.WarnContext(ctx, "token not put into the cache", "op", opToken, "link", row.ID.String(), "err", err)
	k.behind(putPatience, func() (done bool) {
		k.mu.Lock()
		replaced := !same(k.of(row.ID).token.Value, t.Value)
		k.mu.Unlock()
		return replaced || k.share(context.Background(), row.ID, t) == nil
	})
}

func (k *Keeper) share(ctx context.Context, id records.LinkID, t records.AccessToken) error {
	ctx, cancel := context.WithTimeout(ctx, cachePatience)
	defer cancel()
	return k.cfg.Tokens.Put(ctx, id, t)
}

// held repeats the provider's "not now" without asking again before its time.
func (k *Keeper) held(row records.Link) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.of(row.ID)
	left := m.until.Sub(k.cfg.Now())
	if m.held == nil || left <= 0 || left > m.held.RetryAfter { // longer than was asked: the clock was set back
		return nil
	}
	e := *m.held
	e.RetryAfter = left
	return &e
}

// unwritten is our fault: records could not be written, so nothing was asked or is used.
func unwritten(row records.Link, err error) error {
	return &connectors.Error{
		Code: connectors.CodeInternal, Provider: row.Provider, Op: opToken,
		Action: "Sightglass cannot write its records. Try again in a moment, or tell an administrator.",
		Err:    fmt.Errorf("auth: link %s: %w", row.ID, err),
	}
}
