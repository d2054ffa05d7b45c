package lenient

import (
	"errors"
	"io"
)

// byteOrderMark may stand in front of UTF-8 text. Senders of JSON must not add it, readers may skip it
// (RFC 8259, section 8.1).
const byteOrderMark = "\ufeff"

// unmarked hands r on without a byte order mark at its front.
type unmarked struct {
	r     io.Reader
	begun bool
	head  [len(byteOrderMark)]byte
	left  []byte // of head: not handed on yet
	err   error  // that ended r within head
}

// Read implements io.Reader.
func (u *unmarked) Read(p []byte) (int, error) {
	if !u.begun {
		u.begin()
	}
	if len(u.left) > 0 {
		n := copy(p, u.left)
		u.left = u.left[n:]
		return n, nil
	}
	if u.err != nil {
		return 0, u.err
	}
	return u.r.Read(p)
}

func (u *unmarked) begin() {
	u.begun = true
	n, err := io.ReadFull(u.r, u.head[:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF // as r itself ended
	}
	u.err = err
	if string(u.head[:n]) != byteOrderMark {
		u.left = u.head[:n]
	}
}
