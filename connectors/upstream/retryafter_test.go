package upstream_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		value, date string
		want        time.Duration
		ok          bool
	}{
		{"1", "", time.Second, true}, {" 40 ", "", 40 * time.Second, true}, {"3600", "", time.Hour, true},
		{"0", "", 0, false}, {"", "", 0, false}, {"-5", "", 0, false}, {"soon", "", 0, false}, {"1.5", "", 0, false}, {"+3", "", 0, false},
		{"99999999999999999999999", "", 24 * time.Hour, true}, {"9223372036", "", 24 * time.Hour, true},
		{at(30 * time.Second), "", 30 * time.Second, true}, {at(-time.Minute), "", -time.Minute, false},
		{at(time.Hour), at(time.Hour - 3*time.Second), 3 * time.Second, true}, // the provider's clock is an hour ahead
		{"Sun, 06 Nov 2094 08:49:37 GMT", "", 24 * time.Hour, true},
		{"Monday", at(0), 0, false},
	} {
		h := http.Header{}
		h.Set("Retry-After", c.value)
		if c.date != "" {
			h.Set("Date", c.date)
		}
		got, ok := upstream.ReadRetry(h, now)
		if ok != c.ok || (ok && got != c.want) {
			t.Errorf("Retry-After %q, Date %q: got %v, %v; want %v, %v", c.value, c.date, got, ok, c.want, c.ok)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "0", "-1", "", "40", "Sun, 06 Nov 1994 08:49:37 GMT", "9223372036854775807", "1e9", "1\x00", "٣"} {
		f.Add(s, "Sun, 06 Nov 1994 08:49:37 GMT")
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value, date string) {
		d, ok := upstream.ReadRetry(http.Header{"Retry-After": {value}, "Date": {date}}, now)
		if ok && (d <= 0 || d > 24*time.Hour) {
			t.Errorf("Retry-After %q, Date %q: %v is no wait", value, date, d)
		}
	})
}
