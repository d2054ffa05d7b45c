package connectors

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// Merge reads several sources at the same time and yields what they give as it comes, each source's in
// its own order. Nothing is queued: the reader's pace is theirs. The first error ends all of them and is
// yielded last; a source that must not stop the others yields what it has to say and ends. A source
// watches its ctx wherever it waits. When the caller stops ranging, or ctx ends, every source has ended
// before the iterator returns. A panic in a source becomes an error, since nobody else could recover it.
func Merge[T any](ctx context.Context, sources ...func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		type item struct {
			v   T
			err error
		}
		ctx, cancel := context.WithCancel(ctx)
		ch := make(chan item)
		send := func(it item) bool {
			select {
			case ch <- it:
				return it.err == nil
			case <-ctx.Done():
				return false
			}
		}
		var running sync.WaitGroup
		defer running.Wait() // after cancel: nothing outlives the loop
		defer cancel()
		for _, source := range sources {
			running.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						// Of the panic's value only the type: it may quote what was being read.
						send(item{err: &Error{Code: CodeInternal, Op: "merge", Err: fmt.Errorf("a source panicked with a %T", p)}})
					}
				}()
				for v, err := range source(ctx) {
					if !send(item{v, err}) {
						return
					}
				}
			})
		}
		ended := make(chan struct{})
		go func() { // ends when the sources have
			running.Wait()
			close(ended)
		}()
		defer func() { cancel(); <-ended }()
		for {
			select {
			case it := <-ch:
				if !yield(it.v, it.err) || it.err != nil {
					return
				}
			case <-ended:
				if err := context.Cause(ctx); err != nil {
					var none T
					yield(none, err)
				}
				return
			}
		}
	}
}
