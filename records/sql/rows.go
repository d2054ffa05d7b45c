package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/sightglass-gateway/sightglass/records"
)

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// scanner is a *sql.Row or a *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// list reads all rows of a query.
func list[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return all, err // with the rows before it, for those who verify
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// one reads a single row; none is records.ErrNotFound.
func one[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, records.ErrNotFound
	}
	return v, err
}

func scanText[T ~string](r scanner) (T, error) {
	var v T
	return v, r.Scan(&v)
}

func exec(ctx context.Context, q querier, query string, args ...any) error {
	_, err := q.ExecContext(ctx, query, args...)
	return err
}

// execOne is exec for a statement that must change a row; none is records.ErrNotFound.
func execOne(ctx context.Context, q querier, query string, args ...any) error {
	n, err := affected(ctx, q, query, args...)
	if err == nil && n == 0 {
		return records.ErrNotFound
	}
	return err
}

func affected(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// millis and instant are the one place where times become numbers: Unix milliseconds, which have no
// trap on either database, and 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// joinRoles makes the stored form: sorted, each once.
func joinRoles(roles []records.Role) (string, error) {
	sorted := slices.Clone(roles)
	slices.Sort(sorted)
	var b strings.Builder
	for i, r := range slices.Compact(sorted) {
		if !r.Valid() {
			return "", fmt.Errorf("records: %q is not a role", r)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(r))
	}
	return b.String(), nil
}

func splitRoles(s string) []records.Role {
	if s == "" {
		return nil
	}
	var roles []records.Role
	for r := range strings.SplitSeq(s, ",") {
		roles = append(roles, records.Role(r))
	}
	return roles
}

// splitNetworks reads the stored form of an IP rule. One that cannot be read admits nobody.
func splitNetworks(s string) (records.Networks, error) {
	if s == "" {
		return nil, nil
	}
	n, err := records.ParseNetworks(strings.Split(s, ","))
	if err != nil {
		return nil, fmt.Errorf("records: an IP rule: %w", err)
	}
	return n, nil
}

// foldLogin makes two spellings of a login that a reader takes for the same the same.
func foldLogin(s string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(s))) }

// toJSON gives the stored form of a map or list; empty ones are "".
func toJSON[T map[string]string | map[string]int | []string](v T) (string, error) {
	if len(v) == 0 {
		return "", nil
	}
	b, err := json.Marshal(v, json.Deterministic(true))
	return string(b), err
}

func fromJSON[T any](s string) (v T, err error) {
	if s == "" {
		return v, nil
	}
	err = json.Unmarshal([]byte(s), &v)
	return v, err
}

// blob gives NULL for none, so that absent and empty cannot be mistaken for each other.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}
