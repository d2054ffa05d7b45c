package sim

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// response is the ResponseWriter of every host. It counts, and spoils the answer as its fault says.
type response struct {
	http.ResponseWriter
	r       *http.Request
	fault   *Fault
	zip     *gzip.Writer
	wantZip bool

	status  int
	sent    int64 // bytes of the body, before compression
	items   int   // list elements begun
	cutByUs bool
	muted   bool // a truncated body: swallow the rest
}

// WriteHeader applies what a fault does to headers, waits if the first byte is to be late, and sends.
func (w *response) WriteHeader(status int) {
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
		if !pause(w.r.Context(), w.fault.delay(2*time.Second)) {
			w.cut()
		}
	case w.is(FaultNoLength), w.is(FaultTruncate):
		h.Del("Content-Length")
	case w.is(FaultNoETag):
		h.Del("ETag")
	case w.is(FaultNoValidator):
		h.Del("ETag")
		h.Del("Last-Modified")
	case w.is(FaultWeakETag):
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag)
		}
	}
	if w.is(FaultNoRange) {
		h.Del("Accept-Ranges")
	}
	if (w.is(FaultGzip) || w.wantZip && strings.Contains(w.r.Header.Get("Accept-Encoding"), "gzip")) && status != http.StatusNoContent {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		w.zip = gzip.NewWriter(w.ResponseWriter)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends b, as slowly and as far as the fault allows.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.is(FaultCut) && w.fault.Items == 0, w.is(FaultTruncate), w.is(FaultStall):
		return w.upTo(b, w.fault.after(200))
	case w.is(FaultTrickle):
		return w.trickle(b)
	default:
		return w.send(b)
	}
}

// upTo sends b as far as limit, then cuts the connection, at once or when the client has left; after
// FaultTruncate the rest is swallowed instead.
func (w *response) upTo(b []byte, limit int64) (int, error) {
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

func (w *response) trickle(b []byte) (int, error) {
	chunk := int(w.fault.after(64))
	for n := 0; n < len(b); n += chunk {
		if _, err := w.send(b[n:min(n+chunk, len(b))]); err != nil {
			return n, err
		}
		w.Flush()
		if !pause(w.r.Context(), w.fault.delay(50*time.Millisecond)) {
			return n, w.r.Context().Err()
		}
	}
	return len(b), nil
}

func (w *response) send(b []byte) (n int, err error) {
	if w.r.Method == http.MethodHead {
		w.sent += int64(len(b))
		return len(b), nil
	}
	if w.zip != nil {
		n, err = w.zip.Write(b)
	} else {
		n, err = w.ResponseWriter.Write(b)
	}
	w.sent += int64(n)
	return n, err
}

// ReadFrom keeps io.Copy from bypassing Write.
func (w *response) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

// item is called before each element of a list, so that a fault can cut between two of them.
func (w *response) item() {
	if w.is(FaultCut) && w.fault.Items > 0 && w.items >= w.fault.Items {
		w.cut()
	}
	w.items++
}

// cut sends what is written and then breaks the connection: the client sees an unexpected end.
func (w *response) cut() {
	w.cutByUs = w.r.Context().Err() == nil
	w.Flush()
	panic(http.ErrAbortHandler)
}

// Flush sends what is buffered.
func (w *response) Flush() {
	if w.zip != nil {
		_ = w.zip.Flush()
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish completes a compressed body. It gives the panic value of a broken connection, or nil.
func (w *response) finish() any {
	if w.zip == nil {
		return nil
	}
	if err := w.zip.Close(); err != nil {
		return http.ErrAbortHandler
	}
	return nil
}

func (w *response) is(k FaultKind) bool { return w.fault != nil && w.fault.Kind == k }
