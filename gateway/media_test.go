package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// file is what a fake provider serves: by http.ServeContent, so with real ranges.
type file struct {
	data  []byte
	etag  string
	asked atomic.Int64
}

func (f *file) serve(_ context.Context, _ connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	f.asked.Add(1)
	req, _ := http.NewRequest("GET", "/", nil)
	if r != nil {
		req.Header.Set("Range", r.Header)
		if r.IfRange != "" {
			req.Header.Set("If-Range", r.IfRange)
		}
	}
	w := &memoryResponse{header: http.Header{"Etag": {f.etag}}}
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(f.data))
	w.header.Set("X-Provider", "never passed on")
	w.header.Set("Set-Cookie", "a=b")
	return connectors.Media{Status: w.status, Header: w.header, Body: io.NopCloser(&w.body)}, nil
}

type memoryResponse struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (w *memoryResponse) Header() http.Header         { return w.header }
func (w *memoryResponse) WriteHeader(s int)           { w.status = s }
func (w *memoryResponse) Write(b []byte) (int, error) { return w.body.Write(b) }

type mediaFunc = func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error)

// withFile is a ticket with one attachment; it returns its handle for a key.
func withFile(t testing.TB, name, mediaType string, media mediaFunc, change ...func(*setup)) (*env, func(key string) string) {
	m := message("1", "see the file")
	m.Attachments = []connectors.Attachment{{ID: "71", Name: connectors.NewText(name), MediaType: mediaType, State: connectors.AttachmentOK,
		At: connectors.Locator{What: "attachment", ID: "71", URL: "https://acme.fake.example/attachments/token/abcdef/"}},
		{ID: "72", State: connectors.AttachmentBlocked, At: connectors.Locator{What: "attachment", ID: "72"}}}
	rec := &connectors.Recording{ID: "171", MediaType: "audio/mpeg", Locator: connectors.Locator{What: "recording", ID: "171"}}
	e := withFake(t, &fake{open: parts(m, rec), media: media}, change...)
	return e, func(key string) string {
		got := e.lines(e.do("GET", ticket, key, ""))
		a := got[1]["attachments"].([]any)
		if a[1].(map[string]any)["handle"] != nil {
			t.Errorf("a blocked file has a handle")
		}
		if got[2]["handle"] == nil {
			t.Errorf("the recording has no handle")
		}
		return "/api/v1/media/" + a[0].(map[string]any)["handle"].(string)
	}
}

var pcm = append([]byte("RIFF\x24\x00\x01\x00WAVEfmt "), bytes.Repeat([]byte("0123456789abcdef"), 6000)...)

func TestMediaWholeAndRanges(t *testing.T) {
	f := &file{data: pcm, etag: `"v1"`}
	e, handle := withFile(t, "call.wav", "audio/x-wav", f.serve)
	path := handle(analystKey)
	size := len(pcm)
	for _, tc := range []struct {
		rng, ifRange string
		status       int
		first, last  int
	}{
		{"", "", 200, 0, size - 1},
		{"bytes=0-", "", 206, 0, size - 1},
		{"bytes=10-19", "", 206, 10, 19},
		{"bytes=-5", "", 206, size - 5, size - 1},
		{"bytes=100-999999999", "", 206, 100, size - 1},
		{"bytes=0-1,5-6", "", 200, 0, size - 1}, // several: the whole
		{"bytes=5-4", "", 200, 0, size - 1},
		{"bytes=9999999999999999999999-", "", 200, 0, size - 1},
		{"lines=0-1", "", 200, 0, size - 1},
		{"bytes=0-9", `"v1"`, 206, 0, 9},
		{"bytes=0-9", `"v0"`, 200, 0, size - 1},
	} {
		h := []string{}
		if tc.rng != "" {
			h = append(h, "Range", tc.rng)
		}
		if tc.ifRange != "" {
			h = append(h, "If-Range", tc.ifRange)
		}
		resp := e.do("GET", path, analystKey, "", h...)
		body := read(t, resp)
		if resp.StatusCode != tc.status || body != string(pcm[tc.first:tc.last+1]) {
			t.Errorf("Range %q If-Range %q: got %d with %d bytes, want %d with %d", tc.rng, tc.ifRange, resp.StatusCode, len(body), tc.status, tc.last-tc.first+1)
		}
		if got, want := resp.Header.Get("Content-Length"), strconv.Itoa(tc.last-tc.first+1); got != want {
			t.Errorf("Range %q: Content-Length %s, want %s", tc.rng, got, want)
		}
		if want := fmt.Sprintf("bytes %d-%d/%d", tc.first, tc.last, size); tc.status == 206 && resp.Header.Get("Content-Range") != want {
			t.Errorf("Range %q: Content-Range %s, want %s", tc.rng, resp.Header.Get("Content-Range"), want)
		}
		if resp.Header.Get("Etag") != `"v1"` || resp.Header.Get("X-Provider") != "" || len(resp.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("Range %q: headers %v", tc.rng, resp.Header)
		}
	}
}

