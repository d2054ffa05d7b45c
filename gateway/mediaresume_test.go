package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
)

// flaky serves a file and spoils one answer after the other as its script says; after the last, none.
type flaky struct {
	file
	script []spoil

	mu    sync.Mutex
	asked []connectors.ByteRange // a nil range is the zero value
}

// spoil changes an answer; answer is the file's own.
type spoil func(ctx context.Context, r *connectors.ByteRange, answer connectors.Media) (connectors.Media, error)

func (f *flaky) open(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	f.mu.Lock()
	i, script := len(f.asked), f.script
	f.asked = append(f.asked, connectors.ByteRange{})
	if r != nil {
		f.asked[i] = *r
	}
	f.mu.Unlock()
	m, err := f.serve(ctx, at, r)
	if err == nil && i < len(script) {
		return script[i](ctx, r, m)
	}
	return m, err
}

// play makes f do s next, and forgets what was asked.
func (f *flaky) play(s ...spoil) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script, f.asked = s, nil
}

func (f *flaky) requests() []connectors.ByteRange {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// breaks lets n bytes through, and then says err; nil: ends as if that were all.
func breaks(n int64, err error) spoil {
	return func(_ context.Context, _ *connectors.ByteRange, m connectors.Media) (connectors.Media, error) {
		m.Body = io.NopCloser(io.LimitReader(m.Body, n))
		if err != nil {
			m.Body = io.NopCloser(io.MultiReader(m.Body, errorReader{err}))
		}
		return m, nil
	}
}

func says(code connectors.Code, wait time.Duration) *connectors.Error {
	return &connectors.Error{Code: code, Provider: "fake", Op: "media.read", RetryAfter: wait}
}

// fails gives no answer at all.
func fails(err error) spoil {
	return func(context.Context, *connectors.ByteRange, connectors.Media) (connectors.Media, error) {
		return connectors.Media{}, err
	}
}

// with changes a header of an answer, or its status.
func with(key, value string, then ...spoil) spoil {
	return func(ctx context.Context, r *connectors.ByteRange, m connectors.Media) (connectors.Media, error) {
		if key == "Status" {
			_, _ = fmt.Sscan(value, &m.Status)
		} else if m.Header.Set(key, value); value == "" {
			m.Header.Del(key)
		}
		for _, s := range then {
			m, _ = s(ctx, r, m)
		}
		return m, nil
	}
}

// whole ignores Range.
func (f *flaky) whole(then ...spoil) spoil {
	return func(ctx context.Context, r *connectors.ByteRange, _ connectors.Media) (connectors.Media, error) {
		m, err := f.serveWhole(ctx, connectors.Locator{}, nil)
		for _, s := range then {
			m, err = s(ctx, r, m)
		}
		return m, err
	}
}

var cut = says(connectors.CodeProviderCut, 0)

// withFlaky is a gateway in front of a file of 960 KB.
func withFlaky(t *testing.T, change ...func(*setup)) (*env, *flaky, string) {
	f := &flaky{file: file{data: bytes.Repeat(pcm, 10), etag: `"v1"`}}
	e, handle := withFile(t, "call.wav", "audio/x-wav", f.open, change...)
	return e, f, handle(analystKey)
}

// TestABrokenBodyIsGoneOnWith: what arrives is whole, and the provider was asked only for what lacked.
func TestABrokenBodyIsGoneOnWith(t *testing.T) {
	e, f, path := withFlaky(t)
	size := len(f.data)
	for _, tc := range []struct {
		name, rng string
		script    []spoil
		asked     string // what the provider was asked for from the second request on
	}{
		{"the whole", "", []spoil{breaks(500_000, cut)}, "bytes=500000-%d"},
		{"before the header", "", []spoil{breaks(100, cut)}, "bytes=100-%d"},
		{"before the first byte", "", []spoil{breaks(0, cut)}, "bytes=0-%d"},
		{"a part", "bytes=1000-700999", []spoil{breaks(400_000, cut)}, "bytes=401000-700999"},
		{"the last bytes", "bytes=-400000", []spoil{breaks(399_999, cut)}, "bytes=%[1]d-%[1]d"},
		{"an end that is none", "", []spoil{breaks(300_000, nil)}, "bytes=300000-%d"},
		{"a part that ends early", "bytes=10-", []spoil{with("Content-Length", "", breaks(300_000, nil))}, "bytes=300010-%d"},
		{"a stall", "", []spoil{breaks(500_000, says(connectors.CodeProviderSlow, 0))}, "bytes=500000-%d"},
		{"twice", "", []spoil{breaks(300_000, cut), breaks(300_000, cut)}, "bytes=300000-%[1]d bytes=600000-%[1]d"},
		{"refused for a moment", "", []spoil{breaks(300_000, cut), fails(says(connectors.CodeRateLimited, 20*time.Millisecond)), fails(says(connectors.CodeProviderDown, 0))},
			strings.TrimSpace(strings.Repeat("bytes=300000-%[1]d ", 3))},
		{"again and again, but it gets on", "", slices.Repeat([]spoil{breaks(70_000, cut)}, 13), "13 times"},
		{"a provider without ranges", "", []spoil{breaks(500_000, cut), f.whole()}, "bytes=500000-%d"},
		{"and it breaks again", "", []spoil{breaks(500_000, cut), f.whole(breaks(1000, cut)), f.whole(breaks(600_000, cut)), f.whole()}, "bytes=500000-%[1]d bytes=500000-%[1]d bytes=600000-%[1]d"},
		{"while skipping", "bytes=600000-", []spoil{f.whole(breaks(300_000, cut)), f.whole()}, "bytes=300000-%d"},
	} {
		f.play(tc.script...)
		h := []string{}
		want := f.data
		if tc.rng != "" {
			h = []string{"Range", tc.rng}
			want = fileServer(t, f.data, h).Body.Bytes()
		}
		resp := e.do("GET", path, analystKey, "", h...)
		if got := read(t, resp); got != string(want) {
			t.Errorf("%s: %d bytes, want the %d of the file", tc.name, len(got), len(want))
		}
		var asked []string
		for _, r := range f.requests()[1:] {
			if r.IfRange != `"v1"` {
				t.Errorf("%s: asked for %s under %q, want the file's tag", tc.name, r.Header, r.IfRange)
			}
			asked = append(asked, r.Header)
		}
		last := strings.ReplaceAll(tc.asked, "%[1]d", fmt.Sprint(size-1))
		last = strings.ReplaceAll(last, "%d", fmt.Sprint(size-1))
		if tc.asked == "13 times" {
			last = strings.Join(asked, " ")
			if len(asked) != 13 {
				t.Errorf("%s: asked %d times more, want 13", tc.name, len(asked))
			}
		}
		if got := strings.Join(asked, " "); got != last {
			t.Errorf("%s: then asked for %q, want %q", tc.name, got, last)
		}
	}
}

// TestBytesOfTwoVersionsAreNotJoined: what cannot be proven to be the same file aborts the connection.
func TestBytesOfTwoVersionsAreNotJoined(t *testing.T) {
	e, f, path := withFlaky(t)
	const at = 500_000
	size := len(f.data)
	for _, tc := range []struct {
		name   string
		asked  int
		script []spoil
	}{
		{"no ETag", 1, []spoil{with("Etag", "", breaks(at, cut))}},
		{"a weak ETag", 1, []spoil{with("Etag", `W/"v1"`, breaks(at, cut)), with("Etag", `W/"v1"`)}},
		{"a date only", 1, []spoil{with("Etag", "", with("Last-Modified", changed, breaks(at, cut)))}},
		{"no length", 1, []spoil{with("Content-Length", "", breaks(at, cut))}},
		{"the whole of another version", 2, []spoil{breaks(at, cut), f.whole(with("Etag", `"v2"`))}},
		{"a part of another version", 2, []spoil{breaks(at, cut), with("Etag", `"v2"`)}},
		{"a part without ETag", 2, []spoil{breaks(at, cut), with("Etag", "")}},
		{"a part with a weak one", 2, []spoil{breaks(at, cut), with("Etag", `W/"v1"`)}},
		{"another length", 2, []spoil{breaks(at, cut), with("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, size-1, size+1))}},
		{"another place", 2, []spoil{breaks(at, cut), with("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at-1, size-1, size))}},
		{"less than the rest", 2, []spoil{breaks(at, cut), with("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, size-2, size))}},
		{"a part that says nothing", 2, []spoil{breaks(at, cut), with("Content-Range", "")}},
		{"the whole, of another length", 2, []spoil{breaks(at, cut), f.whole(with("Content-Length", "5"))}},
		{"past its end", 2, []spoil{breaks(at, cut), with("Status", "416")}},
		{"deleted", 2, []spoil{breaks(at, cut), fails(says(connectors.CodeGone, 0))}},
		{"a long wait", 2, []spoil{breaks(at, cut), fails(says(connectors.CodeRateLimited, time.Minute))}},
		{"no progress", 4, []spoil{breaks(at, cut), breaks(10, cut), breaks(10, cut), breaks(10, cut)}},
	} {
		f.play(tc.script...)
		resp := e.do("GET", path, analystKey, "")
		b, err := io.ReadAll(resp.Body)
		if err == nil || !bytes.HasPrefix(f.data, b) {
			t.Errorf("%s: %d bytes, error %v; want the beginning of the first version and an abort", tc.name, len(b), err)
		}
		if got := len(f.requests()); got != tc.asked {
			t.Errorf("%s: the provider was asked %d times, want %d", tc.name, got, tc.asked)
		}
	}
	metrics := scrape(t, e.server.Metrics())
	for _, want := range []string{
		`sightglass_media_resumes_total{provider="fake",result="no_validator"} 4`,
		`sightglass_media_resumes_total{provider="fake",result="other_version"} 10`,
		`sightglass_media_resumes_total{provider="fake",result="failed"} 3`,
		`sightglass_media_aborts_total{code="provider_cut",provider="fake"} 15`,
		`sightglass_media_aborts_total{code="gone",provider="fake"} 1`,
		`sightglass_media_aborts_total{code="rate_limited",provider="fake"} 1`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if log := e.log.String(); !strings.Contains(log, `"media aborted"`) || !strings.Contains(log, "not of the same version") {
		t.Error("the log does not say that answers were aborted, and why")
	}
}

// TestAnErrorBeforeTheFirstByteIsTold: nothing has been sent, so that it can be.
func TestAnErrorBeforeTheFirstByteIsTold(t *testing.T) {
	e, f, path := withFlaky(t)
	for _, tc := range []struct {
		script []spoil
		code   string
	}{
		{[]spoil{breaks(0, says(connectors.CodeProviderSlow, 0))}, "provider_slow"},
		{[]spoil{breaks(0, cut), breaks(0, cut), breaks(0, cut), breaks(0, cut)}, "provider_cut"},
		{[]spoil{breaks(0, cut), fails(says(connectors.CodeGone, 0))}, "gone"},
		{[]spoil{breaks(0, cut), with("Etag", `"v2"`)}, "provider_cut"},
	} {
		f.play(tc.script...)
		if p := problemOf(t, e.do("GET", path, analystKey, "")); p["code"] != tc.code || len(f.requests()) > 4 {
			t.Errorf("got %v after %d requests, want %s", p, len(f.requests()), tc.code)
		}
	}
}

// stalls gives n bytes and then nothing; closed is closed with the body.
func stalls(n int64, closed chan struct{}) spoil {
	return func(ctx context.Context, _ *connectors.ByteRange, m connectors.Media) (connectors.Media, error) {
		m.Body = &stuck{io.LimitReader(m.Body, n), ctx, closed}
		return m, nil
	}
}

// TestStoppingEndsMedia: what is still being sent when the time to drain is over is aborted.
func TestStoppingEndsMedia(t *testing.T) {
	e, f, path := withFlaky(t, func(s *setup) {
		s.config = func(c *gateway.Config) { c.Drain = 200 * time.Millisecond }
	})
	closed := make(chan struct{})
	f.play(stalls(500_000, closed))
	resp := e.do("GET", path, analystKey, "")
	if _, err := io.ReadFull(resp.Body, make([]byte, 500_000)); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	must(t, e.stop())
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("stopping took %v", d)
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil || n != 0 {
		t.Errorf("%d bytes more, error %v; want an abort", n, err)
	}
	select {
	case <-closed:
	default:
		t.Error("the provider's body is still open")
	}
	if got := len(f.requests()); got != 1 {
		t.Errorf("the provider was asked %d times, want 1: a stop is no fault of its", got)
	}
}

// TestAStopLetsMediaFinish: within the time to drain.
func TestAStopLetsMediaFinish(t *testing.T) {
	e, f, path := withFlaky(t, func(s *setup) {
		s.config = func(c *gateway.Config) { c.Drain = 30 * time.Second }
	})
	more := make(chan struct{})
	f.play(func(_ context.Context, _ *connectors.ByteRange, m connectors.Media) (connectors.Media, error) {
		m.Body = io.NopCloser(io.MultiReader(io.LimitReader(m.Body, 500_000), waitFor(more), m.Body))
		return m, nil
	})
	resp := e.do("GET", path, analystKey, "")
	if _, err := io.ReadFull(resp.Body, make([]byte, 500_000)); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- e.stop() }()
	within(t, 5*time.Second, "new ones are refused", func() bool {
		again, err := e.try(context.Background(), "GET", "/livez", "", "")
		if err == nil {
			_ = again.Body.Close()
		}
		return err != nil
	})
	close(more)
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != int64(len(f.data)-500_000) {
		t.Errorf("%d bytes more, error %v; want the rest of %d", n, err, len(f.data))
	}
	must(t, <-stopped)
}

// waitFor reads as nothing, once the channel is closed.
func waitFor(c chan struct{}) io.Reader { return readFunc(func() { <-c }) }

type readFunc func()

func (f readFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
