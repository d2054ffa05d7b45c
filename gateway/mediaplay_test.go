package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/gateway"
)

// withLongCall is a simulated account with a call of half an hour (7 MB) behind a redirect to storage
// with signatures. It gives the recording's path and its bytes.
func withLongCall(t testing.TB, length time.Duration) (e *env, s *sim.Sim, path string, origin io.ReadSeeker) {
	t.Helper()
	e, s = withSim(t, sim.Options{LongCall: length, LongCallMoved: true, PerMinute: -1}, func(set *setup) {
		set.config = func(c *gateway.Config) { c.StallTimeout = time.Second }
	})
	return e, s, recordingOf(t, e, sim.TicketCallHour), s.Audio(sim.TicketCallHour)[0].Open()
}

// recordingOf opens a ticket and gives the path of its first recording.
func recordingOf(t testing.TB, e *env, ticket int64) string {
	t.Helper()
	for _, p := range e.lines(e.do("GET", ticketPath(ticket), analystKey, "")) {
		if h, ok := p["handle"].(string); ok && p["type"] == "recording" {
			return "/api/v1/media/" + h
		}
	}
	t.Fatalf("ticket %d has no recording", ticket)
	return ""
}

func bytesOf(t testing.TB, r io.ReadSeeker) []byte {
	t.Helper()
	_, err := r.Seek(0, io.SeekStart)
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, err)
	return b
}

// atStorage lists what the CDN was asked for.
func atStorage(s *sim.Sim) (list []sim.Request) {
	for _, r := range s.Requests() {
		if r.Host == sim.HostMedia {
			list = append(list, r)
		}
	}
	return list
}

// TestAnAddressThatExpiresWhilePlaying: the storage breaks off, and the address it was reached by is
// worthless. The recording is found again and gone on with, under the same validator.
func TestAnAddressThatExpiresWhilePlaying(t *testing.T) {
	e, s, path, origin := withLongCall(t, 30*time.Minute)
	want := bytesOf(t, origin)
	resp := e.do("GET", path, analystKey, "", "Range", "bytes=1000-")
	got := make([]byte, 1<<20)
	if _, err := io.ReadFull(resp.Body, got); err != nil {
		t.Fatal(err)
	}
	s.ExpireSignatures()
	if s.CutOpen() == 0 {
		t.Fatal("all had been sent: nothing was cut")
	}
	rest, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(append(got, rest...), want[1000:]) {
		t.Errorf("%d bytes, error %v; want the %d of the recording", len(got)+len(rest), err, len(want)-1000)
	}
	asked := atStorage(s)
	if len(asked) != 2 || asked[1].Status != 206 || asked[1].IfRange == "" || !strings.HasSuffix(asked[1].Range, "-"+strconv.Itoa(len(want)-1)) {
		t.Errorf("the storage was asked %+v, want the rest under If-Range", asked)
	}
	if l := s.Leaks(); len(l) > 0 {
		t.Errorf("credentials went elsewhere: %+v", l)
	}
}

