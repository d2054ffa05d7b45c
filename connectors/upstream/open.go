package upstream

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"time"
)

// openTime bounds one call to an OpenID provider: a person waits in front of an empty page.
const openTime = 10 * time.Second

// NewOpenIDClient gives the client for OpenID providers, whose hosts an operator names: public
// addresses by https only, or those in private; no redirects, no cookies, answers of 1 MiB at most.
// roots nil means the system's.
func NewOpenIDClient(private []netip.Prefix, roots *x509.CertPool) *http.Client {
	p := newPipes(Options{Private: private, RootCAs: roots}.withDefaults(), 0)
	p.https.DisableKeepAlives, p.http.DisableKeepAlives = true, true // some calls an hour; nothing to close
	return &http.Client{Transport: openClient{p}, CheckRedirect: noRedirect, Timeout: openTime}
}

type openClient struct{ pipes *pipes }

// RoundTrip implements http.RoundTripper.
func (t openClient) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header.Del("Cookie")
	out.Header.Del("Referer")
	out.Header.Set("User-Agent", userAgent)
	resp, err := t.pipes.transport(req.URL.Scheme).RoundTrip(out)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxTokenBody), resp.Body}
	return resp, nil
}
