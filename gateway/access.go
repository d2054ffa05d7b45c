package gateway

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// knownFor is how long a principal is remembered: ranges of a recording then cost no look-up, and a
// session still learns that it is in use. A change of rights ends it sooner.
const knownFor = 20 * time.Second

// access knows who a credential is. It remembers for knownFor, as long as the site's rights version
// is seen not to move.
type access struct {
	sessions *auth.Sessions
	watch    *watch
	now      func() time.Time

	mu    sync.Mutex
	known map[[32]byte]known
	moves int // counts rightsMoved: an answer from before a move is not remembered after it
}

type known struct {
	principal auth.Principal
	until     time.Time
	epoch     int64 // of watching the site
}

func newAccess(s *auth.Sessions, w *watch, now func() time.Time) *access {
	a := &access{sessions: s, watch: w, now: now, known: map[[32]byte]known{}}
	w.subscribe(a)
	return a
}

// principal says who c is.
func (a *access) principal(ctx context.Context, c credential) (auth.Principal, error) {
	id, now := c.id(), a.now()
	a.mu.Lock()
	k, ok := a.known[id]
	a.mu.Unlock()
	if ok && now.Before(k.until) && a.watch.fresh(k.principal.Site) == k.epoch {
		return k.principal, nil
	}
	return a.ask(ctx, c)
}

// ask looks c up, whatever is remembered.
func (a *access) ask(ctx context.Context, c credential) (auth.Principal, error) {
	id := c.id()
	a.mu.Lock()
	moves := a.moves
	a.mu.Unlock()
	p, err := c.check(ctx, a.sessions)
	if err != nil {
		a.mu.Lock()
		delete(a.known, id)
		a.mu.Unlock()
		return auth.Principal{}, unavailable(ctx, err)
	}
	until := a.now().Add(knownFor)
	if !p.ExpiresAt.IsZero() && p.ExpiresAt.Before(until) {
		until = p.ExpiresAt
	}
	epoch := a.watch.note(p.Site)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.moves == moves {
		a.known[id] = known{p, until, epoch}
	}
	return p, nil
}

// forget drops one credential, at sign-out.
func (a *access) forget(c credential) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, c.id())
}

// rightsMoved implements subscriber.
func (a *access) rightsMoved(_ context.Context, site records.SiteID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.moves++
	for id, k := range a.known {
		if k.principal.Site == site {
			delete(a.known, id)
		}
	}
}

// rightsUnknown implements subscriber: what cannot be confirmed is not remembered.
func (a *access) rightsUnknown(_ context.Context, site records.SiteID) {
	a.rightsMoved(context.Background(), site)
}

func (a *access) prune() {
	now := a.now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, k := range a.known {
		if now.After(k.until) {
			delete(a.known, id)
		}
	}
}

func (a *access) sites(into map[records.SiteID]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range a.known {
		into[k.principal.Site] = true
	}
}

// unavailable says that the records cannot be asked: 503, since without them nothing may open.
func unavailable(ctx context.Context, err error) error {
	var e *connectors.Error
	if errors.As(err, &e) || ctx.Err() != nil {
		return err
	}
	return &connectors.Error{Code: connectors.CodeAuditUnavailable, Op: "records.read", Err: err,
		Action: "The database cannot be read, so nothing opens. Try again in a moment; if it stays, tell your administrator."}
}

// authenticate puts the principal into the visit. Routes of the list answer without one; the
// others, known or not, get 401 before anything is said about what exists.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		v := visitOf(r.Context())
		open := !isAPI(c.Path()) || unauthenticated[r.Method+" "+c.Path()]
		cred, err := s.cfg.credentialOf(r)
		if err != nil && !open {
			return err
		}
		if err := s.cfg.crossSite(r, cred); err != nil {
			return err
		}
		if cred.none() {
			if open {
				return next(c)
			}
			return &connectors.Error{Code: connectors.CodeUnauthenticated}
		}
		if open && r.Method != http.MethodPost && c.Path() != auth.CallbackPath {
			return next(c) // pages and health cost no look-up
		}
		p, err := s.access.principal(r.Context(), cred)
		if err == nil && !p.Admits(v.Peer) {
			err = s.refuseAddress(r.Context(), p, v.Peer)
		}
		switch {
		case err == nil:
			v.Principal, v.Token = &p, cred
		case !open:
			return err
		}
		return next(c)
	}
}

// who returns the principal, or 403 when it may not do a. Handlers behind authenticate have one.
func who(ctx context.Context, a auth.Action) (auth.Principal, error) {
	p := visitOf(ctx).Principal
	if p == nil {
		return auth.Principal{}, &connectors.Error{Code: connectors.CodeUnauthenticated}
	}
	if !p.May(a) {
		return auth.Principal{}, &connectors.Error{Code: connectors.CodeNotAllowed, Op: string(a)}
	}
	return *p, nil
}

// signedIn returns the principal, whatever it may do.
func signedIn(ctx context.Context) (auth.Principal, error) {
	if p := visitOf(ctx).Principal; p != nil {
		return *p, nil
	}
	return auth.Principal{}, &connectors.Error{Code: connectors.CodeUnauthenticated}
}
