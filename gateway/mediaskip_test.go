package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// serveWhole is a provider that has never heard of ranges.
func (f *file) serveWhole(ctx context.Context, at connectors.Locator, _ *connectors.ByteRange) (connectors.Media, error) {
	m, err := f.serve(ctx, at, nil)
	m.Header.Del("Accept-Ranges")
	return m, err
}

const (
	changed = "Tue, 24 Nov 2026 10:00:00 GMT"
	earlier = "Tue, 24 Nov 2026 09:00:00 GMT"
)

// TestRangesOfAProviderThatHasNone: what comes out is what net/http's file server, which has ranges,
// makes of the same request.
func TestRangesOfAProviderThatHasNone(t *testing.T) {
	data := pcm[:5000]
	f := &file{data: data, etag: `"v1"`}
	e, handle := withFile(t, "call.wav", "audio/x-wav", func(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
		m, err := f.serveWhole(ctx, at, r)
		m.Header.Set("Last-Modified", changed)
		return m, err
	})
	path := handle(analystKey)
	ranges := []string{"bytes=0-", "bytes=0-0", "bytes=0-4999", "bytes=4999-", "bytes=-1", "bytes=-5000", "bytes=-9999", "bytes=100-99999", "bytes=511-600", "bytes=5000-", "bytes=99999-", "bytes=5000-6000"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		first := rnd.IntN(5200)
		ranges = append(ranges, fmt.Sprintf("bytes=%d-%d", first, first+rnd.IntN(3000)))
	}
	for i, rng := range ranges {
		conditions := []string{"", `"v1"`, `"v0"`, `W/"v1"`, changed, earlier, "nonsense"}
		if i > 4 {
			conditions = conditions[:1]
		}
		for _, cond := range conditions {
			h := []string{"Range", rng}
			if cond != "" {
				h = append(h, "If-Range", cond)
			}
			want := fileServer(t, data, h)
			resp := e.do("GET", path, analystKey, "", h...)
			body := read(t, resp)
			if resp.StatusCode != want.Code || resp.Header.Get("Content-Range") != want.Header().Get("Content-Range") {
				t.Fatalf("%v: got %d, Content-Range %q; want %d, %q", h, resp.StatusCode, resp.Header.Get("Content-Range"), want.Code, want.Header().Get("Content-Range"))
			}
			if want.Code == http.StatusRequestedRangeNotSatisfiable {
				continue
			}
			if body != want.Body.String() || resp.Header.Get("Content-Length") != strconv.Itoa(want.Body.Len()) {
				t.Fatalf("%v: got %d bytes, Content-Length %s; want %d", h, len(body), resp.Header.Get("Content-Length"), want.Body.Len())
			}
			if got := resp.Header.Get("Accept-Ranges"); want.Code == http.StatusPartialContent && got != "bytes" {
				t.Errorf("%v: Accept-Ranges %q, want bytes", h, got)
			}
			if got := resp.Header.Get("Content-Type"); got != "audio/wave" || resp.Header.Get("Etag") != `"v1"` {
				t.Errorf("%v: Content-Type %q, Etag %q", h, got, resp.Header.Get("Etag"))
			}
		}
	}
	resp := e.do("HEAD", path, analystKey, "")
	if resp.StatusCode != 200 || resp.ContentLength != 5000 || resp.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD: %d, length %d, Accept-Ranges %q; want 200, 5000, bytes", resp.StatusCode, resp.ContentLength, resp.Header.Get("Accept-Ranges"))
	}
}

func fileServer(t *testing.T, data []byte, header []string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	w.Header().Set("Etag", `"v1"`)
	at, err := http.ParseTime(changed)
	must(t, err)
	http.ServeContent(w, req, "", at, bytes.NewReader(data))
	return w
}

// counting gives n bytes that nobody has in memory: each is its offset modulo 251.
type counting struct{ at, n int64 }

var cycle = func() []byte {
	b := make([]byte, 251*300)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}()

func (e *counting) Read(b []byte) (int, error) {
	if e.at >= e.n {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), e.n-e.at)]
	n := copy(b, cycle[e.at%251:])
	e.at += int64(n)
	return n, nil
}

