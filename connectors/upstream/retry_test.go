package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestRetriesBeforeTheFirstByte(t *testing.T) {
	ok := say("ok")
	for name, c := range map[string]struct {
		answers  []http.HandlerFunc
		want     connectors.Code
		requests int
	}{
		"500 then good":              {[]http.HandlerFunc{status(500), ok}, "", 2},
		"502 twice then good":        {[]http.HandlerFunc{status(502), status(502), ok}, "", 3},
		"503 for good":               {[]http.HandlerFunc{status(503)}, connectors.CodeProviderDown, 3},
		"504, cut, good":             {[]http.HandlerFunc{status(504), hangUp, ok}, "", 3},
		"409 twice then good":        {[]http.HandlerFunc{status(409), status(409), ok}, "", 3},
		"409 for good":               {[]http.HandlerFunc{status(409)}, connectors.CodeProviderDown, 3},
		"cut for good":               {[]http.HandlerFunc{hangUp}, connectors.CodeProviderDown, 3},
		"cut after the header, good": {[]http.HandlerFunc{cutAt(0), cutAt(0), ok}, "", 3},
		"cut after the header":       {[]http.HandlerFunc{cutAt(0)}, connectors.CodeProviderCut, 3},
		"cut in the body is final":   {[]http.HandlerFunc{cutAt(1), ok}, connectors.CodeProviderCut, 1},
		"501 is final":               {[]http.HandlerFunc{status(501), ok}, "", 1},
		"507 is final":               {[]http.HandlerFunc{status(507), ok}, connectors.CodeProviderDown, 1},
		"429 without time then good": {[]http.HandlerFunc{status(429), ok}, "", 2},
		"429 with zero then good":    {[]http.HandlerFunc{status(429, "Retry-After", "0"), ok}, "", 2},
		"429 without time":           {[]http.HandlerFunc{status(429)}, connectors.CodeRateLimited, 3},
		"429 with garbage":           {[]http.HandlerFunc{status(429, "Retry-After", "soon")}, connectors.CodeRateLimited, 3},
		"404 is an answer":           {[]http.HandlerFunc{status(404)}, "", 1},
		"403 is an answer":           {[]http.HandlerFunc{status(403)}, "", 1},
		"400 is an answer":           {[]http.HandlerFunc{status(400)}, "", 1},
	} {
		f := link(t, inTurn(c.answers...))
		resp, err := f.get(t, "/x")
		if _, err = text(t, resp, err); connectors.CodeOf(err) != c.want || len(f.api.requests()) != c.requests {
			t.Errorf("%s: got %v after %d requests, want %q after %d", name, err, len(f.api.requests()), c.want, c.requests)
		}
		if err != nil && (strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "http://")) {
			t.Errorf("%s: the error holds a body or a URL: %v", name, err)
		}
	}
}

func TestMediaIsNotRetried(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   connectors.Code
	}{
		"500": {status(500), connectors.CodeProviderDown}, "cut": {hangUp, connectors.CodeProviderDown},
		"429": {status(429, "Retry-After", "7"), connectors.CodeRateLimited},
	} {
		f := link(t, c.answer)
		_, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/x")
		e := wantCode(t, err, c.want)
		if n := len(f.api.requests()); n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
		if name == "429" && e.RetryAfter != 7*time.Second {
			t.Errorf("got a wait of %v, want 7 s", e.RetryAfter)
		}
	}
}

func TestReadPostIsNotRetried(t *testing.T) {
	f := link(t, status(502))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://shop.acme.test/search", strings.NewReader("{}"))
	_, err := upstream.Do(f.API(), req)
	wantCode(t, err, connectors.CodeProviderDown)
	if n := len(f.api.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestShortWaitIsObeyed: a 429 of up to 5 s ends well, and nothing is sent inside the window, by
// anybody.
func TestShortWaitIsObeyed(t *testing.T) {
	var mu sync.Mutex
	var shut, early time.Time
	n := 0
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch n++; {
		case n == 1:
			shut = time.Now().Add(time.Second)
			status(429, "Retry-After", "1", "Content-Type", "text/plain")(w, r)
		case time.Now().Before(shut):
			early = time.Now()
		}
	})
	resp, err := f.get(t, "/warm") // waits itself
	wantText(t, resp, err, "")
	mu.Lock()
	n = 0
	mu.Unlock()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			resp, err := f.get(t, "/x")
			if _, err := text(t, resp, err); err != nil {
				t.Errorf("got %v, want an answer after the wait", err)
			}
		})
		time.Sleep(30 * time.Millisecond) // the first closes the gate for the others
	}
	wg.Wait()
	if !early.IsZero() {
		t.Errorf("a request was sent %v before the window's end", shut.Sub(early))
	}
}

