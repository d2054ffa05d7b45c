package cachetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache"
)

func leaseKeepsOthersOut(t *testing.T, s cache.Store, _ func(time.Duration)) {
	held, err := s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
	_, err = s.Lock(t.Context(), zd, time.Minute)
	wantErr(t, err, cache.ErrLocked)
	_, err = s.Lock(t.Context(), other, time.Minute)
	must(t, err)
	must(t, held.Release(t.Context()))
	_, err = s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
}

func leaseRunsOut(t *testing.T, s cache.Store, advance func(time.Duration)) {
	held, err := s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
	advance(50 * time.Second)
	must(t, held.Renew(t.Context(), time.Minute))
	advance(50 * time.Second)
	_, err = s.Lock(t.Context(), zd, time.Minute)
	wantErr(t, err, cache.ErrLocked)
	advance(11 * time.Second)
	_, err = s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
}

func lostLeaseHarmsNobody(t *testing.T, s cache.Store, advance func(time.Duration)) {
	lost, err := s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
	advance(61 * time.Second)
	wantErr(t, lost.Renew(t.Context(), time.Minute), cache.ErrLeaseLost)
	_, err = s.Lock(t.Context(), zd, time.Minute)
	must(t, err)
	wantErr(t, lost.Renew(t.Context(), time.Minute), cache.ErrLeaseLost)
	must(t, lost.Release(t.Context())) // no error, and the other's stays
	_, err = s.Lock(t.Context(), zd, time.Minute)
	wantErr(t, err, cache.ErrLocked)
}

func oneOfManyGetsTheLease(t *testing.T, s cache.Store, _ func(time.Duration)) {
	var got atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			_, err := s.Lock(t.Context(), zd, time.Minute)
			if err == nil {
				got.Add(1)
			} else if !errors.Is(err, cache.ErrLocked) {
				t.Errorf("got %v, want cache.ErrLocked", err)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d of 32 got the lease, want 1", got.Load())
	}
}