func TestMediaHeaders(t *testing.T) {
	f := &file{data: pcm, etag: `"v1"`}
	e, handle := withFile(t, "Übersicht \"1\"\r\n.wav", "audio/x-wav", f.serve)
	resp := e.do("GET", handle(analystKey), analystKey, "")
	for k, want := range map[string]string{
		"Content-Type": "audio/wave", "Cache-Control": "no-store, no-transform", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'", "Accept-Ranges": "bytes",
		"Content-Disposition": `inline; filename="_bersicht _1_.wav"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.wav`,
	} {
		if got := resp.Header.Get(k); got != want {
			t.Errorf("%s: got %q, want %q", k, got, want)
		}
	}
}

func TestMediaTypesAreSniffed(t *testing.T) {
	m, f := message("1", "see the file"), &file{}
	e := withFake(t, &fake{open: parts(m), media: f.serve})
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 600)
	for _, tc := range []struct{ claimed, data, want, how string }{
		{"image/png", png, "image/png", "inline"},
		{"text/html", png, "image/png", "inline"},
		{"image/jpeg", "<html><script>alert(1)</script></html>", "application/octet-stream", "attachment"},
		{"image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "application/octet-stream", "attachment"},
		{"image/svg+xml", `<?xml version="1.0"?><svg/>`, "application/octet-stream", "attachment"},
		{"application/pdf", "%PDF-1.7\n" + strings.Repeat("x", 600), "application/pdf", "inline"},
		{"text/plain", "hello", "text/plain; charset=utf-8", "attachment"},
		{"text/html", "hello", "application/octet-stream", "attachment"},
		{"application/zip", "PK\x03\x04" + strings.Repeat("\x00", 600), "application/octet-stream", "attachment"},
		{"audio/mpeg", "\xff\xfb\x90\x44" + strings.Repeat("\x00", 600), "audio/mpeg", "inline"},
		{"application/octet-stream", "ID3\x03" + strings.Repeat("\x00", 600), "audio/mpeg", "inline"},
		{"audio/aac", "\x00\x01\x02" + strings.Repeat("\x00", 600), "audio/aac", "inline"},
		{"", "", "application/octet-stream", "attachment"},
	} {
		m.Attachments = []connectors.Attachment{{ID: "71", Name: connectors.NewText("f"), MediaType: tc.claimed, State: connectors.AttachmentOK,
			At: connectors.Locator{What: "attachment", ID: "71"}}}
		f.data = []byte(tc.data)
		path := e.lines(e.do("GET", ticket, analystKey, ""))[1]["attachments"].([]any)[0].(map[string]any)["handle"].(string)
		resp := e.do("GET", "/api/v1/media/"+path, analystKey, "")
		if got := resp.Header.Get("Content-Type"); got != tc.want || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), tc.how) || read(t, resp) != tc.data {
			t.Errorf("claimed %q, data %.20q: got %q, %q; want %q, %s", tc.claimed, tc.data, got, resp.Header.Get("Content-Disposition"), tc.want, tc.how)
		}
	}
}

func TestHeadMedia(t *testing.T) {
	f := &file{data: pcm, etag: `"v1"`}
	e, handle := withFile(t, "call.wav", "audio/x-wav", f.serve)
	resp := e.do("HEAD", handle(analystKey), analystKey, "")
	if resp.StatusCode != 200 || resp.ContentLength != int64(len(pcm)) || resp.Header.Get("Accept-Ranges") != "bytes" || resp.Header.Get("Content-Range") != "" {
		t.Errorf("got %d, length %d, %v", resp.StatusCode, resp.ContentLength, resp.Header)
	}
	if resp := e.do("HEAD", "/api/v1/media/h1.none", analystKey, ""); resp.StatusCode != 404 || read(t, resp) != "" {
		t.Errorf("HEAD of a forged handle: %d", resp.StatusCode)
	}
}

