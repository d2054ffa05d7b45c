package recordstest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	account "os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// Postgres is a PostgreSQL server of a test's own.
type Postgres struct {
	Addr string // host:port
	base string // where its files are
	made atomic.Int64
}

// StartPostgres starts a server on a free loopback port, in a folder that goes with the test. Root
// does not get one from PostgreSQL: it is started as the user postgres then, or nobody.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	programs, err := postgresPrograms()
	if err != nil { // failing, not skipping: a database that was not tested looks like one that was
		t.Fatalf("%v. Debian: apt-get install postgresql; macOS: brew install postgresql", err)
	}
	as, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.MkdirTemp("", "sightglass-postgres-") //nolint:usetesting // the server's user must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	if as != nil {
		if err := os.Chown(base, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	p := &Postgres{base: base}
	initdb := p.command(t, as, filepath.Join(programs, "initdb"), "-D", filepath.Join(base, "data"),
		"-U", "sightglass", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	var why error
	for range 3 { // someone may take the port between our look and the server's bind
		if why = p.start(t, as, filepath.Join(programs, "postgres")); why == nil {
			return p
		}
	}
	t.Fatalf("postgres does not start: %v", why)
	return nil
}

func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("no initdb and postgres: records are tested on a real PostgreSQL")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// unprivileged gives the user to run a server as; nil: as we are.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := account.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

// command is not bound to the test's context: what is cleaned up after the test may still ask.
func (p *Postgres) command(t testing.TB, as *syscall.Credential, path string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	c.Dir = p.base
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + p.base}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	return c
}

func (p *Postgres) start(t testing.TB, as *syscall.Credential, path string) error {
	p.Addr = freeAddr(t)
	host, port, _ := net.SplitHostPort(p.Addr)
	var out bytes.Buffer
	c := p.command(t, as, path, "-D", filepath.Join(p.base, "data"), "-p", port, "-k", p.base,
		"-c", "listen_addresses="+host, "-c", "fsync=off", "-c", "max_connections=100", "-c", "shared_buffers=16MB")
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGQUIT) // at once, with all it has started
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = c.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			return fmt.Errorf("it ended: %s", out.String())
		default:
		}
		if p.execute("postgres", `SELECT 1`) == nil {
			return nil
		}
	}
	return fmt.Errorf("no answer on %s within 30 s", p.Addr)
}

func freeAddr(t testing.TB) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// DSN names a database of the server.
func (p *Postgres) DSN(database string) string {
	return "postgres://sightglass@" + p.Addr + "/" + database + "?sslmode=disable"
}

// Database makes an empty database and gives its DSN.
func (p *Postgres) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprint("test", p.made.Add(1))
	if err := p.execute("postgres", `CREATE DATABASE `+name); err != nil {
		t.Fatal(err)
	}
	return p.DSN(name)
}

func (p *Postgres) execute(database, statement string) error {
	db, err := sql.Open("pgx", p.DSN(database))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}
