package gateway

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// stream carries the parts of one open from the connector to the reader: one at a time, in order,
// at the reader's pace.
type stream struct {
	o        *opening
	out      *lines
	enc      *encoder
	clean    *cleaner
	requests *upstream.Counter

	counts       map[string]int
	bytes        int64 // what went to the browser; set at the end
	sent         int   // parts written
	firstMessage *int64
	ended        bool  // with an end line
	err          error // what stopped it
}

func newStream(o *opening, w http.ResponseWriter, c *upstream.Counter) *stream {
	return &stream{o: o, out: newLines(w, o.array, o.s.cfg), enc: newEncoder(), requests: c, counts: map[string]int{}, clean: o.s.cleanerOf(o)}
}

// run ranges over the connector's parts. It returns an error only while nothing has been written.
func (st *stream) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	st.out.onFail = cancel
	silence := st.watchSilence()
	defer func() {
		silence.Stop()
		st.bytes = st.out.close()
	}()
	if err := st.forward(ctx, silence); err != nil {
		return st.fail(ctx, err)
	}
	return st.finish()
}

// forward passes the parts on until the last, or until something stops them. It has left the
// connector, and the connector has let go of the provider, before anything is said about it.
func (st *stream) forward(ctx context.Context, silence *time.Timer) error {
	for p, err := range st.o.conn.Open(ctx, st.o.ref) {
		if err != nil {
			return err
		}
		silence.Reset(st.o.s.cfg.WaitAfter)
		if err := st.write(ctx, p); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if st.sent == 0 {
		return &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: st.o.row.Provider, Op: "interaction.open"}
	}
	return nil
}

// write encodes one part and hands it to the reader. The first part and the first message go out at
// once; the others may wait for company.
func (st *stream) write(ctx context.Context, p connectors.Part) error {
	if h, ok := p.(*connectors.Header); ok && st.sent == 0 {
		first := *h
		first.Open = st.o.open
		p = &first
	}
	b, err := st.enc.line(st.clean.part(p))
	if err != nil {
		return err
	}
	first := p.Type() == connectors.TypeMessage && st.firstMessage == nil
	if err := st.out.write(b, st.sent == 0 || first); err != nil {
		return err
	}
	if first {
		took := st.o.s.now().Sub(st.o.visit.Started)
		ms := took.Milliseconds()
		st.firstMessage = &ms
		st.o.s.metrics.firstMessage.WithLabelValues(st.o.row.Provider).Observe(took.Seconds())
	}
	st.sent++
	st.counts[string(p.Type())]++
	return ctx.Err()
}

// watchSilence says every so often that we still wait, once something has been shown.
func (st *stream) watchSilence() *time.Timer {
	wait, _ := newEncoder().value(waitPart{connectors.TypeWait, "provider"})
	var t *time.Timer
	t = time.AfterFunc(time.Hour, func() {
		if st.out.idle(wait) {
			t.Reset(st.o.s.cfg.WaitAfter)
		}
	})
	t.Reset(st.o.s.cfg.WaitAfter)
	return t
}

func (st *stream) finish() error {
	b, err := st.enc.value(endPart{connectors.TypeEnd, st.out.count(), st.requests.Requests(), st.firstMessage})
	if err != nil {
		return st.fail(context.Background(), err)
	}
	if err := st.out.write(b, true); err != nil {
		st.err = err
		panic(http.ErrAbortHandler)
	}
	if err := st.out.end(); err != nil {
		st.err = err
		panic(http.ErrAbortHandler)
	}
	st.ended = true
	return nil
}

// fail ends the stream. Nothing written yet: the error becomes the answer. Else it is the last
// line; if even that cannot be written, the connection is aborted.
func (st *stream) fail(ctx context.Context, err error) error {
	if ours := endedBy(ctx); ours != nil {
		err = ours
	}
	st.err = err
	if st.sent == 0 {
		return err
	}
	if ctx.Err() != nil && endedBy(ctx) == nil || st.out.broken() {
		panic(http.ErrAbortHandler) // the reader left, or takes nothing
	}
	p := st.o.s.problemOf(ctx, err)
	st.o.visit.Code = string(p.Code)
	st.o.s.logProblem(ctx, p, err)
	b, encErr := st.enc.value(p.line())
	if encErr != nil || st.out.write(b, true) != nil || st.out.end() != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// outcome tells how it ended, for the audit row: a word and a code.
func (st *stream) outcome(ctx context.Context) (outcome, detail string) {
	switch code := connectors.CodeOf(st.err); {
	case st.ended:
		return records.OutcomeComplete, ""
	case endedBy(ctx) != nil && revoking(code):
		return records.OutcomeRevoked, string(code)
	case errors.Is(st.err, os.ErrDeadlineExceeded) && st.out.broken():
		return records.OutcomeLeft, "reader_stopped"
	case st.out.broken(), ctx.Err() != nil && endedBy(ctx) == nil:
		return records.OutcomeLeft, ""
	case st.err == nil: // it panicked
		return records.OutcomeProblem, string(connectors.CodeInternal)
	default:
		return records.OutcomeProblem, string(code)
	}
}

// revoking tells whether a code says that a right ended.
func revoking(c connectors.Code) bool {
	switch c {
	case connectors.CodeUnauthenticated, connectors.CodeNotAllowed, connectors.CodeNotFound, connectors.CodePaused, connectors.CodeNeedsReconnect:
		return true
	default:
		return false
	}
}
