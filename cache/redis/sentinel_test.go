package redis_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sightglass-gateway/sightglass/cache/cachetest"
)

// sentinelOf starts a sentinel that watches a server; it decides alone, and soon.
func sentinelOf(t *testing.T, port string, conf string, args ...string) *cachetest.Redis {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sentinel.conf") // sentinel writes into it
	text := fmt.Sprintf("sentinel monitor mymaster 127.0.0.1 %s 1\nsentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 2000\n%s", port, conf)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return cachetest.StartRedis(t, append([]string{path, "--sentinel"}, args...)...)
}

// until waits for f, which says what is wrong.
func until(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatalf("not within 40 s: %v", err)
}

// A real failover: the master is killed, its replica takes over, and the store follows by itself.
func TestSentinelFailover(t *testing.T) {
	master := cachetest.StartRedis(t)
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := cachetest.StartRedis(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0", "--repl-diskless-load", "on-empty-db")
	sentinel := sentinelOf(t, port, "")
	s := open(t, "redis+sentinel://"+sentinel.Addr+"/mymaster?read_timeout=1s&dial_timeout=1s", keyring(t))
	put(t, s, zd, "a", 1)
	r, watcher := raw(t, replica), raw(t, sentinel)
	until(t, func() error { // the token is on the replica, and the sentinel knows of it
		if n, err := r.DBSize(t.Context()).Result(); err != nil || n != 1 {
			return fmt.Errorf("replica: %d keys, %w", n, err)
		}
		known, err := goredis.NewSentinelClient(watcher.Options()).Replicas(t.Context(), "mymaster").Result()
		if err != nil || len(known) != 1 || strings.Contains(known[0]["flags"], "down") {
			return fmt.Errorf("sentinel: knows %v, %w", known, err)
		}
		return nil
	})
	master.Stop()
	until(t, func() error {
		got, err := s.Get(t.Context(), zd)
		if err == nil && got.Value.Reveal() != "a" {
			t.Fatalf("after the failover: got %q, want the token", got.Value.Reveal())
		}
		return err
	})
	until(t, func() error { return s.Put(t.Context(), td, token("b", 1)) })
	if n := r.DBSize(t.Context()).Val(); n != 2 {
		t.Errorf("the new master: %d keys, want both tokens", n)
	}
}

// Sentinel and Redis both speak TLS only, and their certificate is checked.
func TestSentinelTLS(t *testing.T) {
	cert, key := certificate(t)
	secure := []string{"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", "--tls-replication", "yes"}
	_, port, _ := net.SplitHostPort(cachetest.FreeAddr(t))
	cachetest.StartRedis(t, append([]string{"--tls-port", port}, secure...)...)
	_, sentinelPort, _ := net.SplitHostPort(cachetest.FreeAddr(t))
	sentinelOf(t, port, "", append([]string{"--tls-port", sentinelPort}, secure...)...)
	dsn := "rediss+sentinel://127.0.0.1:" + sentinelPort + "/mymaster?read_timeout=5s&dial_timeout=5s"
	s := open(t, dsn+"&skip_verify=true", keyring(t))
	until(t, func() error { return s.Put(t.Context(), zd, token("a", 1)) })
	if got, err := s.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "a" {
		t.Errorf("got %q, %v, want the token", got.Value.Reveal(), err)
	}
	if err := open(t, dsn, keyring(t)).Ping(t.Context()); err == nil {
		t.Error("a certificate that nobody vouches for: got no error")
	}
}
