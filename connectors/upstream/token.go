package upstream

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	// tokenTime: a slow token endpoint is waited for, since a refresh that is given up may have
	// happened all the same.
	tokenTime = 30 * time.Second
	// maxTokenBody bounds what a token endpoint may answer.
	maxTokenBody = 1 << 20
)

// NewTokenClient gives the client for token and revoke endpoints: to the Spec's exactly named hosts
// only, never signed, never repeated (a repeated refresh may burn the grant), no redirects. The
// caller adds its own Authorization where an endpoint wants one.
func NewTokenClient(o Options) (*http.Client, error) { return newTokenClient(o, false) }

// NewPageClient is NewTokenClient for the pages that people see there: where they lead is told, not
// followed.
func NewPageClient(o Options) (*http.Client, error) { return newTokenClient(o, true) }

func newTokenClient(o Options, redirects bool) (*http.Client, error) {
	o = o.withDefaults()
	o.MediaHosts = nil
	h, err := newHosts(o)
	if err != nil {
		return nil, fmt.Errorf("upstream: link %s: %w", o.Link, err)
	}
	p := newPipes(o, 0)
	p.https.DisableKeepAlives, p.http.DisableKeepAlives = true, true // one call an hour; nothing to close
	w := &wire{provider: o.Spec.Name, link: o.Link, hosts: h, limits: o.Limits, log: o.Log, observe: o.Observe, now: o.Now}
	return &http.Client{Transport: &tokenClient{w, p, redirects}, CheckRedirect: noRedirect}, nil
}

type tokenClient struct {
	wire      *wire
	pipes     *pipes
	redirects bool // are answers
}

// RoundTrip implements http.RoundTripper.
func (t *tokenClient) RoundTrip(req *http.Request) (*http.Response, error) {
	to, ok := t.wire.hosts.route(req.URL, false)
	if !ok || !t.wire.hosts.isExact(to.host) {
		closeBody(req)
		return nil, refused(t.wire.provider)
	}
	h := req.Header.Clone()
	h.Del("Cookie")
	h.Del("Referer")
	h.Set("User-Agent", userAgent)
	left := tokenTime
	resp, err := t.wire.exchange(t.pipes, message{
		ctx: req.Context(), method: req.Method, to: to, header: h, body: req.Body, length: req.ContentLength, left: &left,
	})
	if err != nil {
		return nil, err
	}
	if isRedirect(resp.StatusCode) && !t.redirects {
		discard(resp)
		return nil, t.wire.fail(connectors.CodeProviderNonsense, errElsewhere)
	}
	resp.Request = req
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxTokenBody), resp.Body}
	return resp, nil
}

// isExact tells whether the declared host of that name is one host, not a domain.
func (h *hosts) isExact(name string) bool {
	for _, d := range h.declared {
		if d.name == name {
			return d.exact != ""
		}
	}
	return false
}
