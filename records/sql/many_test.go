package sql_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/recordstest"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// appendIn names, in a child process, the folder whose database it appends to.
const appendIn = "SIGHTGLASS_TEST_APPEND_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(appendIn); dir != "" {
		if err := appendAsChild(dir); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const childRows = 200

func appendAsChild(dir string) error {
	s, err := store.Open(context.Background(), "sqlite:"+filepath.Join(dir, "s.db"), store.Options{})
	if err != nil {
		return err
	}
	for i := range childRows {
		if _, err := s.Append(context.Background(), fullEntry(i)); err != nil {
			return err
		}
	}
	return s.Close()
}

func TestTwoHandlesMakeOneChain(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir)
	recordstest.AppendAtOnce(t, []records.Store{one, two}, 8, 100)
	wantRows(t, one, 800)
	wantRows(t, two, 800)
}

func TestProcessesMakeOneChain(t *testing.T) {
	dir := t.TempDir()
	const children = 3
	var started []*exec.Cmd
	for range children {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), appendIn+"="+dir)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		started = append(started, child)
	}
	for _, child := range started {
		if err := child.Wait(); err != nil {
			t.Errorf("a child: %v", err)
		}
	}
	wantRows(t, open(t, dir), children*childRows)
}

// A process that is killed loses no row that it was told is written.
func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), appendIn+"="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for rows := 0; rows <= 10*round; { // until it is in the midst of it
			all, err := s.AuditRows(t.Context(), "main", records.AuditFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			rows = len(all)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
	}
	wantChainHolds(t, s)
	if failed := appendAtOnce(s, 10); failed != 0 {
		t.Errorf("append afterwards: %d of 10 failed", failed)
	}
	wantChainHolds(t, open(t, dir))
}
