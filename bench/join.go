package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"
	"time"
)

// parts are what this program is when it is started as a process of the comparison.
var parts = map[string]func([]string) error{
	"as-provider": serveProvider,
	"as-join":     serveJoin,
	"as-proxy":    serveProxy,
}

// endpoints are the flags of the two peers that are made here.
func endpoints(name string, args []string) (ln net.Listener, to string, conf *tls.Config, err error) {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	listen, target, ca := f.String("listen", "", ""), f.String("to", "", ""), f.String("ca", "", "")
	if err := f.Parse(args); err != nil {
		return nil, "", nil, err
	}
	if conf, err = trusting(*ca); err != nil {
		return nil, "", nil, err
	}
	ln, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", *listen)
	return ln, *target, conf, err
}

func trusting(ca string) (*tls.Config, error) {
	b, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, errors.New(ca + ": no certificate")
	}
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}, nil
}

// serveJoin is the floor: a plain connection joined to one with TLS, without any HTTP.
func serveJoin(args []string) error {
	ln, to, conf, err := endpoints("join", args)
	if err != nil {
		return err
	}
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go join(c, to, conf)
	}
}

func join(c net.Conn, to string, conf *tls.Config) {
	defer func() { _ = c.Close() }()
	up, err := (&tls.Dialer{Config: conf}).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(up, c)
		_ = up.Close()
	}()
	_, _ = io.Copy(c, up)
}

// serveProxy is net/http/httputil's ReverseProxy as somebody who knows it sets it up: buffers from a
// pool, HTTP/1.1, 1,024 idle connections.
func serveProxy(args []string) error {
	ln, to, conf, err := endpoints("proxy", args)
	if err != nil {
		return err
	}
	target := &url.URL{Scheme: "https", Host: to}
	p := &httputil.ReverseProxy{
		Rewrite:    func(r *httputil.ProxyRequest) { r.SetURL(target) },
		BufferPool: &pool{},
		ErrorLog:   log.New(io.Discard, "", 0),
		Transport: &http.Transport{TLSClientConfig: conf, MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024, DisableCompression: true,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}},
	}
	return (&http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, ErrorLog: p.ErrorLog}).Serve(ln)
}

type pool struct{ buffers sync.Pool }

// Get implements httputil.BufferPool.
func (p *pool) Get() []byte {
	if b, ok := p.buffers.Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 32<<10)
}

// Put implements httputil.BufferPool.
func (p *pool) Put(b []byte) { p.buffers.Put(&b) }
