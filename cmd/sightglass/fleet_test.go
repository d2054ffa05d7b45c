package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/cache/cachetest"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/recordstest"
)

// fleet is several `sightglass serve` processes on one Redis and one PostgreSQL, as in production.
type fleet struct {
	t         *testing.T
	dir       string // configuration, keys, seeds
	publicURL string
	redis     *cachetest.Redis
	dsn       string // of the database
	provider  *provider
	replicas  []*replica
	client    *http.Client // to replicas directly
}

// fleetOptions say what a fleet serves.
type fleetOptions struct {
	publicURL string // default: of the first replica
	redis     string // the cache's DSN; default: a Redis of its own
	sites     string // YAML below "sites:"
	files     map[string]string
}

// newFleet starts Redis and PostgreSQL and writes the configuration; start starts the replicas.
func newFleet(t *testing.T, p *provider, o fleetOptions) *fleet {
	t.Helper()
	f := &fleet{
		t: t, dir: t.TempDir(), provider: p, publicURL: o.publicURL,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}},
	}
	t.Cleanup(f.client.CloseIdleConnections)
	if o.redis == "" {
		f.redis = cachetest.StartRedis(t)
		o.redis = "redis://" + f.redis.Addr
	}
	f.dsn = recordstest.StartPostgres(t).Database(t)
	if f.publicURL == "" {
		f.publicURL = "http://127.0.0.1"
	}
	o.files["keys.txt"] = records.NewKey("t")
	o.files["sightglass.yaml"] = fmt.Sprintf(`
public_url: %q
keys_file: keys.txt
behind_proxy: [127.0.0.1/32]
records: {dsn: %q}
cache: {dsn: %q}
security: {private_upstreams: [127.0.0.1/32]}
sites:
%s`, f.publicURL, f.dsn, o.redis, o.sites)
	for name, text := range o.files {
		if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// replica is one process.
type replica struct {
	f       *fleet
	addr    string // of the API
	metrics string
	cmd     *exec.Cmd
	log     lockedBuffer
	ended   chan struct{}
}

// lockedBuffer can be read while a process writes it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start starts n replicas at free addresses and waits until they are ready.
func (f *fleet) start(addrs ...string) {
	f.t.Helper()
	for _, addr := range addrs {
		f.replicas = append(f.replicas, &replica{f: f, addr: addr, metrics: freeAddress(f.t)})
	}
	for _, r := range f.replicas {
		r.start()
	}
	for _, r := range f.replicas {
		r.waitReady()
	}
}

func (r *replica) start() {
	r.f.t.Helper()
	path, err := exec.LookPath("sightglass") // this test binary under that name: see TestMain
	if err != nil {
		r.f.t.Fatal(err)
	}
	r.cmd = exec.CommandContext(context.WithoutCancel(r.f.t.Context()), path, "serve", "--config", filepath.Join(r.f.dir, "sightglass.yaml"),
		"--listen", r.addr, "--metrics-listen", r.metrics, "--log-level", "info")
	r.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.f.dir, "GORACE=halt_on_error=1"}
	r.cmd.Stderr = &r.log
	if err := r.cmd.Start(); err != nil {
		r.f.t.Fatal(err)
	}
	ended := make(chan struct{})
	r.ended = ended
	cmd := r.cmd
	go func() { _ = cmd.Wait(); close(ended) }()
	r.f.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if s := r.log.String(); strings.Contains(s, "DATA RACE") || strings.Contains(s, "panic:") {
			r.f.t.Errorf("replica %s: %s", r.addr, s)
		}
	})
}

func (r *replica) waitReady() {
	r.f.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-r.ended:
			r.f.t.Fatalf("replica %s ended: %s", r.addr, r.log.String())
		default:
		}
		if resp, err := r.f.client.Get("http://" + r.addr + "/readyz"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	r.f.t.Fatalf("replica %s is not ready within a minute: %s", r.addr, r.log.String())
}

// terminate asks the process to end as an operator does; ended is closed when it has.
func (r *replica) terminate() {
	r.f.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.f.t.Fatal(err)
	}
}

