package upstream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func both(f *fixture) map[string]*http.Client {
	return map[string]*http.Client{"api": f.API(), "media": f.Media()}
}

func TestCutBodies(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"shorter than its length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
		},
		"without the last chunk": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"reset": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		},
		"broken chunk": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nCANARY\r\n"),
	} {
		f := link(t, answer)
		for client, c := range both(f) {
			resp, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
			got, err := text(t, resp, err)
			if connectors.CodeOf(err) != connectors.CodeProviderCut || (got != "half" && name != "reset") {
				t.Errorf("%s, %s: got %q, %v; want what came, then provider_cut", name, client, got, err)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%s: the error holds what was sent: %v", name, err)
			}
		}
	}
}

// raw answers with bytes that net/http would not write, and closes.
func raw(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, s)
			_ = conn.Close()
		}
	}
}

// TestNonsenseBeforeTheHeader: net/http quotes what it could not parse; we do not.
func TestNonsenseBeforeTheHeader(t *testing.T) {
	for _, s := range []string{
		"CANARY\r\n\r\n", "HTTP/1.1 CANARY OK\r\n\r\n", "HTTP/1.1 200 OK\r\nCANARY\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: CANARY\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("CANARY", 20000) + "\r\n\r\n", "",
	} {
		f := link(t, raw(s))
		for client, c := range both(f) {
			_, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
			if connectors.CodeOf(err) != connectors.CodeProviderDown || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%.30q, %s: got %v, want provider_down without the text", s, client, err)
			}
		}
	}
}

func TestStalledBody(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, func(o *upstream.Options) { o.Limits.Stall = 100 * time.Millisecond })
	for client, c := range both(f) {
		resp, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
		got, err := text(t, resp, err)
		if got != "some" || connectors.CodeOf(err) != connectors.CodeProviderSlow {
			t.Errorf("%s: got %q, %v; want what came, then provider_slow", client, got, err)
		}
	}
}

// TestSlowReaderIsNoStall: backpressure is not the provider's silence.
func TestSlowReaderIsNoStall(t *testing.T) {
	f := link(t, say(strings.Repeat("x", 64<<10)), func(o *upstream.Options) { o.Limits.Stall = 50 * time.Millisecond })
	resp, err := f.get(t, "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b := make([]byte, 16<<10)
	for {
		time.Sleep(80 * time.Millisecond)
		if _, err := resp.Body.Read(b); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("got %v, want the end", err)
		}
	}
}

func TestNoFirstByte(t *testing.T) {
	f := link(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		func(o *upstream.Options) { o.Limits.FirstByte = 150 * time.Millisecond })
	for client, c := range both(f) {
		start := time.Now()
		_, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
		if d := time.Since(start); connectors.CodeOf(err) != connectors.CodeProviderSlow || d > time.Second {
			t.Errorf("%s: got %v after %v, want provider_slow after 150 ms, once", client, err, d)
		}
	}
}

// TestFirstByteBudgetIsForAllTries: retries do not multiply the time until a reader is told.
func TestFirstByteBudgetIsForAllTries(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		status(502)(w, r)
	}, func(o *upstream.Options) { o.Limits.FirstByte = 150 * time.Millisecond })
	start := time.Now()
	_, err := f.get(t, "/x")
	if d := time.Since(start); err == nil || d > 220*time.Millisecond {
		t.Errorf("got %v after %v, want an error after about 150 ms", err, d)
	}
}

func TestLeavingClosesUpstreamAtOnce(t *testing.T) {
	for _, leave := range []string{"cancel", "close"} {
		gone := make(chan time.Time, 2)
		f := link(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "some")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			gone <- time.Now()
		})
		for client, c := range both(f) {
			ctx, cancel := context.WithCancel(t.Context())
			resp, err := ask(ctx, t, c, "https://shop.acme.test/x")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadFull(resp.Body, make([]byte, 4))
			left := time.Now()
			if leave == "cancel" {
				cancel()
				if _, err := resp.Body.Read(make([]byte, 4)); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got %v, want the context's error", client, err)
				}
			}
			_ = resp.Body.Close()
			cancel()
			select {
			case at := <-gone:
				if d := at.Sub(left); d > 200*time.Millisecond {
					t.Errorf("%s, %s: upstream ended after %v", leave, client, d)
				}
			case <-time.After(2 * time.Second):
				t.Errorf("%s, %s: upstream goes on", leave, client)
			}
		}
	}
}

