package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// maxErrorBody bounds what a connector may read of an answer that reports an error.
	maxErrorBody = 16 << 10
	// maxDrain and drainTime bound what is read of a body that nobody needs, to keep its connection:
	// a decoder stops at the last brace, before the end of the chunks.
	maxDrain  = 4 << 10
	drainTime = 25 * time.Millisecond
)

// body guards the answer's body: it gives up when the provider falls silent, and names every end but
// the declared one an error. Only the time in which somebody waits for a byte counts as silence; a
// reader may take as long as it likes.
type body struct {
	raw    io.ReadCloser
	wire   *wire
	caller context.Context
	own    context.Context // of the exchange; ending it closes the connection
	cancel context.CancelCauseFunc
	timer  *time.Timer
	polite bool
	ended  bool

	head    []byte // read ahead by peek
	headErr error  // what came after head
}

// peekSize is one read of what is there; net/http has it in its own buffer already.
const peekSize = 512

// peek waits for the first bytes and keeps them for Read. It gives the error of a body that broke
// before any came.
func (b *body) peek() error {
	p := make([]byte, peekSize)
	n, err := b.read(p)
	b.head, b.headErr = p[:n], err
	if n > 0 || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (b *body) Read(p []byte) (int, error) {
	if len(b.head) > 0 {
		n := copy(p, b.head)
		b.head = b.head[n:]
		return n, nil
	}
	if b.headErr != nil {
		return 0, b.headErr
	}
	return b.read(p)
}

func (b *body) read(p []byte) (int, error) {
	if b.timer == nil {
		b.timer = time.AfterFunc(b.wire.limits.Stall, func() { b.cancel(errStalled) })
	} else {
		b.timer.Reset(b.wire.limits.Stall)
	}
	n, err := b.raw.Read(p)
	b.timer.Stop()
	if err != nil {
		b.ended = true
		err = b.wire.inBody(b.caller, b.own, err)
	}
	return n, err
}

// Close ends the exchange: at once, unless the body is about to end and its connection worth keeping.
func (b *body) Close() error {
	if b.polite && !b.ended && b.caller.Err() == nil {
		b.drain()
	}
	err := b.raw.Close()
	b.cancel(errDone)
	return err
}

func (b *body) drain() {
	t := time.AfterFunc(drainTime, func() { b.cancel(errDone) })
	defer t.Stop()
	_, _ = io.CopyN(io.Discard, b.raw, maxDrain)
	b.ended = true
}

// discard drops an answer that is not passed on. A body that is short and at hand is read, so that
// the connection can be used again.
func discard(resp *http.Response) {
	if b, ok := resp.Body.(*body); ok && !b.ended && b.caller.Err() == nil {
		b.drain()
	}
	_ = resp.Body.Close()
}

// short lets at most maxErrorBody through.
func short(rc io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(rc, maxErrorBody), rc}
}
