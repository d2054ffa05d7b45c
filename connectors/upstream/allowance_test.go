package upstream_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestReadAllowance(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		header map[string]string
		want   upstream.Allowance
		ok     bool
	}{
		"zendesk, any endpoint": {
			map[string]string{"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699"},
			upstream.Allowance{At: now, Limit: 700, Remaining: 699}, true,
		},
		"zendesk, ticketing": {
			map[string]string{"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "1", "ratelimit-limit": "700", "ratelimit-remaining": "600", "ratelimit-reset": "12"},
			upstream.Allowance{At: now, Limit: 700, Remaining: 600, Resets: now.Add(12 * time.Second)}, true,
		},
		"zendesk, 2023": {
			map[string]string{"rate-limit": "400", "rate-limit-remaining": "3", "rate-limit-reset": "59"},
			upstream.Allowance{At: now, Limit: 400, Remaining: 3, Resets: now.Add(59 * time.Second)}, true,
		},
		"epoch reset": {
			map[string]string{"X-RateLimit-Limit": "10, 10;w=1", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Unix()+9, 10)},
			upstream.Allowance{At: now, Limit: 10, Resets: time.Unix(now.Unix()+9, 0)}, true,
		},
		"half of it": {map[string]string{"X-Rate-Limit": "700"}, upstream.Allowance{}, false},
		"no numbers": {map[string]string{"X-Rate-Limit": "lots", "X-Rate-Limit-Remaining": "-3"}, upstream.Allowance{}, false},
		"overflow":   {map[string]string{"X-Rate-Limit": "99999999999999999999", "X-Rate-Limit-Remaining": "1"}, upstream.Allowance{}, false},
		"nothing":    {nil, upstream.Allowance{}, false},
	} {
		got, ok := upstream.ReadAllowance(header(c.header), now)
		if d := cmp.Diff(c.want, got); d != "" || ok != c.ok {
			t.Errorf("%s: ok %v, want %v; difference (-want +got):\n%s", name, ok, c.ok, d)
		}
	}
}

func TestReadBuckets(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]upstream.Bucket{
		"zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41":       {Name: "tickets-index", Total: 100, Remaining: 99, Resets: now.Add(41 * time.Second)},
		"Zendesk-RateLimit-Search-Index: total=2500;remaining=2":                    {Name: "search-index", Total: 2500, Remaining: 2},
		"zendesk-rate-limit-incremental-exports: total=10; remaining=9; resets=2":   {Name: "incremental-exports", Total: 10, Remaining: 9, Resets: now.Add(2 * time.Second)},
		"x-ratelimit-omnilog-index: remaining=4; junk; =; total=x; resets=; total=": {Name: "omnilog-index", Remaining: 4},
	} {
		k, v, _ := strings.Cut(in, ":")
		got := upstream.ReadBuckets(header(map[string]string{k: strings.TrimSpace(v)}), now)
		if d := cmp.Diff([]upstream.Bucket{want}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", in, d)
		}
	}
	if got := upstream.ReadBuckets(header(map[string]string{"ratelimit-limit": "5", "x-rate-limit": "total=5", "x-total": "total=3"}), now); got != nil {
		t.Errorf("got %v, want no bucket", got)
	}
}

func FuzzAllowance(f *testing.F) {
	f.Add("700", "699", "12", "total=100; remaining=99; resets=41")
	f.Add("9223372036854775807", "", "-1", "total=;;=;total")
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, limit, remaining, reset, bucket string) {
		h := http.Header{"Ratelimit-Limit": {limit}, "Ratelimit-Remaining": {remaining}, "Ratelimit-Reset": {reset}, "A-Ratelimit-B": {bucket}}
		if a, ok := upstream.ReadAllowance(h, now); ok && (a.Limit < 0 || a.Remaining < 0) {
			t.Errorf("%v: %+v", h, a)
		}
		upstream.ReadBuckets(h, now)
	})
}

