package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What the provider serves. Files are of one byte value after another, so that a range can be checked.
const (
	smallSize = 2 << 10
	callSize  = 8 << 20
	longSize  = 256 << 20

	smallPath = "/attachments/token/small/"
	callPath  = "/attachments/token/call/"
	longPath  = "/attachments/token/long/"

	filesTicket = "1" // has the three files
	pagedTicket = "2" // has ten pages of comments, each of which takes pageTime
	pageTime    = 150 * time.Millisecond
	lastPage    = 10
	pageLength  = 100

	commentsPath = "/api/v2/tickets/" + pagedTicket + "/comments.json"
)

// serveProvider is the synthetic provider: HTTP/1.1 over TLS, with as much of Zendesk's API as the
// gateway asks for. Its send queues are bounded, else every measure of slow readers reads the kernel's
// own limit.
func serveProvider(args []string) error {
	f := flag.NewFlagSet("provider", flag.ContinueOnError)
	listen, cert, key := f.String("listen", "", ""), f.String("cert", "", ""), f.String("key", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	lc := net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) error { return setBuffer(rc, syscall.SO_SNDBUF, 64<<10) }}
	ln, err := lc.Listen(context.Background(), "tcp", *listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/attachments/token/{name}/", serveFile)
	mux.HandleFunc("GET /api/v2/tickets/{id}", serveTicket)
	mux.HandleFunc("GET /api/v2/tickets/{id}/{list}", serveComments)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	return s.ServeTLS(ln, *cert, *key)
}

// pattern reads as an endless MP3 to who sniffs it.
type pattern struct{ at, size int64 }

func (p *pattern) Read(b []byte) (int, error) {
	if p.at >= p.size {
		return 0, io.EOF
	}
	n := min(int64(len(b)), p.size-p.at)
	off := p.at % int64(len(noise)/2)
	n = min(n, int64(len(noise))-off)
	copy(b, noise[off:off+n])
	p.at += n
	return int(n), nil
}

func (p *pattern) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		off += p.at
	case io.SeekEnd:
		off += p.size
	}
	p.at = off
	return off, nil
}

var noise = func() []byte {
	b := make([]byte, 2<<20)
	for i := range len(b) / 2 {
		b[i] = byte(i*7 + i>>8)
	}
	copy(b, "ID3\x03\x00\x00\x00\x00\x00\x00")
	copy(b[len(b)/2:], b[:len(b)/2])
	return b
}()

func sizeOf(name string) int64 {
	return map[string]int64{"small": smallSize, "call": callSize, "long": longSize}[name]
}

func serveFile(w http.ResponseWriter, r *http.Request) {
	size := sizeOf(r.PathValue("name"))
	if size == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "audio/mpeg")
	w.Header().Set("Etag", `"v1"`)
	http.ServeContent(w, r, "", time.Time{}, &pattern{size: size})
}

func serveTicket(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(r.PathValue("id"), ".json")
	answer(w, fmt.Sprintf(`{"ticket":{"id":%s,"via":{"channel":"web"},"created_at":"2026-02-11T08:14:55Z","updated_at":"2026-02-12T09:00:02Z",`+
		`"subject":"measured","status":"open","requester_id":801,"assignee_id":4100,"tags":[],"custom_fields":[]},`+
		`"users":[{"id":801,"name":"C","role":"end-user"},{"id":4100,"name":"A","role":"agent"}]}`, id))
}

func serveComments(w http.ResponseWriter, r *http.Request) {
	list := strings.TrimSuffix(r.PathValue("list"), ".json")
	if list == "audits" {
		answer(w, `{"audits":[],"meta":{"has_more":false}}`)
		return
	}
	if list != "comments" {
		http.NotFound(w, r)
		return
	}
	if r.PathValue("id") == filesTicket {
		answer(w, `{"comments":[`+comment(1, fileList())+`],"users":[],"meta":{"has_more":false}}`)
		return
	}
	page := 1
	_, _ = fmt.Sscanf(r.URL.Query().Get("page[after]"), "p%d", &page)
	time.Sleep(pageTime)
	var b strings.Builder
	b.WriteString(`{"comments":[`)
	for i := range pageLength {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(comment(page*1000+i, ""))
	}
	fmt.Fprintf(&b, `],"users":[],"meta":{"has_more":%t,"after_cursor":"p%d"}}`, page < lastPage, page+1)
	answer(w, b.String())
}

func comment(id int, files string) string {
	words := strings.Repeat("Where is my parcel? ", 50)
	return fmt.Sprintf(`{"id":%d,"type":"Comment","author_id":801,"body":%q,"html_body":"<div class=\"zd-comment\"><p>%s</p></div>",`+
		`"public":true,"attachments":[%s],"audit_id":%d,"via":{"channel":"web"},"created_at":"2026-02-11T08:14:55Z"}`, id, words, words, files, id+100000)
}

func fileList() string {
	var list []string
	for i, path := range []string{smallPath, callPath, longPath} {
		name := strings.Split(path, "/")[3]
		list = append(list, fmt.Sprintf(`{"id":%d,"file_name":"%s.mp3","content_url":"https://acme.zendesk.com%s?name=%s.mp3",`+
			`"content_type":"audio/mpeg","size":%d,"inline":false}`, 71+i, name, path, name, sizeOf(name)))
	}
	return strings.Join(list, ",")
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = io.WriteString(w, body)
}

// certificate makes a key and a certificate for 127.0.0.1 that everybody here trusts, in dir.
func certificate(dir string) (certFile, keyFile string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return "", "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(dir, "provider.pem"), filepath.Join(dir, "provider.key")
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return "", "", err
	}
	return certFile, keyFile, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}

func setBuffer(rc syscall.RawConn, option, size int) error {
	var e error
	if err := rc.Control(func(fd uintptr) { e = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, option, size) }); err != nil {
		return err
	}
	return e
}
