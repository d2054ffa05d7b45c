package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/sightglass-gateway/sightglass/records"
)

// dialect is all in which databases differ.
type dialect struct {
	goose      goose.Dialect
	appendOnly []string          // statements that make the audit table append-only
	fault      func(error) error // the database's errors as those of package records
	// scrub leaves no copy of a removed secret in the files; false when someone still reads one.
	scrub func(ctx context.Context, w *sql.DB) (bool, error)
	// lockChain makes other programs wait that append to a site's chain; nil: the write lock does.
	lockChain func(ctx context.Context, tx *sql.Tx, site string) error
	// shared: several replicas live on one database, and pending audit rows are of one of them.
	shared bool
	// columns and references describe the tables (see shape).
	columns, references string
	// snapshot is how a transaction sees one moment; unhurried are statements that let it take long.
	snapshot  sql.IsolationLevel
	unhurried []string
}

var sqliteDialect = dialect{
	goose: goose.DialectSQLite3,
	appendOnly: []string{
		`CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append only'); END`,
		`CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append only'); END`,
		// INSERT OR REPLACE deletes without a delete trigger (unless recursive_triggers is on).
		`CREATE TRIGGER audit_dense BEFORE INSERT ON audit
		 WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit WHERE site = NEW.site)
		 BEGIN SELECT RAISE(ABORT, 'audit is append only'); END`,
	},
	fault: sqliteFault,
	scrub: sqliteScrub,

	columns: sqliteColumns, references: sqliteReferences,
}

// errLocked says that another program holds the write lock for longer than busyTimeout.
var errLocked = errors.New("records: another program has locked the database")

// sqliteFault is the one place that knows SQLite's codes (sqlite.org/rescode.html).
func sqliteFault(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_TRIGGER:
		return fmt.Errorf("%w: %w", records.ErrExists, err)
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %w", records.ErrNotFound, err)
	}
	if e.Code()&0xff == lib.SQLITE_BUSY {
		return fmt.Errorf("%w: %w", errLocked, err)
	}
	return err
}

// busyTimeout is how long a writer waits for another program's write lock.
const busyTimeout = 5 * time.Second

// maxReaders bounds the connections that only read.
const maxReaders = 8

// openSQLite opens two handles on one file. The writer has one connection and begins with the write
// lock: a transaction that reads first and then wants to write fails at once otherwise, whatever
// the busy timeout. WAL lets readers go on meanwhile; synchronous=FULL makes a commit survive power
// loss, which WAL with NORMAL does not promise.
func openSQLite(path string, log *slog.Logger) (readers, writer *sql.DB, err error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///") {
		return nil, nil, fmt.Errorf("%q: want the path of a file, like sqlite:sightglass.db or sqlite:/var/lib/sightglass.db", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	if err := createPrivate(abs, log); err != nil {
		return nil, nil, err
	}
	if writer, err = sql.Open("sqlite", sqliteURI(abs)+"&_txlock=immediate"); err != nil {
		return nil, nil, err
	}
	writer.SetMaxOpenConns(1)
	if readers, err = sql.Open("sqlite", sqliteURI(abs)+"&_query_only=1"); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	readers.SetMaxOpenConns(maxReaders)
	readers.SetMaxIdleConns(maxReaders)
	return readers, writer, nil
}

func sqliteURI(abs string) string {
	abs = filepath.ToSlash(abs)
	if runtime.GOOS == "windows" {
		abs = "/" + abs
	}
	q := url.Values{
		"mode":       {"rw"}, // createPrivate made it: SQLite would create it for all to read
		"_dqs":       {"0"},
		"_defensive": {"1"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), // first: the next one takes locks
			"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(ON)", "temp_store(MEMORY)",
		},
	}
	return (&url.URL{Scheme: "file", Path: abs}).String() + "?" + q.Encode()
}

// createPrivate creates the file for its owner only, and its folder where missing; SQLite gives
// -wal and -shm the mode of the file. A file that exists is not opened: closing it again would
// drop the locks that another handle of this process holds on it (sqlite.org/howtocorrupt.html, 2.2).
func createPrivate(path string, log *slog.Logger) error {
	if fi, err := os.Stat(path); err == nil {
		if fi.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			log.Warn("others may read the database file", "path", path, "mode", fi.Mode().Perm().String(), "fix", "chmod 600")
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
