package sim

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind says how an answer is spoiled.
type FaultKind string

// The faults. Those of the first group replace the answer, those of the second spoil it on its way.
const (
	FaultRateJSON     FaultKind = "rate_json"    // 429, JSON body
	FaultRateText     FaultKind = "rate_text"    // 429, text/plain body (community posts 4887103531674)
	FaultUnavailable  FaultKind = "unavailable"  // 503, JSON body
	FaultHTML502      FaultKind = "html_502"     // the edge's error page
	FaultHTML503      FaultKind = "html_503"     // the maintenance page
	FaultHTML200      FaultKind = "html_200"     // the maintenance page, with status 200
	FaultLoginPage    FaultKind = "login_page"   // 200 with the sign-in page
	FaultServerError  FaultKind = "server_error" // 500
	FaultConflict     FaultKind = "conflict"     // 409 DatabaseConflict
	FaultUnauthorized FaultKind = "unauthorized" // 401; the token that was sent is dead from now on
	FaultRedirect     FaultKind = "redirect"     // 302 to where To says
	FaultSuspended    FaultKind = "suspended"    // 403 with a web page: suspended, or its trial is over
	FaultNoAccount    FaultKind = "no_account"   // 404 with a web page: no account has this subdomain
	FaultReset        FaultKind = "reset"        // the connection is closed before the first byte

	FaultSlowStart   FaultKind = "slow_start"   // Delay before the first byte (2 s)
	FaultTrickle     FaultKind = "trickle"      // After bytes (64), then Delay (50 ms), and so on
	FaultCut         FaultKind = "cut"          // broken off after After bytes (200) or Items list elements
	FaultTruncate    FaultKind = "truncate"     // ends cleanly after After bytes: half a JSON document
	FaultStall       FaultKind = "stall"        // After bytes (200), then nothing until the client leaves
	FaultGzip        FaultKind = "gzip"         // compressed although nobody asked
	FaultOddSizes    FaultKind = "odd_sizes"    // attachment sizes as string, negative, huge, null
	FaultNoRange     FaultKind = "no_range"     // 200 to a Range request
	FaultNoLength    FaultKind = "no_length"    // no Content-Length
	FaultWeakETag    FaultKind = "weak_etag"    // W/"…"
	FaultNoETag      FaultKind = "no_etag"      // Last-Modified only
	FaultNoValidator FaultKind = "no_validator" // neither ETag nor Last-Modified
	FaultNewVersion  FaultKind = "new_version"  // the file has changed: other bytes, other ETag
)

// Fault is an instruction to misbehave. Without Host and Path it concerns the API's /api/v2/.
type Fault struct {
	Name   string // for Clear; default: the kind
	Kind   FaultKind
	Host   string // HostAPI …; empty: any
	Path   string // prefix of the path; empty: any
	Suffix string // end of the path, without .json: "/comments"; empty: any
	Ticket int64  // only requests about this ticket; 0: any
	Skip   int    // lets so many matching requests through first
	Times  int    // then plays so often; 0: until cleared
	// Life ends the fault after this time; 0: never.
	Life time.Duration

	After int64         // bytes, see the kinds
	Half  bool          // instead of After: half of the Content-Length
	Items int           // list elements, see FaultCut
	Delay time.Duration // see the kinds
	// RetryAfter is the header of 429 and 503: empty: none; "left": what is left of Life, in
	// seconds; "date": an HTTP date 30 s ahead; else as it stands.
	RetryAfter string
	// Remaining is what a 429's rate headers claim is left.
	Remaining int
	// To of FaultRedirect: "attacker", "foreign", "private", "http", "loop", or a URL.
	To string
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

type activeFault struct {
	Fault
	skip, times int
	until       time.Time
}

// Set adds a fault. Of several that match, the one set first is played.
func (s *Sim) Set(f Fault) {
	if f.Name == "" {
		f.Name = string(f.Kind)
	}
	if f.Host == "" && f.Path == "" {
		f.Host, f.Path = HostAPI, "/api/v2/"
	}
	a := &activeFault{Fault: f, skip: f.Skip, times: f.Times}
	if f.Life > 0 {
		a.until = s.now().Add(f.Life)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, a)
}

// Clear takes back the faults of these names, or all when none is given.
func (s *Sim) Clear(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(a *activeFault) bool {
		return len(names) == 0 || slices.Contains(names, a.Name)
	})
}

// Faults lists what is set and not yet used up.
func (s *Sim) Faults() []Fault {
	now := s.now()
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

// pickFault chooses the fault for a request and counts it. The header X-Sim-Fault, for curl, wins.
func (s *Sim) pickFault(host string, r *http.Request) *Fault {
	if h := r.Header.Get("X-Sim-Fault"); h != "" {
		return parseFault(h)
	}
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		return nil
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.faults {
		if a.over(now) || !a.matches(host, r.URL.Path) {
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

func (f *Fault) matches(host, path string) bool {
	return (f.Host == "" || f.Host == host) && strings.HasPrefix(path, f.Path) &&
		strings.HasSuffix(strings.TrimSuffix(path, ".json"), f.Suffix) && (f.Ticket == 0 || ticketOf(path) == f.Ticket)
}

var ticketPath = regexp.MustCompile(`^/api/v2/tickets/(\d+)(?:\.json)?(?:/|$)`)

// ticketOf gives the ticket that an API path is about, or 0.
func ticketOf(path string) int64 {
	m := ticketPath.FindStringSubmatch(path)
	if m == nil {
		return 0
	}
	id, _ := strconv.ParseInt(m[1], 10, 64)
	return id
}

// parseFault reads X-Sim-Fault: a kind, then ";name=value" with the names of Fault's fields.
func parseFault(h string) *Fault {
	kind, rest, _ := strings.Cut(h, ";")
	f := &Fault{Kind: FaultKind(strings.TrimSpace(kind))}
	for _, kv := range strings.Split(rest, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(kv), "=")
		switch k {
		case "after":
			f.After, _ = strconv.ParseInt(v, 10, 64)
		case "half":
			f.Half = true
		case "items":
			f.Items, _ = strconv.Atoi(v)
		case "delay":
			f.Delay, _ = time.ParseDuration(v)
		case "retry_after":
			f.RetryAfter = v
		case "remaining":
			f.Remaining, _ = strconv.Atoi(v)
		case "to":
			f.To = v
		}
	}
	return f
}
