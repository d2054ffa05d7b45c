package gateway

import (
	"context"
	"errors"
	"io"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// errShort is the cause when the provider ends a body before the bytes that it announced.
var errShort = errors.New("gateway: the body ended early")

// source gives the bytes of one answer in order, out of as many answers of the provider as that takes
// (mediaresume.go). One goroutine reads it.
type source struct {
	relay *relay
	body  io.ReadCloser
	skip  int64 // bytes of body before the next one
	at    int64 // the next byte of the file
	end   int64 // the one after the last; -1: not known
	size  int64 // of the file; -1: not known
	tag   string
	last  error // came with the last bytes

	begun  bool   // the reader has the header
	waits  func() // called before the reader is kept waiting; once begun
	tries  int    // resumptions in a row that gained little
	gained int64  // bytes since the last of them
}

// newSource reads m, whose bytes begin at p.from and are wanted as far as the end of p.span.
func newSource(r *relay, m connectors.Media, p plan) *source {
	s := &source{relay: r, body: m.Body, at: p.from, end: p.span.last + 1, size: p.span.size, tag: strongTag(m.Header)}
	if p.span.last < 0 && p.span.size != 0 {
		s.end = -1
	}
	return s
}

func (s *source) close() { _ = s.body.Close() }

// read is like io.Reader's; its io.EOF means that all bytes have come which are due. It never gives
// more than those.
func (s *source) read(ctx context.Context, b []byte) (int, error) {
	for {
		n, err := s.next(b)
		if n > 0 || err == nil || atEnd(err) {
			return n, err
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if err := s.resume(ctx, err); err != nil {
			return 0, err
		}
	}
}

// next reads once.
func (s *source) next(b []byte) (int, error) {
	if s.end >= 0 && s.at >= s.end {
		return 0, io.EOF
	}
	if s.last != nil {
		return 0, s.last
	}
	if s.skip > 0 {
		n, err := s.body.Read(b[:min(int64(len(b)), s.skip)])
		s.skip -= int64(n)
		s.relay.skipped(int64(n))
		return 0, s.short(err)
	}
	if s.end >= 0 {
		b = b[:min(int64(len(b)), s.end-s.at)]
	}
	n, err := s.body.Read(b)
	s.at += int64(n)
	s.gain(n)
	if s.last = s.short(err); n > 0 {
		return n, nil
	}
	return 0, s.last
}

// short makes an error of an end that comes too early.
func (s *source) short(err error) error {
	if atEnd(err) && s.end >= 0 && s.at < s.end {
		return s.relay.cut(errShort)
	}
	return err
}

// atEnd tells a body's end from an error that has one for its cause.
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
	if atEnd(err) {
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
	if s.begun {
		s.waits()
	}
}
