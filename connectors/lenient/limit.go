package lenient

import (
	"bytes"
	"io"
)

// capReader hands JSON on and shortens every string literal whose raw form is longer than max bytes:
// the JSON decoder holds a whole literal in memory, and nothing of a provider's is held whole without
// a bound. At least max raw bytes of a long literal are kept, so that the decoder can tell that it was
// cut. It is cut between two characters or escapes, never inside an escape.
type capReader struct {
	r   io.Reader
	max int

	inString bool
	dropping bool
	odd      bool // an odd number of backslashes ends what was read of the literal
	n        int  // raw bytes of the literal so far
	clear    int  // bytes since its last backslash, counted beyond max only
}

// Read implements io.Reader.
func (c *capReader) Read(p []byte) (int, error) {
	for {
		n, err := c.r.Read(p)
		kept := c.filter(p[:n])
		if kept > 0 || n == 0 || err != nil {
			return kept, err
		}
	}
}

// filter moves what is kept to the front of p and tells how much that is.
func (c *capReader) filter(p []byte) int {
	w := 0
	for i := 0; i < len(p); {
		if !c.inString {
			end := bytes.IndexByte(p[i:], '"') + 1
			if c.inString = end > 0; !c.inString {
				end = len(p) - i
			}
			c.dropping, c.odd, c.n, c.clear = false, false, 0, 0
			w += move(p, w, i, end)
			i += end
			continue
		}
		before := c.odd
		end, closed := c.closing(p[i:])
		w += move(p, w, i, c.take(p[i:i+end], before))
		i += end
		if closed {
			w += move(p, w, i, 1)
			i++
			c.inString = false
		}
	}
	return w
}

func move(p []byte, to, from, n int) int {
	if to != from {
		copy(p[to:], p[from:from+n])
	}
	return n
}

// closing finds the quote that ends the literal, or the end of b.
func (c *capReader) closing(b []byte) (int, bool) {
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], '"')
		if i < 0 {
			c.odd = oddRun(b, c.odd)
			return len(b), false
		}
		at += i
		if !oddRun(b[:at], c.odd) {
			return at, true
		}
	}
}

// take tells how many bytes of seg, a piece of the literal, are kept.
func (c *capReader) take(seg []byte, odd bool) int {
	if c.dropping {
		return 0
	}
	start := max(0, c.max-c.n)
	c.n += len(seg)
	if start >= len(seg) {
		return len(seg)
	}
	odd = oddRun(seg[:start], odd)
	for i, b := range seg[start:] {
		// The longest escape, \uXXXX, has five bytes after its backslash.
		if !odd && (b == '\\' || c.clear >= 5) {
			c.dropping = true
			return start + i
		}
		if b == '\\' {
			odd, c.clear = !odd, 0
		} else {
			odd, c.clear = false, c.clear+1
		}
	}
	return len(seg)
}

// oddRun tells whether an odd number of backslashes ends b, where before says so of what came before b.
func oddRun(b []byte, before bool) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return (n%2 == 1) != (n == len(b) && before)
}