// TestConnectionsAreKept: a decoder stops at the last brace. The rest of the body is then drained, so
// that the next page needs no handshake.
func TestConnectionsAreKept(t *testing.T) {
	from := map[string]bool{}
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		from[r.RemoteAddr] = true
		_, _ = io.WriteString(w, "{}")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "\n")
	})
	for range 5 {
		resp, err := f.get(t, "/x")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadFull(resp.Body, make([]byte, 2))
		_ = resp.Body.Close()
	}
	if len(from) != 1 {
		t.Errorf("%d connections for 5 pages, want 1", len(from))
	}
}

func packed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func gzipped(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b)
	}
}

func TestGzip(t *testing.T) {
	good := packed([]byte(`{"ticket":1}`))
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   connectors.Code
	}{
		"whole":           {gzipped(good), ""},
		"repetitive":      {gzipped(packed(bytes.Repeat([]byte(" "), 500<<10))), ""},
		"cut inside":      {gzipped(good[:len(good)-9]), connectors.CodeProviderCut},
		"damaged":         {gzipped(append(append([]byte{}, good[:10]...), bytes.Repeat([]byte{0xff}, 40)...)), connectors.CodeProviderNonsense},
		"not gzip at all": {gzipped([]byte("CANARY, which is no gzip")), connectors.CodeProviderNonsense},
		"bomb":            {gzipped(packed(make([]byte, 4<<20))), connectors.CodeProviderNonsense},
		"other encoding":  {status(200, "Content-Encoding", "br"), connectors.CodeProviderNonsense},
		"endless":         {func(w http.ResponseWriter, _ *http.Request) { endless(w) }, connectors.CodeProviderNonsense},
	} {
		f := link(t, c.answer, func(o *upstream.Options) { o.Limits.MaxBody = 8 << 20 })
		start := time.Now()
		resp, err := f.get(t, "/x")
		n := int64(0)
		if err == nil {
			n, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if connectors.CodeOf(err) != c.want || n > 8<<20 || (name == "bomb" && n > 2<<20) || time.Since(start) > 3*time.Second {
			t.Errorf("%s: got %d bytes, %v after %v; want %q", name, n, err, time.Since(start), c.want)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error holds what was sent: %v", name, err)
		}
	}
}

func endless(w io.Writer) {
	for b := make([]byte, 64<<10); ; {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// TestGzipFlowsAsItComes: the first comment is out before its page has arrived.
func TestGzipFlowsAsItComes(t *testing.T) {
	on := make(chan struct{})
	f := link(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "first")
		_ = z.Flush()
		_ = http.NewResponseController(w).Flush()
		<-on
		_, _ = io.WriteString(z, "second")
		_ = z.Close()
	})
	resp, err := f.get(t, "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, b); err != nil || string(b) != "first" {
		t.Fatalf("got %q, %v", b, err)
	}
	close(on)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "second" {
		t.Errorf("got %q, %v; want second", rest, err)
	}
}

func TestMediaIsNotUnpacked(t *testing.T) {
	f := link(t, gzipped(packed([]byte("x"))))
	_, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/x")
	wantCode(t, err, connectors.CodeProviderNonsense)
	if got := f.api.requests()[0].Header.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("asked for %q, want identity", got)
	}
}

func TestErrorBodiesAreShort(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		endless(w)
	})
	resp, err := f.get(t, "/x")
	if got, err := text(t, resp, err); err != nil || len(got) != 16<<10 {
		t.Errorf("got %d bytes, %v; want 16 KB and an end", len(got), err)
	}
}

func TestRangesComeThrough(t *testing.T) {
	f := link(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "x.bin", time.Time{}, strings.NewReader("0123456789"))
	})
	for _, c := range []struct {
		rang, ifRange, want string
		status              int
	}{
		{"", "", "0123456789", 200}, {"bytes=2-4", "", "234", 206}, {"bytes=2-4", `"v1"`, "234", 206},
		{"bytes=2-4", `"v2"`, "0123456789", 200}, {"bytes=99-", "", "", 416},
	} {
		h := []string{}
		for k, v := range map[string]string{"Range": c.rang, "If-Range": c.ifRange} {
			if v != "" {
				h = append(h, k, v)
			}
		}
		resp, err := ask(t.Context(), t, f.Media(), "https://shop.acme.test/x", h...)
		if got, err := text(t, resp, err); err != nil || resp.StatusCode != c.status || (c.status != 416 && got != c.want) {
			t.Errorf("%+v: got %d %q, %v", c, resp.StatusCode, got, err)
		}
	}
}
