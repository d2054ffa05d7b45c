package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/cache/redis"
)

func TestDSN(t *testing.T) {
	type want struct {
		Addrs                []string
		User, Pass, Master   string
		DB                   int
		TLS                  bool
		Read, Dial           time.Duration
		SentinelUser, SentPw string
	}
	for dsn, w := range map[string]want{
		"redis://127.0.0.1:6379":                  {Addrs: []string{"127.0.0.1:6379"}, Read: 100 * time.Millisecond, Dial: 500 * time.Millisecond},
		"rediss://u:p@r.example:1/3":              {Addrs: []string{"r.example:1"}, User: "u", Pass: "p", DB: 3, TLS: true, Read: 100 * time.Millisecond, Dial: 500 * time.Millisecond},
		"redis://r?read_timeout=1s&db=2":          {Addrs: []string{"r:6379"}, DB: 2, Read: time.Second, Dial: 500 * time.Millisecond},
		"redis+sentinel://a:1,b:2,c:3/mymaster":   {Addrs: []string{"a:1", "b:2", "c:3"}, Master: "mymaster", Read: 100 * time.Millisecond, Dial: 500 * time.Millisecond},
		"redis+sentinel://u:p%40@a:1/m/4":         {Addrs: []string{"a:1"}, Master: "m", DB: 4, User: "u", Pass: "p@", SentinelUser: "u", SentPw: "p@", Read: 100 * time.Millisecond, Dial: 500 * time.Millisecond},
		"redis+sentinel://a:1/m?read_timeout=1s&": {Addrs: []string{"a:1"}, Master: "m", Read: time.Second, Dial: 500 * time.Millisecond},
	} {
		o, err := redis.Parse(dsn)
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		got := want{o.Addrs, o.Username, o.Password, o.MasterName, o.DB, o.TLSConfig != nil, o.ReadTimeout, o.DialTimeout, o.SentinelUsername, o.SentinelPassword}
		if d := cmp.Diff(w, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", dsn, d)
		}
	}
}

func TestBadDSNIsRefusedAndNotRepeated(t *testing.T) {
	for _, dsn := range []string{
		"", "memory:", "http://:pass-canary@r", "redis://:pass-canary@r:port", "redis://:pass-canary@r:1/db", "redis://:pass-canary@%zz",
		"redis+sentinel://:pass-canary@", "redis+sentinel://:pass-canary@a:1", "redis+sentinel://:pass-canary@a:x/m", "redis://r?nonsense=1",
	} {
		s, err := redis.New(t.Context(), dsn, keyring(t))
		if err == nil {
			_ = s.Close()
			t.Errorf("%q: got no error", dsn)
		} else if strings.Contains(err.Error(), "pass-canary") {
			t.Errorf("%q: the error repeats the password: %v", dsn, err)
		}
	}
}

func TestRefusedPasswordIsAnErrorAtStart(t *testing.T) {
	server := cachetest.StartRedis(t, "--requirepass", "right")
	for _, pass := range []string{"", ":wrong-canary@", "someone:wrong-canary@"} {
		s, err := redis.New(t.Context(), strings.Replace(server.DSN(), "://", "://"+pass, 1), keyring(t))
		if err == nil {
			_ = s.Close()
			t.Errorf("password %q: got no error", pass)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("password %q: the error repeats it: %v", pass, err)
		}
	}
	put(t, open(t, strings.Replace(server.DSN(), "://", "://:right@", 1), keyring(t)), zd, "a", 1)
}

func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	_, port, _ := net.SplitHostPort(cachetest.FreeAddr(t))
	cachetest.StartRedis(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no")
	dsn := "rediss://127.0.0.1:" + port + "?read_timeout=5s&dial_timeout=5s"
	put(t, open(t, dsn+"&skip_verify=true", keyring(t)), zd, "a", 1)
	if err := open(t, dsn, keyring(t)).Ping(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("a certificate that nobody vouches for: got %v, want cache.ErrUnavailable", err)
	}
}

func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, "CERTIFICATE", cert), writePEM(t, "PRIVATE KEY", der)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSentinel(t *testing.T) {
	master := cachetest.StartRedis(t)
	_, port, _ := net.SplitHostPort(master.Addr)
	conf := filepath.Join(t.TempDir(), "sentinel.conf") // sentinel writes into it
	if err := os.WriteFile(conf, fmt.Appendf(nil, "sentinel monitor mymaster 127.0.0.1 %s 1\n", port), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := cachetest.StartRedis(t, conf, "--sentinel")
	s := open(t, "redis+sentinel://"+sentinel.Addr+"/mymaster?read_timeout=5s&dial_timeout=5s", keyring(t))
	put(t, s, zd, "a", 1)
	if got, err := s.Get(t.Context(), zd); err != nil || got.Value.Reveal() != "a" {
		t.Errorf("through sentinel: got %q, %v, want the token", got.Value.Reveal(), err)
	}
}
