package sql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/sightglass-gateway/sightglass/records"
)

//go:embed migrations/*.sql
var migrations embed.FS

// appendOnlyVersion is the place of the append-only triggers in the sequence of migrations. They
// are written in Go, since trigger bodies differ between databases.
const appendOnlyVersion = 2

// migrate brings the schema up to date. Two programs may start at once on one file: each migration
// is a transaction, so the later one fails cleanly and finds the work done when it tries again.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	p, err := newProvider(db, d)
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		if err = up(ctx, p); err == nil || errors.Is(err, records.ErrNewerSchema) || try == 5 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond << try):
		}
	}
}

// newProvider's own Close would close db, and is not called.
func newProvider(db *sql.DB, d dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	triggers := goose.NewGoMigration(appendOnlyVersion, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for _, stmt := range d.appendOnly {
			if err := exec(ctx, tx, stmt); err != nil {
				return err
			}
		}
		return nil
	}}, nil)
	options := []goose.ProviderOption{goose.WithGoMigrations(triggers), goose.WithDisableGlobalRegistry(true)}
	if d.shared {
		one, err := migrationLock()
		if err != nil {
			return nil, err
		}
		options = append(options, one)
	}
	return goose.NewProvider(d.goose, db, files, options...)
}

func up(ctx context.Context, p *goose.Provider) error {
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return records.ErrNewerSchema
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("from version %d to %d: %w", have, known, err)
	}
	return nil
}