func (r *replica) waitEnded(within time.Duration) {
	r.f.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(within):
		r.f.t.Fatalf("replica %s still runs %v after it was told to stop", r.addr, within)
	}
	if code := r.cmd.ProcessState.ExitCode(); code != 0 {
		r.f.t.Errorf("replica %s: exit code %d, want 0: %s", r.addr, code, r.log.String())
	}
}

// do makes one request with a key. The body is the caller's to close.
func do(ctx context.Context, c *http.Client, method, url, key, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.Do(req)
}

// text makes a request that must be answered with status, and gives the body.
func (f *fleet) text(c *http.Client, method, url, key, body string, status int) string {
	f.t.Helper()
	resp, err := do(f.t.Context(), c, method, url, key, body)
	if err != nil {
		f.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		f.t.Fatalf("%s %s: got %d %s (%v), want %d", method, url, resp.StatusCode, b, err, status)
	}
	return string(b)
}

// proxy is an nginx or HAProxy of a test's own, with the file of deploy/ in it.
type proxy struct {
	url    string
	client *http.Client // one that knows its certificate
}

// frontAddr must be known before the replicas start: public_url has it.
func startProxy(t *testing.T, kind, front string, gateways [2]string) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "sightglass-proxy-") //nolint:usetesting // removed after the proxy has ended
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cert := selfSigned(t, dir)
	var cmd *exec.Cmd
	switch kind {
	case "nginx":
		cmd = nginx(t, dir, front, gateways)
	case "haproxy":
		cmd = haproxy(t, dir, front, gateways)
	default:
		t.Fatalf("no proxy %q", kind)
	}
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	p := &proxy{url: "https://" + front, client: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: cert}, ForceAttemptHTTP2: true,
	}}}
	t.Cleanup(p.client.CloseIdleConnections)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", kind, out.String())
		default:
		}
		d := net.Dialer{Timeout: time.Second}
		if c, err := d.DialContext(t.Context(), "tcp", front); err == nil {
			_ = c.Close()
			return p
		}
	}
	t.Fatalf("%s does not listen within 20 s: %s", kind, out.String())
	return nil
}

// deployed gives a file of deploy/ with names replaced, each of which must be there.
func deployed(t *testing.T, name string, replace ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(s, replace[i]) {
			t.Fatalf("deploy/%s: no %q to replace", name, replace[i])
		}
		s = strings.ReplaceAll(s, replace[i], replace[i+1])
	}
	return s
}

func installed(t *testing.T, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	t.Fatal(errors.New("no " + name + ": replicas are tested behind a real one. Debian: apt-get install nginx-light haproxy"))
	return ""
}

func nginx(t *testing.T, dir, front string, gateways [2]string) *exec.Cmd {
	t.Helper()
	conf := deployed(t, "nginx.conf", "GATEWAY-1:8080", gateways[0], "GATEWAY-2:8080", gateways[1],
		"listen 443", "listen "+front, "/etc/nginx/CERT.pem", dir+"/cert.pem", "/etc/nginx/KEY.pem", dir+"/key.pem",
		"/var/log/nginx/sightglass.log", dir+"/access.log")
	for _, d := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf = fmt.Sprintf("%s_temp_path %s/%s;\n", d, dir, d) + conf
	}
	main := fmt.Sprintf("daemon off;\nmaster_process off;\npid %s/pid;\nerror_log %s/error.log warn;\nevents { worker_connections 1024; }\nhttp {\n%s}\n", dir, dir, conf)
	return withFile(t, filepath.Join(dir, "nginx.conf"), main, installed(t, "nginx"), "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c")
}

func haproxy(t *testing.T, dir, front string, gateways [2]string) *exec.Cmd {
	t.Helper()
	conf := deployed(t, "haproxy.cfg", "GATEWAY-1:8080", gateways[0], "GATEWAY-2:8080", gateways[1],
		"bind :443", "bind "+front, "/etc/haproxy/CERT_AND_KEY.pem", dir+"/both.pem")
	return withFile(t, filepath.Join(dir, "haproxy.cfg"), conf, installed(t, "haproxy"), "-db", "-f")
}

// withFile writes a file and gives the command whose last argument it is.
func withFile(t *testing.T, file, text, path string, args ...string) *exec.Cmd {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(context.WithoutCancel(t.Context()), path, append(args, file)...)
}
