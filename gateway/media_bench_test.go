package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// BenchmarkMedia is one request for bytes on a warm connection, with everything that serves it: the
// server, rights, a handle whose opening row is written, the Zendesk connector, a provider that speaks
// TLS. Client and provider allocate nothing, so what -benchmem shows is the gateway's.
func BenchmarkMedia(b *testing.B) {
	for _, bc := range []struct {
		name, header string
		size         int
	}{
		{"attachment 2 KB", "", 2 << 10},
		{"range 64 KB", "Range: bytes=0-65535\r\n", 64 << 10},
	} {
		b.Run(bc.name, func(b *testing.B) {
			p := startBareProvider(b, bc.size, bc.header != "")
			e := start(b, setup{specs: []connectors.Spec{zendesk.Spec()},
				links: []records.Link{{ID: records.LinkID{Site: "main", Link: "zd"}, Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"},
					Endpoints: map[string]string{"api": "https://" + p.addr}}},
				config: func(c *gateway.Config) { c.Private = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} },
				deps: func(d *gateway.Deps) {
					d.RootCAs = p.roots
					d.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // the line is to be made, as it is where somebody reads it
				}})
			c, err := net.Dial("tcp", e.url[len("http://"):])
			must(b, err)
			defer func() { _ = c.Close() }()
			ask := []byte("GET /api/v1/media/" + e.sealed(b, bc.size) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + analystKey + "\r\n" + bc.header + "\r\n")
			answer := make([]byte, 128<<10)
			exchange(b, c, ask, answer, bc.size)
			b.SetBytes(int64(bc.size))
			b.ReportAllocs()
			for b.Loop() {
				exchange(b, c, ask, answer, bc.size)
			}
		})
	}
}

// exchange sends ask and reads an answer with a body of that size.
func exchange(b *testing.B, c net.Conn, ask, into []byte, size int) {
	if _, err := c.Write(ask); err != nil {
		b.Fatal(err)
	}
	for got, body := 0, -1; body < 0 || got < body+size; {
		n, err := c.Read(into[got:])
		if got += n; err != nil {
			b.Fatalf("%v after %q", err, into[:min(got, 300)])
		}
		if body < 0 {
			if body = bytes.Index(into[:got], []byte("\r\n\r\n")); body >= 0 {
				body += 4
			}
		}
	}
	if !bytes.HasPrefix(into, []byte("HTTP/1.1 20")) {
		b.Fatalf("got %q", into[:300])
	}
}

// sealed is a handle as the gateway makes one, for the analyst's key.
func (e *env) sealed(t testing.TB, size int) string {
	h, err := json.Marshal(map[string]any{"l": "zd", "n": "call.mp3", "t": "audio/mpeg", "s": size, "o": "open1", "e": time.Now().Add(time.Hour).Unix(),
		"a": connectors.Locator{What: "attachment", ID: "71", URL: "https://acme.zendesk.com/attachments/token/abcdef/?name=call.mp3",
			Ref: records.Ref{Link: "zd", Kind: "ticket", ID: "1"}}})
	must(t, err)
	return gateway.HandlePrefix + gateway.EncodeHandle(e.keys.Seal(h, records.Place{Site: "main", Table: "handle", Row: string(records.PrincipalAPIKey) + ":analyst"}))
}

// bareProvider answers everything with the same bytes.
type bareProvider struct {
	addr  string
	roots *x509.CertPool
}

func startBareProvider(t testing.TB, size int, partial bool) *bareProvider {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS() // for its certificate
	cert, roots := s.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(s.Certificate())
	s.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	must(t, err)
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nEtag: \"v1\"\r\nAccept-Ranges: bytes\r\nContent-Length: %d\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n", size)
	if partial {
		head = "HTTP/1.1 206 Partial Content" + head[len("HTTP/1.1 200 OK"):] + fmt.Sprintf("Content-Range: bytes 0-%d/%d\r\n", size-1, 8<<20)
	}
	answer := append([]byte(head+"\r\nID3\x03\x00"), bytes.Repeat([]byte{7}, size-5)...)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { _ = c.Close() })
			go answerAll(c, answer)
		}
	}()
	return &bareProvider{ln.Addr().String(), roots}
}

func answerAll(c net.Conn, answer []byte) {
	defer func() { _ = c.Close() }()
	in := make([]byte, 4096)
	for n := 0; ; {
		m, err := c.Read(in[n:])
		if n += m; err != nil {
			return
		}
		if bytes.HasSuffix(in[:n], []byte("\r\n\r\n")) {
			n = 0
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	}
}
