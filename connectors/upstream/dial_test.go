package upstream_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestLoopbackIsRefusedByDefault(t *testing.T) {
	// The exemption that tests live by must be what lets them through.
	for _, scheme := range []string{"http", "https"} {
		f := link(t, say("never"), func(o *upstream.Options) {
			o.Private = nil
			o.Endpoints["api"] = strings.Replace(o.Endpoints["api"], "http", scheme, 1)
		})
		for _, c := range []*http.Client{f.API(), f.Media()} {
			_, err := ask(t.Context(), t, c, "https://shop.acme.test/x")
			wantCode(t, err, connectors.CodeHostRefused)
		}
		if n := len(f.api.requests()); n != 0 {
			t.Errorf("%s: %d requests arrived, want none", scheme, n)
		}
	}
}

func TestPlainHTTPOnlyToPrivateAddresses(t *testing.T) {
	// The address is public, but without TLS nothing goes there; nothing is dialled, so no time-out.
	f := link(t, say("never"), func(o *upstream.Options) { o.Endpoints["api"] = "http://93.184.216.34:80" })
	_, err := f.get(t, "/x")
	wantCode(t, err, connectors.CodeHostRefused)
}

// TestNamesAreJudgedByTheirAddress: whatever a declared name resolves to is checked when it is dialled.
func TestNamesAreJudgedByTheirAddress(t *testing.T) {
	for _, answer := range []string{
		"127.0.0.9", "0.0.0.0", "::ffff:127.0.0.9", "169.254.169.254", "fd00::1", "::1", "10.1.2.3", "100.64.0.1", "64:ff9b::7f00:1",
	} {
		f := link(t, say("never"), func(o *upstream.Options) {
			o.Endpoints = nil
			o.Private = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			*o = o.WithResolver(always(t, answer))
		})
		_, err := f.get(t, "/x")
		if e := wantCode(t, err, connectors.CodeHostRefused); strings.Contains(e.Error(), answer) {
			t.Errorf("%s: the error tells the address: %v", answer, e)
		}
	}
}

// TestNameThatFlips: a name that led to an allowed address first is checked again when it is dialled
// again, and each dial has one look-up, so that there is nothing to flip in between.
func TestNameThatFlips(t *testing.T) {
	first, second := twoAddresses(t)
	port := first.Addr().(*net.TCPAddr).Port
	good, trap := serveOn(t, first, say("good")), serveOn(t, second, say("never"))

	flips, lookups := resolver(t, func(n int) string { return []string{"127.0.0.1", "127.0.0.2"}[min(n, 1)] })
	f := link(t, say(""), func(o *upstream.Options) {
		o.Endpoints["api"] = fmt.Sprintf("http://flip.test:%d", port)
		o.Private = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		*o = o.WithResolver(flips)
	})
	resp, err := f.get(t, "/1")
	wantText(t, resp, err, "good")
	f.Close() // so that it is dialled anew
	_, err = f.get(t, "/2")
	wantCode(t, err, connectors.CodeHostRefused)
	if n := len(trap.requests()); n != 0 || lookups.Load() != 2 || len(good.requests()) != 1 {
		t.Errorf("%d requests behind the flipped name, %d look-ups; want 0 and 2", n, lookups.Load())
	}
}

// twoAddresses listens on two loopback addresses with the same port.
func twoAddresses(t *testing.T) (first, second net.Listener) {
	t.Helper()
	var last error
	for range 20 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		b, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", a.Addr().(*net.TCPAddr).Port))
		if err == nil {
			return a, b
		}
		_, last = a.Close(), err
	}
	t.Fatal(last)
	return nil, nil
}

func serveOn(t *testing.T, l net.Listener, h http.HandlerFunc) *provider {
	t.Helper()
	p := &provider{}
	p.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: p.record(h)}}
	p.Start()
	t.Cleanup(p.Close)
	return p
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(say("sealed"))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what is tested
	s.StartTLS()
	defer s.Close()
	u, _ := url.Parse(s.URL)
	pool := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for _, c := range []struct {
		name  string
		trust bool
		want  connectors.Code
	}{{"example.com", true, ""}, {"example.com", false, connectors.CodeProviderDown}, {"wrong.test", true, connectors.CodeProviderDown}} {
		f := link(t, say(""), func(o *upstream.Options) {
			o.Endpoints["api"] = "https://" + c.name + ":" + u.Port()
			if c.trust {
				o.RootCAs = pool
			}
			*o = o.WithResolver(always(t, "127.0.0.1"))
		})
		resp, err := f.get(t, "/x")
		if got, err := text(t, resp, err); connectors.CodeOf(err) != c.want || (err == nil && got != "sealed") {
			t.Errorf("%s, trusted %v: got %q, %v; want %q", c.name, c.trust, got, err, c.want)
		}
	}
}

func TestNoProxyFromTheEnvironment(t *testing.T) {
	trap := serve(t, say("never"))
	t.Setenv("HTTP_PROXY", trap.URL)
	t.Setenv("HTTPS_PROXY", trap.URL)
	f := link(t, say("direct"))
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "direct")
	if n := len(trap.requests()); n != 0 {
		t.Errorf("%d requests went through the proxy", n)
	}
}

func TestNobodyThere(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, change := range map[string]func(*upstream.Options){
		"refused": func(o *upstream.Options) { o.Endpoints["api"] = gone.URL },
		"no name": func(o *upstream.Options) {
			o.Endpoints["api"] = "http://nowhere.test:1"
			*o = o.WithResolver(always(t, ""))
		},
	} {
		f := link(t, say(""), change)
		_, err := f.get(t, "/x")
		if connectors.CodeOf(err) != connectors.CodeProviderDown {
			t.Errorf("%s: got %v, want provider_down", name, err)
		}
	}
}

// resolver answers every name with what answer gives for the nth look-up; "" means no such name.
func resolver(t *testing.T, answer func(n int) string) (*net.Resolver, *atomic.Int64) {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	var lookups atomic.Int64
	go func() {
		asked := map[dnsmessage.Type]int{}
		for b := make([]byte, 1500); ; {
			size, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:size]) != nil || len(m.Questions) != 1 {
				continue
			}
			kind := m.Questions[0].Type // a look-up asks for both types of address
			if kind == dnsmessage.TypeA {
				lookups.Add(1)
			}
			out, _ := respond(m, answer(asked[kind])).Pack()
			asked[kind]++
			_, _ = pc.WriteTo(out, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}, &lookups
}

func respond(m dnsmessage.Message, address string) *dnsmessage.Message {
	q := m.Questions[0]
	r := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, Questions: m.Questions}
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
		r.RCode = dnsmessage.RCodeNameError
	case a.Is4() && q.Type == dnsmessage.TypeA:
		r.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: a.As4()}}}
	case a.Is6() && q.Type == dnsmessage.TypeAAAA:
		r.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}}
	}
	return r
}

// always is a resolver to which every name is one address.
func always(t *testing.T, address string) *net.Resolver {
	r, _ := resolver(t, func(int) string { return address })
	return r
}