func TestRangePastTheEndIs416(t *testing.T) {
	e, handle := withFile(t, "call.wav", "audio/x-wav", (&file{data: pcm}).serve)
	resp := e.do("GET", handle(analystKey), analystKey, "", "Range", "bytes=99999999-")
	if p := problemOf(t, resp); resp.StatusCode != 416 || p["code"] != "bad_range" || resp.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(pcm)) {
		t.Errorf("got %d, Content-Range %q, %v", resp.StatusCode, resp.Header.Get("Content-Range"), p)
	}
}

func TestHandlesOpenForOnePersonOnly(t *testing.T) {
	e, handle := withFile(t, "a", "", (&file{data: pcm}).serve)
	path := handle(analystKey)
	id := []string{"X-Request-Id", "the-same-request"}
	want := read(t, e.do("GET", "/api/v1/media/h1.AAAA", analystKey, "", id...))
	forged := path[:len(path)-4] + "AAAA"
	for name, resp := range map[string]*http.Response{
		"another's":    e.do("GET", path, bothKey, "", id...),
		"another site": e.do("GET", path, otherKey, "", id...),
		"forged":       e.do("GET", forged, analystKey, "", id...),
		"cut":          e.do("GET", path[:len(path)-1], analystKey, "", id...),
		"longer":       e.do("GET", path+"A", analystKey, "", id...),
		"padded":       e.do("GET", path+"=", analystKey, "", id...),
	} {
		if got := read(t, resp); resp.StatusCode != 404 || got != want {
			t.Errorf("%s: got %d %s", name, resp.StatusCode, got)
		}
	}
	for _, path := range []string{path + "/x", path + "%2fx"} {
		if resp := e.do("GET", path, analystKey, ""); resp.StatusCode != 404 {
			t.Errorf("%s…: got %d", path[:30], resp.StatusCode)
		}
	}
	if resp := e.do("GET", path, "", ""); resp.StatusCode != 401 {
		t.Errorf("without a sign-in: got %d", resp.StatusCode)
	}
}

func TestHandleExpires(t *testing.T) {
	var offset atomic.Int64
	e, handle := withFile(t, "a", "", (&file{data: pcm}).serve, func(s *setup) {
		s.deps = func(d *gateway.Deps) {
			d.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
		}
	})
	path := handle(analystKey)
	offset.Store(int64(13 * time.Hour))
	resp := e.do("GET", path, analystKey, "")
	if p := problemOf(t, resp); resp.StatusCode != 410 || p["code"] != "handle_expired" {
		t.Errorf("got %d %v", resp.StatusCode, p)
	}
}

func TestShortBodyNeverEndsCleanly(t *testing.T) {
	for name, header := range map[string]http.Header{"with a length": {"Content-Length": {"100000"}}, "without": {}} {
		e, handle := withFile(t, "a", "", func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
			body := io.MultiReader(strings.NewReader(strings.Repeat("x", 50_000)), errorReader{&connectors.Error{Code: connectors.CodeProviderCut}})
			return connectors.Media{Status: 200, Header: header, Body: io.NopCloser(body)}, nil
		})
		resp := e.do("GET", handle(analystKey), analystKey, "")
		if b, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("%s: %d bytes ended cleanly", name, len(b))
		}
		_ = e.stop()
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestWrongAnswersOfAProviderAreRefused(t *testing.T) {
	var m connectors.Media
	e, handle := withFile(t, "a", "", func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
		m.Body = io.NopCloser(strings.NewReader("0123456789"))
		return m, nil
	})
	path := handle(analystKey)
	for name, wrong := range map[string]connectors.Media{
		"other start":       {Status: 206, Header: http.Header{"Content-Range": {"bytes 20-29/100"}}},
		"longer than asked": {Status: 206, Header: http.Header{"Content-Range": {"bytes 10-99/100"}}},
		"no content-range":  {Status: 206, Header: http.Header{}},
		"length lies":       {Status: 206, Header: http.Header{"Content-Range": {"bytes 10-19/100"}, "Content-Length": {"9"}}},
		"beyond the size":   {Status: 206, Header: http.Header{"Content-Range": {"bytes 10-19/15"}}},
		"no content":        {Status: 204, Header: http.Header{}},
	} {
		m = wrong
		resp := e.do("GET", path, analystKey, "", "Range", "bytes=10-19")
		if p := problemOf(t, resp); p["code"] != "provider_nonsense" {
			t.Errorf("%s: got %v", name, p)
		}
	}
}

