package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends bytes and reads answers until the connection ends or falls silent.
func (e *env) raw(pieces ...string) string {
	e.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://"))
	must(e.t, err)
	defer func() { _ = c.Close() }()
	for _, p := range pieces {
		_, err = io.WriteString(c, p)
		must(e.t, err)
		time.Sleep(5 * time.Millisecond)
	}
	_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestAmbiguousRequestsAreRefused(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	host := "Host: x\r\n"
	smuggled := "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, raw := range map[string]string{
		"TE and CL":            "POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"TE alone":             "POST /api/v1/session HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"TE other":             "POST /api/v1/session HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n" + smuggled,
		"TE upper, space":      "POST /livez HTTP/1.1\r\n" + host + "TRANSFER-ENCODING : chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"two lengths":          "POST /livez HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + smuggled,
		"list of lengths":      "POST /livez HTTP/1.1\r\n" + host + "Content-Length: 0, 0\r\n\r\n" + smuggled,
		"signed length":        "POST /livez HTTP/1.1\r\n" + host + "Content-Length: +4\r\n\r\n" + smuggled,
		"empty length":         "POST /livez HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n" + smuggled,
		"bare line feeds":      "GET /livez HTTP/1.1\nHost: x\n\n" + smuggled,
		"one bare line feed":   "GET /livez HTTP/1.1\r\nHost: x\nX: y\r\n\r\n" + smuggled,
		"bare carriage return": "GET /livez HTTP/1.1\r\nHost: x\rX: y\r\n\r\n" + smuggled,
		"folded":               "GET /livez HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n" + smuggled,
		"space before colon":   "GET /livez HTTP/1.1\r\n" + host + "X : a\r\n\r\n" + smuggled,
		"NUL":                  "GET /livez HTTP/1.1\r\n" + host + "X: a\x00b\r\n\r\n" + smuggled,
		"empty name":           "GET /livez HTTP/1.1\r\n" + host + ": a\r\n\r\n" + smuggled,
		"no colon":             "GET /livez HTTP/1.1\r\n" + host + "nonsense\r\n\r\n" + smuggled,
		"two hosts":            "GET /livez HTTP/1.1\r\n" + host + host + "\r\n" + smuggled,
		"endless head":         "GET /livez HTTP/1.1\r\n" + host + "X: " + strings.Repeat("a", 80<<10) + "\r\n\r\n" + smuggled,
	} {
		got := e.raw(raw)
		if n := strings.Count(got, "HTTP/1.1 "); n != 1 || !strings.HasPrefix(got, "HTTP/1.1 4") || strings.Contains(got, " 200 ") {
			t.Errorf("%s: %d answers: %.200q", name, n, got)
		}
	}
}

func TestPlainRequestsPass(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	get := "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
	if got := e.raw(get + get + get); strings.Count(got, "200 OK") != 3 {
		t.Errorf("pipelined: %q", got)
	}
	if got := e.raw("GET /li", "vez HTTP/1.1\r", "\nHost: x\r\n", "\r\n", get); strings.Count(got, "200 OK") != 2 {
		t.Errorf("in pieces: %q", got)
	}
	body := `{"id":"whatever"}`
	post := "POST /api/v1/demo/break HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n" + body
	if got := e.raw(post[:len(post)-10], post[len(post)-10:]+get); !strings.Contains(got, " 404 ") || strings.Count(got, "200 OK") != 1 {
		t.Errorf("a body, then another request: %q", got)
	}
	if got := e.raw("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\n\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK") || !strings.Contains(got, "HTTP/1.1 400") {
		t.Errorf("garbage after a request is refused in its turn: %q", got)
	}
}

func TestSlowHeadIsCut(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	c, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://"))
	must(t, err)
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: x\r\nX: ")
	start := time.Now()
	_ = c.SetReadDeadline(start.Add(8 * time.Second))
	_, _ = http.ReadResponse(bufio.NewReader(c), nil)
	if took := time.Since(start); took < 4*time.Second || took > 7*time.Second {
		t.Errorf("cut after %s, want about 5 s", took)
	}
}
