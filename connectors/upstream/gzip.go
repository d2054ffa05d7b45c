package upstream

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	// maxRatio and ratioFrom: what unpacks to more than a hundred times its size is no JSON. The
	// first megabyte is let through, since a short answer may well be repetitive.
	maxRatio  = 100
	ratioFrom = 1 << 20
)

// unpack undoes the content encoding of an API answer and bounds its length. gzip is asked for by
// hand, because net/http's own decoding has no limit.
func (w *wire) unpack(resp *http.Response) error {
	packed := &countingBody{ReadCloser: resp.Body}
	l := &limited{wire: w, packed: packed, left: w.limits.MaxBody}
	switch resp.Header.Get("Content-Encoding") {
	case "", "identity":
		l.open = func() (io.Reader, error) { return packed, nil }
	case "gzip":
		l.open = func() (io.Reader, error) { return gzip.NewReader(packed) }
		l.ratio = true
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	default:
		return w.fail(connectors.CodeProviderNonsense, errEncoding)
	}
	resp.Body = l
	return nil
}

// limited reads what open gives, up to a number of bytes and a ratio.
type limited struct {
	wire   *wire
	packed *countingBody
	open   func() (io.Reader, error) // on the first read: gzip reads its header at once
	r      io.Reader
	ratio  bool
	out    int64
	left   int64
	err    error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.r == nil {
		if l.r, l.err = l.open(); l.err != nil {
			l.err = l.explain(l.err)
			return 0, l.err
		}
	}
	n, err := l.r.Read(p)
	l.out, l.left = l.out+int64(n), l.left-int64(n)
	switch {
	case l.left < 0:
		n, err = 0, l.wire.fail(connectors.CodeProviderNonsense, errTooLong)
	case l.ratio && l.out > ratioFrom && l.out/maxRatio > l.packed.n:
		n, err = 0, l.wire.fail(connectors.CodeProviderNonsense, errBomb)
	case err != nil:
		err = l.explain(err)
	}
	l.err = err
	return n, err
}

func (l *limited) Close() error { return l.packed.Close() }

// explain tells a damaged archive from a cut one; what the body below said stays as it is.
func (l *limited) explain(err error) error {
	var typed *connectors.Error
	switch {
	case errors.Is(err, io.EOF) || errors.As(err, &typed) || !l.ratio || l.packed.err != nil && !errors.Is(l.packed.err, io.EOF):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return l.wire.fail(connectors.CodeProviderCut, io.ErrUnexpectedEOF)
	default:
		return l.wire.fail(connectors.CodeProviderNonsense, errGzip)
	}
}

// countingBody counts what came over the wire and remembers how it ended.
type countingBody struct {
	io.ReadCloser
	n   int64
	err error
}

func (c *countingBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}
