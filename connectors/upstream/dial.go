package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// mediaReceiveBuffer bounds what the kernel takes in for a reader that does not read. Linux doubles
// it; with the sender bounded as well, 288 KB left a provider while nobody read.
const mediaReceiveBuffer = 128 << 10

// idleTime is how long a connection waits for the next call. Half a minute after the last open, nothing
// of it is left here: no socket, no goroutine.
const idleTime = 25 * time.Second

// errAddress says that a resolved address may not be dialled.
var errAddress = errors.New("the address is not public")

// pipes holds the connections of one client, those with and those without TLS: what may be dialled
// differs. They belong to one link, so that no other link's exceptions apply to them.
type pipes struct{ https, http *http.Transport }

func newPipes(o Options, receiveBuffer int) *pipes {
	open := guard{private: o.Private}
	private := guard{private: o.Private, only: true}
	p := &pipes{newTransport(o, open, receiveBuffer), newTransport(o, private, receiveBuffer)}
	if receiveBuffer > 0 { // media: what a connection holds matters, since a listener holds one
		p.https.DialContext = byRecord(p.https.DialContext)
	}
	return p
}

func (p *pipes) transport(scheme string) *http.Transport {
	if scheme == "https" {
		return p.https
	}
	return p.http
}

func (p *pipes) close() {
	p.https.CloseIdleConnections()
	p.http.CloseIdleConnections()
}

// newTransport is HTTP/1.1, which costs less than HTTP/2 for media and the same for JSON, with many
// idle connections (the default of two makes nearly every request a new handshake). Proxy is nil:
// with a proxy, the address check would see the proxy's.
func newTransport(o Options, g guard, receiveBuffer int) *http.Transport {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	d := &net.Dialer{Timeout: o.Limits.Connect, Resolver: o.resolver, ControlContext: g.control(receiveBuffer)}
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            d.DialContext,
		Protocols:              p,
		DisableCompression:     true, // gzip is asked for and decoded with a limit, or not at all
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    o.Limits.Connect,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        idleTime,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        2 << 10, // requests are short, and each listener holds a connection
	}
}

// guard decides about addresses after they were resolved, so that a name which resolves differently
// a second time gains nothing: there is no second time.
type guard struct {
	private []netip.Prefix
	only    bool // nothing but private: connections without TLS
}

func (g guard) allows(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return in(g.private, a) || (!g.only && public(a))
}

func (g guard) control(receiveBuffer int) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, rc syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !g.allows(ap.Addr()) {
			return errAddress
		}
		if receiveBuffer == 0 {
			return nil
		}
		return setReceiveBuffer(rc, receiveBuffer)
	}
}
