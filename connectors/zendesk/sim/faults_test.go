package sim_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

const somePath = "/api/v2/tickets/5012/comments?page[size]=100"

func TestFaultsThatReplaceTheAnswer(t *testing.T) {
	c := newClock()
	for _, f := range []struct {
		fault  sim.Fault
		status int
		kind   string
		says   string
		after  string
	}{
		{sim.Fault{Kind: sim.FaultRateJSON, RetryAfter: "1"}, 429, "application/json", "APIRateLimitExceeded", "1"},
		{sim.Fault{Kind: sim.FaultRateText, RetryAfter: "0"}, 429, "text/plain", "You have exceeded the rate limit", "0"},
		{sim.Fault{Kind: sim.FaultRateText}, 429, "text/plain", "exceeded", ""},
		{sim.Fault{Kind: sim.FaultRateText, RetryAfter: "date"}, 429, "text/plain", "exceeded", "Tue, 24 Nov 2026 10:30:45 GMT"},
		{sim.Fault{Kind: sim.FaultRateText, RetryAfter: "left", Life: 40 * time.Second}, 429, "text/plain", "exceeded", "40"},
		{sim.Fault{Kind: sim.FaultUnavailable, RetryAfter: "3600"}, 503, "application/json", "ServiceUnavailable", "3600"},
		{sim.Fault{Kind: sim.FaultUnavailable}, 503, "application/json", "ServiceUnavailable", ""},
		{sim.Fault{Kind: sim.FaultHTML502}, 502, "text/html", "cloudflare", ""},
		{sim.Fault{Kind: sim.FaultHTML503}, 503, "text/html", "maintained", ""},
		{sim.Fault{Kind: sim.FaultHTML200}, 200, "text/html", "maintained", ""},
		{sim.Fault{Kind: sim.FaultLoginPage}, 200, "text/html", "Sign in", ""},
		{sim.Fault{Kind: sim.FaultServerError}, 500, "application/json", `{"status":500,"error":"Internal Server Error"}`, ""},
		{sim.Fault{Kind: sim.FaultConflict}, 409, "application/json", `{"error":"DatabaseConflict","description":"Database collision"}`, ""},
		{sim.Fault{Kind: sim.FaultUnauthorized}, 401, "application/json", "invalid_token", ""},
	} {
		s := start(t, sim.Options{Clock: c.now})
		s.Set(f.fault)
		a := fetch(t, s, http.MethodGet, somePath, s.Bearer(sim.ActorAgent))
		if a.status != f.status || !strings.HasPrefix(a.header.Get("Content-Type"), f.kind) || !strings.Contains(a.body, f.says) || a.header.Get("Retry-After") != f.after {
			t.Errorf("%s: got %d %s %q, Retry-After %q, want %d %s %q, %q", f.fault.Kind, a.status, a.header.Get("Content-Type"), a.body, a.header.Get("Retry-After"), f.status, f.kind, f.says, f.after)
		}
	}
}

func TestFaultsThatSpoilTheBody(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	whole := fetch(t, s, http.MethodGet, somePath, bearer).body
	with := func(f string) answer { return fetch(t, s, http.MethodGet, somePath, bearer, "X-Sim-Fault", f) }

	if a := with("cut;after=1000"); !errors.Is(a.err, io.ErrUnexpectedEOF) || a.body != whole[:1000] {
		t.Errorf("cut: got %d bytes, error %v, want 1000 and an unexpected end", len(a.body), a.err)
	}
	if a := with("cut;items=3"); !errors.Is(a.err, io.ErrUnexpectedEOF) || strings.Count(a.body, `"audit_id"`) != 3 {
		t.Errorf("cut after 3 comments: got %d of them, error %v", strings.Count(a.body, `"audit_id"`), a.err)
	}
	if a := with("truncate;after=1000"); a.err != nil || a.body != whole[:1000] {
		t.Errorf("truncate: got %d bytes, error %v, want 1000 and a clean end", len(a.body), a.err)
	}
	if a := with("reset"); a.err == nil || a.status != 0 {
		t.Errorf("reset: got status %d, error %v, want no answer at all", a.status, a.err)
	}
	if a := with("odd_sizes"); !strings.Contains(a.body, `"size":"15156"`) && !strings.Contains(a.body, `"size":-1`) && !strings.Contains(a.body, `"size":null`) && !strings.Contains(a.body, `"size":1e+30`) {
		t.Errorf("odd sizes: got none in %d bytes", len(a.body))
	}
	a := with("gzip")
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil || a.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("gzip: got %v, encoding %q", err, a.header.Get("Content-Encoding"))
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != whole {
		t.Errorf("gzip: got %d bytes, error %v, want the same page", len(b), err)
	}
	began := time.Now()
	if a := with("slow_start;delay=80ms"); a.err != nil || time.Since(began) < 80*time.Millisecond {
		t.Errorf("slow start: got the answer after %v, want 80 ms or more", time.Since(began))
	}
	if a := with("trickle;after=4000;delay=1ms"); a.err != nil || a.body != whole {
		t.Errorf("trickle: got %d bytes, error %v, want the whole page", len(a.body), a.err)
	}
}