// TestWhatTheStorageDoesWhilePlaying: faults one after the other, each at another request.
func TestWhatTheStorageDoesWhilePlaying(t *testing.T) {
	e, s, path, origin := withLongCall(t, 30*time.Minute)
	want := bytesOf(t, origin)
	const at = 1 << 20
	cut := sim.Fault{Kind: sim.FaultCut, After: at}
	for _, tc := range []struct {
		name   string
		whole  bool
		faults []sim.Fault
	}{
		{"stalls", true, []sim.Fault{{Kind: sim.FaultStall, After: at}}},
		{"breaks, then does not know ranges", true, []sim.Fault{cut, {Kind: sim.FaultNoRange}}},
		{"breaks, then is down for a moment", true, []sim.Fault{cut, {Kind: sim.FaultUnavailable}}},
		{"breaks, then breaks before the first byte", true, []sim.Fault{cut, {Kind: sim.FaultReset}}},
		{"breaks and gives another version", false, []sim.Fault{cut, {Kind: sim.FaultNewVersion}}},
		{"breaks and gives no validator", false, []sim.Fault{cut, {Kind: sim.FaultNoETag}}},
		{"breaks and gives a sign-in page", false, []sim.Fault{cut, {Kind: sim.FaultLoginPage}}},
		{"ends early as if that were all", true, []sim.Fault{{Kind: sim.FaultTruncate, After: at}}},
	} {
		s.Clear()
		for _, f := range tc.faults {
			f.Host, f.Times = sim.HostMedia, 1
			s.Set(f)
		}
		// A part, so that its length is known however it is sent.
		resp := e.do("GET", path, analystKey, "", "Range", "bytes=0-")
		got, err := io.ReadAll(resp.Body)
		if tc.whole && (err != nil || !bytes.Equal(got, want)) {
			t.Errorf("%s: %d bytes, error %v; want all %d", tc.name, len(got), err, len(want))
		}
		if !tc.whole && (err == nil || len(got) == 0 || !bytes.HasPrefix(want, got)) {
			t.Errorf("%s: %d bytes, error %v; want the beginning and an abort", tc.name, len(got), err)
		}
		if left := s.Faults(); len(left) > 0 {
			t.Errorf("%s: not all faults were met: %+v", tc.name, left)
		}
	}
}

// TestLeavingEndsTheProvidersBody: while it stalls, while it sends, while it is being skipped.
func TestLeavingEndsTheProvidersBody(t *testing.T) {
	e, s, path, _ := withLongCall(t, 30*time.Minute)
	for name, f := range map[string]sim.Fault{
		"stalled": {Kind: sim.FaultStall, After: 100_000}, "slow": {Kind: sim.FaultTrickle, After: 1000, Delay: 20 * time.Millisecond},
		"at full speed": {Kind: sim.FaultWeakETag}, "skipping": {Kind: sim.FaultNoRange},
	} {
		s.Clear()
		s.ResetRequests()
		f.Host = sim.HostMedia
		s.Set(f)
		ctx, cancel := context.WithCancel(context.Background())
		resp, err := e.try(ctx, "GET", path, analystKey, "", "Range", "bytes=500-6000000")
		must(t, err)
		if _, err := io.ReadFull(resp.Body, make([]byte, 400)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		within(t, 5*time.Second, name+": the provider's answer ends", func() bool {
			asked := atStorage(s)
			return len(asked) == 1 && !asked[0].Ended.IsZero()
		})
		if r := atStorage(s)[0]; !r.ClosedEarly {
			t.Errorf("%s: the provider saw its answer through: %+v", name, r)
		}
		_ = resp.Body.Close()
	}
}

// TestAReaderThatStopsHoldsLittle: queues and buffers between a provider and a reader who does not
// read are bounded, however fast it read before. Without the bound the kernel holds some MB.
func TestAReaderThatStopsHoldsLittle(t *testing.T) {
	var taken atomic.Int64
	const size, first, bound = 256 << 20, 24 << 20, 1 << 20
	e, handle := withFile(t, "a", "audio/mpeg", func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
		return connectors.Media{Status: 200, Header: http.Header{"Content-Length": {strconv.Itoa(size)}}, Body: metered{&counting{n: size}, &taken}}, nil
	})
	path := handle(analystKey)
	tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return c, err
	}}
	defer tr.CloseIdleConnections()
	e.client.Transport = tr
	resp := e.do("GET", path, analystKey, "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := io.CopyN(io.Discard, resp.Body, first); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > first/8 {
		t.Errorf("%d bytes were allocated to pass %d on, want next to none", grown, first)
	}
	held := int64(0)
	within(t, 20*time.Second, "the gateway stops taking", func() bool {
		was := taken.Load()
		time.Sleep(200 * time.Millisecond)
		held = taken.Load() - first
		return was == taken.Load()
	})
	if held > bound {
		t.Errorf("%d KB lie between the provider and a reader who does not read, want %d at most", held>>10, bound>>10)
	}
	_ = resp.Body.Close()
}

// metered counts what was taken of a body.
type metered struct {
	io.Reader
	taken *atomic.Int64
}

func (m metered) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	m.taken.Add(int64(n))
	return n, err
}

func (m metered) Close() error { return nil }
