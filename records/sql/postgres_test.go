package sql_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/recordstest"
	store "github.com/sightglass-gateway/sightglass/records/sql"
)

func openAt(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
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

func TestPostgres(t *testing.T) {
	server := recordstest.StartPostgres(t)
	t.Run("Suite", func(t *testing.T) {
		recordstest.Run(t, func(t testing.TB) (records.Store, func() records.Store) {
			dsn := server.Database(t)
			return openAt(t, dsn), func() records.Store { return openAt(t, dsn) }
		})
	})
	for name, test := range map[string]func(*testing.T, string){
		"ReplicasStartAtOnce":       replicasStartAtOnce,
		"ReplicasMakeOneChain":      replicasMakeOneChain,
		"LivingReplicaIsLeftAlone":  livingReplicaIsLeftAlone,
		"AuditIsAppendOnly":         auditIsAppendOnly,
		"NoSessionOfAnInactiveUser": noSessionOfAnInactiveUser,
		"NewerSchema":               newerSchema,
	} {
		t.Run(name, func(t *testing.T) { test(t, server.Database(t)) })
	}
	t.Run("Restore", func(t *testing.T) {
		restores(t, server.Database(t), func() string { return server.Database(t) })
		restores(t, "sqlite:"+filepath.Join(t.TempDir(), "s.db"), func() string { return server.Database(t) })
	})
}

func replicasStartAtOnce(t *testing.T, dsn string) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(context.Background(), dsn, store.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	all.Wait()
}

func replicasMakeOneChain(t *testing.T, dsn string) {
	stores := []records.Store{openAt(t, dsn), openAt(t, dsn), openAt(t, dsn)}
	putSite(t, stores[0])
	recordstest.AppendAtOnce(t, stores, 9, 60)
	wantRows(t, stores[1], 9*60)
}

// A replica that starts closes what a dead one left open, and nothing of one that lives.
func livingReplicaIsLeftAlone(t *testing.T, dsn string) {
	lives, dies := openAt(t, dsn), openAt(t, dsn)
	for i, s := range []*store.Store{lives, dies, lives} {
		e := fullEntry(i)
		e.Event, e.Open = records.AuditOpened, fmt.Sprint("open ", i)
		if _, err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	starts := openAt(t, dsn)
	if n, err := starts.CloseInterrupted(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("while both live: closed %d, %v; want 0", n, err)
	}
	if err := dies.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := starts.CloseInterrupted(t.Context(), time.Now()); n != 1 || err != nil {
		t.Errorf("after one has died: closed %d, %v; want 1", n, err)
	}
	if n, err := lives.CloseInterrupted(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("by the one that lives: closed %d, %v; want none of its own", n, err)
	}
	wantRows(t, lives, 4)
}

func auditIsAppendOnly(t *testing.T, dsn string) {
	s := openAt(t, dsn)
	if _, err := s.Append(t.Context(), fullEntry(0), fullEntry(1)); err != nil {
		t.Fatal(err)
	}
	for _, stmt := range []string{
		`UPDATE audit SET principal = 'x'`, `DELETE FROM audit WHERE seq = 2`, `TRUNCATE audit`,
		`INSERT INTO audit SELECT site, 9, at, event, principal_kind, principal, open_id, ref_link, ref_kind, ref_id, reason, thing, parts, bytes, outcome, detail, prev, hash FROM audit WHERE seq = 2`,
	} {
		if _, err := store.Writer(s).ExecContext(t.Context(), stmt); err == nil || !strings.Contains(err.Error(), "append only") {
			t.Errorf("%s: got %v, want it refused", stmt, err)
		}
	}
	wantRows(t, s, 2)
}

// However a sign-in and a deactivation meet, no session of an inactive user is left.
func noSessionOfAnInactiveUser(t *testing.T, dsn string) {
	one, two := openAt(t, dsn), openAt(t, dsn)
	putSite(t, one)
	ctx := t.Context()
	u := records.User{ID: "u", Login: "u", Status: records.UserActive}
	if err := one.AddUser(ctx, u, records.Membership{Site: "main", Roles: []records.Role{records.RoleAnalyst}}); err != nil {
		t.Fatal(err)
	}
	off := u
	off.Status = records.UserInactive
	for round := range 60 {
		if err := one.UpdateUser(ctx, u); err != nil {
			t.Fatal(err)
		}
		hash := []byte(fmt.Sprint("session ", round))
		var both sync.WaitGroup
		both.Go(func() { // ErrNotFound when the deactivation was first
			_ = one.AddSession(ctx, records.Session{Hash: hash, Site: "main", User: "u", CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		})
		both.Go(func() {
			if err := two.UpdateUser(ctx, off); err != nil {
				t.Errorf("deactivate: %v", err)
			}
		})
		both.Wait()
		if _, err := one.SessionByHash(ctx, hash); err == nil {
			t.Fatalf("round %d: a session of an inactive user is left", round)
		}
	}
}

func newerSchema(t *testing.T, dsn string) {
	s := openAt(t, dsn)
	if _, err := store.Writer(s).ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), dsn, store.Options{})
	if err == nil || !strings.Contains(err.Error(), "newer schema") {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
}

// A dsn that cannot be used is refused without being repeated: it may hold a password.
func TestPostgresDSNIsNotRepeated(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, dsn := range []string{
		"postgres://u:canary@127.0.0.1:1/db?sslmode=disable", "postgres://u:canary@[::1/db", "postgres://u:canary@127.0.0.1:1/db?sslmode=nonsense",
		"mysql://u:canary@127.0.0.1/db",
	} {
		_, err := store.Open(ctx, dsn, store.Options{})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v, want an error without the password", err)
		}
	}
}
