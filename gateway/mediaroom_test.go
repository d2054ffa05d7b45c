package gateway

import (
	"testing"
	"time"
)

func TestSlowReadersHoldLittle(t *testing.T) {
	r := newRoom()
	for _, c := range []struct {
		took time.Duration
		want int
	}{{0, 16 << 10}, {slowWrite - 1, 16 << 10}, {slowWrite, 4 << 10}, {0, 4 << 10}, {time.Minute, 4 << 10}} {
		r.wrote(c.took)
		if got := len(r.bytes()); got != c.want {
			t.Errorf("after a write of %s: got a buffer of %d bytes, want %d", c.took, got, c.want)
		}
	}
	for range manyWrites - 1 {
		r.wrote(0)
	}
	if got, want := len(r.bytes()), 4<<10; got != want {
		t.Errorf("after %d quick writes: got a buffer of %d bytes, want %d still", manyWrites-1, got, want)
	}
	if r.wrote(0); len(r.bytes()) != 16<<10 {
		t.Errorf("once the reader keeps up again: got a buffer of %d bytes, want %d", len(r.bytes()), 16<<10)
	}
	r.wrote(slowWrite)
	r.release()
	again := newRoom()
	defer again.release()
	if got, want := len(again.bytes()), 16<<10; got != want {
		t.Errorf("the next reader: got a buffer of %d bytes, want %d", got, want)
	}
}
