package sim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serveCDN stands for *.zdusercontent.com: it trusts its own signature only, and answers 403 when a
// credential comes along (found in reminia/zendesk-mcp-server).
func (s *Sim) serveCDN(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case r.Header.Get("Authorization") != "", !s.signedFor(r):
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
		return
	}
	if rec := s.data.onCDN(r.URL.Path); rec != nil {
		if s.erased(rec) != 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		s.serveFile(w, r, rec.file, rec.path, rec.kind)
		return
	}
	id, err := strconv.ParseInt(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], 10, 64)
	a, _ := s.data.attachment(func(a *attachment) bool { return a.ID == id })
	if err != nil || a == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.FileName}))
	s.serveFile(w, r, a.file, itoa(a.ID), a.ContentType)
}

// serveFile gives a file whole or in part, with a strong validator; some files only whole.
func (s *Sim) serveFile(w http.ResponseWriter, r *http.Request, f file, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, max-age=300")
	if f.whole != "" {
		serveWhole(w, r, f)
		return
	}
	body := f.open()
	sum := sha256.Sum256([]byte(name))
	tag := hex.EncodeToString(sum[:8])
	if out := w.(*response); out.is(FaultNewVersion) {
		tag, body = strings.ToLower(rand.Text()), flipped{body}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", s.o.Start.AddDate(0, 0, -30), body)
}

// flipped is a file in another version: the same length, other bytes.
type flipped struct{ io.ReadSeeker }

func (f flipped) Read(b []byte) (int, error) {
	n, err := f.ReadSeeker.Read(b)
	for i := range b[:n] {
		b[i] ^= 0x20
	}
	return n, err
}

// serveWhole is a server that has never heard of ranges: 200 to everything.
func serveWhole(w http.ResponseWriter, r *http.Request, f file) {
	if f.whole == withLength {
		w.Header().Set("Content-Length", strconv.FormatInt(f.size, 10))
	} else {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush() // a length that net/http cannot know any more
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, f.open()) // an error: the client has gone
	}
}

// signedFor checks the signature in the query.
func (s *Sim) signedFor(r *http.Request) bool {
	ends, mac, _ := strings.Cut(r.URL.Query().Get("token"), ".")
	until, err := strconv.ParseInt(ends, 10, 64)
	return err == nil && s.now().Unix() < until && hmac.Equal([]byte(mac), []byte(s.sign(r.URL.Path, ends)))
}

func (s *Sim) sign(path, ends string) string {
	m := hmac.New(sha256.New, s.key)
	_, _ = fmt.Fprintf(m, "%s\n%s\n%d", path, ends, s.signing.Load())
	return hex.EncodeToString(m.Sum(nil))
}

// signedURL names a file on the CDN for a while.
func (s *Sim) signedURL(path string, life time.Duration) string {
	ends := strconv.FormatInt(s.now().Add(life).Unix(), 10)
	return "https://" + cdnName + path + "?token=" + ends + "." + s.sign(path, ends)
}

// ExpireSignatures makes all URLs of the CDN that were given out so far worthless: 403 from now on.
// What is being sent already goes on (CutOpen breaks that).
func (s *Sim) ExpireSignatures() { s.signing.Add(1) }

// foreignURL names a file on a host that is not Zendesk's.
func (s *Sim) foreignURL(path string) string {
	if s.o.LocalForeign {
		return s.hosts[HostForeign].url() + path
	}
	if strings.HasPrefix(path, vendorPath) {
		return "https://" + vendorName + path
	}
	return "https://" + foreignName + path
}

// serveForeign is the carrier's file server, and the telephony vendor's: no signature, no credential
// wanted.
func (s *Sim) serveForeign(w http.ResponseWriter, r *http.Request) {
	f, ok := s.data.foreign[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.serveFile(w, r, f, r.URL.Path, f.kind)
}
