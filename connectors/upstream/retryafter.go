package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait keeps a nonsensical wait from overflowing; longer is told as this.
const maxWait = 24 * time.Hour

// retryAfter reads how long the provider asks us to wait, in seconds or as an HTTP date. A date is
// compared with the answer's own Date where there is one, since clocks differ. What is missing,
// negative, past or no number gives false: clients of Zendesk guard against all of these.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if digits(v) {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n > int64(maxWait/time.Second) {
			return maxWait, true
		}
		return time.Duration(n) * time.Second, n > 0
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	d := min(at.Sub(now), maxWait)
	return d, d > 0
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