func TestHTMLInPlaceOfARecording(t *testing.T) {
	e, _ := withFile(t, "a", "", (&file{data: []byte("<html>Please sign in</html>")}).serve)
	rec := e.lines(e.do("GET", ticket, analystKey, ""))[2]["handle"].(string)
	if p := problemOf(t, e.do("GET", "/api/v1/media/"+rec, analystKey, "")); p["code"] != "provider_nonsense" {
		t.Errorf("got %v", p)
	}
}

func TestManyRangesAreTwoAuditRows(t *testing.T) {
	f := &file{data: pcm}
	e, handle := withFile(t, "a", "", f.serve, func(s *setup) {
		s.config = func(c *gateway.Config) { c.MediaIdle, c.RightsEvery = 300*time.Millisecond, 50*time.Millisecond }
	})
	path := handle(analystKey)
	for i := range 20 {
		_ = read(t, e.do("GET", path, analystKey, "", "Range", fmt.Sprintf("bytes=%d-%d", i*100, i*100+99)))
	}
	within(t, 3*time.Second, "a media_closed row", func() bool { return e.audit()[0].Event == records.AuditMediaClosed })
	rows := e.audit()
	if len(rows) != 4 {
		t.Fatalf("got %d rows, want 4: %+v", len(rows), rows)
	}
	if rows[0].Bytes != 2000 || rows[0].Thing != "71" || rows[1].Event != records.AuditMediaOpened || rows[0].Open != rows[3].Open {
		t.Errorf("rows: %+v", rows)
	}
}

func TestNoAuditRowNoMedia(t *testing.T) {
	f := &file{data: pcm}
	e, handle := withFile(t, "a", "", f.serve)
	path := handle(analystKey)
	e.store.fail(errors.New("disk full"), nil)
	if p := problemOf(t, e.do("GET", path, analystKey, "")); p["code"] != "audit_unavailable" || f.asked.Load() != 0 {
		t.Errorf("got %v, provider asked %d times", p, f.asked.Load())
	}
	e.store.fail(nil, nil)
	if resp := e.do("GET", path, analystKey, ""); resp.StatusCode != 200 {
		t.Errorf("after the database came back: %d", resp.StatusCode)
	}
}

func TestStalledProviderHasItsHeaderPassedOn(t *testing.T) {
	more := make(chan struct{})
	e, handle := withFile(t, "a", "audio/mpeg", func(ctx context.Context, _ connectors.Locator, _ *connectors.ByteRange) (connectors.Media, error) {
		r, w := io.Pipe()
		go func() {
			_, _ = io.WriteString(w, "ID3\x03"+strings.Repeat("\x00", 600))
			<-more
			_ = w.Close()
		}()
		return connectors.Media{Status: 200, Header: http.Header{}, Body: r}, nil
	})
	resp := e.do("GET", handle(analystKey), analystKey, "") // returns when the header is there
	buf := make([]byte, 600)
	if _, err := io.ReadFull(resp.Body, buf); err != nil {
		t.Errorf("what the provider has sent does not arrive: %v", err)
	}
	close(more)
	_, _ = io.Copy(io.Discard, resp.Body)
}

func TestStreamsOfOnePersonAreBounded(t *testing.T) {
	hold := make(chan struct{})
	var begun atomic.Int64
	e, handle := withFile(t, "a", "", func(ctx context.Context, _ connectors.Locator, _ *connectors.ByteRange) (connectors.Media, error) {
		begun.Add(1)
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return connectors.Media{}, &connectors.Error{Code: connectors.CodeGone, Provider: "fake"}
	}, func(s *setup) { s.config = func(c *gateway.Config) { c.StreamsPerPrincipal = 2 } })
	path := handle(analystKey)
	done := make(chan int, 2)
	for range 2 {
		go func() {
			resp, err := e.try(context.Background(), "GET", path, analystKey, "")
			if err != nil {
				done <- 0
				return
			}
			_ = resp.Body.Close()
			done <- resp.StatusCode
		}()
	}
	within(t, 5*time.Second, "two have begun", func() bool { return begun.Load() == 2 })
	if resp := e.do("GET", path, analystKey, ""); resp.StatusCode != 429 {
		t.Errorf("a third: got %d, want 429", resp.StatusCode)
	}
	close(hold)
	if a, b := <-done, <-done; a != 410 || b != 410 {
		t.Errorf("the two: %d, %d", a, b)
	}
}
