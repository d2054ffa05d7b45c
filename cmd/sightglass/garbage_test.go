package main

import (
	"runtime/debug"
	"testing"
)

func TestGarbageStaysNearItsHeadroom(t *testing.T) {
	for _, c := range []struct {
		used uint64
		want int
	}{
		{0, 400}, {1 << 20, 400}, {6 << 20, 400}, {12 << 20, 200}, {24 << 20, 100}, {48 << 20, 50}, {96 << 20, 25}, {4 << 30, 10},
	} {
		if got := garbagePercent(c.used); got != c.want {
			t.Errorf("with %d bytes in use: got %d %%, want %d %%", c.used, got, c.want)
		}
	}
	if n := used(); n < 100<<10 {
		t.Errorf("this program uses %d bytes, which is too little: are the metrics still called %q?", n, inUse)
	}
}

func percentNow() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestGarbageIsBoundUntilTheEnd(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetGCPercent(33)
	defer debug.SetGCPercent(before)
	stop := boundGarbage(t.Context())
	if got, want := percentNow(), garbagePercent(used()); got < leastPercent || got > mostPercent || got == 33 && want != 33 {
		t.Errorf("while it is bound: got %d %%, want about %d %%", got, want)
	}
	stop()
	if got := percentNow(); got != 33 {
		t.Errorf("afterwards: got %d %%, want the 33 %% of before", got)
	}
	t.Setenv("GOGC", "33")
	stop = boundGarbage(t.Context())
	if got := percentNow(); got != 33 {
		t.Errorf("with GOGC=33: got %d %%", got)
	}
	stop()
}
