package sql_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// raw is a handle as somebody else would open one.
func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func putSite(t testing.TB, s records.Store) {
	t.Helper()
	if err := s.PutSite(t.Context(), records.Site{ID: "main", Name: "Main"}); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	putSite(t, open(t, dir))
	for name, want := range map[string]fs.FileMode{"": 0o700, "../": 0o700, "s.db": 0o600, "s.db-wal": 0o600, "s.db-shm": 0o600} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != want {
			t.Errorf("%q: got mode %v, want %v", name, fi.Mode().Perm(), want)
		}
	}
}

func TestFileThatOthersMayReadIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.Contains(log.String(), "chmod 600") {
		t.Errorf("log: got %q, want a warning that says chmod 600", log.String())
	}
}

func TestPathsAreTakenAsTheyAre(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"plain.db", "./sub/rel.db", "a b?c#d%41&e=f.db", "ü;x.db", filepath.Join(t.TempDir(), "abs.db")} {
		s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		putSite(t, s)
		if err := s.Close(); err != nil {
			t.Errorf("%q: close: %v", path, err)
		}
		if fi, err := os.Stat(path); err != nil || fi.Size() == 0 {
			t.Errorf("%q: not there, or empty (%v)", path, err)
		}
	}
}

func TestOtherDSNsAreRefusedAndNotRepeated(t *testing.T) {
	for _, dsn := range []string{"", "sqlite", "sqlite:", "sqlite::memory:", "sqlite://rel.db", "postgres://u:pass-canary@h/db", "s.db", "file:s.db"} {
		s, err := store.Open(t.Context(), dsn, store.Options{})
		if err == nil {
			_ = s.Close()
			t.Errorf("%q: got no error", dsn)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: the error repeats the password: %v", dsn, err)
		}
	}
}

func TestFileThatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{}); err == nil {
		_ = s.Close()
		t.Error("got no error")
	}
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := raw(t, dir)
	execute(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	_, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "s.db"), store.Options{})
	if !errors.Is(err, records.ErrNewerSchema) {
		t.Errorf("got %v, want records.ErrNewerSchema", err)
	}
	execute(t, db, `DELETE FROM goose_db_version WHERE version_id = 9999`)
	if _, err := open(t, dir).Site(t.Context(), "main"); err != nil {
		t.Errorf("what was kept: %v", err)
	}
}

func TestReopenedStoreHasEverything(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	if _, err := s.Append(t.Context(), records.AuditEntry{Site: "main", Event: records.AuditOpened, Open: "01J"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if n, err := s.CloseInterrupted(t.Context(), time.Now()); n != 1 || err != nil {
		t.Errorf("interrupted opens: got %d, %v, want 1", n, err)
	}
	if report, err := s.VerifyAudit(t.Context(), "main"); err != nil || report.Rows != 2 || report.BadSeq != 0 {
		t.Errorf("chain: got %+v, %v, want 2 rows that hold", report, err)
	}
}

// Programs that start at the same time on a new file all find the schema.
func TestManyOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "s.db"), store.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
