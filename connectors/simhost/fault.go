package simhost

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind says how an answer is spoiled.
type FaultKind string

// The faults. Those of the first group replace the answer, those of the second spoil it on its way.
const (
	FaultRate         FaultKind = "rate"         // 429 in the provider's form
	FaultUnauthorized FaultKind = "unauthorized" // 401 in the provider's form
	FaultForbidden    FaultKind = "forbidden"    // 403 in the provider's form
	FaultServerError  FaultKind = "server_error" // 500 in the provider's form
	FaultHTML502      FaultKind = "html_502"     // the edge's error page
	FaultHTML503      FaultKind = "html_503"     // the maintenance page
	FaultHTML200      FaultKind = "html_200"     // the maintenance page, with status 200
	FaultRedirect     FaultKind = "redirect"     // 303 to the URL in To
	FaultReset        FaultKind = "reset"        // the connection is closed before the first byte

	FaultSlowStart FaultKind = "slow_start" // Delay before the first byte (2 s)
	FaultTrickle   FaultKind = "trickle"    // After bytes (64), then Delay (50 ms), and so on
	FaultCut       FaultKind = "cut"        // broken off after After bytes (200)
	FaultTruncate  FaultKind = "truncate"   // ends cleanly after After bytes: half a JSON document
	FaultStall     FaultKind = "stall"      // After bytes (200), then nothing until the client leaves
	FaultNoRange   FaultKind = "no_range"   // 200 to a Range request
	FaultNoETag    FaultKind = "no_etag"    // Last-Modified only
)

// Fault is an instruction to misbehave.
type Fault struct {
	Name   string // for Clear; default: the kind
	Kind   FaultKind
	Host   string        // empty: any
	Method string        // empty: any
	Path   string        // prefix of the path; empty: any
	Suffix string        // end of the path; empty: any
	Skip   int           // lets so many matching requests through first
	Times  int           // then plays so often; 0: until cleared
	Life   time.Duration // ends the fault after this time; 0: never

	After int64         // bytes, see the kinds
	Half  bool          // instead of After: half of the Content-Length
	Delay time.Duration // see the kinds
	// RetryAfter is the header of 429 and 503: empty: none; "left": what is left of Life, in seconds;
	// "date": an HTTP date 30 s ahead; else as it stands.
	RetryAfter string
	To         string // of FaultRedirect
}

type activeFault struct {
	Fault
	skip, times int
	until       time.Time
}

// Set adds a fault. Of several that match, the one set first is played.
func (s *Stage) Set(f Fault) {
	if f.Name == "" {
		f.Name = string(f.Kind)
	}
	a := &activeFault{Fault: f, skip: f.Skip, times: f.Times}
	if f.Life > 0 {
		a.until = s.Now().Add(f.Life)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, a)
}

// Clear takes back the faults of these names, or all when none is given.
func (s *Stage) Clear(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(a *activeFault) bool {
		return len(names) == 0 || slices.Contains(names, a.Name)
	})
}

// Faults lists what is set and not yet used up.
func (s *Stage) Faults() []Fault {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Fault
	for _, a := range s.faults {
		if !a.over(now) {
			list = append(list, a.Fault)
		}
	}
	return list
}

func (a *activeFault) over(now time.Time) bool {
	return !a.until.IsZero() && !now.Before(a.until) || a.Times > 0 && a.times == 0
}

// pickFault chooses the fault for a request and counts it.
func (s *Stage) pickFault(host string, r *http.Request) *Fault {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.faults {
		if a.over(now) || !a.matches(host, r) {
			continue
		}
		if a.skip > 0 {
			a.skip--
			continue
		}
		if a.Times > 0 {
			a.times--
		}
		f := a.Fault
		if f.RetryAfter == "left" {
			f.RetryAfter = strconv.Itoa(int((a.until.Sub(now) + time.Second - 1) / time.Second))
		}
		return &f
	}
	return nil
}

func (f *Fault) matches(host string, r *http.Request) bool {
	return (f.Host == "" || f.Host == host) && (f.Method == "" || f.Method == r.Method) &&
		strings.HasPrefix(r.URL.Path, f.Path) && strings.HasSuffix(r.URL.Path, f.Suffix)
}

func (f *Fault) delay(d time.Duration) time.Duration {
	if f.Delay > 0 {
		return f.Delay
	}
	return d
}

func (f *Fault) after(n int64) int64 {
	if f.After > 0 {
		return f.After
	}
	return n
}

// instead answers for the faults that replace the answer, and tells whether it did.
func (s *Stage) instead(w *Response, r *http.Request) bool {
	switch w.fault.Kind {
	case FaultRate, FaultUnauthorized, FaultForbidden, FaultServerError:
		setRetryAfter(w, w.fault.RetryAfter, s.Now())
		s.o.Refuse(w, r, *w.fault)
	case FaultHTML502:
		writeHTML(w, http.StatusBadGateway, edgePage)
	case FaultHTML503:
		setRetryAfter(w, w.fault.RetryAfter, s.Now())
		writeHTML(w, http.StatusServiceUnavailable, maintenancePage)
	case FaultHTML200:
		writeHTML(w, http.StatusOK, maintenancePage)
	case FaultRedirect:
		w.Header().Set("Location", w.fault.To)
		w.WriteHeader(http.StatusSeeOther)
	case FaultReset:
		w.cutByUs = true
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// setRetryAfter writes the header in one of its forms; see Fault.RetryAfter.
func setRetryAfter(w http.ResponseWriter, v string, now time.Time) {
	switch v {
	case "":
	case "date":
		w.Header().Set("Retry-After", now.Add(30*time.Second).Format(http.TimeFormat))
	default:
		w.Header().Set("Retry-After", v)
	}
}

func writeHTML(w http.ResponseWriter, status int, page string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}

const (
	edgePage = `<!DOCTYPE html>
<html lang="en"><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>
`
	maintenancePage = `<!DOCTYPE html>
<html lang="en"><head><title>We'll be right back</title></head><body><h1>This service is being maintained</h1></body></html>
`
)
