package sql_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sightglass-gateway/sightglass/records"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// filled puts something of every kind into an empty database.
func filled(t testing.TB, dsn string, rows int) {
	t.Helper()
	s := openAt(t, dsn)
	putSite(t, s)
	k, err := records.ParseKeys(records.NewKey("k1"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.UnixMilli(1_790_000_000_000).UTC()
	id := records.LinkID{Site: "main", Link: "zd"}
	place := records.Place{Site: "main", Table: "links", Row: "zd", Column: "client_secret", Generation: 1}
	for what, err := range map[string]error{
		"user": s.AddUser(ctx, records.User{ID: "u1", Login: "ana", Name: "Ana Ø \"x\"\n", PasswordHash: "$argon2id$", Status: records.UserActive, CreatedAt: now},
			records.Membership{Site: "main", Roles: []records.Role{records.RoleAdministrator}}),
		"key": s.PutAPIKey(ctx, records.APIKey{Site: "main", ID: "ci", Hash: []byte{0, 1, 2}, Roles: []records.Role{records.RoleAnalyst}, Provisioned: true}),
		"link": s.AddLink(ctx, records.Link{ID: id, Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"},
			ClientSecret: k.SealSecret(records.NewSecret("hush-hush"), place), SecretGeneration: 1, Generation: 1<<62 + 1}),
	} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	if failed := appendAtOnce(s, rows); failed > 0 {
		t.Fatalf("%d rows were not appended", failed)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func dumped(t testing.TB, dsn string) ([]byte, store.Summary) {
	t.Helper()
	var b bytes.Buffer
	sum, err := store.Dump(t.Context(), dsn, &b, store.Options{Now: func() time.Time { return time.UnixMilli(5).UTC() }})
	if err != nil {
		t.Fatalf("dump: %v", err)
	}
	return b.Bytes(), sum
}

// What is restored is what was backed up, row for row, whichever the two databases are; the chain goes
// on behind it.
func restores(t *testing.T, from string, empty func() string) {
	filled(t, from, 40)
	dump, want := dumped(t, from)
	if want.Rows["audit"] != 40 || want.Rows["links"] != 1 || len(want.Chains) != 1 || want.Chains[0].Rows != 40 || want.Sealed["k1"]["links.client_secret"] != 1 {
		t.Fatalf("summary: got %+v", want)
	}
	checked, err := store.CheckDump(bytes.NewReader(dump))
	if d := cmp.Diff(want, checked); d != "" || err != nil {
		t.Errorf("verify: %v (-backup +verify):\n%s", err, d)
	}
	for _, to := range []string{empty(), "sqlite:" + filepath.Join(t.TempDir(), "r.db")} {
		got, err := store.Restore(t.Context(), to, bytes.NewReader(dump), store.Options{})
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Fatalf("restore: %v (-backup +restore):\n%s", err, d)
		}
		again, _ := dumped(t, to)
		if d := cmp.Diff(sorted(dump), sorted(again)); d != "" {
			t.Errorf("a backup of what was restored (-first +second):\n%s", d)
		}
		if _, err := store.Restore(t.Context(), to, bytes.NewReader(dump), store.Options{}); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("restore a second time: got %v, want %v", err, store.ErrNotEmpty)
		}
		s := openAt(t, to)
		if failed := appendAtOnce(s, 3); failed > 0 {
			t.Errorf("%d of 3 rows were not appended afterwards", failed)
		}
		wantRows(t, s, 43)
	}
}

// sorted gives the rows of a dump in an order of their own; its head names the database.
func sorted(dump []byte) []string {
	lines := strings.Split(string(dump), "\n")[1:]
	slices.Sort(lines)
	return lines
}

func TestRestore(t *testing.T) {
	restores(t, "sqlite:"+filepath.Join(t.TempDir(), "s.db"), func() string { return "sqlite:" + filepath.Join(t.TempDir(), "empty.db") })
}

// A dump that was changed is not loaded, and leaves a database that another can be loaded into.
func TestDamagedDumps(t *testing.T) {
	from := "sqlite:" + filepath.Join(t.TempDir(), "s.db")
	filled(t, from, 10)
	dump, _ := dumped(t, from)
	lines := bytes.SplitAfter(dump, []byte("\n"))
	audit := slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte(`{"table":"audit",`)) })
	without := func(i int) []byte { return bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil) }
	replaced := func(from, to string) []byte { return bytes.Replace(dump, []byte(from), []byte(to), 1) }
	to := "sqlite:" + filepath.Join(t.TempDir(), "r.db")
	for name, c := range map[string]struct {
		dump []byte
		want error
	}{
		"cut":                {dump[:len(dump)/2], store.ErrDump},
		"no end":             {without(len(lines) - 2), store.ErrDump},
		"a record less":      {without(1 + slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte(`{"table":"memberships"`)) })), store.ErrDump},
		"more behind":        {append(bytes.Clone(dump), "[]"...), store.ErrDump},
		"another format":     {replaced(`"sightglass_records":1`, `"sightglass_records":2`), store.ErrDump},
		"a newer schema":     {replaced(`"schema":`, `"schema":9`), records.ErrNewerSchema},
		"an unknown table":   {replaced(`"table":"sites"`, `"table":"nosuch"`), store.ErrDump},
		"a column of theirs": {replaced(`"provisioned"`, `"id) VALUES"`), store.ErrDump},
		"not a dump":         {[]byte("{}"), store.ErrDump},
		"a changed row":      {bytes.Replace(dump, lines[audit+5], bytes.Replace(lines[audit+5], []byte("4096"), []byte("4097"), 1), 1), store.ErrBrokenChain},
	} {
		if bytes.Equal(c.dump, dump) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := store.Restore(t.Context(), to, bytes.NewReader(c.dump), store.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if sum, err := store.Restore(t.Context(), to, bytes.NewReader(dump), store.Options{}); err != nil || sum.Rows["audit"] != 10 {
		t.Errorf("the right one afterwards: got %v, %v", sum.Rows, err)
	}
}

func TestDumpNeedsADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	if _, err := store.Dump(t.Context(), "sqlite:"+path, io.Discard, store.Options{}); !errors.Is(err, store.ErrNoRecords) {
		t.Errorf("got %v, want %v", err, store.ErrNoRecords)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// Rows go through; they are not gathered. Whoever stops reading stops the dump.
func TestDumpStopsWithItsReader(t *testing.T) {
	from := "sqlite:" + filepath.Join(t.TempDir(), "s.db")
	filled(t, from, 300)
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := store.Dump(t.Context(), from, w, store.Options{})
		ended <- err
	}()
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	_ = r.CloseWithError(fmt.Errorf("gone: %w", io.ErrClosedPipe))
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}

// The list of sealed columns is what the database holds: every column of bytes is sealed or a hash.
func TestSealedColumnsAreListed(t *testing.T) {
	s := open(t, t.TempDir())
	hashes := map[string]bool{"hash": true, "prev": true, "state_hash": true, "browser_hash": true, "seed_hash": true}
	rows, err := store.Writer(s).QueryContext(t.Context(), `SELECT m.name || '.' || c.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND lower(c.type) = 'bytea'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var sealed []string
	for rows.Next() {
		var name, column string
		if err := rows.Scan(&name, &column); err != nil {
			t.Fatal(err)
		}
		if !hashes[column] {
			sealed = append(sealed, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(store.SealedColumns(), sealed, cmpopts.SortSlices(strings.Compare)); d != "" {
		t.Errorf("a column of bytes is in sealedColumns, or a hash that this test names (-listed +there):\n%s", d)
	}
}
