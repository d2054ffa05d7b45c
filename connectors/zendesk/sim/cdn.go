package sim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// serveCDN stands for *.zdusercontent.com: it trusts its own signature only, and answers 403 when a
// credential comes along (found in reminia/zendesk-mcp-server).
func (s *Sim) serveCDN(w http.ResponseWriter, r *http.Request) {
	id, ok := s.signedFor(r)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case r.Header.Get("Authorization") != "", !ok:
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
		return
	}
	a, _ := s.data.attachment(func(a *attachment) bool { return a.ID == id })
	if a == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.FileName}))
	s.serveFile(w, r, a.file, itoa(a.ID), a.ContentType)
}

// serveFile gives a file whole or in part, with a strong validator.
func (s *Sim) serveFile(w http.ResponseWriter, r *http.Request, f file, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, max-age=300")
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

// signedFor checks the signature in the query and gives the file's id.
func (s *Sim) signedFor(r *http.Request) (int64, bool) {
	ends, mac, _ := strings.Cut(r.URL.Query().Get("token"), ".")
	until, err := strconv.ParseInt(ends, 10, 64)
	if err != nil || s.now().Unix() >= until || !hmac.Equal([]byte(mac), []byte(s.sign(r.URL.Path, ends))) {
		return 0, false
	}
	id, err := strconv.ParseInt(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], 10, 64)
	return id, err == nil
}

func (s *Sim) sign(path, ends string) string {
	m := hmac.New(sha256.New, s.key)
	_, _ = io.WriteString(m, path+"\n"+ends)
	return hex.EncodeToString(m.Sum(nil))
}

// foreignURL names a file on the host that is not Zendesk's.
func (s *Sim) foreignURL(path string) string {
	if s.o.LocalForeign {
		return s.hosts[HostForeign].url() + path
	}
	return "https://" + foreignName + path
}

// serveForeign is the carrier's file server: no signature, no credential wanted.
func (s *Sim) serveForeign(w http.ResponseWriter, r *http.Request) {
	f, ok := s.data.foreign[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.serveFile(w, r, f, r.URL.Path, f.kind)
}
