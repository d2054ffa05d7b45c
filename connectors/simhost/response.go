package simhost

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Response is the ResponseWriter of every host. It counts, and spoils the answer as its fault says.
type Response struct {
	http.ResponseWriter
	r     *http.Request
	fault *Fault

	status  int
	sent    int64 // bytes of the body
	cutByUs bool
	muted   bool // a truncated body: swallow the rest
}

// WriteHeader applies what a fault does to headers, waits if the first byte is to be late, and sends.
func (w *Response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	h := w.Header()
	if w.fault != nil && w.fault.Half {
		if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
			w.fault.After = max(1, n/2)
		}
	}
	switch {
	case w.is(FaultSlowStart):
		if !Pause(w.r.Context(), w.fault.delay(2*time.Second)) {
			w.cut()
		}
	case w.is(FaultTruncate):
		h.Del("Content-Length")
	case w.is(FaultNoETag):
		h.Del("ETag")
	case w.is(FaultNoRange):
		h.Del("Accept-Ranges")
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends b, as slowly and as far as the fault allows.
func (w *Response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.is(FaultCut), w.is(FaultTruncate), w.is(FaultStall):
		return w.upTo(b, w.fault.after(200))
	case w.is(FaultTrickle):
		return w.trickle(b)
	default:
		return w.send(b)
	}
}

// upTo sends b as far as limit, then cuts the connection, at once or when the client has left; after
// FaultTruncate the rest is swallowed instead.
func (w *Response) upTo(b []byte, limit int64) (int, error) {
	if w.muted {
		return len(b), nil
	}
	left := limit - w.sent
	if int64(len(b)) <= left {
		return w.send(b)
	}
	if _, err := w.send(b[:left]); err != nil {
		return 0, err
	}
	if w.is(FaultStall) {
		w.Flush()
		<-w.r.Context().Done()
	}
	if !w.is(FaultTruncate) {
		w.cut()
	}
	w.muted = true
	return len(b), nil
}

func (w *Response) trickle(b []byte) (int, error) {
	chunk := int(w.fault.after(64))
	for n := 0; n < len(b); n += chunk {
		if _, err := w.send(b[n:min(n+chunk, len(b))]); err != nil {
			return n, err
		}
		w.Flush()
		if !Pause(w.r.Context(), w.fault.delay(50*time.Millisecond)) {
			return n, w.r.Context().Err()
		}
	}
	return len(b), nil
}

func (w *Response) send(b []byte) (n int, err error) {
	if w.r.Method == http.MethodHead {
		n = len(b)
	} else {
		n, err = w.ResponseWriter.Write(b)
	}
	w.sent += int64(n)
	return n, err
}

// ReadFrom keeps io.Copy from bypassing Write.
func (w *Response) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

// cut sends what is written and then breaks the connection: the client sees an unexpected end.
func (w *Response) cut() {
	w.cutByUs = w.r.Context().Err() == nil
	w.Flush()
	panic(http.ErrAbortHandler)
}

// Flush sends what is buffered.
func (w *Response) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the connection.
func (w *Response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *Response) is(k FaultKind) bool { return w.fault != nil && w.fault.Kind == k }
