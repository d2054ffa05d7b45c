package sql_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// appendAtOnce lets callers append a row each and gives how many failed.
func appendAtOnce(s records.Store, callers int) (failed int) {
	var n atomic.Int64
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			if _, err := s.Append(context.Background(), fullEntry(i)); err != nil {
				n.Add(1)
			}
		})
	}
	all.Wait()
	return int(n.Load())
}

func wantRows(t testing.TB, s records.Store, want int64) {
	t.Helper()
	report, err := s.VerifyAudit(t.Context(), "main")
	if err != nil || report.BadSeq != 0 || report.Rows != want {
		t.Fatalf("chain: got %d rows, bad at %d %s, %v; want %d that hold", report.Rows, report.BadSeq, report.Why, err, want)
	}
}

// A database that cannot be written refuses everyone who waits, keeps what it has, tells so by
// Ping, and goes on as soon as it can.
func TestAppendFailsForAllAndRecovers(t *testing.T) {
	for name, fault := range map[string]struct{ begin, end string }{
		"full":      {`PRAGMA max_page_count = 1`, `PRAGMA max_page_count = 1073741823`}, // 1: as many as there are
		"read only": {`PRAGMA query_only = 1`, `PRAGMA query_only = 0`},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			if failed := appendAtOnce(s, 30); failed != 0 {
				t.Fatalf("before: %d of 30 failed", failed)
			}
			execute(t, store.Writer(s), fault.begin)
			before, failed := int64(30), 0
			for range 40 { // a full database still fills the pages it has
				failed = appendAtOnce(s, 30)
				before += 30 - int64(failed)
				if failed == 30 {
					break
				}
			}
			if failed != 30 {
				t.Fatalf("%d of 30 failed, want all", failed)
			}
			wantRows(t, s, before)
			execute(t, store.Writer(s), fault.end)
			if failed := appendAtOnce(s, 30); failed != 0 {
				t.Errorf("afterwards: %d of 30 failed, want none", failed)
			}
			wantRows(t, s, before+30)
			if err := s.Ping(t.Context()); err != nil {
				t.Errorf("ping afterwards: %v", err)
			}
		})
	}
}

func TestPingTellsOfADatabaseThatCannotBeWritten(t *testing.T) {
	s := open(t, t.TempDir())
	execute(t, store.Writer(s), `PRAGMA query_only = 1`)
	if failed := appendAtOnce(s, 1); failed != 1 {
		t.Fatal("append: got no error")
	}
	for range 2 {
		if err := s.Ping(t.Context()); err == nil {
			t.Error("ping: got no error")
		}
	}
	execute(t, store.Writer(s), `PRAGMA query_only = 0`)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping when it can be written again, without an append: %v", err)
	}
}

// Another program holds the write lock for long: writers wait 5 s and are refused, readers go on.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	other := raw(t, dir)
	execute(t, other, `BEGIN IMMEDIATE`)
	start := time.Now()
	_, err := s.Append(t.Context(), fullEntry(0))
	if took := time.Since(start); err == nil || took < 4*time.Second || took > 14*time.Second {
		t.Errorf("append: got %v after %v, want an error after 5 s", err, took)
	}
	if _, err := s.Site(t.Context(), "main"); err != nil {
		t.Errorf("read meanwhile: %v", err)
	}
	execute(t, other, `ROLLBACK`)
	if _, err := s.Append(t.Context(), fullEntry(0)); err != nil {
		t.Errorf("append afterwards: %v", err)
	}
	wantRows(t, s, 1)
}

// A caller who leaves while the database is locked gets its answer at once, and nobody else is
// harmed.
func TestCallerLeavesALockedDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	other := raw(t, dir)
	execute(t, other, `BEGIN IMMEDIATE`)
	stays := make(chan error, 1)
	go func() {
		_, err := s.Append(context.Background(), fullEntry(1))
		stays <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := s.Append(ctx, fullEntry(2)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the one who leaves: got %v, want context.DeadlineExceeded", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("the one who leaves waited %v", took)
	}
	execute(t, other, `ROLLBACK`)
	if err := <-stays; err != nil {
		t.Errorf("the one who stays: %v", err)
	}
	wantChainHolds(t, s)
}

func wantChainHolds(t testing.TB, s records.Store) {
	t.Helper()
	if report, err := s.VerifyAudit(t.Context(), "main"); err != nil || report.BadSeq != 0 {
		t.Fatalf("chain: bad at %d %s, %v", report.BadSeq, report.Why, err)
	}
}

// Whoever was let in before Close gets its row; whoever comes after is told.
func TestCloseWaitsForThoseWhoAppend(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "s.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var written atomic.Int64
	var all sync.WaitGroup
	for i := range 400 { // more than one batch takes: some wait to be let in
		all.Go(func() {
			for {
				if _, err := s.Append(context.Background(), fullEntry(i)); err != nil {
					if !errors.Is(err, store.ErrClosed) {
						t.Errorf("got %v, want ErrClosed", err)
					}
					return
				}
				written.Add(1)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	wantRows(t, open(t, dir), written.Load())
}

// An error says what was tried, and holds nothing of the entry.
func TestErrorsHoldNothingOfTheEntry(t *testing.T) {
	s := open(t, t.TempDir())
	execute(t, store.Writer(s), `PRAGMA query_only = 1`)
	e := fullEntry(0)
	e.Principal, e.Ref.ID, e.Detail = "canary", "canary", "canary\x00"
	_, invalid := s.Append(t.Context(), e)
	e.Detail = "canary"
	_, failed := s.Append(t.Context(), e)
	for _, err := range []error{invalid, failed} {
		if err == nil || strings.Contains(fmt.Sprintf("%+v", err), "canary") {
			t.Errorf("got %v, want an error without the entry's text", err)
		}
	}
}
