package simhost

import (
	"net/http"
	"strings"
	"time"
)

// Request is what a stage noticed of one request.
type Request struct {
	Host       string
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

// maxLog bounds the request log; the oldest go first.
const maxLog = 20000

// Requests copies the request log, oldest first, those still being answered included.
func (s *Stage) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.log))
	for i, e := range s.log {
		list[i] = *e
	}
	return list
}

// ResetRequests empties the request log.
func (s *Stage) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// recorded writes the request log around a host and plays the faults that are set.
func (s *Stage) recorded(name string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := s.record(name, r)
		out := &Response{ResponseWriter: w, r: r, fault: s.pickFault(name, r)}
		if out.fault != nil {
			s.mu.Lock()
			e.Fault = out.fault.Kind
			s.mu.Unlock()
		}
		defer func() {
			p := recover()
			s.ended(e, out, p != nil || r.Context().Err() != nil)
			if p != nil {
				panic(p) // http.ErrAbortHandler: the connection is cut
			}
		}()
		if out.fault == nil || !s.instead(out, r) {
			if out.is(FaultNoRange) {
				r.Header.Del("Range")
			}
			next(out, r)
		}
	})
}

func (s *Stage) record(name string, r *http.Request) *Request {
	e := &Request{
		Host: name, Method: r.Method, Path: r.URL.Path, Credential: credentialKind(r), Cookie: r.Header.Get("Cookie") != "",
		Referer: r.Referer() != "", Range: r.Header.Get("Range"), IfRange: r.Header.Get("If-Range"), At: s.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) >= maxLog {
		s.log = append(s.log[:0:0], s.log[maxLog/2:]...)
	}
	s.log = append(s.log, e)
	return e
}

func (s *Stage) ended(e *Request, out *Response, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Ended, e.Status, e.Bytes = s.Now(), out.status, out.sent
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
