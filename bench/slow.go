package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	slowCount = 1000
	slowChunk = 16 << 10
	slowPause = time.Second / 4 // a chunk each: 64 KB/s
	// slowReceive bounds the client's own queue, which would hide the target's.
	slowReceive = 64 << 10
	probeHeader = "Range: bytes=2097152-2162687\r\n"
)

// seenWith takes what slowReaders brought along in this round.
func seenWith(name string) func(context.Context, *bench) (round, error) {
	return func(_ context.Context, b *bench) (round, error) {
		if r, ok := b.seen[name]; ok {
			return r, nil
		}
		return nil, fmt.Errorf("is measured together with slow: -only slow,%s", name)
	}
}

// slowReaders opens 1,000 readers on each target in turn, on a fresh process, and measures what they
// cost it and what a further reader has to wait.
func slowReaders(ctx context.Context, b *bench) (round, error) {
	rss, all, next, rate := round{}, round{}, round{}, round{}
	for _, t := range b.targets {
		if t.name == nameJoin {
			continue // a floor for processor time; no goal is held against it here
		}
		if err := b.restart(ctx, t); err != nil {
			return nil, err
		}
		s, err := b.slow(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		if t.proc != nil {
			rss[t.name] = s.rss / slowCount / 1024
		}
		all[t.name] = (s.rss + s.kernel) / slowCount / 1024
		next[t.name], rate[t.name] = s.next, s.rate
	}
	b.seen["slow-all"], b.seen["slow-next"], b.seen["slow-rate"] = all, next, rate
	return rss, nil
}

type slowResult struct{ rss, kernel, next, rate float64 }

// slow is one target's turn. Process memory is what it grew by: what a program holds before the first
// reader is not a stream's.
func (b *bench) slow(ctx context.Context, t *target) (slowResult, error) {
	var r slowResult
	if err := b.fetch(ctx, t, smallPath, 4, 5); err != nil { // its lazy beginnings are not a stream's either
		return r, err
	}
	idle, err := b.usageOf(t)
	if err != nil {
		return r, err
	}
	readers := make([]*reader, slowCount)
	open, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer func() {
		stop()
		for _, rd := range readers {
			if rd != nil && rd.conn != nil {
				rd.conn.close()
			}
		}
		wg.Wait()
	}()
	if err := b.openSlow(open, t, readers, &wg); err != nil {
		return r, err
	}
	time.Sleep(2 * time.Second) // opening 1,000 connections is not what is measured
	window := time.Duration(b.n(8, 3)) * time.Second
	waits, err := b.probe(ctx, t, window)
	if err != nil {
		return r, err
	}
	busy, err := b.usageOf(t)
	if err != nil {
		return r, err
	}
	kernel, err := kernelMemory(ctx, t.port, b.target(nameDirect).port)
	if err != nil {
		return r, err
	}
	var rates []float64
	for _, rd := range readers {
		if f := rd.failed.Load(); f != nil {
			return r, fmt.Errorf("a slow reader: %w", *f)
		}
		rates = append(rates, rd.rate())
	}
	slices.Sort(rates)
	return slowResult{float64(busy.rss - idle.rss), float64(kernel), float64(quantile(waits, 0.99).Microseconds()) / 1000, rates[slowCount/10]}, nil
}

func (b *bench) usageOf(t *target) (usage, error) {
	if t.proc == nil {
		return usage{}, nil
	}
	return t.proc.usage()
}

// reader takes a chunk every slowPause.
type reader struct {
	conn   *conn
	chunks atomic.Int64
	began  time.Time
	last   atomic.Int64 // nanoseconds from began to its last chunk
	failed atomic.Pointer[error]
}

// rate is what it got of what it would have taken, at most 1: chunks by the pauses they took.
func (r *reader) rate() float64 {
	want := float64(r.last.Load()) / float64(slowPause)
	if want <= 0 {
		return 0
	}
	return min(float64(r.chunks.Load()-1)/want, 1)
}

// openSlow opens the readers, 32 at a time, and lets them read until ctx ends.
func (b *bench) openSlow(ctx context.Context, t *target, readers []*reader, wg *sync.WaitGroup) error {
	errs := make(chan error, slowCount)
	turns := make(chan struct{}, 32)
	for n := range readers {
		turns <- struct{}{}
		readers[n] = &reader{}
		go func() {
			defer func() { <-turns }()
			c, err := dial(ctx, t, b.tls, slowReceive)
			if err == nil {
				readers[n].conn = c
				_, err = c.ask(t.request(longPath, n, ""))
			}
			errs <- err
		}()
	}
	var failed error
	for range readers {
		failed = errors.Join(failed, <-errs)
	}
	if failed != nil {
		return failed
	}
	for n, r := range readers {
		wg.Go(func() { r.read(ctx, time.Duration(n)*slowPause/slowCount) })
	}
	return nil
}

func (r *reader) read(ctx context.Context, phase time.Duration) {
	buf := make([]byte, slowChunk)
	if !wait(ctx, phase) {
		return
	}
	r.began = time.Now()
	for n := 0; ; n++ {
		if !wait(ctx, time.Until(r.began.Add(time.Duration(n)*slowPause))) {
			return
		}
		_ = r.conn.SetDeadline(time.Now().Add(time.Minute)) // a connection that is closed fails in the read
		if _, err := io.ReadFull(r.conn.br, buf); err != nil {
			if ctx.Err() == nil {
				r.failed.Store(&err)
			}
			return
		}
		r.chunks.Add(1)
		// What is late by less than a tenth of a pause is the client's own timer.
		late := time.Since(r.began) - time.Duration(n)*slowPause
		if late < slowPause/10 {
			late = 0
		}
		r.last.Store(int64(time.Duration(n)*slowPause + late))
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(max(d, 0)):
		return true
	}
}

// probe is the next reader, again and again, each on a connection of its own.
func (b *bench) probe(ctx context.Context, t *target, window time.Duration) ([]time.Duration, error) {
	var waits []time.Duration
	for end := time.Now().Add(window); time.Now().Before(end); {
		began := time.Now()
		c, err := dial(ctx, t, b.tls, 0)
		if err != nil {
			return nil, err
		}
		_, err = c.ask(t.request(callPath, len(waits), probeHeader))
		waits = append(waits, time.Since(began))
		c.close()
		if err != nil {
			return nil, err
		}
		if !wait(ctx, 20*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
	return waits, nil
}
