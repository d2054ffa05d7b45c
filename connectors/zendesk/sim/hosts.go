package sim

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The hosts of the simulator, as Request.Host and Fault.Host name them.
const (
	HostAPI      = "api"      // {subdomain}.zendesk.com
	HostMedia    = "media"    // the CDN, *.zdusercontent.com
	HostForeign  = "foreign"  // a file host that is not Zendesk's
	HostAttacker = "attacker" // must never see a credential
)

var hostNames = []string{HostAPI, HostMedia, HostForeign, HostAttacker}

// cdnName is one of the hosts below zdusercontent.com that attachments redirect to.
const cdnName = "p19.zdusercontent.com"

// foreignName is where a parcel carrier of the data keeps its photographs; vendorName, where a
// telephony vendor keeps its recordings, all below vendorPath. One listener serves both.
const (
	foreignName = "files.nordpaket.example"
	vendorName  = "media.talkline.example"
	vendorPath  = "/2010-04-01/"
)

// host is one listener.
type host struct {
	name    string
	handler http.Handler

	mu     sync.Mutex
	ln     net.Listener
	srv    *http.Server
	done   chan struct{}
	active map[net.Conn]bool
	busy   sync.WaitGroup // answers being given
}

func (s *Sim) newHosts() map[string]*host {
	handlers := map[string]http.HandlerFunc{
		HostAPI: s.apiHandler(), HostMedia: s.serveCDN, HostForeign: s.serveForeign, HostAttacker: s.serveAttacker,
	}
	hosts := map[string]*host{}
	for name, h := range handlers {
		one := &host{name: name, active: map[net.Conn]bool{}}
		recorded := s.recorded(name, h)
		one.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			one.busy.Add(1)
			defer one.busy.Done()
			recorded.ServeHTTP(w, r)
		})
		hosts[name] = one
	}
	return hosts
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

// CutOpen breaks every answer that the API and the media hosts are giving now, and says how many.
func (s *Sim) CutOpen() int {
	return s.hosts[HostAPI].cut() + s.hosts[HostMedia].cut() + s.hosts[HostForeign].cut()
}

// serveAttacker answers whatever is asked, so that only the request log tells what was given away.
func (s *Sim) serveAttacker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if strings.HasPrefix(r.URL.Path, "/pixel") {
		w.Header().Set("Content-Type", "image/gif")
	}
	_, _ = w.Write([]byte("You should not be here.\n"))
}
