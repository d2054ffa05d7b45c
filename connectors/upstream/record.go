package upstream

import (
	"context"
	"net"
	"sync"
)

// recordHeader is the length of a TLS record's header, the last two bytes of which are the length of
// what follows (RFC 8446 section 5.1).
const recordHeader = 5

// recordConn lies below crypto/tls, which reads as much as fits its buffer and doubles that whenever
// a record does not fit behind what came before: a connection that has carried a recording then holds
// 40 KB for as long as it lives. Here no read goes beyond a header or a record, so that the buffer stays
// what one record needs. One goroutine reads, as in crypto/tls.
type recordConn struct {
	net.Conn
	left   int // bytes of the record that is being read
	header [recordHeader]byte
	have   int // bytes of the header that is being read

	rest  []byte             // read, not yet handed on
	next  [recordHeader]byte // the rest is here, where it came behind a record,
	ahead *[]byte            // or here, where a record began, so that header and record do not take a call each
}

// aheads hold a small answer.
var aheads = sync.Pool{New: func() any { b := make([]byte, 4<<10); return &b }}

// Read implements net.Conn.
func (c *recordConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(c.rest) == 0 {
		if c.left > 0 {
			return c.readRecord(p)
		}
		if err := c.lookAhead(); err != nil {
			return 0, err
		}
	}
	due := c.left
	if due == 0 {
		due = recordHeader - c.have
	}
	n := copy(p[:min(len(p), due)], c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 && c.ahead != nil {
		aheads.Put(c.ahead)
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
	return n, err
}

func (c *recordConn) lookAhead() error {
	b := aheads.Get().(*[]byte)
	n, err := c.Conn.Read(*b)
	if n == 0 {
		aheads.Put(b)
		return err
	}
	c.ahead, c.rest = b, (*b)[:n] // an error comes again with the next read
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
