package gateway

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// running is one stream of parts or of bytes, while it runs.
type running struct {
	principal auth.Principal
	token     credential
	peer      netip.Addr
	action    auth.Action
	link      records.LinkID
	end       context.CancelCauseFunc
	until     time.Time // end of the sign-in, as last heard; zero: none. Guarded by streams.mu
}

// ending is the cause with which a stream's context ends when we end it; a client's leaving has
// none of ours.
type ending struct{ err error }

func (e *ending) Error() string {
	return "gateway: the stream was ended: " + string(connectors.CodeOf(e.err))
}
func (e *ending) Unwrap() error { return e.err }

// endedBy returns the error a stream was ended with by us, or nil.
func endedBy(ctx context.Context) error {
	var e *ending
	if errors.As(context.Cause(ctx), &e) {
		return e.err
	}
	return nil
}

// streams knows every running stream, to end it when its right ends.
type streams struct {
	perPrincipal int
	metrics      *metrics

	mu   sync.Mutex
	all  map[*running]bool
	of   map[holder]int
	idle chan struct{} // closed when none runs; nil while none has to wait
}

type holder struct {
	site records.SiteID
	kind records.PrincipalKind
	id   string
}

func newStreams(perPrincipal int, m *metrics) *streams {
	return &streams{perPrincipal: perPrincipal, metrics: m, all: map[*running]bool{}, of: map[holder]int{}}
}

// begin registers a stream and gives the context it runs under. done is to be called at its end.
func (s *streams) begin(ctx context.Context, r *running) (_ context.Context, done func(), err error) {
	h := holder{r.principal.Site, r.principal.Kind, r.principal.ID}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[h] >= s.perPrincipal {
		return nil, nil, reason(connectors.CodeTooMany, "You have many files and conversations open at once. Close some, then try again.")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r.end = func(err error) { cancel(&ending{err}) }
	r.until = r.principal.ExpiresAt
	s.all[r] = true
	s.of[h]++
	s.metrics.streams.Inc()
	return ctx, func() { cancel(nil); s.remove(r, h) }, nil
}

func (s *streams) remove(r *running, h holder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.all[r] {
		return
	}
	delete(s.all, r)
	if s.of[h]--; s.of[h] == 0 {
		delete(s.of, h)
	}
	s.metrics.streams.Dec()
	if len(s.all) == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

// ofSite lists the streams of a site, as they are now.
func (s *streams) ofSite(site records.SiteID) []*running {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rs []*running
	for r := range s.all {
		if r.principal.Site == site {
			rs = append(rs, r)
		}
	}
	return rs
}

// past lists the streams whose sign-in has ended, as far as was heard.
func (s *streams) past(now time.Time) []*running {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rs []*running
	for r := range s.all {
		if !r.until.IsZero() && !now.Before(r.until) {
			rs = append(rs, r)
		}
	}
	return rs
}

// heard notes until when the sign-in of a stream now lasts: an end date may be set while it runs.
func (s *streams) heard(r *running, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.until = until
}

func (s *streams) sites(into map[records.SiteID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.all {
		into[r.principal.Site] = true
	}
}

// endAll ends every stream with err.
func (s *streams) endAll(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.all {
		r.end(err)
	}
}

// endToken ends the streams of one sign-in.
func (s *streams) endToken(c credential, err error) {
	id := c.id()
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.all {
		if r.token.id() == id {
			r.end(err)
		}
	}
}

// wait returns when no stream runs, or at ctx's end.
func (s *streams) wait(ctx context.Context) {
	s.mu.Lock()
	if len(s.all) == 0 {
		s.mu.Unlock()
		return
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// rightsMoved implements subscriber: every running stream of the site is asked again whether it may.
func (s *Server) rightsMoved(ctx context.Context, site records.SiteID) {
	s.askAgain(ctx, s.streams.ofSite(site))
}

// endPast ends the streams of people whose session, key or time with the team has ended.
func (s *Server) endPast(ctx context.Context) {
	s.askAgain(ctx, s.streams.past(s.now()))
}

func (s *Server) askAgain(ctx context.Context, all []*running) {
	// Also when the request that moved them has ended: a withdrawn right does not wait for the next look.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	asked := map[[32]byte]answer{}
	for _, r := range all {
		id := r.token.id()
		a, ok := asked[id]
		if !ok {
			a.principal, a.err = s.access.ask(ctx, r.token)
			asked[id] = a
		}
		if err := s.stillAllowed(ctx, r, a); err != nil {
			r.end(err)
			continue
		}
		s.streams.heard(r, a.principal.ExpiresAt)
	}
}

type answer struct {
	principal auth.Principal
	err       error
}

func (s *Server) stillAllowed(ctx context.Context, r *running, a answer) error {
	switch {
	case a.err != nil:
		return a.err
	case a.principal.Site != r.principal.Site || a.principal.ID != r.principal.ID || !a.principal.May(r.action):
		return &connectors.Error{Code: connectors.CodeNotAllowed, Op: string(r.action)}
	case !a.principal.Admits(r.peer):
		return auth.AddressRefused(r.peer)
	}
	_, err := s.linker.openable(ctx, r.link)
	return err
}

// rightsUnknown implements subscriber: without the records nobody can say who may still look.
func (s *Server) rightsUnknown(_ context.Context, site records.SiteID) {
	for _, r := range s.streams.ofSite(site) {
		r.end(&connectors.Error{Code: connectors.CodeAuditUnavailable, Op: "rights.read"})
	}
}
