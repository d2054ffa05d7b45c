package gateway

import (
	"context"
	"errors"
	"io"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// errShort is the cause when the provider ends a body before the bytes that it announced.
var errShort = errors.New("gateway: the body ended early")

// source gives the bytes of one answer in order. One goroutine reads it.
type source struct {
	provider string
	body     io.ReadCloser
	at       int64  // the next byte of the file
	end      int64  // the one after the last; -1: not known
	pending  error  // came with the last bytes
	waits    func() // called before the reader is kept waiting for long; nil: not called
}

// newSource reads m, whose bytes begin at a.from and are wanted as far as the end of a.span.
func newSource(r *relay, m connectors.Media, a plan) *source {
	s := &source{provider: r.row.Provider, body: m.Body, at: a.from, end: a.span.last + 1}
	if a.span.last < 0 && a.span.size != 0 {
		s.end = -1
	}
	return s
}

func (s *source) close() { _ = s.body.Close() }

// read is like io.Reader's; its io.EOF means that all bytes have come which are due. It never gives
// more than those.
func (s *source) read(ctx context.Context, b []byte) (int, error) {
	if s.end >= 0 {
		b = b[:min(int64(len(b)), s.end-s.at)]
		if len(b) == 0 {
			return 0, io.EOF
		}
	}
	err := s.pending
	n := 0
	if err == nil {
		n, err = s.body.Read(b)
	}
	s.at += int64(n)
	switch {
	case n > 0:
		s.pending = err
		return n, nil
	case err == nil || ctx.Err() != nil:
		return 0, ctx.Err()
	case atEnd(err) && s.end < 0:
		return 0, io.EOF
	case atEnd(err):
		err = &connectors.Error{Code: connectors.CodeProviderCut, Provider: s.provider, Op: "media.read", Err: errShort}
	}
	return 0, err
}

// atEnd tells a body's end from an error that is called by the same name.
func atEnd(err error) bool {
	var typed *connectors.Error
	return errors.Is(err, io.EOF) && !errors.As(err, &typed)
}

// fill reads until b holds want bytes, or all there are.
func (s *source) fill(ctx context.Context, b []byte, want int) (n int, err error) {
	for n < want && err == nil {
		var more int
		more, err = s.read(ctx, b[n:])
		n += more
	}
	if errors.Is(err, io.EOF) {
		err = nil // the next read says it again
	}
	return n, err
}

// drop reads n bytes that nobody asked for, through b.
func (s *source) drop(ctx context.Context, b []byte, n int64) error {
	if n > 0 {
		s.wait()
	}
	for n > 0 {
		got, err := s.read(ctx, b[:min(int64(len(b)), n)])
		if err != nil {
			return err
		}
		n -= int64(got)
	}
	return nil
}

func (s *source) wait() {
	if s.waits != nil {
		s.waits()
	}
}
