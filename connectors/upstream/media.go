package upstream

import (
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// mediaClient is the transport behind Client.Media.
type mediaClient struct {
	*Client
	pipes *pipes
}

// RoundTrip implements http.RoundTripper.
func (m *mediaClient) RoundTrip(req *http.Request) (*http.Response, error) {
	to, ok := m.wire.hosts.route(req.URL, true)
	if !ok {
		closeBody(req)
		return nil, refused(m.wire.provider)
	}
	if !repeatable(req.Method) || hasBody(req) {
		closeBody(req)
		return nil, m.wire.fail(connectors.CodeInternal, errMethod)
	}
	done, left := m.breakers[to.host].allow()
	if done == nil {
		return nil, downFor(m.wire, left)
	}
	resp, err := m.hops(req, to)
	done(err)
	if err != nil {
		return nil, err
	}
	resp.Request = req // the signed URL at the end of the hops stays here
	return resp, nil
}

// hops follows redirects by hand. Once the chain has left the first origin no credential goes along
// any more, not even when it comes back.
func (m *mediaClient) hops(req *http.Request, to route) (*http.Response, error) {
	first, left, within := to.origin, false, m.wire.limits.FirstByte
	for range maxRedirects + 1 {
		left = left || to.origin != first
		resp, err := m.send(req, to, !left, &within)
		if err != nil || !isRedirect(resp.StatusCode) {
			return m.accept(resp, to, err)
		}
		discard(resp)
		if to, err = m.wire.follow(to, resp, true); err != nil {
			return nil, err
		}
	}
	return nil, m.wire.fail(connectors.CodeProviderNonsense, errRedirects)
}

// identity: a range is of the bytes that are stored.
var identity = []string{"identity"}

func (m *mediaClient) send(req *http.Request, to route, sign bool, within *time.Duration) (*http.Response, error) {
	h := keptHeader(req.Header)
	h["Accept-Encoding"] = identity
	msg := message{ctx: req.Context(), method: req.Method, to: to, header: h, left: within}
	if !to.signed || !sign || m.creds == nil {
		return m.wire.exchange(m.pipes, msg)
	}
	g, queue := m.gates.of(to.url.Path), m.wire.limits.queue()
	if err := m.atGate(req.Context(), g, &queue); err != nil {
		return nil, err
	}
	renewed := false
	resp, err := m.signed(m.pipes, msg, &renewed)
	if err == nil {
		g.note(resp.StatusCode, resp.Header)
	}
	return resp, err
}

// accept turns the answers that are about the provider, not about the file, into errors. There is no
// second try: a player asks again by itself.
func (m *mediaClient) accept(resp *http.Response, from route, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	asked, ok := retryAfter(resp.Header, m.wire.now())
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests:
		if from.signed && ok {
			m.gates.of(from.url.Path).obey(asked)
		}
		err = m.wire.wait(asked, errWait)
	case s >= 500:
		e := m.wire.fail(connectors.CodeProviderDown, errStatus)
		e.RetryAfter = asked
		err = e
	case resp.Header.Get("Content-Encoding") != "" && resp.Header.Get("Content-Encoding") != "identity":
		err = m.wire.fail(connectors.CodeProviderNonsense, errEncoding)
	default:
		return resp, nil
	}
	discard(resp)
	return nil, err
}
