package gateway_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"iter"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

func selfSigned(t testing.TB) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// Over TLS the same holds on HTTP/2: parts stream, short bodies are reset, HSTS is sent.
func TestTLS(t *testing.T) {
	conf := selfSigned(t)
	m := message("1", "a")
	m.Attachments = []connectors.Attachment{{ID: "71", State: connectors.AttachmentOK, At: connectors.Locator{What: "attachment", ID: "71", URL: "https://acme.fake.example/x"}}}
	e := withFake(t, &fake{open: parts(m), media: func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
		return connectors.Media{Status: 200, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 40_000)), errorReader{&connectors.Error{Code: connectors.CodeProviderCut}}))}, nil
	}}, func(s *setup) { s.tls = conf })
	resp := e.do("GET", ticket, analystKey, "")
	if resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("HTTP/%d, HSTS %q", resp.ProtoMajor, resp.Header.Get("Strict-Transport-Security"))
	}
	got := e.lines(resp)
	if got[len(got)-1]["type"] != "end" {
		t.Fatalf("got %v", got)
	}
	h := got[1]["attachments"].([]any)[0].(map[string]any)["handle"].(string)
	if b, err := io.ReadAll(e.do("GET", "/api/v1/media/"+h, analystKey, "").Body); err == nil {
		t.Errorf("a short body of %d bytes ended cleanly", len(b))
	}
}

// On HTTP/2 a deadline for writing ends a stream that writes nothing, too: it must not run while the
// provider is waited for.
func TestAWaitLongerThanTheWriteTimeout(t *testing.T) {
	conf := selfSigned(t)
	e, handle := withFile(t, "a", "audio/mpeg", func(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
		wait := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(wait) })
		part := strings.Repeat("x", 20_000)
		return connectors.Media{Status: 200, Header: http.Header{"Content-Length": {"40000"}},
			Body: io.NopCloser(io.MultiReader(strings.NewReader(part), waitFor(wait), strings.NewReader(part)))}, nil
	}, func(s *setup) {
		s.tls = conf
		s.config = func(c *gateway.Config) { c.WriteTimeout = 300 * time.Millisecond }
	})
	resp := e.do("GET", handle(analystKey), analystKey, "")
	if b, err := io.ReadAll(resp.Body); err != nil || len(b) != 40_000 || resp.ProtoMajor != 2 {
		t.Errorf("HTTP/%d: %d bytes, error %v; want 2, 40000, none", resp.ProtoMajor, len(b), err)
	}
}

// A reader that takes nothing is cut, and the provider is let go.
func TestReaderThatStopsIsCut(t *testing.T) {
	ended := make(chan struct{})
	e := withFake(t, &fake{open: func(_ context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			defer close(ended)
			for ok := yield(header(ref), nil); ok; {
				ok = yield(message("1", strings.Repeat("x", 100<<10)), nil)
			}
		}
	}}, func(s *setup) { s.config = func(c *gateway.Config) { c.WriteTimeout = 300 * time.Millisecond } })
	c, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://"))
	must(t, err)
	defer func() { _ = c.Close() }()
	_, err = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", ticket, analystKey)
	must(t, err)
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("still streaming to a reader that takes nothing")
	}
	within(t, time.Second, "a closing row", func() bool { return len(e.audit()) == 2 })
	if row := e.audit()[0]; row.Outcome != records.OutcomeLeft || row.Detail != "reader_stopped" {
		t.Errorf("closed row: %+v", row)
	}
}

// What the provider has sent is at the reader within 25 ms, first message and later ones alike.
func TestPartsArriveSoon(t *testing.T) {
	var sent atomic.Int64
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if !yield(header(ref), nil) {
				return
			}
			for i := range 10 {
				time.Sleep(20 * time.Millisecond)
				sent.Store(time.Now().UnixNano())
				if !yield(message(fmt.Sprint(i), "x"), nil) {
					return
				}
			}
		}
	}})
	r := bufio.NewReader(e.do("GET", ticket, analystKey, "").Body)
	var late []time.Duration
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		if took := time.Since(time.Unix(0, sent.Load())); strings.Contains(line, `"message"`) && took > 25*time.Millisecond {
			late = append(late, took)
		}
	}
	if len(late) > 2 { // a busy machine may hold one up
		t.Errorf("%d of 10 messages took longer than 25 ms: %v", len(late), late)
	}
}

// Memory does not grow with the number of parts.
func TestMemoryIsFlat(t *testing.T) {
	const n = 20_000
	e := withFake(t, &fake{open: func(_ context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			ok := yield(header(ref), nil)
			for i := 0; ok && i < n; i++ {
				ok = yield(message(fmt.Sprint(i), strings.Repeat("x", 2000)), nil)
			}
		}
	}})
	resp := e.do("GET", ticket, analystKey, "")
	r := bufio.NewReaderSize(resp.Body, 64<<10)
	var first, last uint64
	for i := 0; ; i++ {
		if _, err := r.ReadSlice('\n'); err != nil {
			break
		}
		if i == n/10 {
			first = heap()
		}
		if i == n-10 {
			last = heap()
		}
	}
	if last > first+(4<<20) {
		t.Errorf("heap grew from %d to %d bytes over %d messages", first, last, n)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Many opens with faults in between: each ends with end or a named problem, and nothing is left.
func TestManyOpensWithFaults(t *testing.T) {
	e, s := withSim(t, sim.Options{PerMinute: -1})
	transient := []sim.Fault{
		{Kind: sim.FaultReset, Times: 1}, {Kind: sim.FaultUnavailable, Times: 1}, {Kind: sim.FaultRateJSON, RetryAfter: "0", Remaining: 9, Times: 1},
	}
	lasting := []sim.Fault{{Kind: sim.FaultCut, Suffix: "/comments", After: 500, Times: 1}, {Kind: sim.FaultHTML200, Times: 1}, {Kind: sim.FaultTruncate, Suffix: "/comments", After: 400, Times: 1}}
	for i := range 60 {
		s.Clear()
		well := i%2 == 0
		if well {
			s.Set(transient[i/2%len(transient)])
		} else {
			s.Set(lasting[i/2%len(lasting)])
		}
		resp := e.do("GET", ticketPath(sim.TicketParcel), analystKey, "")
		var last map[string]any
		if resp.StatusCode == 200 {
			all := e.lines(resp)
			last = all[len(all)-1]
		} else {
			last = problemOf(t, resp)
		}
		if end := last["type"] == "end"; end != well || !end && last["fault"] != "provider" {
			t.Errorf("open %d (%+v): got %v", i, s.Faults(), last)
		}
	}
}
