package sql

import "database/sql"

// Writer is the handle that a store writes through.
func Writer(s *Store) *sql.DB { return s.w }

// SealedColumns lists them as table.column.
func SealedColumns() (all []string) {
	for _, c := range sealedColumns {
		all = append(all, c.table+"."+c.column)
	}
	return all
}
