package gateway

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
)

// strictListener makes connections refuse what two HTTP readers may understand differently: lines
// that end with a bare line feed, folded headers, NUL, any Transfer-Encoding, more than one
// Content-Length. net/http accepts some of them, and a proxy in front that sees one request where
// we see two lets a stranger speak in somebody else's name (reliability T6). It stands on plain
// connections, which is where proxies are; on TLS the browser speaks to us directly.
type strictListener struct{ net.Listener }

// Accept implements net.Listener.
func (l strictListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: c}, nil
}

// maxHead is net/http's bound on a request's head (Serve sets 64 KiB) with the room it adds.
const maxHead = 64<<10 + 4096

// strictConn hands on a request's head only when it is whole and unambiguous, then exactly its
// body. One goroutine reads, as net/http does.
type strictConn struct {
	net.Conn
	held    *[]byte // what in and ready lie in, while there is any; from heads
	in      []byte  // read, not yet judged
	ready   []byte  // judged, not yet handed on
	body    int64   // what is left of a request's body
	refused bool
	bounded bool // boundWrites has been; of the handler, not of who reads
}

// heads are for what of a request came before all of its head was there. A connection that waits, or
// whose answer is under way, holds none.
var heads = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// refusal is what net/http itself refuses: it answers 400 in its turn, after the answers that are
// still under way, and closes.
var refusal = []byte("REFUSED\r\n\r\n")

// Read implements net.Conn.
func (c *strictConn) Read(p []byte) (int, error) {
	for {
		switch {
		case len(p) == 0:
			return 0, nil
		case len(c.ready) > 0:
			n := copy(p, c.ready)
			c.ready = c.ready[n:]
			c.release()
			return n, nil
		case c.refused:
			return 0, io.EOF
		case c.body > 0:
			return c.readBody(p)
		}
		if n, err := c.readHead(p); n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *strictConn) readBody(p []byte) (int, error) {
	p = p[:min(int64(len(p)), c.body)]
	if len(c.in) > 0 {
		n := copy(p, c.in)
		c.in = c.in[n:]
		c.body -= int64(n)
		c.release()
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.body -= int64(n)
	return n, err
}

// readHead reads until a head is whole and makes it ready, or hands on what came into p where that
// is a whole head and nothing more, as it nearly always is. An interrupted read (net/http interrupts
// the one it keeps open to notice that the client leaves) goes on where it was.
func (c *strictConn) readHead(p []byte) (int, error) {
	if len(c.in) == 0 {
		n, err := c.Conn.Read(p)
		if n == 0 {
			return 0, err
		}
		end := bytes.Index(p[:n], endOfHead)
		if end == n-len(endOfHead) {
			if length, ok := judge(p[:n]); ok {
				c.body = length
				return n, nil
			}
		}
		c.hold(p[:n])
	}
	for {
		end := bytes.Index(c.in, endOfHead)
		if end < 0 && !ambiguous(c.in) && len(c.in) <= maxHead {
			if err := c.more(); err != nil {
				return 0, err
			}
			continue
		}
		if end < 0 {
			c.refuse()
			return 0, nil
		}
		end += len(endOfHead)
		length, ok := judge(c.in[:end])
		if !ok {
			c.refuse()
			return 0, nil
		}
		c.ready, c.in, c.body = c.in[:end:end], c.in[end:], length
		return 0, nil
	}
}

// hold keeps what is not a whole head.
func (c *strictConn) hold(b []byte) {
	c.held = heads.Get().(*[]byte)
	c.in = append((*c.held)[:0], b...)
}

// release gives the buffer back when nothing lies in it any more.
func (c *strictConn) release() {
	if c.held == nil || len(c.in) > 0 || len(c.ready) > 0 {
		return
	}
	heads.Put(c.held)
	c.held, c.in, c.ready = nil, nil, nil
}

// more reads behind what is there.
func (c *strictConn) more() error {
	c.in = slices.Grow(c.in, 1)
	n, err := c.Conn.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	if n > 0 {
		return nil
	}
	return err
}

func (c *strictConn) refuse() { c.held, c.ready, c.in, c.refused = nil, refusal, nil, true }

var (
	endOfHead = []byte("\r\n\r\n")
	endOfLine = []byte("\r\n")
)

// ambiguous tells whether the part of a head that is here has a line that does not end with CRLF,
// or a NUL. A carriage return at the very end may still get its line feed.
func ambiguous(b []byte) bool {
	ends := bytes.Count(b, endOfLine)
	returns := bytes.Count(b, endOfLine[:1])
	if returns > 0 && b[len(b)-1] == '\r' {
		returns--
	}
	return returns != ends || bytes.Count(b, endOfLine[1:]) != ends || bytes.IndexByte(b, 0) >= 0
}

// judge checks a whole head and gives the length of the body that follows.
func judge(head []byte) (length int64, ok bool) {
	if ambiguous(head) {
		return 0, false
	}
	line, rest, _ := bytes.Cut(head[:len(head)-len(endOfLine)], endOfLine)
	if len(line) == 0 {
		return 0, false
	}
	lengths := 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, endOfLine)
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 || bytes.IndexByte(name, ' ') >= 0 || bytes.IndexByte(name, '\t') >= 0 { // folded lines begin with one
			return 0, false
		}
		switch {
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return 0, false
		case bytes.EqualFold(name, []byte("Content-Length")):
			n, err := strconv.ParseUint(string(bytes.Trim(value, " \t")), 10, 62)
			if err != nil || !isPlainNumber(value) {
				return 0, false
			}
			length = int64(n)
			lengths++
		}
	}
	return length, lengths <= 1
}

func isPlainNumber(b []byte) bool {
	b = bytes.Trim(b, " \t")
	return len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
