package upstream

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// verdict is what one try means for the next.
type verdict struct {
	again bool          // another try may help
	wait  time.Duration // what the provider asked for; 0: our own back-off
	err   error         // what the call ends with if there is no other try; nil: the answer is passed on
}

// judge looks at status and header only: a body may hold what a customer wrote.
func (c *call) judge(resp *http.Response, err error) verdict {
	if err != nil {
		// A time-out has used up the time for all tries, and a certificate does not change.
		code := connectors.CodeOf(err) // cut: before the first byte of the body
		again := code == connectors.CodeProviderDown && !errors.Is(err, errCertificate) || code == connectors.CodeProviderCut
		return verdict{again: again, err: err}
	}
	asked, ok := retryAfter(resp.Header, c.wire.now())
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable && ok:
		return c.judgeWait(asked, ok)
	case s >= 500 && s != http.StatusNotImplemented, s == http.StatusConflict:
		// 409: Zendesk's DatabaseConflict on busy tickets goes away by itself.
		again := s == 500 || (s >= 502 && s <= 504) || s == http.StatusConflict
		return verdict{again: again, err: c.wire.fail(connectors.CodeProviderDown, errStatus)}
	default:
		return verdict{}
	}
}

// judgeWait obeys the provider within the call's patience and closes the gate for the others. Without
// a usable time the back-off has to do. A POST is one thing that the provider makes for us: that it makes
// no more of them now says nothing of the reads, and when to ask again is its connector's to decide.
func (c *call) judgeWait(asked time.Duration, ok bool) verdict {
	if !repeatable(c.req.Method) {
		return verdict{err: c.wire.wait(asked, errWait)}
	}
	if !ok {
		c.gate.shut(c.wire.limits.Backoff)
		return verdict{again: true, err: c.wire.wait(0, errWait)}
	}
	c.gate.obey(asked)
	again := asked <= c.patience
	c.patience -= asked
	return verdict{again: again, wait: asked, err: c.wire.wait(asked, errWait)}
}

// tries sends the call, and again where that may help and nothing has been read yet. The library
// keeps count and waits; which try may follow, and after how long, is decided here: its own policy
// obeys any Retry-After, repeats POSTs, and its errors hold the URL.
func (c *call) tries() (*http.Response, error) {
	if !repeatable(c.req.Method) {
		resp, err := c.try()
		return c.settle(resp, err)
	}
	again := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: tripper(c.try), CheckRedirect: noRedirect},
		RetryMax:     c.wire.limits.Retries,
		CheckRetry:   c.checkRetry,
		Backoff:      c.backoff,
		ErrorHandler: func(resp *http.Response, err error, _ int) (*http.Response, error) { return c.settle(resp, err) },
	}
	resp, err := again.Do(&retryablehttp.Request{Request: c.req})
	if err != nil {
		return nil, unwrapped(err)
	}
	return resp, nil
}

type tripper func() (*http.Response, error)

func (t tripper) RoundTrip(*http.Request) (*http.Response, error) { return t() }

func (c *call) checkRetry(ctx context.Context, resp *http.Response, _ error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	v := c.verdict
	if !v.again || c.tried > c.wire.limits.Retries || c.within <= 0 || !c.purse.take() {
		return false, v.err
	}
	if resp != nil {
		discard(resp)
	}
	return true, nil
}

// backoff is the wait before try n+2. What the provider asked for is waited for at the gate, which
// the others do as well.
func (c *call) backoff(_, _ time.Duration, n int, _ *http.Response) time.Duration {
	if c.verdict.wait > 0 {
		return 0
	}
	d := c.wire.limits.Backoff << n
	return d/2 + rand.N(d)
}

// settle ends the call with the verdict's error, if it has one.
func (c *call) settle(resp *http.Response, err error) (*http.Response, error) {
	if err == nil {
		err = c.verdict.err
	}
	if err == nil {
		return resp, nil
	}
	if resp != nil {
		discard(resp)
	}
	return nil, unwrapped(err)
}

// settleUp gives back the tries that helped, and a tenth of one for every call that was made.
func (c *call) settleUp(err error) {
	if err == nil {
		c.purse.give(float64(c.tried - 1))
	}
	c.purse.give(purseShare)
}

// purse holds tries that may still be spent. A try that helped costs nothing; one that did not is
// gone, and comes back a tenth at a time with every call that needed none. So a provider that is
// dying gets little more than one request for each that people make.
type purse struct {
	mu     sync.Mutex
	tokens float64
}

const (
	purseSize  = 50
	purseShare = 0.1
)

func newPurse() *purse { return &purse{tokens: purseSize} }

func (p *purse) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tokens < 1 {
		return false
	}
	p.tokens--
	return true
}

func (p *purse) give(n float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = min(p.tokens+n, purseSize)
}
