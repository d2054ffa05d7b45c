package upstream_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func tight(o *upstream.Options) {
	o.Limits.Retries, o.Limits.BreakerFailures, o.Limits.BreakerOpen = -1, 3, 200*time.Millisecond
}

func TestBreakerOpensAndCloses(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			status(500)(w, r)
		}
	}, tight)
	for range 3 {
		_, err := f.get(t, "/x")
		wantCode(t, err, connectors.CodeProviderDown)
	}
	before := len(f.api.requests())
	_, err := f.get(t, "/x")
	if e := wantCode(t, err, connectors.CodeProviderDown); e.RetryAfter <= 0 || len(f.api.requests()) != before {
		t.Errorf("open: told %v, %d more requests; want a time, none", e.RetryAfter, len(f.api.requests())-before)
	}
	broken.Store(false)
	time.Sleep(250 * time.Millisecond)
	for range 2 {
		resp, err := f.get(t, "/x")
		wantText(t, resp, err, "")
	}
}

// TestWhatDoesNotOpenTheBreaker: one analyst's seeks, or a wrong id, must not close the provider
// for all.
func TestWhatDoesNotOpenTheBreaker(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"404": status(404), "403": status(403), "416": status(416), "429": status(429), "401": status(401), "html": say("<html>"),
	} {
		f := link(t, answer, tight)
		for range 6 {
			for _, c := range []*http.Client{f.API(), f.Media()} {
				resp, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
				if _, err = text(t, resp, err); connectors.CodeOf(err) == connectors.CodeProviderDown {
					t.Fatalf("%s opened the breaker: %v", name, err)
				}
			}
		}
	}
}

func TestCallersWhoLeaveDoNotOpenTheBreaker(t *testing.T) {
	arrived := make(chan struct{}, 10)
	var slow atomic.Bool
	slow.Store(true)
	f := link(t, func(_ http.ResponseWriter, r *http.Request) {
		if slow.Load() {
			arrived <- struct{}{}
			<-r.Context().Done()
		}
	}, tight)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		if _, err := ask(ctx, t, f.API(), "https://shop.acme.test/x"); err == nil {
			t.Fatal("got an answer, want the context's error")
		}
	}
	slow.Store(false)
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "")
}

func TestDeadFileStoreLeavesTheAPIOpen(t *testing.T) {
	store := serve(t, status(500))
	f := link(t, say("ok"), tight, func(o *upstream.Options) { o.Endpoints["media"] = store.URL })
	for range 5 {
		_, err := ask(t.Context(), t, f.Media(), "https://p1.acmecontent.test/x")
		wantCode(t, err, connectors.CodeProviderDown)
	}
	if n := len(store.requests()); n != 3 {
		t.Errorf("%d requests at the store, want 3 before its breaker opened", n)
	}
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "ok")
}

func TestObservations(t *testing.T) {
	f := link(t, inTurn(status(502), say("ok"), status(404), hangUp), func(o *upstream.Options) { o.Limits.Retries = 1 })
	for _, path := range []string{"/a?q=secret", "/b", "/c"} {
		resp, err := f.get(t, path)
		_, _ = text(t, resp, err)
	}
	var got []string
	for _, o := range f.seen.all {
		got = append(got, strings.Join([]string{o.Provider, o.Host, o.Class, string(o.Outcome)}, " "))
	}
	want := "acme api 5xx |acme api 2xx |acme api 4xx |acme api  provider_down|acme api  provider_down"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// TestLeavingDoesNotHealTheBreaker: a caller who left says nothing about the provider, good or bad.
func TestLeavingDoesNotHealTheBreaker(t *testing.T) {
	f := link(t, status(500), tight)
	left, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		_, err := f.get(t, "/x")
		wantCode(t, err, connectors.CodeProviderDown)
		_, _ = ask(left, t, f.API(), "https://shop.acme.test/x")
	}
	before := len(f.api.requests())
	_, err := f.get(t, "/x")
	wantCode(t, err, connectors.CodeProviderDown)
	if n := len(f.api.requests()) - before; n != 0 {
		t.Errorf("%d more requests after three failures, want none", n)
	}
}

// TestOpenBreakerEndsRetries: who waits for another try sees that the others failed meanwhile.
func TestOpenBreakerEndsRetries(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		code := map[string]int{"/waits": 502, "/fails": 507}[r.URL.Path]
		status(code)(w, r)
	}, tight, func(o *upstream.Options) {
		o.Limits.Retries, o.Limits.Backoff, o.Limits.BreakerOpen = 1, 400*time.Millisecond, time.Minute
	})
	end := make(chan error)
	go func() {
		_, err := ask(t.Context(), t, f.API(), "https://shop.acme.test/waits")
		end <- err
	}()
	for len(f.api.requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 3 {
		_, err := f.get(t, "/fails")
		wantCode(t, err, connectors.CodeProviderDown)
	}
	if e := wantCode(t, <-end, connectors.CodeProviderDown); e.RetryAfter == 0 || len(f.api.requests()) != 4 {
		t.Errorf("told %v after %d requests, want a time after 4", e.RetryAfter, len(f.api.requests()))
	}
}
