package gateway

import (
	"context"
	"io"
	"net/http"
	"time"
)

// mediaWriter writes with a deadline that rolls, and counts.
type mediaWriter struct {
	w       io.Writer
	rc      *http.ResponseController
	timeout time.Duration
	read    *mediaRead
	h2      bool
}

func newMediaWriter(w http.ResponseWriter, r *relay, read *mediaRead) *mediaWriter {
	// The bare writer hides ReadFrom, which would pass over the pooled buffer.
	return &mediaWriter{w: struct{ io.Writer }{w}, rc: http.NewResponseController(w), timeout: r.s.cfg.WriteTimeout, read: read,
		h2: r.visit.Request.ProtoMajor >= 2}
}

func (o *mediaWriter) write(b []byte, flush bool) error {
	_ = o.rc.SetWriteDeadline(time.Now().Add(o.timeout))
	n, err := o.w.Write(b)
	o.read.add(n)
	if err == nil && flush {
		err = o.rc.Flush()
	}
	if o.h2 { // its deadlines end streams that write nothing, too: while the provider is waited for
		_ = o.rc.SetWriteDeadline(time.Time{})
	}
	return err
}

// settle hands over all that is written, before a wait.
func (o *mediaWriter) settle() {
	_ = o.rc.SetWriteDeadline(time.Now().Add(o.timeout))
	_ = o.rc.Flush() // an error: the next write has it, too
	_ = o.rc.SetWriteDeadline(time.Time{})
}

// copy moves what comes through the room. Small reads are flushed: a provider that trickles is passed
// on as it trickles.
func (o *mediaWriter) copy(ctx context.Context, from *source, room *room) error {
	for {
		buf := room.bytes()
		n, err := from.read(ctx, buf)
		if n > 0 {
			began := time.Now()
			if werr := o.write(buf[:n], n < 4096); werr != nil {
				return werr
			}
			room.wrote(time.Since(began))
		}
		if atEnd(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
