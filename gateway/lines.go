package gateway

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// flushAt is how much may wait in the buffer.
const flushAt = 16 << 10

// errEnded says that a stream's writer was closed.
var errEnded = errors.New("gateway: the stream has ended")

// lines writes a stream of parts. What is not flushed at once is flushed after FlushAfter at the
// latest, so that nothing lies here while the connector waits for the provider's next page. It is
// safe for the handler and its timers.
type lines struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	array   bool
	after   time.Duration
	timeout time.Duration
	onFail  context.CancelCauseFunc // ends the stream when a timer's flush failed

	mu      sync.Mutex
	buf     []byte
	timer   *time.Timer
	armed   bool
	n       int // lines written
	bytes   int64
	err     error
	started bool
	over    bool
}

func newLines(w http.ResponseWriter, array bool, c Config) *lines {
	l := &lines{w: w, rc: http.NewResponseController(w), array: array, after: c.FlushAfter, timeout: c.WriteTimeout, buf: make([]byte, 0, flushAt+4096)}
	l.timer = time.AfterFunc(time.Hour, l.tick)
	l.timer.Stop()
	return l
}

// write adds one line (which ends with a line feed).
func (l *lines) write(b []byte, now bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(b, now)
}

func (l *lines) add(b []byte, now bool) error {
	if l.over && l.err == nil {
		return errEnded
	}
	if l.err != nil {
		return l.err
	}
	if l.array {
		sep := ","
		if l.n == 0 {
			sep = "["
		}
		l.buf = append(l.buf, sep...)
	}
	l.buf = append(l.buf, b...)
	l.n++
	if now || len(l.buf) >= flushAt {
		return l.flush()
	}
	if !l.armed {
		l.armed = true
		l.timer.Reset(l.after)
	}
	return nil
}

// idle adds a wait line if something has been written and the stream goes on.
func (l *lines) idle(b []byte) (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.err != nil {
		return false
	}
	if l.started {
		_ = l.add(b, true)
	}
	return l.err == nil
}

func (l *lines) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.armed && !l.over && l.err == nil {
		_ = l.flush()
	}
}

// flush sends what waits. The deadline rolls: a reader may take for ever, but not take nothing.
func (l *lines) flush() error {
	l.armed = false
	l.timer.Stop()
	if len(l.buf) == 0 {
		return nil
	}
	if !l.started {
		l.start()
	}
	_ = l.rc.SetWriteDeadline(time.Now().Add(l.timeout)) // recorders in tests have none
	n, err := l.w.Write(l.buf)
	l.bytes += int64(n)
	if err == nil {
		err = l.rc.Flush()
	}
	l.buf = l.buf[:0]
	if cap(l.buf) > 8*flushAt {
		l.buf = make([]byte, 0, flushAt+4096)
	}
	if err != nil {
		l.err = err
		if l.onFail != nil {
			l.onFail(err)
		}
	}
	return err
}

func (l *lines) start() {
	l.started = true
	h := l.w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	if l.array {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	l.w.WriteHeader(http.StatusOK)
}

// end closes the array, if it is one.
func (l *lines) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.array && l.err == nil {
		l.buf = append(l.buf, ']', '\n')
	}
	if err := l.flush(); err != nil {
		return err
	}
	return l.err
}

// close stops the timers; nothing is written after it. It returns the bytes that went out.
func (l *lines) close() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.timer.Stop()
	_ = l.rc.SetWriteDeadline(time.Now().Add(l.timeout)) // for the last few bytes that the server writes
	return l.bytes
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *lines) broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err != nil
}
