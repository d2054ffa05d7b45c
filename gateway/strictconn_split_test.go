package gateway

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// piecewise is a connection whose other end sends pieces.
type piecewise struct {
	net.Conn
	pieces []string
}

func (p *piecewise) Read(b []byte) (int, error) {
	if len(p.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.pieces[0])
	if p.pieces[0] = p.pieces[0][n:]; p.pieces[0] == "" {
		p.pieces = p.pieces[1:]
	}
	return n, nil
}

// However the bytes of good requests come in, and however they are asked for, the same come out.
func TestRequestsComeOutAsTheyWentIn(t *testing.T) {
	get := "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
	long := "GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 9000) + "\r\n\r\n"
	post := "POST /api/v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nnot a head\n\r\r\n\r\n\x00 but a body"
	all := get + post + long + get + post + get
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's splits
		most := 1 + r.IntN(1+len(all)>>r.IntN(14))
		var pieces []string
		for rest := all; rest != ""; {
			n := 1 + r.IntN(min(len(rest), most))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		c := &strictConn{Conn: &piecewise{pieces: pieces}}
		var got []byte
		for {
			p := make([]byte, 1+r.IntN(4096))
			n, err := c.Read(p)
			got = append(got, p[:n]...)
			if err != nil {
				break
			}
		}
		if string(got) != all {
			t.Fatalf("seed %d, %d pieces: got %d bytes, want %d: %.100q", seed, len(pieces), len(got), len(all), got)
		}
		if c.held != nil {
			t.Errorf("seed %d: a buffer is held after the last request", seed)
		}
	}
}
