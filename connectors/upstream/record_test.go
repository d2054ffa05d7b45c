package upstream

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"slices"
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
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test's records
		bytesOf := rand.NewChaCha8([32]byte{byte(seed)})
		var all []byte
		var ends []int  // of headers and records, in order
		for range 130 { // more than has to flow before several are read at once
			body := make([]byte, []int{0, 1, 40, 1300, 5000, 16401, 65535}[r.IntN(7)])
			_, _ = bytesOf.Read(body)
			all = append(append(all, 23, 3, 3, byte(len(body)>>8), byte(len(body))), body...)
			ends = append(ends, len(all)-len(body), len(all))
		}
		c := &recordConn{Conn: &trickle{data: bytes.Clone(all), most: 1 + r.IntN(1<<(9+r.IntN(8))), r: r}}
		var got []byte
		for {
			p := make([]byte, 1+r.IntN(40<<10))
			n, err := c.Read(p)
			if i, _ := slices.BinarySearch(ends, len(got)+1); n > 0 && i < len(ends) && ends[i] < len(got)+n {
				t.Fatalf("seed %d: a read of %d bytes at %d goes beyond %d", seed, n, len(got), ends[i])
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
		{"8 MB", bytes.Repeat(record(16401), 512), 200},                      // a megabyte record by record, then 64 KB at once
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
