package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A secret that was replaced or deleted leaves copies in two places of a SQLite database.
//
// One is the write-ahead log: it holds the pages as they were until a checkpoint empties it,
// whatever secure_delete says.
//
// The other is rarer. secure_delete overwrites a row that is deleted, but not the place that a row
// had before it was moved within or between pages, as happens when its neighbours grow and shrink
// (seen once in some thousand changes of a table of 60 links). So the table is emptied, which
// overwrites all its pages, and filled again. Links are few, and secrets change rarely.

// scrubWait bounds how long a checkpoint waits for readers: audit rows wait behind it.
const scrubWait = 250 * time.Millisecond

// refill empties the links and fills them again, in one transaction. Foreign keys must be off: with
// them SQLite deletes row by row, and keeps pages that hold what moved.
var refill = []string{
	`PRAGMA foreign_keys = OFF`,
	`BEGIN IMMEDIATE`,
	`CREATE TEMP TABLE moving AS SELECT * FROM links`, // in memory, by temp_store
	`DELETE FROM links`,
	`INSERT INTO links SELECT * FROM moving ORDER BY site, link`,
	`DROP TABLE moving`,
	`COMMIT`,
}

// sqliteScrub removes both kinds of copies.
func sqliteScrub(ctx context.Context, w *sql.DB) (done bool, err error) {
	c, err := w.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	defer func() { err = errors.Join(err, restore(ctx, c, err != nil)) }()
	for _, stmt := range refill {
		if _, err := c.ExecContext(ctx, stmt); err != nil {
			return false, err
		}
	}
	return sqliteCheckpoint(ctx, c)
}

// restore gives the connection back as it was.
func restore(ctx context.Context, c *sql.Conn, failed bool) error {
	ctx = context.WithoutCancel(ctx)
	if failed {
		_, _ = c.ExecContext(ctx, `ROLLBACK`) // an error: no transaction was open
	}
	_, err := c.ExecContext(ctx, `PRAGMA foreign_keys = ON`)
	return errors.Join(err, setBusyTimeout(ctx, c, busyTimeout))
}

// sqliteCheckpoint moves the write-ahead log into the file and empties it; false when a reader
// holds it.
func sqliteCheckpoint(ctx context.Context, c *sql.Conn) (bool, error) {
	if err := setBusyTimeout(ctx, c, scrubWait); err != nil {
		return false, err
	}
	var busy, frames, moved int
	err := c.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
}

func setBusyTimeout(ctx context.Context, c *sql.Conn, d time.Duration) error {
	_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds()))
	return err
}
