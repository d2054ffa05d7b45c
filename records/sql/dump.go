package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sightglass-gateway/sightglass/records"
)

// A dump is a stream of JSON values, one a line: a dumpHeader, then for each table a dumpTable and its
// rows as arrays, last a dumpEnd with the number of rows that each table had. Numbers are whole, bytes
// are base64. Times, roles and hashes are as they stand in the columns, so a dump of one database can
// be loaded into the other.
type dumpHeader struct {
	Records int    `json:"sightglass_records"` // the format, 1
	Schema  int64  `json:"schema"`
	At      string `json:"at"`
	From    string `json:"from"`
}

type dumpTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Kinds   []string `json:"kinds"`
}

type dumpEnd struct {
	Rows map[string]int64 `json:"rows"`
}

const dumpFormat = 1

// ErrNoRecords says that there is no database of this program's where one was named.
var ErrNoRecords = errors.New("records: there is no database of Sightglass")

// Dump writes all that is kept to w, as one moment saw it: writers go on meanwhile. The database is
// left as it is, its schema too. Rows are not gathered in memory.
func Dump(ctx context.Context, dsn string, w io.Writer, o Options) (Summary, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return Summary{}, fmt.Errorf("%w: %w", ErrNoRecords, err)
		}
	}
	s, err := bare(dsn, o)
	if err != nil {
		return Summary{}, err
	}
	defer s.closeBare()
	have, err := s.version(ctx)
	if err != nil {
		return Summary{}, err
	}
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{Isolation: s.d.snapshot})
	if err != nil {
		return Summary{}, s.d.fault(err)
	}
	defer func() { _ = tx.Rollback() }() // it has changed nothing
	if err := s.unhurried(ctx, tx); err != nil {
		return Summary{}, err
	}
	d := &dumper{
		enc: jsontext.NewEncoder(w), check: newDumpCheck(),
		head: dumpHeader{Records: dumpFormat, Schema: have, At: s.now().UTC().Format(time.RFC3339Nano), From: string(s.d.goose)},
	}
	if err := d.all(ctx, s, tx); err != nil {
		return Summary{}, s.d.fault(err)
	}
	return d.check.summary(d.head)
}

// bare opens a database without touching its schema.
func bare(dsn string, o Options) (*Store, error) {
	s := newStore(o)
	return s, s.open(dsn)
}

func (s *Store) closeBare() { _ = errors.Join(s.r.Close(), s.w.Close()) }

// version is the schema's; 0 when there is none.
func (s *Store) version(ctx context.Context) (int64, error) {
	tables, err := s.shapes(ctx, s.r)
	if err != nil {
		return 0, s.d.fault(err)
	}
	if !slices.ContainsFunc(tables, func(t shape) bool { return t.name == "goose_db_version" }) {
		return 0, nil
	}
	p, err := newProvider(s.w, s.d)
	if err != nil {
		return 0, err
	}
	have, known, err := p.GetVersions(ctx)
	if err == nil && have > known {
		err = records.ErrNewerSchema
	}
	return have, s.d.fault(err)
}

// unhurried lifts the time-outs that are made for short transactions.
func (s *Store) unhurried(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range s.d.unhurried {
		if err := exec(ctx, tx, statement); err != nil {
			return s.d.fault(err)
		}
	}
	return nil
}

type dumper struct {
	enc   *jsontext.Encoder
	head  dumpHeader
	check *dumpCheck
}

func (d *dumper) all(ctx context.Context, s *Store, tx *sql.Tx) error {
	tables, err := s.shapes(ctx, tx)
	if err != nil {
		return err
	}
	if d.head.Schema == 0 {
		return ErrNoRecords
	}
	if err := json.MarshalEncode(d.enc, d.head); err != nil {
		return err
	}
	for _, t := range tables {
		if slices.Contains(unkept, t.name) {
			continue
		}
		if err := d.table(ctx, tx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return json.MarshalEncode(d.enc, dumpEnd{d.check.rows}, json.Deterministic(true))
}

func (d *dumper) table(ctx context.Context, tx *sql.Tx, t shape) error {
	head := dumpTable{Table: t.name}
	for _, c := range t.columns {
		head.Columns, head.Kinds = append(head.Columns, c.name), append(head.Kinds, c.kind)
	}
	if err := d.check.table(head); err != nil {
		return err
	}
	if err := json.MarshalEncode(d.enc, head); err != nil {
		return err
	}
	query := `SELECT ` + t.columnNames() + ` FROM ` + t.name
	if t.name == auditTable { // rows of a chain come, and go back in, one after the other
		query += ` ORDER BY site, seq`
	}
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		values, err := scanValues(rows, t.columns)
		if err != nil {
			return err
		}
		if err := d.row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *dumper) row(values []any) error {
	d.check.row(values)
	if err := d.enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for _, v := range values {
		if err := json.MarshalEncode(d.enc, v); err != nil {
			return err
		}
	}
	return d.enc.WriteToken(jsontext.EndArray)
}

// scanValues reads a row's columns as string, int64, bool, []byte or nil.
func scanValues(r scanner, columns []column) ([]any, error) {
	dest, values := make([]any, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		switch c.kind {
		case kindText:
			dest[i] = &sql.NullString{}
		case kindInt:
			dest[i] = &sql.NullInt64{}
		case kindBool:
			dest[i] = &sql.NullBool{}
		case kindBytes:
			dest[i] = &[]byte{}
		default:
			return nil, fmt.Errorf("column %s is of a kind that a backup does not know: %s", c.name, c.kind)
		}
	}
	if err := r.Scan(dest...); err != nil {
		return nil, err
	}
	for i, p := range dest {
		switch p := p.(type) {
		case *sql.NullString:
			values[i], _ = p.Value()
		case *sql.NullInt64:
			values[i], _ = p.Value()
		case *sql.NullBool:
			values[i], _ = p.Value()
		case *[]byte:
			if *p != nil {
				values[i] = *p
			}
		}
	}
	return values, nil
}
