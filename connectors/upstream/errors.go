package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// Causes. They hold no text of the provider: net/http's own errors quote what a server sent, and
// are never passed on.
var (
	errUndeclared   = errors.New("a URL leads to a host that is not declared")
	errSlow         = errors.New("no answer in time")
	errStalled      = errors.New("the body stalled")
	errBroken       = errors.New("the connection broke")
	errCut          = errors.New("the body ended early")
	errCertificate  = errors.New("the certificate was not accepted")
	errRedirects    = errors.New("too many redirects")
	errRedirect     = errors.New("a redirect to nowhere")
	errElsewhere    = errors.New("an API call was redirected to another origin")
	errEncoding     = errors.New("an encoding that was not asked for")
	errTooLong      = errors.New("the answer is longer than the limit")
	errBomb         = errors.New("the answer unpacks to far more than was sent")
	errGzip         = errors.New("the compressed answer is damaged")
	errUnauthorized = errors.New("the provider refused a renewed token")
	errStatus       = errors.New("the provider reports a fault of its own")
	errWait         = errors.New("the provider asks us to wait")
	errShare        = errors.New("the background's share of the allowance is used up")
	errBreaker      = errors.New("recent calls failed, so none is made for a while")
	errMethod       = errors.New("a connector may only read")
	errDone         = errors.New("nobody needs the rest")
)

func refused(provider string) *connectors.Error {
	return &connectors.Error{Code: connectors.CodeHostRefused, Provider: provider, Op: "request", Err: errUndeclared}
}

func (w *wire) fail(code connectors.Code, cause error) *connectors.Error {
	return &connectors.Error{Code: code, Provider: w.provider, Op: "request", Err: cause}
}

func (w *wire) wait(d time.Duration, cause error) *connectors.Error {
	e := w.fail(connectors.CodeRateLimited, cause)
	e.RetryAfter = d
	return e
}

// beforeHeader says what an error of the transport means while no answer has begun. caller is the
// context of who asked, own the one of this exchange.
func (w *wire) beforeHeader(caller, own context.Context, err error) error {
	if caller.Err() != nil {
		return caller.Err()
	}
	switch {
	case errors.Is(err, errAddress):
		return w.fail(connectors.CodeHostRefused, errAddress)
	case errors.Is(context.Cause(own), errSlow):
		return w.fail(connectors.CodeProviderSlow, errSlow)
	case isCertificate(err):
		return w.fail(connectors.CodeProviderDown, errCertificate)
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return w.fail(connectors.CodeProviderDown, dns)
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return w.fail(connectors.CodeProviderSlow, errSlow)
	}
	return w.fail(connectors.CodeProviderDown, plain(err, errBroken))
}

// inBody says what an error means while a body is read.
func (w *wire) inBody(caller, own context.Context, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	if caller.Err() != nil {
		return caller.Err()
	}
	var typed *connectors.Error
	switch {
	case errors.As(err, &typed):
		return typed
	case errors.Is(context.Cause(own), errStalled):
		return w.fail(connectors.CodeProviderSlow, errStalled)
	default:
		return w.fail(connectors.CodeProviderCut, plain(err, errCut))
	}
}

// plain keeps the cause only where it cannot hold anything that the provider sent.
func plain(err, otherwise error) error {
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		return no
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	default:
		return otherwise
	}
}

func isCertificate(err error) bool {
	var (
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid)
}
