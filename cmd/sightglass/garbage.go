package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// headroom is how much memory may hold what nobody needs any more, before it is collected. Go's
	// default is as much as is in use, which is wrong at both ends: the little that one listener needs
	// would be collected hundreds of times a second while pictures load, and with a thousand listeners,
	// who use much and throw away little, as much again would lie about.
	headroom = 24 << 20
	// leastPercent and mostPercent bound what that means for the collector: how much a program may
	// grow between two collections, in hundredths of what it uses.
	leastPercent, mostPercent = 10, 400
	// measureEvery is how often what is in use is looked at.
	measureEvery = time.Second
)

// inUse are the sizes that the collector's percentage is of.
var inUse = []string{"/gc/heap/live:bytes", "/gc/scan/stack:bytes", "/gc/scan/globals:bytes"}

// boundGarbage keeps the garbage near headroom until stop is called, which restores what was before.
// Who sets GOGC or GOMEMLIMIT wants it another way, and gets it.
func boundGarbage(ctx context.Context) (stop func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	now := garbagePercent(used())
	before := debug.SetGCPercent(now)
	go func() {
		defer close(done)
		t := time.NewTicker(measureEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			// Setting it stops the program for a moment, so not for little.
			if p := garbagePercent(used()); p*10 < now*9 || p*9 > now*10 {
				debug.SetGCPercent(p)
				now = p
			}
		}
	}()
	return func() {
		cancel()
		<-done
		debug.SetGCPercent(before)
	}
}

func garbagePercent(used uint64) int {
	return int(min(max(headroom*100/max(used, 1), leastPercent), mostPercent))
}

func used() uint64 {
	samples := make([]metrics.Sample, len(inUse))
	for i, name := range inUse {
		samples[i].Name = name
	}
	metrics.Read(samples)
	var sum uint64
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			sum += s.Value.Uint64()
		}
	}
	return sum
}
