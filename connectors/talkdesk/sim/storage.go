package sim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// stored is a file as storage has it.
type stored struct {
	name, kind string
	body       io.ReadSeeker
}

func (rec *recording) file(redacted bool) stored {
	b := rec.sound.MP3()
	if redacted && rec.sound.Name == calls.Cancel { // the only one with something to hide
		b = rec.sound.Redacted()
	}
	return stored{name: rec.id, body: bytes.NewReader(b)}
}

// signedURL names a file of storage for a while, with the query of a pre-signed URL of S3.
func (s *Sim) signedURL(path string, life time.Duration) string {
	ends := strconv.FormatInt(s.now().Add(life).UnixMilli(), 10)
	q := url.Values{"X-Amz-Expires": {strconv.Itoa(int(life / time.Second))}, "ends": {ends}, "X-Amz-Signature": {s.sign(path, ends)}}
	return "https://" + storageName + path + "?" + q.Encode()
}

func (s *Sim) sign(path, ends string) string {
	s.mu.Lock()
	round := s.signing
	s.mu.Unlock()
	m := hmac.New(sha256.New, s.key)
	_, _ = fmt.Fprintf(m, "%s\n%s\n%d", path, ends, round)
	return hex.EncodeToString(m.Sum(nil))
}

// ExpireSignatures makes all URLs of storage that were given out so far worthless. What is being sent
// already goes on (CutOpen breaks that).
func (s *Sim) ExpireSignatures() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signing++
}

// serveStorage stands for S3: its own signature and nothing else. A credential in a header makes two of
// them, which it refuses with 400; an expired signature is 403; both in XML.
func (s *Sim) serveStorage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ends, err := strconv.ParseInt(q.Get("ends"), 10, 64)
	good := hmac.Equal([]byte(q.Get("X-Amz-Signature")), []byte(s.sign(r.URL.Path, q.Get("ends"))))
	late := s.now().UnixMilli() >= ends
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.Header.Get("Authorization") != "":
		s.xml(w, http.StatusBadRequest, "InvalidArgument", "Only one auth mechanism allowed")
	case err != nil || !good || late:
		if good && late {
			s.mu.Lock()
			s.late++
			s.mu.Unlock()
		}
		s.xml(w, http.StatusForbidden, "AccessDenied", "Request has expired")
	default:
		s.serveStored(w, r)
	}
}

func (s *Sim) xml(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, s.marked(message))
}

func (s *Sim) serveStored(w http.ResponseWriter, r *http.Request) {
	folder, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch folder {
	case "recordings":
		id, redacted := strings.CutSuffix(strings.TrimSuffix(name, ".mp3"), "-redacted")
		if rec := s.data.recs[id]; rec != nil && !s.set().Deleted {
			s.serveBytes(w, r, rec.file(redacted))
			return
		}
	case "reports":
		if b, kind := s.reportFile(name); b != nil {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(b)
			return
		}
	case "attachments":
		if a := s.data.files[name]; a != nil {
			s.serveBytes(w, r, stored{name: a.id, kind: a.kind, body: bytes.NewReader(a.content)})
			return
		}
	}
	s.xml(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
}

// serveBytes gives a file whole or in part, with a strong validator.
func (s *Sim) serveBytes(w http.ResponseWriter, r *http.Request, f stored) {
	if f.kind == "" {
		f.kind = s.set().MediaType
	}
	if s.set().Replaced {
		f.name, f.body = f.name+" again", inverted{f.body}
	}
	sum := sha256.Sum256([]byte(f.name))
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, "", s.o.Start.Add(-time.Hour), f.body)
}

// inverted is a file in another version: the same length, other bytes.
type inverted struct{ io.ReadSeeker }

func (f inverted) Read(b []byte) (int, error) {
	n, err := f.ReadSeeker.Read(b)
	for i := range b[:n] {
		b[i] ^= 0xff
	}
	return n, err
}

// foreignURL names a file in the customer's own store.
func (s *Sim) foreignURL(path string) string {
	if s.o.LocalForeign {
		return s.stage.URL(HostForeign) + path
	}
	return "https://" + foreignName + path
}

// serveForeign is that store.
func (s *Sim) serveForeign(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/calls/"), ".mp3")
	rec := s.data.recs[id]
	if rec == nil || !rec.mine {
		http.NotFound(w, r)
		return
	}
	s.serveBytes(w, r, rec.file(false))
}
