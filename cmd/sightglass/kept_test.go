package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// docs/what-is-kept.md lists every table and column, so that a new one is a decision that is seen.
func TestWhatIsKeptIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/what-is-kept.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{}
	word := regexp.MustCompile("`([a-z_]+)`")
	for _, line := range strings.Split(string(doc), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		var columns []string
		for _, m := range word.FindAllStringSubmatch(cells[2], -1) {
			columns = append(columns, m[1])
		}
		slices.Sort(columns)
		documented[word.FindStringSubmatch(cells[1])[1]] = columns
	}
	if d := cmp.Diff(documented, columnsOfADatabase(t)); d != "" {
		t.Errorf("docs/what-is-kept.md and the database differ (-documented +there):\n%s", d)
	}
}

func columnsOfADatabase(t *testing.T) map[string][]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kept.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	there := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		there[table] = append(there[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return there
}
