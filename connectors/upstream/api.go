package upstream

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// apiClient is the transport behind Client.API.
type apiClient struct {
	*Client
	pipes *pipes
}

// call is one call of a connector through all its tries.
type call struct {
	*apiClient
	req      *http.Request
	to       route
	gate     *gate
	breaker  *breaker
	patience time.Duration // what is left to wait because this call was told to
	queue    time.Duration // what is left to wait because others were
	within   time.Duration // what is left until the first byte
	tried    int
	renewed  bool
	verdict  verdict // on the last try
}

// RoundTrip implements http.RoundTripper.
func (a *apiClient) RoundTrip(req *http.Request) (*http.Response, error) {
	c, err := a.begin(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	done, left := c.breaker.allow()
	if done == nil {
		closeBody(req)
		return nil, downFor(a.wire, left)
	}
	resp, err := c.tries()
	c.settleUp(err)
	if err == nil {
		resp, err = a.finish(req, resp)
	}
	done(err)
	return resp, err
}

func (a *apiClient) begin(req *http.Request) (*call, error) {
	to, ok := a.wire.hosts.route(req.URL, false)
	if !ok {
		return nil, refused(a.wire.provider)
	}
	if !repeatable(req.Method) && !a.allowed.has(req.Method, req.URL.Path) {
		return nil, a.wire.fail(connectors.CodeInternal, errMethod)
	}
	l := a.wire.limits
	return &call{apiClient: a, req: req, to: to, gate: a.gates.of(req.URL.Path), breaker: a.breakers[to.host], patience: l.RetryAfter, queue: l.queue(), within: l.FirstByte}, nil
}

func repeatable(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// try sends the request once, after the gate let it through, and judges the answer.
func (c *call) try() (*http.Response, error) {
	if c.tried > 0 && c.breaker.open() {
		c.verdict = verdict{err: downFor(c.wire, c.breaker.left())}
		return nil, c.verdict.err
	}
	if err := c.pass(); err != nil {
		c.verdict = verdict{err: err}
		return nil, err
	}
	c.tried++
	resp, err := c.hops()
	if err == nil {
		c.gate.note(resp.StatusCode, resp.Header)
		resp, err = c.firstByte(resp)
	}
	c.verdict = c.judge(resp, err)
	return resp, err
}

// firstByte waits until the body of an answer has begun: while nothing of it has been read, a cut is
// as good a reason for another try as one before the header.
func (c *call) firstByte(resp *http.Response) (*http.Response, error) {
	b, ok := resp.Body.(*body)
	if !ok || c.req.Method != http.MethodGet || resp.StatusCode/100 != 2 {
		return resp, nil
	}
	start := time.Now()
	err := b.peek()
	c.within -= time.Since(start)
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	return resp, nil
}

// pass waits at the gate, behind its own 429 or another call's.
func (c *call) pass() error {
	return c.atGate(c.req.Context(), c.gate, &c.queue)
}

// hops follows redirects within the origin, unless the connector wants them as they are. Elsewhere an
// API has nothing to look for.
func (c *call) hops() (*http.Response, error) {
	to := c.to
	for range maxRedirects + 1 {
		resp, err := c.send(to)
		if err != nil || !isRedirect(resp.StatusCode) || connectors.KeepsRedirects(c.req.Context()) {
			return resp, err
		}
		discard(resp)
		next, err := c.wire.follow(to, resp, false)
		if err != nil || next.origin != c.to.origin || !repeatable(c.req.Method) {
			return nil, c.wire.fail(connectors.CodeProviderNonsense, errElsewhere)
		}
		to = next
	}
	return nil, c.wire.fail(connectors.CodeProviderNonsense, errRedirects)
}

func (c *call) send(to route) (*http.Response, error) {
	h := keptHeader(c.req.Header)
	if h.Get("Range") == "" {
		h.Set("Accept-Encoding", "gzip")
	}
	m := message{
		ctx: c.req.Context(), method: c.req.Method, to: to, header: h, body: c.body(), rewind: c.req.GetBody, length: c.req.ContentLength,
		left: &c.within, polite: true,
	}
	if to.signed && c.creds != nil {
		return c.signed(c.pipes, m, &c.renewed)
	}
	return c.wire.exchange(c.pipes, m)
}

func (c *call) body() io.ReadCloser {
	if !hasBody(c.req) {
		return nil
	}
	return c.req.Body
}

// finish makes an answer ready for the connector.
func (a *apiClient) finish(req *http.Request, resp *http.Response) (*http.Response, error) {
	resp.Request = req
	if req.Method == http.MethodHead {
		return resp, nil
	}
	if err := a.wire.unpack(resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	if resp.StatusCode >= 400 {
		resp.Body = short(resp.Body)
	}
	return resp, nil
}

func downFor(w *wire, left time.Duration) error {
	e := w.fail(connectors.CodeProviderDown, errBreaker)
	e.RetryAfter = left
	return e
}

func hasBody(req *http.Request) bool { return req.Body != nil && req.Body != http.NoBody }

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// unwrapped finds the typed error in what http.Client made of it.
func unwrapped(err error) error {
	var e *connectors.Error
	if errors.As(err, &e) {
		return e
	}
	return bare(err)
}