func header(m map[string]string) http.Header {
	h := http.Header{}
	for k, v := range m {
		h.Set(k, v)
	}
	return h
}

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestBackgroundGetsItsShareOnly(t *testing.T) {
	clk := newClock()
	f := link(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Ratelimit-Limit", "20")
		w.Header().Set("Ratelimit-Remaining", "15")
		w.Header().Set("Ratelimit-Reset", "30")
	}, func(o *upstream.Options) { o.Now = clk.now })
	background := connectors.Background(t.Context())
	read := func() error {
		resp, err := ask(background, t, f.API(), "https://shop.acme.test/x")
		_, err = text(t, resp, err)
		return err
	}
	for i := range 5 { // a quarter of 20
		if err := read(); err != nil {
			t.Fatalf("background read %d: %v", i+1, err)
		}
	}
	if e := wantCode(t, read(), connectors.CodeRateLimited); e.RetryAfter <= 0 || e.RetryAfter > time.Minute {
		t.Errorf("told to wait %v, want until the window's end", e.RetryAfter)
	}
	resp, err := f.get(t, "/a-person")
	wantText(t, resp, err, "")
	clk.add(time.Minute)
	if err := read(); err != nil {
		t.Errorf("in the next window: %v", err)
	}
}

func TestWhatHasBegunIsFinished(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Rate-Limit", "4")
		w.Header().Set("X-Rate-Limit-Remaining", "3")
	})
	ctx, n := upstream.WithCounter(connectors.Background(t.Context()))
	for i := range 6 { // pages of one open; the share is one request
		resp, err := ask(ctx, t, f.API(), "https://shop.acme.test/x")
		if _, err = text(t, resp, err); err != nil {
			t.Fatalf("page %d: %v", i+1, err)
		}
	}
	if n.Requests() != 6 {
		t.Errorf("counted %d requests, want 6", n.Requests())
	}
}

func TestNothingRemains(t *testing.T) {
	clk := newClock()
	empty := func(reset string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Ratelimit-Limit", "700")
			w.Header().Set("Ratelimit-Remaining", "0")
			if reset != "" {
				w.Header().Set("Ratelimit-Reset", reset)
			}
		}
	}
	f := link(t, empty("30"), func(o *upstream.Options) { o.Now = clk.now })
	resp, err := f.get(t, "/last")
	wantText(t, resp, err, "")
	_, err = f.get(t, "/x")
	if e := wantCode(t, err, connectors.CodeRateLimited); e.RetryAfter != 30*time.Second || len(f.api.requests()) != 1 {
		t.Errorf("told %v after %d requests, want 30 s after 1", e.RetryAfter, len(f.api.requests()))
	}
	clk.add(31 * time.Second)
	resp, err = f.get(t, "/x")
	wantText(t, resp, err, "")

	f = link(t, empty("")) // a person is not refused on a guess
	for range 2 {
		resp, err = f.get(t, "/x")
		wantText(t, resp, err, "")
	}
}

// A provider that says both means the Retry-After.
func TestRetryAfterOutweighsTheReset(t *testing.T) {
	f := link(t, inTurn(status(429, "Retry-After", "1", "Ratelimit-Limit", "700", "Ratelimit-Remaining", "0", "Ratelimit-Reset", "30"),
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("fine")) }))
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "fine")
}

func TestAllowanceIsShown(t *testing.T) {
	clk := newClock()
	f := link(t, inTurn(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Rate-Limit", "700")
		w.Header().Set("X-Rate-Limit-Remaining", "699")
		w.Header().Set("Zendesk-Ratelimit-Tickets-Index", "total=100; remaining=99; resets=41")
	}, status(429, "Retry-After", "40")), func(o *upstream.Options) { o.Now = clk.now })
	for range 2 {
		resp, err := f.get(t, "/x")
		_, _ = text(t, resp, err)
	}
	got := f.Allowance()
	if !got.Dated {
		t.Error("the answers' dates: got none seen")
	}
	got.Skew = 0 // the test's clock stands still
	want := upstream.Allowance{
		At: clk.now(), Limit: 700, Remaining: 699, Until: clk.now().Add(40 * time.Second), Share: 0.25, Answered: clk.now(), Dated: true,
		Buckets: []upstream.Bucket{{Name: "tickets-index", Total: 100, Remaining: 99, Resets: clk.now().Add(41 * time.Second)}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