func TestMediaFaults(t *testing.T) {
	s := start(t, sim.Options{})
	to := signed(t, s, sim.TicketKinds, "router-week.log")
	with := func(f string) answer {
		return fetch(t, s, http.MethodGet, to, "", "X-Sim-Fault", f, "Range", "bytes=0-9999")
	}
	good := with("")
	if a := with("no_range"); a.status != 200 || len(a.body) != 5<<20 || a.header.Get("Accept-Ranges") != "" {
		t.Errorf("no range: got %d, %d bytes, want 200 with all", a.status, len(a.body))
	}
	if a := with("no_length"); a.status != 206 || a.header.Get("Content-Length") != "" || a.body != good.body {
		t.Errorf("no length: got %d, length %q, want 206 without", a.status, a.header.Get("Content-Length"))
	}
	if a := with("weak_etag"); !strings.HasPrefix(a.header.Get("ETag"), `W/"`) {
		t.Errorf("weak etag: got %q", a.header.Get("ETag"))
	}
	if a := with("new_version"); a.header.Get("ETag") == good.header.Get("ETag") || a.body == good.body || len(a.body) != len(good.body) {
		t.Errorf("new version: got the same, want other bytes under another tag")
	}
	if a := with("cut;half"); !errors.Is(a.err, io.ErrUnexpectedEOF) || a.body != good.body[:5000] {
		t.Errorf("cut at half: got %d bytes, error %v, want 5000 of 10000", len(a.body), a.err)
	}
}

func TestStallEndsWhenTheClientLeaves(t *testing.T) {
	s := start(t, sim.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rebase(s, somePath), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Bearer(sim.ActorAgent))
	req.Header.Set("X-Sim-Fault", "stall;after=500")
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(io.LimitReader(res.Body, 500)); len(b) != 500 || err != nil {
		t.Fatalf("got %d bytes, %v, want 500", len(b), err)
	}
	if r := s.Requests(); !r[0].Ended.IsZero() {
		t.Error("request: got it ended, want it running")
	}
	cancel()
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if r := s.Requests()[0]; !r.Ended.IsZero() {
			if !r.ClosedEarly {
				t.Errorf("request: got %+v, want it closed early", r)
			}
			return
		}
	}
	t.Error("request: still running 2 s after the client left")
}

func TestRedirectTargets(t *testing.T) {
	s := start(t, sim.Options{})
	for to, want := range map[string]string{
		"attacker": s.HostURL(sim.HostAttacker) + "/", "private": "http://10.", "http": "http://p19.zdusercontent.com/",
		"loop": "https://acme.zendesk.com/attachments/token/X/?name=a", "https://x.example/": "https://x.example/", "foreign": "https://files.nordpaket.example/",
	} {
		a := fetch(t, s, http.MethodGet, "/attachments/token/X/?name=a", "", "X-Sim-Fault", "redirect;to="+to)
		if got := a.header.Get("Location"); a.status != 302 || !strings.HasPrefix(got, want) {
			t.Errorf("redirect to %s: got %d %q, want %q", to, a.status, got, want)
		}
	}
	fetch(t, s, http.MethodGet, s.HostURL(sim.HostAttacker)+"/steal", s.Bearer(sim.ActorAgent), "Referer", "https://acme.zendesk.com/")
	if l := s.Leaks(); len(l) != 1 || l[0].Host != sim.HostAttacker || l[0].Credential != "bearer" || !l[0].Referer {
		t.Errorf("leaks: got %+v, want the attacker's", l)
	}
}

