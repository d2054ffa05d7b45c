package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sightglass-gateway/sightglass/records"
)

var (
	// ErrNotEmpty says that a restore was asked for into a database that holds something.
	ErrNotEmpty = errors.New("records: the database is not empty; a backup is restored into an empty one")
	// ErrDump says that a dump is not one, or not a whole one.
	ErrDump = errors.New("records: the backup does not hold together")
	// ErrBrokenChain says that a dump's audit rows are not those that were written.
	ErrBrokenChain = errors.New("records: an audit chain in the backup is broken")
)

// CheckDump reads a dump to its end and checks every record, the counts and the audit chains; a broken
// chain stands in the summary.
func CheckDump(r io.Reader) (Summary, error) {
	return readDump(r, nothing{})
}

// Restore loads a dump into an empty database, all of it or nothing, and then brings the schema up to
// date. A dump that does not hold together is not loaded.
func Restore(ctx context.Context, dsn string, r io.Reader, o Options) (Summary, error) {
	s, err := bare(dsn, o)
	if err != nil {
		return Summary{}, err
	}
	defer s.closeBare()
	if err := s.wantEmpty(ctx); err != nil {
		return Summary{}, err
	}
	l := &loader{ctx: ctx, s: s}
	defer l.rollback()
	sum, err := readDump(r, l)
	if err == nil && sum.Broken() {
		err = ErrBrokenChain
	}
	if err == nil {
		err = s.d.fault(l.tx.Commit())
	}
	if err != nil {
		return sum, err
	}
	return sum, migrate(ctx, s.w, s.d)
}

// wantEmpty looks for a row in any table.
func (s *Store) wantEmpty(ctx context.Context) error {
	tables, err := s.shapes(ctx, s.w)
	if err != nil {
		return s.d.fault(err)
	}
	for _, t := range tables {
		if t.name == "goose_db_version" || t.name == "probe" {
			continue
		}
		rows, err := list(ctx, s.w, scanText[string], `SELECT '1' FROM `+t.name+` LIMIT 1`)
		if err != nil {
			return s.d.fault(err)
		}
		if len(rows) > 0 {
			return fmt.Errorf("%w: table %s has rows", ErrNotEmpty, t.name)
		}
	}
	return nil
}

// visitor takes what a dump holds, in its order.
type visitor interface {
	begin(h dumpHeader) error
	table(t dumpTable) error
	row(values []any) error
}

// nothing is done with a dump that is only checked.
type nothing struct{}

func (nothing) begin(dumpHeader) error { return nil }
func (nothing) table(dumpTable) error  { return nil }
func (nothing) row([]any) error        { return nil }

func readDump(r io.Reader, v visitor) (Summary, error) {
	dec, check := jsontext.NewDecoder(r), newDumpCheck()
	var h dumpHeader
	if err := json.UnmarshalDecode(dec, &h); err != nil {
		return Summary{}, damaged(err)
	}
	if h.Records != dumpFormat {
		return Summary{}, fmt.Errorf("%w: it is of format %d; this program reads %d", ErrDump, h.Records, dumpFormat)
	}
	if err := v.begin(h); err != nil {
		return Summary{}, err
	}
	for {
		end, err := readItem(dec, v, check)
		if err != nil {
			return Summary{}, err
		}
		if end == nil {
			continue
		}
		if !maps.Equal(end.Rows, check.rows) {
			return Summary{}, fmt.Errorf("%w: it holds %v rows and says that there are %v", ErrDump, check.rows, end.Rows)
		}
		if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) { // also reads the padding, and its seal
			return Summary{}, damaged(err)
		}
		return check.summary(h)
	}
}

// readItem reads a table's head, a row, or the end.
func readItem(dec *jsontext.Decoder, v visitor, check *dumpCheck) (*dumpEnd, error) {
	if dec.PeekKind() == '[' {
		values, err := readRow(dec, check.current)
		if err != nil {
			return nil, damaged(err)
		}
		check.row(values)
		return nil, v.row(values)
	}
	var item struct {
		dumpTable
		Rows map[string]int64 `json:"rows"`
	}
	if err := json.UnmarshalDecode(dec, &item, json.RejectUnknownMembers(true)); err != nil {
		return nil, damaged(err)
	}
	if item.Rows != nil {
		return &dumpEnd{item.Rows}, nil
	}
	if err := check.table(item.dumpTable); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDump, err)
	}
	return nil, v.table(item.dumpTable)
}

