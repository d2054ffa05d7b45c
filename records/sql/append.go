package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// appender is the one goroutine of a store that appends to the audit log. It takes a request,
// drains what else waits, commits all of it at once and answers everyone: nobody waits longer than
// alone, and a crowd shares the cost of one sync to disk.
type appender struct {
	s        *Store
	st       statements
	requests chan *appendRequest // unbuffered: what was not taken has not begun
	stopped  chan struct{}       // closed when the goroutine has ended

	mu       sync.Mutex
	closed   bool
	inFlight sync.WaitGroup // calls of append
}

type appendRequest struct {
	ctx  context.Context // its caller's, to pass over a request that nobody waits for
	rows []storedRow
	err  error
	done chan struct{} // closed when rows are in place and committed, or err is set
}

const (
	// maxBatch bounds the requests of one commit.
	maxBatch = 256
	// commitTimeout ends a commit that hangs; the wait for a locked database is shorter (busyTimeout).
	commitTimeout = 15 * time.Second
	// commitTries: another process may have appended between our look at the chain's end and our
	// insert, where the database lets it. The primary key then refuses, and we look again.
	commitTries = 5
)

func newAppender(ctx context.Context, s *Store) (*appender, error) {
	a := &appender{s: s, requests: make(chan *appendRequest), stopped: make(chan struct{})}
	if s.presence != nil {
		a.st.instance = s.presence.instance
	}
	if err := a.st.prepare(ctx, s.w); err != nil {
		return nil, err
	}
	go a.run()
	return a, nil
}

// close waits for the calls that have begun and ends the goroutine. False: it was closed before.
func (a *appender) close() (first bool, err error) {
	a.mu.Lock()
	first = !a.closed
	a.closed = true
	a.mu.Unlock()
	if !first {
		return false, nil
	}
	a.inFlight.Wait()
	close(a.requests)
	<-a.stopped
	return true, a.st.close()
}

func (a *appender) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.inFlight.Add(1)
	return true
}

// Append implements records.Audit. When ctx ends first, the rows may or may not have been written.
func (s *Store) Append(ctx context.Context, entries ...records.AuditEntry) ([]records.AuditRow, error) {
	req := &appendRequest{ctx: ctx, rows: make([]storedRow, len(entries)), done: make(chan struct{})}
	for i, e := range entries {
		var err error
		if req.rows[i], err = newStoredRow(e); err != nil {
			return nil, err
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	if err := s.audit.append(ctx, req); err != nil {
		return nil, fmt.Errorf("records: append to the audit log: %w", err)
	}
	return asRows(req.rows)
}

func (a *appender) append(ctx context.Context, req *appendRequest) error {
	if !a.enter() {
		return ErrClosed
	}
	defer a.inFlight.Done()
	select {
	case a.requests <- req:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-req.done:
		return req.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func asRows(stored []storedRow) ([]records.AuditRow, error) {
	rows := make([]records.AuditRow, len(stored))
	var err error
	for i := range stored {
		if rows[i], err = stored[i].row(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (a *appender) run() {
	defer close(a.stopped)
	for req := range a.requests {
		batch := waiting(a.drain(req))
		if len(batch) == 0 {
			continue
		}
		err := a.commit(batch)
		a.s.failing.Store(err != nil)
		for _, r := range batch {
			r.err = err
			close(r.done)
		}
	}
}

// waiting leaves out, unwritten, the requests whose callers have gone.
func waiting(batch []*appendRequest) []*appendRequest {
	return slices.DeleteFunc(batch, func(r *appendRequest) bool {
		if r.err = r.ctx.Err(); r.err != nil {
			close(r.done)
		}
		return r.err != nil
	})
}

// drain takes what waits already.
func (a *appender) drain(req *appendRequest) []*appendRequest {
	batch := []*appendRequest{req}
	for len(batch) < maxBatch {
		select {
		case r, ok := <-a.requests:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

func (a *appender) commit(batch []*appendRequest) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	for range commitTries {
		err = a.s.write(ctx, func(tx *sql.Tx) error { return a.appendBatch(ctx, tx, batch) })
		if !errors.Is(err, records.ErrExists) {
			return err
		}
	}
	return err
}

func (a *appender) appendBatch(ctx context.Context, tx *sql.Tx, batch []*appendRequest) error {
	if err := a.lockChains(ctx, tx, batch); err != nil {
		return err
	}
	st, heads := a.st.in(ctx, tx), map[string]head{}
	for _, req := range batch {
		for i := range req.rows {
			if err := st.append(ctx, heads, &req.rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lockChains locks the chains of a batch, in a fixed order.
func (a *appender) lockChains(ctx context.Context, tx *sql.Tx, batch []*appendRequest) error {
	if a.s.d.lockChain == nil {
		return nil
	}
	var sites []string
	for _, req := range batch {
		for i := range req.rows {
			sites = append(sites, req.rows[i].site)
		}
	}
	slices.Sort(sites)
	for _, site := range slices.Compact(sites) {
		if err := a.s.d.lockChain(ctx, tx, site); err != nil {
			return err
		}
	}
	return nil
}
