package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// handle opens a ticket on a replica and gives the handle of one of its files.
func (f *fleet) handle(t *testing.T, who person, r *replica) string {
	t.Helper()
	resp, err := f.ask(t.Context(), who, "GET", r.addr, "/api/v1/links/zd/interactions/ticket/5012", "")
	if err != nil {
		t.Fatal(err)
	}
	parts := partsOf(t, resp)
	if last := parts[len(parts)-1]; last.Type != "end" {
		t.Fatalf("ticket on %s: last part %+v, want end", r.addr, last)
	}
	for _, p := range parts {
		for _, a := range p.Attachments {
			if a.State == "ok" {
				return a.Handle
			}
		}
	}
	t.Fatalf("ticket on %s: no file", r.addr)
	return ""
}

// media reads the file of a handle from a replica.
func (f *fleet) media(t *testing.T, who person, r *replica, handle string) {
	t.Helper()
	resp, err := f.ask(t.Context(), who, "GET", r.addr, "/api/v1/media/"+handle, "")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || n == 0 {
		t.Errorf("a handle on %s: %s, %d bytes, %v; want 200 and the file", r.addr, resp.Status, n, err)
	}
}

// keysRotated changes the sealing key under both replicas. Handles of before are good on both, also when
// the old key has left the file; so are those of after.
func keysRotated(t *testing.T, f *fleet, who person) {
	before := f.handle(t, who, f.replicas[0])
	keysFile := filepath.Join(f.dir, "keys.txt")
	const next = "u" // the old one is t
	if out, err := sightglass(t, "keys", "new", "--standby", "--id", next, "--out", keysFile); err != nil {
		t.Fatalf("standby: %v\n%s", err, out)
	}
	f.knowKeys(t, "t", next)
	out, err := sightglass(t, "keys", "rotate", "--to", next, "--settle", "0s", "--config", filepath.Join(f.dir, "sightglass.yaml"))
	if err != nil || !strings.Contains(out, "2 secrets were sealed anew") {
		t.Fatalf("rotate: %v\n%s", err, out)
	}
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	f.knowKeys(t, next, "t")
	sealedBy := func(handle string) string {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(handle, "h1."))
		if err != nil {
			t.Fatal(err)
		}
		return records.KeyOf(b)
	}
	for i, r := range f.replicas {
		h := f.handle(t, who, r)
		if got := sealedBy(h); got != next {
			t.Errorf("replica %d seals with %q, want %q", i, got, next)
		}
		f.media(t, who, f.replicas[1-i], h)
		f.media(t, who, r, before)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if err := writeKeys(keysFile, line+"\n"); err != nil {
		t.Fatal(err)
	}
	f.knowKeys(t, next)
	for _, r := range f.replicas {
		f.media(t, who, r, before)
	}
}

// knowKeys waits until every replica has read these keys.
func (f *fleet) knowKeys(t *testing.T, ids ...string) {
	t.Helper()
	want := `"ids":["` + strings.Join(ids, `","`) + `"]`
	for _, r := range f.replicas {
		for deadline := time.Now().Add(30 * time.Second); !strings.Contains(r.log.String(), want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("replica %s has not read the keys %v: %s", r.addr, ids, r.log.String())
			}
		}
	}
}
