package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Allowance is how much a provider lets the account ask, as its headers last said.
type Allowance struct {
	At        time.Time // when it was said; zero: never
	Limit     int       // requests in a window
	Remaining int
	Resets    time.Time // when Remaining is Limit again; zero: not said
	Buckets   []Bucket  // allowances of single endpoints, by name
	Until     time.Time // a 429 closed the account until then; past or zero: it is open

	Share      float64 // what the background may use of Limit
	Background int     // requests of the background in this window

	Answered time.Time     // the last answer that was no error; zero: none yet
	Dated    bool          // answers said what time it is there
	Skew     time.Duration // how far our clock is ahead of the provider's
}

// Bucket is an endpoint's own allowance.
type Bucket struct {
	Name             string
	Total, Remaining int
	Resets           time.Time
}

// families are the spellings of the account's allowance. Zendesk sends X-Rate-Limit and, on
// ticketing, ratelimit-*, which also says when it resets; answers of 2023 had rate-limit-*.
var families = []struct{ limit, remaining, reset string }{
	{"Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset"},
	{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"},
	{"X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"},
	{"Rate-Limit", "Rate-Limit-Remaining", "Rate-Limit-Reset"},
}

// readAllowance reads the account's allowance, and whether the headers speak of one.
func readAllowance(h http.Header, now time.Time) (Allowance, bool) {
	for _, f := range families {
		if len(h[f.limit]) == 0 {
			continue
		}
		limit, ok1 := leadingInt(h.Get(f.limit))
		remaining, ok2 := leadingInt(h.Get(f.remaining))
		if !ok1 || !ok2 {
			continue
		}
		return Allowance{At: now, Limit: limit, Remaining: remaining, Resets: resetTime(h.Get(f.reset), now)}, true
	}
	return Allowance{}, false
}

// readBuckets reads headers such as "zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41".
func readBuckets(h http.Header, now time.Time) []Bucket {
	var found []Bucket
	for k, v := range h {
		if len(v) == 0 || !strings.Contains(v[0], "total=") {
			continue
		}
		name := strings.ToLower(k)
		_, rest, ok := strings.Cut(strings.ReplaceAll(name, "rate-limit", "ratelimit"), "ratelimit-")
		if !ok || rest == "" {
			continue
		}
		b := Bucket{Name: rest}
		for _, pair := range strings.Split(v[0], ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			switch key {
			case "total":
				b.Total, _ = leadingInt(value)
			case "remaining":
				b.Remaining, _ = leadingInt(value)
			case "resets":
				b.Resets = resetTime(value, now)
			}
		}
		found = append(found, b)
	}
	return found
}

// resetTime reads seconds from now, or seconds since 1970 where the number can be nothing else.
func resetTime(s string, now time.Time) time.Time {
	n, ok := leadingInt(s)
	switch {
	case !ok:
		return time.Time{}
	case n > 1_000_000_000:
		return time.Unix(int64(n), 0)
	default:
		return now.Add(min(time.Duration(n)*time.Second, maxWait))
	}
}

// leadingInt reads the digits that s begins with: "100, 100;w=60" is 100.
func leadingInt(s string) (int, bool) {
	s = strings.TrimSpace(s)
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	n, err := strconv.ParseInt(s[:end], 10, 40)
	return int(n), err == nil
}
