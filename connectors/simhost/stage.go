package simhost

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options says what stands on a stage.
type Options struct {
	Hosts map[string]http.HandlerFunc // by name; each gets a listener of its own
	Clock func() time.Time            // nil: time.Now
	// Refuse answers in the provider's own form for the faults that have one: FaultRate,
	// FaultUnauthorized, FaultForbidden, FaultServerError. retryAfter has been set then.
	Refuse func(w http.ResponseWriter, r *http.Request, f Fault)
}

// Stage is a set of hosts. Its methods may be called at any time and from any goroutine.
type Stage struct {
	o     Options
	hosts map[string]*host

	mu     sync.Mutex
	faults []*activeFault
	log    []*Request
}

// New builds the hosts. They listen nowhere before Start.
func New(o Options) *Stage {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Stage{o: o, hosts: map[string]*host{}}
	for name, h := range o.Hosts {
		one := &host{active: map[net.Conn]bool{}}
		recorded := s.recorded(name, h)
		one.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			one.busy.Add(1)
			defer one.busy.Done()
			recorded.ServeHTTP(w, r)
		})
		s.hosts[name] = one
	}
	return s
}

// Start opens the listeners on free loopback ports. Call it once.
func (s *Stage) Start() error {
	for _, name := range slices.Sorted(maps.Keys(s.hosts)) {
		if err := s.hosts[name].start(); err != nil {
			s.Close()
			return fmt.Errorf("host %s: %w", name, err)
		}
	}
	return nil
}

// Close ends the listeners, cuts what is being answered and waits for it.
func (s *Stage) Close() {
	for _, h := range s.hosts {
		h.close()
	}
}

// URL is the loopback address of a host; empty before Start.
func (s *Stage) URL(name string) string { return s.hosts[name].url() }

// CutOpen breaks every answer that is being given now, and says how many.
func (s *Stage) CutOpen() int {
	n := 0
	for _, h := range s.hosts {
		n += h.cut()
	}
	return n
}

// Now is the clock's time, in UTC.
func (s *Stage) Now() time.Time { return s.o.Clock().UTC() }

// host is one listener.
type host struct {
	handler http.Handler

	mu     sync.Mutex
	ln     net.Listener
	srv    *http.Server
	done   chan struct{}
	active map[net.Conn]bool
	busy   sync.WaitGroup // answers being given
}

func (h *host) start() error {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ln, h.done = ln, make(chan struct{})
	h.srv = &http.Server{Handler: h.handler, ReadHeaderTimeout: 30 * time.Second, ConnState: h.state}
	srv, done := h.srv, h.done
	go func() { // ends with close, which waits for it
		defer close(done)
		_ = srv.Serve(ln) // always http.ErrServerClosed
	}()
	return nil
}

func (h *host) close() {
	h.mu.Lock()
	srv, done := h.srv, h.done
	h.srv = nil
	h.mu.Unlock()
	if srv == nil {
		return
	}
	_ = srv.Close()
	<-done
	h.busy.Wait()
}

func (h *host) url() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ln == nil {
		return ""
	}
	return "http://" + h.ln.Addr().String()
}

func (h *host) state(c net.Conn, st http.ConnState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if st == http.StateActive {
		h.active[c] = true
	} else {
		delete(h.active, c)
	}
}

// cut closes the connections that are being answered now.
func (h *host) cut() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.active)
	for c := range h.active {
		_ = c.Close()
	}
	return n
}

// Pause waits unless the caller goes away first.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
