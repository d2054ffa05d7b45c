package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"
)

// conn is a reader's connection: no more than what a measure needs, so that little of the client's
// own cost is in it.
type conn struct {
	net.Conn
	br *bufio.Reader
}

// dial connects to a target; receive bounds what the kernel takes in (0: the kernel decides).
func dial(ctx context.Context, t *target, conf *tls.Config, receive int) (*conn, error) {
	d := &net.Dialer{Timeout: 30 * time.Second}
	if receive > 0 {
		d.Control = func(_, _ string, rc syscall.RawConn) error { return setBuffer(rc, syscall.SO_RCVBUF, receive) }
	}
	c, err := d.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	if t.tls {
		tc := tls.Client(c, conf)
		if err := tc.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		c = tc
	}
	return &conn{c, bufio.NewReaderSize(c, 16<<10)}, nil
}

func (c *conn) close() { _ = c.Close() }

// ask sends a request and reads the answer up to the first byte of its body; length is the body's.
func (c *conn) ask(req []byte) (length int64, err error) {
	if err := c.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		return 0, err
	}
	if _, err := c.Write(req); err != nil {
		return 0, err
	}
	length = -1
	for first := true; ; first = false {
		line, err := c.br.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first && !bytes.HasPrefix(line, []byte("HTTP/1.1 20")):
			return 0, fmt.Errorf("the answer is %q", line)
		case len(line) == 0:
			if length < 0 {
				return 0, fmt.Errorf("the answer has no Content-Length")
			}
			_, err := c.br.Peek(1)
			return length, err
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err != nil {
				return 0, err
			}
		}
	}
}

// get reads a whole answer and tells when its first byte was there.
func (c *conn) get(req []byte) (firstByte time.Duration, err error) {
	began := time.Now()
	n, err := c.ask(req)
	if err != nil {
		return 0, err
	}
	firstByte = time.Since(began)
	_, err = io.CopyN(io.Discard, c.br, n)
	return firstByte, err
}
