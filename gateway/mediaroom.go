package gateway

import (
	"sync"
	"time"
)

// buffers are the only memory a byte of media passes through here. 16 KB is one TLS record. The small
// ones are for readers who are slower than the provider: a full buffer is held for as long as they
// make us wait, and there may be a thousand of them.
var (
	buffers      = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}
	smallBuffers = sync.Pool{New: func() any { b := make([]byte, 4<<10); return &b }}
)

// slowWrite is how long a write takes at least to a reader who does not keep up: the queues between
// us and him were full, and hold 256 KB and more.
const slowWrite = 100 * time.Millisecond

// manyWrites of small buffers without a wait are 1 MB, more than all queues hold: the reader keeps up
// again.
const manyWrites = 256

// room is the buffer of one stream.
type room struct {
	buf  *[]byte
	pool *sync.Pool
	fast int // writes in a row that did not wait
}

func newRoom() *room { return &room{buf: buffers.Get().(*[]byte), pool: &buffers} }

func (r *room) bytes() []byte { return *r.buf }

// release gives the buffer back; the room is not used any more.
func (r *room) release() { r.pool.Put(r.buf) }

// wrote is told how long a write took, after which nothing of value is in the buffer.
func (r *room) wrote(took time.Duration) {
	if r.fast++; took >= slowWrite {
		r.fast = 0
	}
	switch {
	case r.fast == 0 && r.pool == &buffers:
		r.take(&smallBuffers)
	case r.fast >= manyWrites && r.pool == &smallBuffers:
		r.take(&buffers)
	}
}

func (r *room) take(from *sync.Pool) {
	r.release()
	r.buf, r.pool = from.Get().(*[]byte), from
}