func TestLongWaitIsToldAndKept(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"429": status(429, "Retry-After", "40", "Content-Type", "text/plain"), "503": status(503, "Retry-After", "40"),
	} {
		f := link(t, answer)
		for i := range 3 {
			_, err := f.get(t, "/x")
			e := wantCode(t, err, connectors.CodeRateLimited)
			if e.RetryAfter > 40*time.Second || e.RetryAfter < 38*time.Second {
				t.Errorf("%s, call %d: told to wait %v, want what is left of 40 s", name, i+1, e.RetryAfter)
			}
			if strings.Contains(e.Error(), "CANARY") {
				t.Errorf("%s: the error holds the provider's text: %v", name, e)
			}
		}
		_, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/x")
		wantCode(t, err, connectors.CodeRateLimited)
		if n := len(f.api.requests()); n != 1 {
			t.Errorf("%s: %d requests, want 1: none inside the window", name, n)
		}
	}
}

func TestWaitsAddUp(t *testing.T) {
	f := link(t, status(429, "Retry-After", "1"), func(o *upstream.Options) { o.Limits.RetryAfter = 1500 * time.Millisecond })
	_, err := f.get(t, "/x")
	if e := wantCode(t, err, connectors.CodeRateLimited); e.RetryAfter != time.Second || len(f.api.requests()) != 2 {
		t.Errorf("told %v after %d requests, want 1 s after 2", e.RetryAfter, len(f.api.requests()))
	}
}

func TestLeavingEndsTheWait(t *testing.T) {
	f := link(t, status(429, "Retry-After", "4"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := ask(ctx, t, f.API(), "https://shop.acme.test/x")
	if d := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || d > time.Second {
		t.Errorf("got %v after %v, want the context's error at once", err, d)
	}
}

// TestDyingProviderIsNotBurdened: a hundred people, and little more than a hundred requests.
func TestDyingProviderIsNotBurdened(t *testing.T) {
	f := link(t, status(500))
	for range 100 {
		_, err := f.get(t, "/x")
		wantCode(t, err, connectors.CodeProviderDown)
	}
	if n := len(f.api.requests()); n > 120 {
		t.Errorf("%d requests for 100 calls, want at most 120", n)
	}
}

// TestTriesThatHelpAreFree: a provider that stumbles over every call still gets each one answered.
func TestTriesThatHelpAreFree(t *testing.T) {
	answers := make([]http.HandlerFunc, 0, 160)
	for range 80 {
		answers = append(answers, status(502), say("ok"))
	}
	f := link(t, inTurn(answers...))
	for i := range 80 {
		resp, err := f.get(t, "/x")
		if got, err := text(t, resp, err); got != "ok" {
			t.Fatalf("call %d: got %q, %v; want ok", i+1, got, err)
		}
	}
}

func TestBackgroundDoesNotWait(t *testing.T) {
	f := link(t, status(429, "Retry-After", "2"))
	start := time.Now()
	_, err := ask(connectors.Background(t.Context()), t, f.API(), "https://shop.acme.test/x")
	if e := wantCode(t, err, connectors.CodeRateLimited); e.RetryAfter == 0 || time.Since(start) > time.Second {
		t.Errorf("told %v after %v, want a time, at once", e.RetryAfter, time.Since(start))
	}
}

// TestWindowsThatFollowEachOther: ten people are told to wait a moment, each for themselves, and all
// get their answer.
func TestWindowsThatFollowEachOther(t *testing.T) {
	var mu sync.Mutex
	told := map[string]bool{}
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		first := !told[r.URL.Path]
		told[r.URL.Path] = true
		mu.Unlock()
		if first {
			status(429, "Retry-After", "1")(w, r)
		}
	}, func(o *upstream.Options) { o.Limits.RetryAfter = 1200 * time.Millisecond })
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			time.Sleep(time.Duration(i%3) * 40 * time.Millisecond)
			resp, err := f.get(t, "/"+strings.Repeat("x", i))
			if _, err := text(t, resp, err); err != nil {
				t.Errorf("person %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}
