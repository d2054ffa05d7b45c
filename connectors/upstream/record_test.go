package upstream

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"testing"
)

// trickle is a connection whose other end sends data in pieces of up to most bytes.
type trickle struct {
	net.Conn
	data []byte
	most int
	r    *rand.Rand
}

func (t *trickle) Read(p []byte) (int, error) {
	if len(t.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, t.data[:min(len(t.data), 1+t.r.IntN(t.most))])
	t.data = t.data[n:]
	return n, nil
}

// However records come in, the same bytes go out, and never anything behind a header or a record.
func TestReadsEndWithTheRecord(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test's records
		var all []byte
		ends := map[int]bool{} // of headers and records
		for range 8 {
			body := make([]byte, []int{0, 1, 40, 1300, 5000, 16401}[r.IntN(6)])
			for i := range body {
				body[i] = byte(r.Uint32())
			}
			all = append(append(all, 23, 3, 3, byte(len(body)>>8), byte(len(body))), body...)
			ends[len(all)], ends[len(all)-len(body)] = true, true
		}
		c := &recordConn{Conn: &trickle{data: bytes.Clone(all), most: 1 + r.IntN(1<<(5+r.IntN(12))), r: r}}
		var got []byte
		for {
			p := make([]byte, 1+r.IntN(40<<10))
			n, err := c.Read(p)
			for end := len(got) + 1; end < len(got)+n; end++ {
				if ends[end] {
					t.Fatalf("seed %d: a read of %d bytes at %d goes beyond %d", seed, n, len(got), end)
				}
			}
			if got = append(got, p[:n]...); err != nil {
				break
			}
		}
		if !bytes.Equal(got, all) {
			t.Fatalf("seed %d: got %d bytes, want the %d that were sent", seed, len(got), len(all))
		}
		if c.ahead != nil {
			t.Errorf("seed %d: a buffer is held at the end", seed)
		}
	}
}

// A small answer costs one call, and so does each record of a long one.
func TestReadsAreFew(t *testing.T) {
	record := func(n int) []byte { return append([]byte{23, 3, 3, byte(n >> 8), byte(n)}, make([]byte, n)...) }
	for _, c := range []struct {
		name  string
		data  []byte
		calls int
	}{
		{"2 KB", record(2300), 1},
		{"64 KB", append(bytes.Repeat(record(16401), 4), record(100)...), 6}, // one more for the first, which is looked at ahead
	} {
		wire := &whole{data: c.data}
		conn := &recordConn{Conn: wire}
		got := 0
		for got < len(c.data) {
			n, err := conn.Read(make([]byte, 18<<10))
			if err != nil {
				t.Fatalf("%s: %v after %d bytes", c.name, err, got)
			}
			got += n
		}
		if wire.calls > c.calls {
			t.Errorf("%s: got %d calls, want at most %d", c.name, wire.calls, c.calls)
		}
	}
}

// whole gives as much as is asked for.
type whole struct {
	net.Conn
	data  []byte
	calls int
}

func (w *whole) Read(p []byte) (int, error) {
	w.calls++
	n := copy(p, w.data)
	w.data = w.data[n:]
	return n, nil
}
