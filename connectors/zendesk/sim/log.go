package sim

import (
	"net/http"
	"strings"
	"time"
)

// Request is what the simulator noticed of one request. It never holds a body, a query, a credential
// or a file name.
type Request struct {
	Host       string // HostAPI, HostMedia, HostForeign, HostAttacker
	Method     string
	Path       string
	Credential string // bearer, basic, other, none
	Cookie     bool   // a Cookie header was sent
	Referer    bool   // a Referer header was sent
	Range      string
	IfRange    string
	Status     int // 0: no answer yet
	Bytes      int64
	At         time.Time
	Ended      time.Time // zero: still being answered
	// ClosedEarly: the client went away before the answer was complete.
	ClosedEarly bool
	Fault       FaultKind // the fault that was played, if any
}

type entry struct{ Request }

// maxLog bounds the request log; the oldest go first.
const maxLog = 20000

// Requests copies the request log, oldest first, those still being answered included.
func (s *Sim) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.log))
	for i, e := range s.log {
		list[i] = e.Request
	}
	return list
}

// ResetRequests empties the request log.
func (s *Sim) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// Leaks lists requests that gave something away: any credential, cookie or referer seen by the
// attacker or the foreign host, and any credential or cookie seen by the CDN.
func (s *Sim) Leaks() []Request {
	var list []Request
	for _, r := range s.Requests() {
		if r.Host != HostAPI && (r.Credential != "none" || r.Cookie || r.Referer) {
			list = append(list, r)
		}
	}
	return list
}

// recorded writes the request log around a host and plays the faults that are set.
func (s *Sim) recorded(name string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := s.record(name, r)
		out := &response{ResponseWriter: w, r: r, fault: s.pickFault(name, r)}
		if out.fault != nil {
			s.mu.Lock()
			e.Fault = out.fault.Kind
			s.mu.Unlock()
		}
		defer func() {
			p := recover()
			if p == nil {
				p = out.finish()
			}
			s.ended(e, out, p != nil || r.Context().Err() != nil)
			if p != nil {
				panic(p) // http.ErrAbortHandler: the connection is cut
			}
		}()
		s.play(out, r, next)
	})
}

func (s *Sim) record(name string, r *http.Request) *entry {
	e := &entry{Request{
		Host: name, Method: r.Method, Path: r.URL.Path, Credential: credentialKind(r), Cookie: r.Header.Get("Cookie") != "",
		Referer: r.Referer() != "", Range: r.Header.Get("Range"), IfRange: r.Header.Get("If-Range"), At: s.now(),
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) >= maxLog {
		s.log = append(s.log[:0:0], s.log[maxLog/2:]...)
	}
	s.log = append(s.log, e)
	return e
}

func (s *Sim) ended(e *entry, out *response, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Ended, e.Status, e.Bytes = s.now(), out.status, out.sent
	e.ClosedEarly = broken && !out.cutByUs
}

func credentialKind(r *http.Request) string {
	h := r.Header.Get("Authorization")
	scheme, _, _ := strings.Cut(h, " ")
	switch {
	case h == "":
		return "none"
	case strings.EqualFold(scheme, "bearer"):
		return "bearer"
	case strings.EqualFold(scheme, "basic"):
		return "basic"
	default:
		return "other"
	}
}
