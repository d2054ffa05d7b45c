package upstream

import (
	"context"
	"net"
	"sync"
	"time"
)

// recordHeader is the length of a TLS record's header, the last two bytes of which are the length of
// what follows (RFC 8446 section 5.1).
const recordHeader = 5

// recordConn lies below crypto/tls, which reads as much as fits its buffer and doubles that whenever
// a record does not fit behind what came before: a connection that has carried a recording then holds
// 40 KB for as long as it lives. Here no read goes beyond a header or a record, so that the buffer stays
// what one record needs. While the bytes flow, several records are taken from the kernel at once, into a
// buffer of a pool; where they do not, because the reader or the provider is slow, each record is read by
// itself and nothing is held. One goroutine reads, as in crypto/tls.
type recordConn struct {
	net.Conn
	left   int // bytes of the record that is being read
	header [recordHeader]byte
	have   int // bytes of the header that is being read

	rest  []byte             // read, not yet handed on
	next  [recordHeader]byte // the rest is here, where it came behind a record,
	ahead *[]byte            // or here, where more was read at once,
	pool  *sync.Pool         // from this pool
	last  time.Time          // when a read ended
	flow  int                // bytes since somebody was waited for
}

// beginnings hold a small answer, so that header and record do not take a call each; stretches some
// records.
var (
	beginnings = sync.Pool{New: func() any { b := make([]byte, 4<<10); return &b }}
	stretches  = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}
)

const (
	// flowing is how soon the next read has to follow for the bytes to flow,
	flowing = 50 * time.Millisecond
	// flows is how many have to before more is read than one record: more than the queues towards a
	// reader hold, which also take in what a slow one is sent, by fits and starts.
	flows = 1 << 20
)

// Read implements net.Conn.
func (c *recordConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.rest) == 0 {
		from := &beginnings
		if c.left > 0 {
			if time.Since(c.last) > flowing {
				c.flow = 0
			}
			if c.flow < flows {
				return c.readRecord(p)
			}
			from = &stretches
		}
		if err := c.lookAhead(from); err != nil {
			return 0, err
		}
	}
	due := c.left
	if due == 0 {
		due = recordHeader - c.have
	}
	n := copy(p[:min(len(p), due)], c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 && c.ahead != nil {
		c.pool.Put(c.ahead)
		c.ahead = nil
	}
	c.passed(p[:n])
	return n, nil
}

// readRecord reads what is left of a record, and the header of the next in the same call.
func (c *recordConn) readRecord(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), c.left+recordHeader)])
	if n > c.left {
		c.rest = c.next[:copy(c.next[:], p[c.left:n])]
		n = c.left
	}
	c.left -= n
	c.last = time.Now()
	c.flow += n
	return n, err
}

func (c *recordConn) lookAhead(from *sync.Pool) error {
	b := from.Get().(*[]byte)
	n, err := c.Conn.Read(*b)
	c.last = time.Now()
	c.flow += n
	if n == 0 {
		from.Put(b)
		return err
	}
	c.ahead, c.pool, c.rest = b, from, (*b)[:n] // an error comes again with the next read
	return nil
}

// passed follows headers and records in what is handed on.
func (c *recordConn) passed(b []byte) {
	if c.left > 0 {
		c.left -= len(b)
		return
	}
	if c.have += copy(c.header[c.have:], b); c.have == recordHeader {
		c.left, c.have = int(c.header[3])<<8|int(c.header[4]), 0
	}
}

// byRecord makes connections that are read record by record.
func byRecord(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &recordConn{Conn: c}, nil
	}
}
