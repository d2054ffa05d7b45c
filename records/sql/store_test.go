package sql_test

import (
	"path/filepath"
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/recordstest"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

// open opens the store in a folder.
func open(t testing.TB, dir string) *sql.Store {
	t.Helper()
	s, err := sql.Open(t.Context(), "sqlite:"+filepath.Join(dir, "s.db"), sql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	recordstest.Run(t, func(t testing.TB) (records.Store, func() records.Store) {
		dir := t.TempDir()
		return open(t, dir), func() records.Store { return open(t, dir) }
	})
}
