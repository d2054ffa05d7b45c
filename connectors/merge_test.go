package connectors_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors"
)

type source = func(context.Context) iter.Seq2[int, error]

// counting yields from, from+1 … n times, then ends with err.
func counting(from, n int, err error) source {
	return func(context.Context) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(from+i, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
}

// waiting yields one and then nothing until its context ends.
func waiting(ctx context.Context) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if yield(-1, nil) {
			<-ctx.Done()
		}
	}
}

func TestMergeYieldsAllInEachSourcesOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	var low, high []int
	for v, err := range connectors.Merge(t.Context(), counting(0, 500, nil), counting(1000, 500, nil), counting(0, 0, nil)) {
		if err != nil {
			t.Fatal(err)
		}
		if v < 1000 {
			low = append(low, v)
		} else {
			high = append(high, v)
		}
	}
	if len(low) != 500 || len(high) != 500 || !slices.IsSorted(low) || !slices.IsSorted(high) {
		t.Errorf("got %d and %d, want 500 of each source in its order", len(low), len(high))
	}
}

func TestMergeEndsEverySourceBeforeItReturns(t *testing.T) {
	defer goleak.VerifyNone(t)
	boom := errors.New("boom")
	for name, run := range map[string]func() (int, error){
		"the caller breaks off": func() (int, error) {
			for v, err := range connectors.Merge(t.Context(), waiting, waiting) {
				return v, err
			}
			return 0, nil
		},
		"a source fails": func() (n int, last error) {
			for _, err := range connectors.Merge(t.Context(), waiting, counting(0, 1, boom)) {
				if n, last = n+1, err; err != nil && !errors.Is(err, boom) {
					t.Errorf("got %v, want the source's error", err)
				}
			}
			if !errors.Is(last, boom) {
				t.Errorf("the last is %v, want the source's error", last)
			}
			return n, last
		},
		"ctx ends": func() (int, error) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var last error
			for _, err := range connectors.Merge(ctx, waiting) {
				cancel(boom)
				last = err
			}
			if !errors.Is(last, boom) {
				t.Errorf("the last is %v, want the cause", last)
			}
			return 0, last
		},
	} {
		start := time.Now()
		_, _ = run()
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: it took %v", name, d)
		}
		goleak.VerifyNone(t)
	}
}

func TestMergeTurnsAPanicIntoAnError(t *testing.T) {
	defer goleak.VerifyNone(t)
	panics := func(context.Context) iter.Seq2[int, error] {
		return func(func(int, error) bool) { panic("what a customer wrote") }
	}
	var last error
	for _, err := range connectors.Merge(t.Context(), waiting, panics) {
		last = err
	}
	if connectors.CodeOf(last) != connectors.CodeInternal || last == nil || strings.Contains(last.Error(), "customer") {
		t.Errorf("got %v, want an internal error without what was read", last)
	}
}
