package gateway

import (
	"bytes"
	"io"
	"net"
	"strconv"
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
	in      []byte // read, not yet judged
	ready   []byte // judged, not yet handed on
	body    int64  // what is left of a request's body
	refused bool
}

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
			return n, nil
		case c.refused:
			return 0, io.EOF
		case c.body > 0:
			return c.readBody(p)
		}
		if err := c.readHead(); err != nil {
			return 0, err
		}
	}
}

func (c *strictConn) readBody(p []byte) (int, error) {
	p = p[:min(int64(len(p)), c.body)]
	if len(c.in) > 0 {
		n := copy(p, c.in)
		c.in = c.in[n:]
		c.body -= int64(n)
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.body -= int64(n)
	return n, err
}

// readHead reads until a head is whole. An interrupted read (net/http interrupts the one it keeps
// open to notice that the client leaves) goes on where it was.
func (c *strictConn) readHead() error {
	for {
		end := bytes.Index(c.in, []byte("\r\n\r\n"))
		if end < 0 && !ambiguous(c.in) && len(c.in) <= maxHead {
			if err := c.more(); err != nil {
				return err
			}
			continue
		}
		if end < 0 {
			c.refuse()
			return nil
		}
		head := c.in[:end+4]
		length, ok := judge(head)
		if !ok {
			c.refuse()
			return nil
		}
		c.ready, c.in, c.body = bytes.Clone(head), bytes.Clone(c.in[end+4:]), length
		return nil
	}
}

func (c *strictConn) more() error {
	var buf [4096]byte
	n, err := c.Conn.Read(buf[:])
	c.in = append(c.in, buf[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

func (c *strictConn) refuse() { c.ready, c.in, c.refused = refusal, nil, true }

// ambiguous tells whether the part of a head that is here has a line that does not end with CRLF,
// or a NUL. A carriage return at the very end may still get its line feed.
func ambiguous(b []byte) bool {
	for i, x := range b {
		switch {
		case x == 0:
			return true
		case x == '\n' && (i == 0 || b[i-1] != '\r'):
			return true
		case x == '\r' && i+1 < len(b) && b[i+1] != '\n':
			return true
		}
	}
	return false
}

// judge checks a whole head and gives the length of the body that follows.
func judge(head []byte) (length int64, ok bool) {
	if ambiguous(head) {
		return 0, false
	}
	lines := bytes.Split(bytes.TrimSuffix(head, []byte("\r\n\r\n")), []byte("\r\n"))
	lengths := 0
	for _, line := range lines[1:] {
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 || bytes.ContainsAny(name, " \t") { // folded lines begin with one
			return 0, false
		}
		switch string(bytes.ToLower(name)) {
		case "transfer-encoding":
			return 0, false
		case "content-length":
			n, err := strconv.ParseUint(string(bytes.Trim(value, " \t")), 10, 62)
			if err != nil || !isPlainNumber(value) {
				return 0, false
			}
			length = int64(n)
			lengths++
		}
	}
	return length, len(lines[0]) > 0 && lengths <= 1
}

func isPlainNumber(b []byte) bool {
	b = bytes.Trim(b, " \t")
	return len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
