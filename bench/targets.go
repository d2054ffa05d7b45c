package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// target is one way to the provider.
type target struct {
	name   string
	addr   string
	port   string
	tls    bool // the client speaks TLS itself: direct
	launch func() (*process, error)
	proc   *process // nil for direct
	// request gives the bytes that ask for a path of the provider; n spreads requests over keys.
	request func(path string, n int, header string) []byte
}

// The names under which targets are printed.
const (
	nameDirect  = "direct"
	nameJoin    = "tcp join"
	nameNginx   = "nginx"
	nameHAProxy = "haproxy"
	nameCaddy   = "caddy"
	nameProxy   = "reverseproxy"
	nameGateway = "sightglass"
)

// peers are those that the gateway is compared with; direct and the join are bounds, not peers.
var peers = []string{nameNginx, nameHAProxy, nameCaddy, nameProxy}

// programs says where a missing peer comes from.
var programs = map[string]string{"nginx": "nginx", "haproxy": "haproxy", "caddy": "caddy", "ss": "iproute2"}

func checkPrograms(binary string) error {
	for p, pkg := range programs {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("%s is not there, and a comparison without it is none: `make bench` installs it on Debian (package %s)", p, pkg)
		}
	}
	if _, err := os.Stat(binary); err != nil {
		return fmt.Errorf("the gateway is not built: %w; run `make build`", err)
	}
	return nil
}

// world is the provider and all ways to it.
type world struct {
	dir      string
	ca       string
	self     string
	binary   string
	provider *process
	addr     string // of the provider
	targets  []*target
	gateway  *gatewayTarget
}

func newWorld(ctx context.Context, dir, binary string) (_ *world, err error) {
	w := &world{dir: dir}
	if w.binary, err = filepath.Abs(binary); err != nil {
		return nil, err
	}
	if w.self, err = os.Executable(); err != nil {
		return nil, err
	}
	cert, key, err := certificate(dir)
	if err != nil {
		return nil, err
	}
	w.ca = cert
	if w.addr, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if w.provider, err = start("provider", dir, nil, w.self, "as-provider", "-listen", w.addr, "-cert", cert, "-key", key); err != nil {
		return nil, err
	}
	if err := w.provider.ready(ctx, w.addr); err != nil {
		return w, err
	}
	return w, w.addTargets(ctx)
}

func (w *world) addTargets(ctx context.Context) error {
	plain := func(path string, _ int, header string) []byte {
		return []byte("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + "\r\n")
	}
	w.targets = []*target{{name: nameDirect, addr: w.addr, tls: true, request: plain}}
	w.gateway = &gatewayTarget{world: w}
	for _, t := range []struct {
		name   string
		launch func(addr string) (*process, error)
	}{
		{nameJoin, w.launchSelf("as-join")}, {nameNginx, w.launchNginx}, {nameHAProxy, w.launchHAProxy},
		{nameCaddy, w.launchCaddy}, {nameProxy, w.launchSelf("as-proxy")}, {nameGateway, w.gateway.launch},
	} {
		addr, err := freeAddress(ctx)
		if err != nil {
			return err
		}
		tg := &target{name: t.name, addr: addr, launch: func() (*process, error) { return t.launch(addr) }, request: plain}
		if t.name == nameGateway {
			tg.request = w.gateway.request
		}
		w.targets = append(w.targets, tg)
	}
	for _, t := range w.targets {
		_, t.port, _ = net.SplitHostPort(t.addr)
		if err := w.restart(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// restart gives a target a fresh process.
func (w *world) restart(ctx context.Context, t *target) error {
	if t.launch == nil {
		return nil
	}
	if t.proc != nil {
		t.proc.stop()
	}
	var err error
	if t.proc, err = t.launch(); err != nil {
		return err
	}
	if err := t.proc.ready(ctx, t.addr); err != nil {
		return err
	}
	if t.name == nameGateway {
		return w.gateway.open(ctx)
	}
	return nil
}

func (w *world) close() {
	for _, t := range w.targets {
		if t.proc != nil {
			t.proc.stop()
		}
	}
	if w.provider != nil {
		w.provider.stop()
	}
}

func (w *world) target(name string) *target {
	for _, t := range w.targets {
		if t.name == name {
			return t
		}
	}
	return nil
}

func (w *world) launchSelf(as string) func(string) (*process, error) {
	return func(addr string) (*process, error) {
		return start(as, w.dir, nil, w.self, as, "-listen", addr, "-to", w.addr, "-ca", w.ca)
	}
}

// write puts settings into the folder, with the addresses filled in.
func (w *world) write(name, text, addr string) (string, error) {
	path := filepath.Join(w.dir, name)
	text = strings.NewReplacer("{dir}", w.dir, "{listen}", addr, "{provider}", w.addr, "{ca}", w.ca).Replace(text)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// With its default buffers of 4 to 8 KB and proxy_buffering off nginx needs twice the processor time:
// that would not be nginx as somebody sets it up for recordings.
func (w *world) launchNginx(addr string) (*process, error) {
	path, err := w.write("nginx.conf", `daemon off;
pid {dir}/nginx.pid;
error_log stderr;
worker_processes auto;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {dir}/nginx-body; proxy_temp_path {dir}/nginx-proxy; fastcgi_temp_path {dir}/nginx-fcgi;
  uwsgi_temp_path {dir}/nginx-uwsgi; scgi_temp_path {dir}/nginx-scgi;
  upstream provider { server {provider}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen {listen} backlog=4096;
    location / {
      proxy_pass https://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_buffer_size 64k; proxy_buffers 8 64k;
      proxy_ssl_verify on; proxy_ssl_trusted_certificate {ca}; proxy_ssl_name 127.0.0.1; proxy_ssl_session_reuse on;
    }
  }
}
`, addr)
	if err != nil {
		return nil, err
	}
	return start("nginx", w.dir, nil, "nginx", "-p", w.dir, "-c", path, "-e", "stderr")
}

func (w *world) launchHAProxy(addr string) (*process, error) {
	path, err := w.write("haproxy.cfg", `global
  maxconn 6000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend in
  bind {listen} backlog 4096
  default_backend provider
backend provider
  server p {provider} ssl verify required ca-file {ca} alpn http/1.1 pool-max-conn 1024
`, addr)
	if err != nil {
		return nil, err
	}
	return start("haproxy", w.dir, nil, "haproxy", "-f", path, "-db")
}

func (w *world) launchCaddy(addr string) (*process, error) {
	path, err := w.write("Caddyfile", `{
	admin off
	auto_https off
}
http://{listen} {
	bind 127.0.0.1
	reverse_proxy https://{provider} {
		transport http {
			tls_trusted_ca_certs {ca}
			versions 1.1
			keepalive_idle_conns 1024
			keepalive_idle_conns_per_host 1024
		}
	}
}
`, addr)
	if err != nil {
		return nil, err
	}
	return start("caddy", w.dir, nil, "caddy", "run", "--adapter", "caddyfile", "--config", path)
}

func freeAddress(ctx context.Context) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
