package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Options are what a Store may be given. The zero value works.
type Options struct {
	Log *slog.Logger     // nil: nothing is logged
	Now func() time.Time // nil: time.Now
}

// Store is a records.Store on a database. It is safe for concurrent use.
type Store struct {
	r, w     *sql.DB // SQLite: many readers, one writer; PostgreSQL: one pool
	d        dialect
	log      *slog.Logger
	now      func() time.Time
	audit    *appender
	presence *presence   // nil: nobody else lives on the database
	scrub    atomic.Bool // a copy of a removed secret may still stand in the files
	failing  atomic.Bool // the last audit commit failed: Ping tries a real write
}

var _ records.Store = (*Store)(nil)

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("records: the store is closed")

// Open opens the database that dsn names, creates it where it is missing and brings its schema up
// to date. "sqlite:PATH" takes a relative or absolute path, "postgres://…" whatever PostgreSQL's own
// programs take. A database that a newer program wrote is left as it is: records.ErrNewerSchema.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	s := newStore(o)
	if err := s.open(dsn); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		s.presence.close()
		return nil, errors.Join(err, s.w.Close(), s.r.Close())
	}
	return s, nil
}

func newStore(o Options) *Store {
	s := &Store{log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

func (s *Store) open(dsn string) (err error) {
	switch scheme, path, _ := strings.Cut(dsn, ":"); scheme {
	case "sqlite":
		s.d = sqliteDialect
		s.r, s.w, err = openSQLite(path, s.log)
	case "postgres", "postgresql":
		s.d = postgresDialect
		s.w, err = openPostgres(dsn)
		s.r = s.w
	default: // the rest may hold a password and is not repeated
		return fmt.Errorf("records: dsn of kind %q: want sqlite:PATH or postgres://…", scheme)
	}
	if err != nil {
		return fmt.Errorf("records: open the database: %w", err)
	}
	return nil
}

func (s *Store) begin(ctx context.Context) (err error) {
	if err := migrate(ctx, s.w, s.d); err != nil {
		return fmt.Errorf("records: bring the schema up to date: %w", err)
	}
	if s.d.shared {
		if s.presence, err = newPresence(ctx, s.w); err != nil {
			return fmt.Errorf("records: open the database: %w", s.d.fault(err))
		}
	}
	s.audit, err = newAppender(ctx, s)
	return err
}

// Close waits for the rows that are being appended, then closes the database.
func (s *Store) Close() error {
	first, err := s.audit.close()
	if !first {
		return nil
	}
	if s.scrub.Load() {
		s.scrubNow(context.Background())
	}
	s.presence.close()
	return errors.Join(err, s.r.Close(), s.w.Close())
}

// Ping tells whether the database answers and can be written. It takes the write lock and gives it
// back; after a failed audit commit it commits a row of its own, so that it tells of a full disk,
// and of the room that came back.
func (s *Store) Ping(ctx context.Context) error {
	if s.scrub.Load() {
		s.scrubNow(ctx)
	}
	failing := s.failing.Load()
	err := s.write(ctx, func(tx *sql.Tx) error {
		var n int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sites`).Scan(&n); err != nil || !failing {
			return err
		}
		return exec(ctx, tx, `INSERT INTO probe (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, millis(s.now()))
	})
	if err != nil {
		return fmt.Errorf("records: ping: %w", err)
	}
	if failing {
		s.failing.Store(false)
	}
	return nil
}

// errAgain says that the database broke a transaction off because of another; it may work now.
var errAgain = errors.New("records: two changes got in each other's way")

// writeTries is how often a transaction is tried that the database breaks off.
const writeTries = 4

// write runs f in a write transaction, again when the database broke it off because of another's.
// Errors of the database come back as errors of package records where it has one.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) (err error) {
	for range writeTries {
		if err = s.writeOnce(ctx, f); !errors.Is(err, errAgain) {
			return err
		}
	}
	return err
}

func (s *Store) writeOnce(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return s.d.fault(err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := f(tx); err != nil {
		return s.d.fault(err)
	}
	return s.d.fault(tx.Commit())
}

// scrubNow leaves no copy of a removed secret in the database's files. If someone is reading one,
// the next change of a secret, Ping and Close try again.
func (s *Store) scrubNow(ctx context.Context) {
	done, err := s.d.scrub(ctx, s.w)
	s.scrub.Store(!done)
	if err != nil {
		s.log.Warn("copies of a removed secret may stand in the database file; removing them is tried again", "err", err)
	}
}
