package simhost_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors/simhost"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const page = 10_000

func stage(t *testing.T) (*simhost.Stage, func(ctx context.Context, header ...string) (int, []byte, error)) {
	t.Helper()
	s := simhost.New(simhost.Options{Hosts: map[string]http.HandlerFunc{"api": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(strings.Repeat("x", page)))
	}}})
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{DisableKeepAlives: true} // net/http repeats what fails on a kept connection
	t.Cleanup(func() { tr.CloseIdleConnections(); s.Close() })
	return s, func(ctx context.Context, header ...string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL("api")+"/list/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			return 0, nil, err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return resp.StatusCode, b, err
	}
}

func TestFaultsSpoilAnswers(t *testing.T) {
	for _, c := range []struct {
		fault  simhost.Fault
		status int
		bytes  int // -1: any
		broken bool
	}{
		{simhost.Fault{Kind: simhost.FaultCut, After: 3000}, 200, -1, true},
		{simhost.Fault{Kind: simhost.FaultCut, Half: true}, 200, -1, true},
		{simhost.Fault{Kind: simhost.FaultTruncate, After: 300}, 200, 300, false},
		{simhost.Fault{Kind: simhost.FaultReset}, 0, 0, true},
		{simhost.Fault{Kind: simhost.FaultNoRange}, 200, page, false},
		{simhost.Fault{Kind: simhost.FaultSlowStart, Delay: time.Millisecond}, 206, 10, false},
		{simhost.Fault{Kind: simhost.FaultTrickle, After: 5000, Delay: time.Millisecond}, 206, 10, false},
		{simhost.Fault{Kind: simhost.FaultRedirect, To: "https://elsewhere.example/"}, 303, 0, false},
		{simhost.Fault{Kind: simhost.FaultHTML503, RetryAfter: "date"}, 503, -1, false},
	} {
		s, get := stage(t)
		c.fault.Path, c.fault.Suffix, c.fault.Method, c.fault.Host, c.fault.Times = "/list", "/1", "GET", "api", 1
		s.Set(c.fault)
		var header []string
		if c.status != 200 || c.fault.Kind == simhost.FaultNoRange {
			header = []string{"Range", "bytes=0-9"}
		}
		status, body, err := get(t.Context(), header...)
		if status != c.status || c.bytes >= 0 && len(body) != c.bytes || (err != nil) != c.broken || c.broken && len(body) >= page {
			t.Errorf("%s: got %d, %d bytes, %v; want %d, %d bytes, broken %v", c.fault.Kind, status, len(body), err, c.status, c.bytes, c.broken)
		}
		if log := s.Requests(); len(log) != 1 || log[0].Fault != c.fault.Kind || log[0].Path != "/list/1" || log[0].ClosedEarly {
			t.Errorf("%s: the log has %+v, want the request and its fault", c.fault.Kind, log)
		}
		if status, body, err := get(t.Context()); status != 200 || len(body) != page || err != nil {
			t.Errorf("after %s: got %d, %d bytes, %v; want it gone", c.fault.Kind, status, len(body), err)
		}
	}
}

func TestStallEndsWithItsClientAndCutOpen(t *testing.T) {
	s, get := stage(t)
	s.Set(simhost.Fault{Kind: simhost.FaultStall, After: 100})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { _, _, err := get(ctx); done <- err }()
	waitFor(t, func() bool { log := s.Requests(); return len(log) == 1 && log[0].Ended.IsZero() })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the client's own end", err)
	}
	waitFor(t, func() bool { return s.Requests()[0].ClosedEarly })
	go func() { _, _, err := get(t.Context()); done <- err }()
	waitFor(t, func() bool { return s.CutOpen() > 0 })
	if err := <-done; err == nil {
		t.Error("the answer ended well although it was cut")
	}
	if s.Clear(); len(s.Faults()) != 0 {
		t.Errorf("%v is set, want nothing", s.Faults())
	}
}

func TestFaultsSkipAndEnd(t *testing.T) {
	s, get := stage(t)
	s.Set(simhost.Fault{Kind: simhost.FaultReset, Skip: 1, Times: 1})
	s.Set(simhost.Fault{Name: "over", Kind: simhost.FaultReset, Skip: 100, Life: time.Nanosecond})
	for n, want := range []bool{true, false, true} {
		if _, _, err := get(t.Context()); (err == nil) != want {
			t.Errorf("request %d: %v, want it to work: %v", n, err, want)
		}
	}
	if len(s.Faults()) != 0 {
		t.Errorf("%v is set, want all used up or over", s.Faults())
	}
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never happened")
		}
	}
}
