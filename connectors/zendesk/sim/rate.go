package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rateState counts requests a minute, per bucket; "" is the account's own (developer.zendesk.com,
// api-reference/introduction/rate-limits).
type rateState struct{ buckets map[string]*bucket }

type bucket struct {
	minute time.Time
	used   int
}

// limits of the endpoint buckets. Names as recorded in answers of 2023 to 2026.
var limits = map[string]int{
	"search-index": 2500, "search-export": 100, "incremental-exports": 10, "attachments": 2500, "tickets-index": 100,
}

// bucketOf names the endpoint's own bucket, or "".
func bucketOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/api/v2/search/export"):
		return "search-export"
	case strings.HasPrefix(path, "/api/v2/search"):
		return "search-index"
	case strings.HasPrefix(path, "/api/v2/incremental/"):
		return "incremental-exports"
	case path == "/api/v2/tickets":
		return "tickets-index"
	case strings.HasPrefix(path, "/attachments/"):
		return "attachments"
	default:
		return ""
	}
}

// spend counts a request and writes the rate headers. It answers 429 itself and gives false when
// nothing is left.
func (s *Sim) spend(w *response, path string) bool {
	if s.o.PerMinute < 0 {
		return true
	}
	own := bucketOf(path)
	now := s.now()
	reset := 60 - now.Second()
	left, ok := 0, true
	if own != "attachments" { // attachment content is counted apart
		left, ok = s.take("", s.o.PerMinute, now)
		s.rateHeaders(w.Header(), s.o.PerMinute, left, reset)
	}
	if own != "" {
		n, fits := s.take(own, limits[own], now)
		s.bucketHeader(w.Header(), own, limits[own], n, reset)
		ok = ok && fits
	}
	if ok {
		return true
	}
	w.Header().Set("Retry-After", strconv.Itoa(reset))
	s.problem(w, http.StatusTooManyRequests, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")
	return false
}

func (s *Sim) take(name string, limit int, now time.Time) (left int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.rate.buckets[name]
	if minute := now.Truncate(time.Minute); b == nil || !b.minute.Equal(minute) {
		b = &bucket{minute: minute}
		s.rate.buckets[name] = b
	}
	b.used++
	return max(0, limit-b.used), b.used <= limit
}

// rateHeaders writes the account's allowance under every name in use.
func (s *Sim) rateHeaders(h http.Header, limit, left, reset int) {
	h.Set("X-Rate-Limit", strconv.Itoa(limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(left))
	prefix := "Ratelimit-"
	if s.o.OldRateHeaders {
		prefix = "Rate-Limit-"
		h.Set("Rate-Limit", strconv.Itoa(limit))
	} else {
		h.Set(prefix+"Limit", strconv.Itoa(limit))
	}
	h.Set(prefix+"Remaining", strconv.Itoa(left))
	h.Set(prefix+"Reset", strconv.Itoa(reset))
}

func (s *Sim) bucketHeader(h http.Header, name string, total, left, reset int) {
	prefix := "Zendesk-Ratelimit-"
	if s.o.OldRateHeaders {
		prefix = "Zendesk-Rate-Limit-"
	}
	h.Set(prefix+name, fmt.Sprintf("total=%d; remaining=%d; resets=%d", total, left, reset))
}

// ResetRate gives the whole allowance back.
func (s *Sim) ResetRate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate.buckets = map[string]*bucket{}
}
