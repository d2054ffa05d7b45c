package upstream

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Credentials gives the access token of one link. Implementations return *connectors.Error where a
// person has to act.
type Credentials interface {
	// Token gives the token to use now.
	Token(ctx context.Context) (records.AccessToken, error)
	// Latest is Token by what the records say at this moment: for when a token was refused.
	Latest(ctx context.Context) (records.AccessToken, error)
	// Renew is called after the provider refused a token with 401; at most one refresh comes of it.
	Renew(ctx context.Context, refused records.AccessToken) (records.AccessToken, error)
}

// Options is what the clients of one link are built from.
type Options struct {
	Spec        connectors.Spec
	Link        records.LinkID
	Settings    map[string]string // of the link; they fill the templates of the Spec
	Endpoints   map[string]string // replaces hosts of the Spec, by name: a base URL
	MediaHosts  []string          // further hosts for bytes: exact names or origins; never with credentials
	Credentials Credentials       // nil: unsigned
	Private     []netip.Prefix    // addresses that are allowed although they are not public; http only there
	Limits      Limits            // zero fields take DefaultLimits
	RootCAs     *x509.CertPool    // nil: the system's
	Log         *slog.Logger      // nil: none
	Observe     func(Observation) // nil: none; called once for each request that was sent
	Now         func() time.Time  // nil: time.Now

	resolver *net.Resolver // tests only
}

func (o Options) withDefaults() Options {
	o.Limits = o.Limits.withDefaults()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Client reaches one linked account. It is safe for concurrent use.
type Client struct {
	wire     *wire
	creds    Credentials
	accepted lately
	shown    shown
	dead     lately // refused although nobody else had them in use
	turns    *semaphore.Weighted
	gates    *gates
	purse    *purse
	breakers breakers
	allowed  writes
	api      *http.Client
	media    *http.Client
	sockets  []*pipes
}

// New checks o and builds the clients. It does not touch the network.
func New(o Options) (*Client, error) {
	o = o.withDefaults()
	h, err := newHosts(o)
	if err != nil {
		return nil, fmt.Errorf("upstream: link %s: %w", o.Link, err)
	}
	apiPipes, mediaPipes := newPipes(o, 0), newPipes(o, mediaReceiveBuffer)
	c := &Client{
		wire: &wire{
			provider: o.Spec.Name, link: o.Link, hosts: h, limits: o.Limits, log: o.Log, observe: o.Observe, now: o.Now,
			retryAfter: o.Spec.Expand(o.Spec.RetryAfter, o.Settings),
		},
		creds:    o.Credentials,
		turns:    semaphore.NewWeighted(everybody),
		gates:    newGates(o),
		purse:    newPurse(),
		breakers: newBreakers(o.Link, h.names(), o.Limits),
		allowed:  newWrites(o.Spec, o.Settings),
		sockets:  []*pipes{apiPipes, mediaPipes},
	}
	c.api = &http.Client{Transport: &apiClient{c, apiPipes}, CheckRedirect: noRedirect}
	c.media = &http.Client{Transport: &mediaClient{c, mediaPipes}, CheckRedirect: noRedirect}
	return c, nil
}

// API is for calls: signed, retried before the first byte, within the provider's allowance.
func (c *Client) API() *http.Client { return c.api }

// Media is for bytes: signed only on hosts with credentials, redirects followed by hand, no retry,
// no limit on the length.
func (c *Client) Media() *http.Client { return c.media }

// Allowance is what the provider's rate headers last said.
func (c *Client) Allowance() Allowance { return c.gates.account.allowance() }

// Close gives idle connections back. Requests that are under way are not touched: their contexts are.
func (c *Client) Close() {
	for _, p := range c.sockets {
		p.close()
	}
}

// Do sends req and takes the *url.Error off, whose text holds the whole URL: a query may be what
// somebody searched for, and a signed URL is a credential.
//
// Media goes straight to its transport: all that http.Client would add (redirects, cookies, a
// time-out) is switched off there, and costs as much as the transport's own work.
func Do(c *http.Client, req *http.Request) (*http.Response, error) {
	if m, ok := c.Transport.(*mediaClient); ok {
		return m.RoundTrip(req)
	}
	resp, err := c.Do(req)
	return resp, bare(err)
}

// bare takes every *url.Error off the outside of err.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

// noRedirect leaves redirects to the transports below, which check every hop.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
