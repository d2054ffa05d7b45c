package sql_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

// sealed is ciphertext as a Keyring makes it, as far as the database can tell: it can be found
// again by its mark.
func sealed(mark string, length int) records.Sealed {
	return records.Sealed("<" + mark + ">" + strings.Repeat("x", length))
}

// marksOnDisk gives which of the marks stand in the database's files.
func marksOnDisk(t *testing.T, dir string, marks []string) (found []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range marks {
			if bytes.Contains(b, []byte("<"+m+">")) {
				found = append(found, m+" in "+f.Name())
			}
		}
	}
	return found
}

func TestRemovedSecretsLeaveNoCopy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	id := records.LinkID{Site: "main", Link: "zd"}
	step := func(what string, err error, gone ...string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if found := marksOnDisk(t, dir, gone); len(found) > 0 {
			t.Errorf("%s: left %v", what, found)
		}
	}
	step("add", s.AddLink(t.Context(), records.Link{ID: id, ClientSecret: sealed("secret 0", 60), RefreshToken: sealed("token 0", 90)}))
	if found := marksOnDisk(t, dir, []string{"secret 0", "token 0"}); len(found) < 2 {
		t.Fatalf("the search finds nothing that is there: got %v", found)
	}
	step("new secret", s.SetClientSecret(t.Context(), id, 0, sealed("secret 1", 60)), "secret 0")
	step("rotation", s.SwapGrant(t.Context(), id, 0, records.Grant{RefreshToken: sealed("token 1", 90), At: time.Now()}), "token 0")
	step("a lost swap", nil)
	if err := s.SwapGrant(t.Context(), id, 0, records.Grant{RefreshToken: sealed("token 2", 90)}); err == nil {
		t.Fatal("a swap from an older generation: got no error")
	}
	step("grant without a token", s.SwapGrant(t.Context(), id, 1, records.Grant{At: time.Now()}), "token 1", "token 2")
	step("another grant", s.SwapGrant(t.Context(), id, 2, records.Grant{RefreshToken: sealed("token 3", 90), At: time.Now()}))
	step("another account", s.UpdateLink(t.Context(), records.Link{ID: id, ClientID: "other"}), "token 3")
	step("delete", s.DeleteLink(t.Context(), id), "secret 0", "secret 1", "token 0", "token 1", "token 2")
}

// Rows move between pages as others come and go; their old places must be clean, too. After every
// change the files hold the secrets that are in use, and no other.
func TestNoCopyStaysAmongManyLinks(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	r := rand.New(rand.NewPCG(1, 2))
	type current struct {
		generation int64
		mark       string
	}
	live := map[int]current{}
	for step := range 150 {
		n, mark := r.IntN(60), fmt.Sprint("s", step)
		id := records.LinkID{Site: "main", Link: fmt.Sprint("link ", n)}
		now, there := live[n]
		var err error
		switch {
		case !there:
			err = s.AddLink(t.Context(), records.Link{ID: id, ClientSecret: sealed(mark, r.IntN(3000))})
			live[n] = current{0, mark}
		case r.IntN(3) == 0:
			err = s.DeleteLink(t.Context(), id)
			delete(live, n)
		default:
			err = s.SetClientSecret(t.Context(), id, now.generation, sealed(mark, r.IntN(3000)))
			live[n] = current{now.generation + 1, mark}
		}
		if err != nil {
			t.Fatal(err)
		}
		used := map[string]bool{}
		for _, c := range live {
			used["<"+c.mark+">"] = true
		}
		for _, mark := range allMarks(t, dir) {
			if !used[mark] {
				t.Fatalf("step %d: %s is left and not in use", step, mark)
			}
		}
	}
}

func allMarks(t *testing.T, dir string) (marks []string) {
	t.Helper()
	for _, name := range []string{"s.db", "s.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`<s\d+>`).FindAll(b, -1) {
			marks = append(marks, string(m))
		}
	}
	return marks
}

// A reader holds the write-ahead log: the change stands at once, and the copy goes when the reader
// has gone.
func TestCopyGoesWhenTheReaderHasGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	putSite(t, s)
	id := records.LinkID{Site: "main", Link: "zd"}
	if err := s.AddLink(t.Context(), records.Link{ID: id, ClientSecret: sealed("secret", 60)}); err != nil {
		t.Fatal(err)
	}
	tx, err := raw(t, dir).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM links`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := s.DeleteLink(t.Context(), id); err != nil {
		t.Errorf("delete while someone reads: got %v, want no error", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("delete while someone reads took %v, want less than 3 s", took)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := marksOnDisk(t, dir, []string{"secret"}); len(found) > 0 {
		t.Errorf("left %v", found)
	}
}

var _ records.Store = (*store.Store)(nil)