func readRow(dec *jsontext.Decoder, t dumpTable) ([]any, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var values []any
	for dec.PeekKind() != ']' {
		if len(values) == len(t.Kinds) {
			return nil, fmt.Errorf("table %s: a row is too long", t.Table)
		}
		v, err := readValue(dec, t.Kinds[len(values)])
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if len(values) != len(t.Kinds) || len(t.Kinds) != len(t.Columns) {
		return nil, fmt.Errorf("table %s: a row is too short", t.Table)
	}
	_, err := dec.ReadToken()
	return values, err
}

func readValue(dec *jsontext.Decoder, kind string) (any, error) {
	if dec.PeekKind() == 'n' {
		return nil, dec.SkipValue()
	}
	var err error
	switch kind {
	case kindText:
		var v string
		err = json.UnmarshalDecode(dec, &v)
		return v, err
	case kindInt:
		var v int64
		err = json.UnmarshalDecode(dec, &v)
		return v, err
	case kindBool:
		var v bool
		err = json.UnmarshalDecode(dec, &v)
		return v, err
	case kindBytes:
		var v []byte
		err = json.UnmarshalDecode(dec, &v)
		return v, err
	default:
		return nil, fmt.Errorf("there is no kind of column %q", kind)
	}
}

// damaged keeps what whoever unseals the file says, and leaves out what the JSON library quotes.
func damaged(err error) error {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	if err == nil || errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &semantic) && semantic.Err == nil {
		return ErrDump
	}
	return fmt.Errorf("%w: %w", ErrDump, err)
}

// loader puts a dump into a database, in one transaction.
type loader struct {
	ctx    context.Context // of the Restore that it belongs to
	s      *Store
	tx     *sql.Tx
	insert *sql.Stmt
	tables []shape
}

func (l *loader) rollback() {
	if l.tx != nil {
		_ = l.tx.Rollback() // after Commit it does nothing
	}
}

// begin makes the schema that the dump was made from.
func (l *loader) begin(h dumpHeader) error {
	p, err := newProvider(l.s.w, l.s.d)
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(l.ctx)
	switch {
	case err != nil:
		return l.s.d.fault(err)
	case h.Schema > known:
		return fmt.Errorf("%w: the backup's is %d, this program's %d", records.ErrNewerSchema, h.Schema, known)
	case have > h.Schema:
		return fmt.Errorf("records: the backup has schema %d and the database %d already; restore it into a database that was never used", h.Schema, have)
	}
	if _, err := p.UpTo(l.ctx, h.Schema); err != nil {
		return l.s.d.fault(err)
	}
	if l.tx, err = l.s.w.BeginTx(l.ctx, nil); err != nil {
		return l.s.d.fault(err)
	}
	if err := l.s.unhurried(l.ctx, l.tx); err != nil {
		return err
	}
	l.tables, err = l.s.shapes(l.ctx, l.tx)
	return err
}

// table prepares a table's rows. Names come from the database, never from the dump.
func (l *loader) table(t dumpTable) (err error) {
	i := slices.IndexFunc(l.tables, func(s shape) bool { return s.name == t.Table })
	if i < 0 || slices.Contains(unkept, t.Table) {
		return fmt.Errorf("%w: there is no table %q", ErrDump, t.Table)
	}
	there := l.tables[i]
	if len(t.Columns) != len(there.columns) {
		return fmt.Errorf("%w: table %s has other columns", ErrDump, t.Table)
	}
	places := make([]string, len(t.Columns))
	for i, name := range t.Columns {
		if !slices.Contains(there.columns, column{name, t.Kinds[i]}) {
			return fmt.Errorf("%w: table %s has no column %q", ErrDump, t.Table, name)
		}
		places[i] = fmt.Sprint("$", i+1)
	}
	l.insert, err = l.tx.PrepareContext(l.ctx, //nolint:sqlclosecheck // closed with its transaction
		`INSERT INTO `+t.Table+` (`+strings.Join(t.Columns, ", ")+`) VALUES (`+strings.Join(places, ", ")+`)`)
	return l.s.d.fault(err)
}

func (l *loader) row(values []any) error {
	if _, err := l.insert.ExecContext(l.ctx, values...); err != nil {
		return l.s.d.fault(err)
	}
	return nil
}