func TestFaultsAreCountedAndAimed(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now})
	bearer := s.Bearer(sim.ActorAgent)
	status := func(path string) int { return fetch(t, s, http.MethodGet, path, bearer).status }
	list := func(n int, path string) (got []int) {
		for range n {
			got = append(got, status(path))
		}
		return got
	}
	same := func(what string, got []int, want ...int) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", what, got, want)
				return
			}
		}
	}
	s.Set(sim.Fault{Kind: sim.FaultConflict, Times: 2})
	same("twice, then fine", list(4, somePath), 409, 409, 200, 200)
	s.Set(sim.Fault{Kind: sim.FaultServerError, Skip: 1, Times: 1, Ticket: sim.TicketParcel})
	same("the second only", list(3, "/api/v2/tickets/5012.json"), 200, 500, 200)
	s.Set(sim.Fault{Name: "aimed", Kind: sim.FaultHTML503, Ticket: sim.TicketParcel, Suffix: "/audits"})
	same("one path", []int{status(somePath), status("/api/v2/tickets/5012/audits.json"), status("/api/v2/tickets/5027/audits")}, 200, 503, 200)
	if f := s.Faults(); len(f) != 1 || f[0].Name != "aimed" {
		t.Errorf("faults: got %+v, want the one that is left", f)
	}
	s.Clear("aimed")
	same("cleared", []int{status("/api/v2/tickets/5012/audits")}, 200)
	s.Set(sim.Fault{Kind: sim.FaultRateText, Life: 40 * time.Second, RetryAfter: "left"})
	same("while it lives", []int{status(somePath)}, 429)
	c.add(40 * time.Second)
	same("after its life", []int{status(somePath)}, 200)
	s.Set(sim.Fault{Kind: sim.FaultUnauthorized, Skip: 1, Times: 1})
	same("401 between pages; the token is dead", list(3, somePath), 200, 401, 401)
}

func TestRefreshAnswerCanBeLostAfterRotation(t *testing.T) {
	s := start(t, sim.Options{})
	id, _ := s.Client(true)
	first, _ := ask(t, s, grantFor(t, s, true)...)
	s.Set(sim.Fault{Kind: sim.FaultCut, Host: sim.HostAPI, Path: "/oauth/tokens", After: 10, Times: 1})
	form := query("grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken).Encode()
	if a := fetchBody(t, s, http.MethodPost, "/oauth/tokens", "", form, "Content-Type", "application/x-www-form-urlencoded"); a.err == nil {
		t.Fatalf("lost answer: got %d whole, want it cut", a.status)
	}
	if s.Refreshes() != 1 {
		t.Errorf("refreshes: got %d, want 1: the rotation happened", s.Refreshes())
	}
	if got, _ := ask(t, s, "grant_type", "refresh_token", "client_id", id, "refresh_token", first.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("the old token: got %q, want invalid_grant", got.Error)
	}
}

func TestCutOpenBreaksRunningAnswers(t *testing.T) {
	s := start(t, sim.Options{})
	s.Set(sim.Fault{Kind: sim.FaultTrickle, After: 100, Delay: 20 * time.Millisecond})
	done := make(chan answer)
	bearer := s.Bearer(sim.ActorAgent)
	go func() { done <- fetch(t, s, http.MethodGet, somePath, bearer) }()
	for len(s.Requests()) == 0 || s.Requests()[0].Status == 0 && s.CutOpen() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	s.CutOpen()
	select {
	case a := <-done:
		if a.err == nil {
			t.Errorf("answer: got %d bytes whole, want it broken", len(a.body))
		}
	case <-time.After(3 * time.Second):
		t.Error("answer: still running after CutOpen")
	}
}

func TestPageDelayComesBeforeThePage(t *testing.T) {
	s := start(t, sim.Options{PageDelay: 60 * time.Millisecond})
	began := time.Now()
	if a := fetch(t, s, http.MethodGet, somePath, s.Bearer(sim.ActorAgent)); a.status != 200 || time.Since(began) < 60*time.Millisecond {
		t.Errorf("page: got %d after %v, want 60 ms or more", a.status, time.Since(began))
	}
}

func TestRequestLogNeverHoldsContent(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	fetch(t, s, http.MethodGet, "/api/v2/search?query=geheim", bearer, "Range", "bytes=0-1")
	a := fetch(t, s, http.MethodGet, "/_sim/requests", "")
	if strings.Contains(a.body, "geheim") || strings.Contains(a.body, bearer) {
		t.Errorf("log: got a query or a credential in %s", a.body)
	}
	var list struct{ Requests []sim.Request }
	if err := json.NewDecoder(bytes.NewBufferString(a.body)).Decode(&list); err != nil {
		t.Fatal(err)
	}
	if r := list.Requests[0]; r.Host != sim.HostAPI || r.Path != "/api/v2/search" || r.Credential != "bearer" || r.Range != "bytes=0-1" || r.Status != 200 || r.Ended.IsZero() {
		t.Errorf("log: got %+v", r)
	}
	s.ResetRequests()
	if n := len(s.Requests()); n != 0 {
		t.Errorf("after reset: got %d, want 0", n)
	}
}
