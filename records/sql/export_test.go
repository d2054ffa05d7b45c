package sql

import "database/sql"

// Writer is the handle that a store writes through.
func Writer(s *Store) *sql.DB { return s.w }