// TestHowFarIsSkipped: up to 64 MB, and only where the length is known.
func TestHowFarIsSkipped(t *testing.T) {
	const mb = 1 << 20
	var size int64
	e, handle := withFile(t, "a", "audio/mpeg", func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
		h := http.Header{}
		if size >= 0 {
			h.Set("Content-Length", strconv.FormatInt(size, 10))
		}
		return connectors.Media{Status: 200, Header: h, Body: io.NopCloser(&counting{n: max(size, 2000)})}, nil
	})
	path := handle(analystKey)
	for _, tc := range []struct {
		size          int64 // -1: not told
		rng           string
		status        int
		ranges        string
		first, length int64
	}{
		{70 * mb, fmt.Sprintf("bytes=%d-%d", 64*mb, 64*mb+9), 206, "none", 64 * mb, 10},
		{70 * mb, fmt.Sprintf("bytes=%d-%d", 64*mb+1, 64*mb+9), 200, "none", 0, 70 * mb},
		{70 * mb, "bytes=0-", 200, "none", 0, 70 * mb}, // a player would go on to seek where it cannot
		{70 * mb, "bytes=0-99", 206, "none", 0, 100},
		{64 * mb, "bytes=0-", 206, "bytes", 0, 64 * mb},
		{64 * mb, "bytes=-1", 206, "bytes", 64*mb - 1, 1},
		{-1, "bytes=10-19", 200, "none", 0, -1},
		{0, "bytes=0-", 200, "none", 0, 0},
	} {
		size = tc.size
		resp := e.do("GET", path, analystKey, "", "Range", tc.rng)
		if resp.StatusCode != tc.status || resp.Header.Get("Accept-Ranges") != tc.ranges || resp.ContentLength != tc.length {
			t.Errorf("%s of %d: got %d, Accept-Ranges %q, length %d; want %d, %q, %d", tc.rng, tc.size,
				resp.StatusCode, resp.Header.Get("Accept-Ranges"), resp.ContentLength, tc.status, tc.ranges, tc.length)
		}
		b := make([]byte, min(max(tc.length, 0), 100))
		if _, err := io.ReadFull(resp.Body, b); err != nil {
			t.Errorf("%s of %d: %v", tc.rng, tc.size, err)
		}
		for i := range b {
			if want := byte((tc.first + int64(i)) % 251); b[i] != want {
				t.Errorf("%s of %d: byte %d is %d, want %d", tc.rng, tc.size, i, b[i], want)
				break
			}
		}
		_ = resp.Body.Close()
	}
}

// TestAPartOfAnotherVersionIsNotGiven: a provider that has ranges but does not look at If-Range. The
// client would put its part beside one of another version.
func TestAPartOfAnotherVersionIsNotGiven(t *testing.T) {
	f := &file{data: pcm, etag: `"v2"`}
	e, handle := withFile(t, "a", "audio/mpeg", func(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
		if r != nil {
			r = &connectors.ByteRange{Header: r.Header}
		}
		return f.serve(ctx, at, r)
	})
	path := handle(analystKey)
	for cond, status := range map[string]int{`"v1"`: 200, `"v2"`: 206, `W/"v2"`: 200, strings.Repeat("x", 300): 200} {
		resp := e.do("GET", path, analystKey, "", "Range", "bytes=10-19", "If-Range", cond)
		want := string(pcm)
		if status == 206 {
			want = want[10:20]
		}
		if got := read(t, resp); resp.StatusCode != status || got != want {
			t.Errorf("If-Range %.20s: got %d with %d bytes, want %d with %d", cond, resp.StatusCode, len(got), status, len(want))
		}
	}
}

func TestNoBytesAtAllIs416(t *testing.T) {
	f := &file{data: pcm}
	for name, media := range map[string]mediaFunc{"with ranges": f.serve, "without": f.serveWhole} {
		e, handle := withFile(t, "a", "", media)
		if resp := e.do("GET", handle(analystKey), analystKey, "", "Range", "bytes=-0"); problemOf(t, resp)["code"] != "bad_range" || resp.StatusCode != 416 {
			t.Errorf("a provider %s: got %d, want 416", name, resp.StatusCode)
		}
		_ = e.stop()
	}
}

// TestWhatIsSkippedIsNotHeard: the provider sends all of it, the reader was given the end.
func TestWhatIsSkippedIsNotHeard(t *testing.T) {
	e, open := withCallFrom(t, (&file{data: pcm}).serveWhole)
	id, path := open(analystKey)
	tenth := len(pcm) / 10
	if got := read(t, e.do("GET", path, analystKey, "", "Range", fmt.Sprintf("bytes=%d-", 9*tenth))); len(got) != len(pcm)-9*tenth {
		t.Fatalf("got %d bytes, want %d", len(got), len(pcm)-9*tenth)
	}
	_ = read(t, e.do("POST", heard(id), analystKey, `{"recording":"171","spans":[[0,60]]}`))
	row := e.closings(t, 1)[0]
	if len(row.Heard) != 1 || row.Heard[0].From < 50 || row.Heard[0].To != 60 || row.Bytes != int64(len(pcm)-9*tenth) {
		t.Errorf("heard %v, %d bytes; want the last tenth of a minute and its bytes only", row.Heard, row.Bytes)
	}
}

// stuck gives some bytes and then nothing until its request ends, as a body of upstream's does.
type stuck struct {
	io.Reader
	ctx    context.Context
	closed chan struct{}
}

func (s *stuck) Read(b []byte) (int, error) {
	if n, err := s.Reader.Read(b); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (s *stuck) Close() error { close(s.closed); return nil }

// TestLeavingDuringASkipEndsIt: the header is out at once, the bytes are still far away.
func TestLeavingDuringASkipEndsIt(t *testing.T) {
	closed := make(chan struct{})
	e, handle := withFile(t, "a", "audio/mpeg", func(ctx context.Context, _ connectors.Locator, _ *connectors.ByteRange) (connectors.Media, error) {
		return connectors.Media{Status: 200, Header: http.Header{"Content-Length": {"1000000"}},
			Body: &stuck{strings.NewReader(strings.Repeat("x", 2000)), ctx, closed}}, nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := e.try(ctx, "GET", handle(analystKey), analystKey, "", "Range", "bytes=500000-")
	must(t, err)
	if resp.StatusCode != 206 || resp.ContentLength != 500_000 {
		t.Errorf("got %d, length %d; want 206, 500000", resp.StatusCode, resp.ContentLength)
	}
	cancel()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Error("the provider's body is still open 5 s after the reader left")
	}
	_ = resp.Body.Close()
}
