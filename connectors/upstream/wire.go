package upstream

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// userAgent is sent to every provider.
const userAgent = "Sightglass"

// maxRedirects is how many hops are followed by hand.
const maxRedirects = 3

// wire is what every client of a link shares: names, hosts and bounds.
type wire struct {
	provider string
	link     records.LinkID
	hosts    *hosts
	limits   Limits
	log      *slog.Logger
	observe  func(Observation)
	now      func() time.Time
	// retryAfter is the name that the provider gives to Retry-After; empty: that one.
	retryAfter string
}

// message is one request as it goes out.
type message struct {
	ctx    context.Context
	method string
	to     route
	header http.Header
	body   io.ReadCloser
	rewind func() (io.ReadCloser, error) // gives the body again; nil: it cannot be had again
	length int64
	left   *time.Duration // until the answer's header; what this exchange takes is taken off
	polite bool           // a body closed before its end is drained a little, to keep the connection
}

// exchange sends m and returns the answer with a guarded body, or a typed error.
func (w *wire) exchange(p *pipes, m message) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(m.ctx)
	timer := time.AfterFunc(max(*m.left, time.Millisecond), func() { cancel(errSlow) })
	// net/http itself repeats a request whose kept connection turns out to be closed: each is one more.
	sent := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { count(m.ctx) }})
	req := (&http.Request{
		Method: m.method, URL: m.to.url, Header: m.header, Body: m.body, ContentLength: m.length,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(sent)
	start := time.Now()
	resp, err := p.transport(m.to.url.Scheme).RoundTrip(req)
	timer.Stop()
	took := time.Since(start)
	*m.left -= took
	if err != nil {
		err = w.beforeHeader(m.ctx, ctx, err)
		cancel(errDone)
		w.report(m, 0, err, took)
		return nil, err
	}
	w.report(m, resp.StatusCode, nil, took)
	if v := resp.Header.Get(w.retryAfter); v != "" {
		resp.Header.Set("Retry-After", v)
	}
	resp.Body = &body{raw: resp.Body, wire: w, caller: m.ctx, own: ctx, cancel: cancel, polite: m.polite}
	return resp, nil
}

func (w *wire) report(m message, status int, err error, d time.Duration) {
	o := Observation{Provider: w.provider, Host: m.to.host, Class: class(status), Duration: d}
	switch {
	case m.ctx.Err() != nil && err != nil:
		o.Outcome = connectors.CodeStopping
	case err != nil:
		o.Outcome = connectors.CodeOf(err)
	}
	w.observe(o)
	if !w.log.Enabled(m.ctx, slog.LevelDebug) {
		return
	}
	w.log.LogAttrs(m.ctx, slog.LevelDebug, "provider request",
		slog.String("provider", w.provider), slog.String("link", w.link.String()), slog.String("host", m.to.host),
		slog.String("method", m.method), slog.Int("status", status), slog.String("outcome", string(o.Outcome)),
		slog.Int64("dur_ms", d.Milliseconds()))
}

// follow gives the route that a redirect leads to.
func (w *wire) follow(from route, resp *http.Response, media bool) (route, error) {
	location := resp.Header.Get("Location")
	u, err := from.url.Parse(location)
	if err != nil || location == "" {
		return route{}, w.fail(connectors.CodeProviderNonsense, errRedirect)
	}
	to, ok := w.hosts.route(u, media)
	if !ok {
		return route{}, refused(w.provider)
	}
	return to, nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}
