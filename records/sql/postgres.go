package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/sightglass-gateway/sightglass/records"
)

var postgresDialect = dialect{
	goose: goose.DialectPostgres,
	appendOnly: []string{
		`CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
		 $$ BEGIN RAISE EXCEPTION 'audit is append only' USING ERRCODE = 'unique_violation'; END $$`,
		`CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()`,
		`CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()`,
		`CREATE FUNCTION audit_is_dense() RETURNS trigger LANGUAGE plpgsql AS
		 $$ BEGIN
			IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit WHERE site = NEW.site) THEN
				RAISE EXCEPTION 'audit is append only' USING ERRCODE = 'unique_violation';
			END IF;
			RETURN NEW;
		 END $$`,
		`CREATE TRIGGER audit_dense BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_dense()`,
	},
	fault: postgresFault,
	// Replaced values stay in the heap and the write-ahead log, whatever is done (PostgreSQL 15, tried):
	// only ciphertext goes in.
	scrub:     func(context.Context, *sql.DB) (bool, error) { return true, nil },
	lockChain: lockChain,
	shared:    true,

	columns: postgresColumns, references: postgresReferences,
	snapshot: sql.LevelRepeatableRead,
	unhurried: []string{
		`SET LOCAL statement_timeout = 0`, `SET LOCAL idle_in_transaction_session_timeout = 0`,
	},
}

// Codes of PostgreSQL's errors (its manual, appendix A).
const (
	pgUnique       = "23505"
	pgForeignKey   = "23503"
	pgSerialize    = "40001"
	pgDeadlock     = "40P01"
	pgLockTimeout  = "55P03"
	pgCancelled    = "57014"
	maxConnections = 10
)

// postgresFault is the one place that knows PostgreSQL's codes. The detail of an error quotes values
// and is left out.
func postgresFault(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	plain := fmt.Errorf("postgres: %s (%s)", e.Message, e.Code)
	switch e.Code {
	case pgUnique:
		return fmt.Errorf("%w: %w", records.ErrExists, plain)
	case pgForeignKey:
		return fmt.Errorf("%w: %w", records.ErrNotFound, plain)
	case pgSerialize, pgDeadlock:
		return fmt.Errorf("%w: %w", errAgain, plain)
	case pgLockTimeout, pgCancelled:
		return fmt.Errorf("%w: %w", errLocked, plain)
	}
	return plain
}

// lockChain makes one replica at a time append to a site's chain, until its transaction ends.
func lockChain(ctx context.Context, tx *sql.Tx, site string) error {
	h := fnv.New64a()
	_, _ = h.Write([]byte("sightglass audit " + site))
	return exec(ctx, tx, `SELECT pg_advisory_xact_lock($1)`, int64(h.Sum64()))
}

// openPostgres opens a pool. Off the loopback the server's certificate is checked, unless the dsn says
// otherwise; with several hosts the one that can be written is taken.
func openPostgres(dsn string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("records: the dsn is not one of PostgreSQL: want postgres://user@host:5432/database")
	}
	if !strings.Contains(dsn, "sslmode=") && os.Getenv("PGSSLMODE") == "" && remote(c) {
		sep := "?"
		if strings.Contains(dsn, "?") {
			sep = "&"
		}
		if c, err = pgx.ParseConfig(dsn + sep + "sslmode=verify-full"); err != nil {
			return nil, errors.New("records: the dsn does not go with sslmode=verify-full; say which it should be")
		}
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = busyTimeout
	}
	if c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	for name, v := range map[string]string{
		"application_name":                    "sightglass",
		"default_transaction_isolation":       "read committed",
		"synchronous_commit":                  "on", // what was acknowledged survives power loss, whatever the server's default
		"lock_timeout":                        fmt.Sprint(busyTimeout.Milliseconds()),
		"statement_timeout":                   fmt.Sprint(commitTimeout.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(2 * commitTimeout.Milliseconds()),
		"tcp_keepalives_idle":                 "20", // a replica whose machine is gone is noticed within a minute
		"tcp_keepalives_interval":             "10",
		"tcp_keepalives_count":                "3",
	} {
		if _, said := c.RuntimeParams[name]; !said {
			c.RuntimeParams[name] = v
		}
	}
	db := sql.OpenDB(stdlib.GetConnector(*c))
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// remote tells whether any host of c is reached over a network.
func remote(c *pgx.ConnConfig) bool {
	hosts := []string{c.Host}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, h := range hosts {
		a, err := netip.ParseAddr(h)
		if !strings.HasPrefix(h, "/") && h != "localhost" && (err != nil || !a.IsLoopback()) {
			return true
		}
	}
	return false
}

// migrationLock lets one replica at a time migrate.
func migrationLock() (goose.ProviderOption, error) {
	l, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.WithSessionLocker(l), nil
}
