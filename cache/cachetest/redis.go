package cachetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is a redis-server of a test's own.
type Redis struct {
	Addr string // host:port
	Stop func() // ends it at once
	t    testing.TB
	cmd  *exec.Cmd
}

// StartRedis starts a redis-server on a free loopback port, with nothing on disk. It ends with the
// test. args come first on its command line.
func StartRedis(t testing.TB, args ...string) *Redis {
	t.Helper()
	return StartRedisAt(t, "", args...)
}

// StartRedisAt is StartRedis at an address; "" takes a free one.
func StartRedisAt(t testing.TB, addr string, args ...string) *Redis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil { // failing, not skipping: a cache that was not tested looks like one that was
		t.Fatal("no redis-server on PATH: the cache is tested against a real one. Debian: apt-get install redis-server; macOS: brew install redis")
	}
	var why error
	for range 3 { // someone may take the port between our look and Redis' bind
		r := &Redis{Addr: addr, t: t}
		if addr == "" {
			r.Addr = FreeAddr(t)
		}
		if why = r.start(path, args); why == nil {
			return r
		}
	}
	t.Fatalf("redis-server does not start: %v", why)
	return nil
}

func (r *Redis) start(path string, args []string) error {
	host, port, _ := net.SplitHostPort(r.Addr)
	var out bytes.Buffer
	// Not the test's context: what is cleaned up after the test may still ask Redis.
	r.cmd = exec.CommandContext(context.WithoutCancel(r.t.Context()), path, append(args,
		"--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())...)
	r.cmd.Stdout, r.cmd.Stderr = &out, &out
	if err := r.cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(ended) }()
	r.Stop = func() {
		_ = r.cmd.Process.Kill()
		<-ended
	}
	r.t.Cleanup(r.Stop)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			return fmt.Errorf("it ended: %s", out.String())
		default:
		}
		if r.answers() {
			return nil
		}
	}
	return fmt.Errorf("no answer on %s within 20 s", r.Addr)
}

func (r *Redis) answers() bool {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(r.t.Context(), "tcp", r.Addr)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	reply := make([]byte, 7)
	n, _ := c.Read(reply)
	return strings.HasPrefix(string(reply[:n]), "+PONG") || strings.HasPrefix(string(reply[:n]), "-NOAUTH")
}

// DSN names the server. It waits longer than a store does otherwise: machines that test are busy.
func (r *Redis) DSN() string { return "redis://" + r.Addr + "/0?read_timeout=5s&dial_timeout=5s" }

// FreeAddr gives a loopback address that nobody listens on just now.
func FreeAddr(t testing.TB) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Pause stops the server as it stands: connections stay, nothing is answered. Resume goes on.
func (r *Redis) Pause(t testing.TB) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Resume ends a Pause.
func (r *Redis) Resume(t testing.TB) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// Restart starts a server that was stopped again, empty, at the same address. It ends with the test
// that started it first.
func (r *Redis) Restart(t testing.TB) {
	t.Helper()
	again := StartRedisAt(r.t, r.Addr)
	r.Stop, r.cmd = again.Stop, again.cmd
}

// Flush drops everything the server holds.
func (r *Redis) Flush(t testing.TB) {
	t.Helper()
	d := net.Dialer{Timeout: 5 * time.Second}
	c, err := d.DialContext(r.t.Context(), "tcp", r.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte("FLUSHALL\r\n")); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 5)
	if n, _ := c.Read(reply); !strings.HasPrefix(string(reply[:n]), "+OK") {
		t.Fatalf("FLUSHALL: got %q", reply[:n])
	}
}
