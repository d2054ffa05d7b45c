package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Server answers browsers and API clients. Make it with New; who only uses Handler calls Close at
// the end, Serve does it itself.
type Server struct {
	cfg     Config
	store   records.Store
	deps    Deps
	log     *slog.Logger
	now     func() time.Time
	echo    *echo.Echo
	linker  *Linker
	access  *access
	watch   *watch
	streams *streams
	audit   *auditor
	media   *mediaBook
	turned  *turnedAway
	metrics *metrics
	page    *page
	openapi []byte

	stopping atomic.Bool
	quit     context.CancelFunc
	loop     sync.WaitGroup
	closed   sync.Once
}

// New builds the server. It begins to watch rights versions, which Close ends.
func New(c Config, d Deps) (*Server, error) {
	if err := errors.Join(c.Validate(), d.check()); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &Server{cfg: c, deps: d, store: d.Store, log: d.Log, now: d.Now, metrics: newMetrics(c.Version)}
	s.metrics.watchCache(d.Cache)
	var err error
	if s.openapi, err = openapiJSON(c.Version); err != nil {
		return nil, err
	}
	if s.page, err = newPage(d.UI); err != nil {
		return nil, err
	}
	s.streams = newStreams(c.StreamsPerPrincipal, s.metrics)
	s.audit = newAuditor(d.Store, c.AuditTimeout, s.metrics, d.Log, s.streams)
	s.watch = newWatch(d.Store, c.RightsEvery, d.Now, d.Log)
	s.linker = newLinker(d, c, s.watch, s.metrics)
	s.access = newAccess(d.Sessions, s.watch, d.Now)
	s.media = newMediaBook(s.audit, c.MediaIdle, d.Now)
	s.turned = newTurnedAway()
	s.watch.subscribe(s)
	s.echo = s.routes()
	ctx, cancel := context.WithCancel(context.Background())
	s.quit = cancel
	s.loop.Go(func() { s.run(ctx) })
	return s, nil
}

// run does what recurs: rights versions, closing rows of media that nobody reads any more, closing
// rows that could not be written.
func (s *Server) run(ctx context.Context) {
	t := time.NewTicker(s.cfg.RightsEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.tick(ctx)
		}
	}
}

func (s *Server) tick(ctx context.Context) {
	s.access.prune()
	s.turned.prune(s.now())
	s.watch.check(ctx, s.sitesInUse())
	s.endPast(ctx)
	s.media.sweep(ctx)
	s.audit.retry(ctx)
}

func (s *Server) sitesInUse() map[records.SiteID]bool {
	sites := map[records.SiteID]bool{}
	s.streams.sites(sites)
	s.access.sites(sites)
	return sites
}

// Handler is the whole public side.
func (s *Server) Handler() http.Handler { return s.echo }

// Metrics is for a listener of its own (metrics_listen), never for the public one.
func (s *Server) Metrics() http.Handler { return s.metrics.handler() }

// Linker builds connectors of linked accounts; the CLI's link test uses it, too.
func (s *Server) Linker() *Linker { return s.linker }

// Serve answers on ln until ctx ends, then drains: not ready at once, no new opens, running streams
// may finish within Config.Drain, the rest is aborted, closing audit rows are written. tlsConf nil
// means plain HTTP.
func (s *Server) Serve(ctx context.Context, ln net.Listener, tlsConf *tls.Config) error {
	defer s.Close()
	hs := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ConnContext:       withConn,
		// Go's own messages quote what was sent; ours are in the request log.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	hs.Protocols = new(http.Protocols)
	hs.Protocols.SetHTTP1(true)
	if tlsConf != nil {
		hs.Protocols.SetHTTP2(true)
		hs.TLSConfig = tlsConf.Clone()
	} else {
		ln = strictListener{ln}
	}
	failed := make(chan error, 1)
	go func() {
		if tlsConf != nil {
			failed <- hs.ServeTLS(ln, "", "")
		} else {
			failed <- hs.Serve(ln)
		}
	}()
	select {
	case err := <-failed:
		_ = hs.Close()
		return fmt.Errorf("gateway: serve: %w", err)
	case <-ctx.Done():
		return s.drain(hs, failed)
	}
}

// drain gives running requests their time, ends what is left with a problem line or an abort, and
// waits until handlers have written their closing rows.
func (s *Server) drain(hs *http.Server, failed <-chan error) error {
	s.stopping.Store(true)
	hs.SetKeepAlivesEnabled(false)
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Drain)
	defer cancel()
	err := hs.Shutdown(ctx)
	if e := <-failed; !errors.Is(e, http.ErrServerClosed) { // Serve returns as soon as Shutdown begins
		s.log.WarnContext(ctx, "the listener failed while stopping", "cause", cause(e))
	}
	if err == nil {
		return nil
	}
	s.streams.endAll(&connectors.Error{Code: connectors.CodeStopping, Op: "drain"})
	grace, cancel2 := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel2()
	if err := hs.Shutdown(grace); err != nil {
		_ = hs.Close()
		s.streams.wait(grace)
	}
	return nil
}

// Close ends what New began and writes the closing rows of media. It waits.
func (s *Server) Close() {
	s.closed.Do(func() {
		s.stopping.Store(true)
		s.quit()
		s.loop.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), s.cfg.AuditTimeout)
		defer cancel()
		s.streams.endAll(&connectors.Error{Code: connectors.CodeStopping, Op: "close"})
		s.streams.wait(ctx)
		s.media.closeAll(ctx)
		s.audit.retry(ctx)
		s.linker.close()
	})
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// boundWrites bounds what the kernel holds for a reader who does not read: 256 KB asked for, once
// per connection (performance page, point 5).
func boundWrites(ctx context.Context) {
	c, _ := ctx.Value(connKey{}).(net.Conn)
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if t, ok := c.(*strictConn); ok {
		if t.bounded {
			return
		}
		t.bounded = true
		c = t.Conn
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetWriteBuffer(256 << 10)
	}
}

// clientAddr is the peer, or what trusted proxies say about it: the rightmost address of
// X-Forwarded-For that is not one of them. Anything unreadable there ends the walk.
func clientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	hops := forwarded(r)
	for i := len(hops) - 1; i >= 0 && within(addr, trusted); i-- {
		next, err := netip.ParseAddr(hops[i])
		if err != nil {
			return addr
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

func within(a netip.Addr, in []netip.Prefix) bool {
	for _, p := range in {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
