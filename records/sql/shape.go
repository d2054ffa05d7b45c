package sql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// What a column holds, by the types that migrations use.
const (
	kindText  = "text"
	kindInt   = "bigint"
	kindBool  = "boolean"
	kindBytes = "bytea"
)

// shape is a table as the database itself describes it: a backup takes whatever migrations made.
type shape struct {
	name    string
	columns []column
	needs   []string // tables that its rows refer to
}

type column struct{ name, kind string }

func (t *shape) columnNames() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// unkept are the tables that a backup leaves out: what ends by itself within a day (a restored backup
// signs nobody in), and what the program makes anew.
var unkept = []string{"sessions", "onces", "authorizations", "probe", "goose_db_version"}

// shapes describes all tables, those that others refer to first.
func (s *Store) shapes(ctx context.Context, q querier) ([]shape, error) {
	type described struct{ table, name, kind string }
	columns, err := list(ctx, q, func(r scanner) (d described, err error) {
		return d, r.Scan(&d.table, &d.name, &d.kind)
	}, s.d.columns)
	if err != nil {
		return nil, err
	}
	references, err := list(ctx, q, func(r scanner) (d [2]string, err error) { return d, r.Scan(&d[0], &d[1]) }, s.d.references)
	if err != nil {
		return nil, err
	}
	var all []shape
	for _, c := range columns {
		if len(all) == 0 || all[len(all)-1].name != c.table {
			all = append(all, shape{name: c.table})
		}
		t := &all[len(all)-1]
		t.columns = append(t.columns, column{c.name, strings.ToLower(c.kind)})
	}
	for _, r := range references {
		if i := slices.IndexFunc(all, func(t shape) bool { return t.name == r[0] }); i >= 0 && r[0] != r[1] {
			all[i].needs = append(all[i].needs, r[1])
		}
	}
	return inOrder(all)
}

// inOrder puts a table behind those that it refers to.
func inOrder(all []shape) ([]shape, error) {
	var done []shape
	there := func(name string) bool {
		return slices.ContainsFunc(done, func(t shape) bool { return t.name == name })
	}
	for len(done) < len(all) {
		before := len(done)
		for _, t := range all {
			if !there(t.name) && !slices.ContainsFunc(t.needs, func(n string) bool { return !there(n) }) {
				done = append(done, t)
			}
		}
		if len(done) == before {
			return nil, fmt.Errorf("records: tables refer to each other in a circle")
		}
	}
	return done, nil
}

// sqliteColumns and the others give (table, column, type) and (table, table it refers to).
const (
	sqliteColumns = `SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	sqliteReferences = `SELECT DISTINCT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`

	postgresColumns = `SELECT c.table_name::text, c.column_name::text, c.data_type::text
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position`
	postgresReferences = `SELECT DISTINCT a.relname::text, b.relname::text FROM pg_constraint k
		JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid
		WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace`
)
