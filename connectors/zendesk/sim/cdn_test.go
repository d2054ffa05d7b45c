package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// attachmentURL finds a file of a ticket by name.
func attachmentURL(t *testing.T, s *sim.Sim, ticket int64, name string) string {
	t.Helper()
	for _, p := range comments(t, s, s.Bearer(sim.ActorAgent), ticket) {
		for _, c := range p.Comments {
			for _, a := range c.Attachments {
				if a.FileName == name {
					return a.ContentURL
				}
			}
		}
	}
	t.Fatalf("ticket %d: got no file %q", ticket, name)
	return ""
}

// signed gives the CDN's URL of a file.
func signed(t *testing.T, s *sim.Sim, ticket int64, name string) string {
	t.Helper()
	a := fetch(t, s, http.MethodGet, attachmentURL(t, s, ticket, name), s.Bearer(sim.ActorAgent))
	to := a.header.Get("Location")
	if a.status != 302 || !strings.HasPrefix(to, "https://p19.zdusercontent.com/") {
		t.Fatalf("%s: got %d to %q, want a redirect to the CDN", name, a.status, to)
	}
	return to
}

func TestContentURLWantsTheCredential(t *testing.T) {
	s := start(t, sim.Options{})
	target := attachmentURL(t, s, sim.TicketKinds, "signal.csv")
	for bearer, want := range map[string]int{"": 403, "tok_dead": 401, s.Bearer(sim.ActorEndUser): 403, s.Bearer(sim.ActorAgent): 302} {
		if a := fetch(t, s, http.MethodGet, target, bearer); a.status != want {
			t.Errorf("bearer %.4q: got %d, want %d", bearer, a.status, want)
		}
	}
	public := start(t, sim.Options{PublicAttachments: true})
	if a := fetch(t, public, http.MethodGet, attachmentURL(t, public, sim.TicketKinds, "signal.csv"), ""); a.status != 302 {
		t.Errorf("public attachments: got %d, want 302", a.status)
	}
	if a := fetch(t, s, http.MethodGet, "/attachments/token/NOSUCHTOKEN/?name=a", s.Bearer(sim.ActorAgent)); a.status != 404 {
		t.Errorf("unknown token: got %d, want 404", a.status)
	}
}

func TestCDNRefusesAuthorization(t *testing.T) {
	s := start(t, sim.Options{})
	to := signed(t, s, sim.TicketKinds, "signal.csv")
	if a := fetch(t, s, http.MethodGet, to, s.Bearer(sim.ActorAgent)); a.status != 403 {
		t.Errorf("with the bearer: got %d, want 403", a.status)
	}
	if a := fetch(t, s, http.MethodGet, to, ""); a.status != 200 || !strings.HasPrefix(a.body, "ap,floor,dBm") {
		t.Errorf("without: got %d %q, want the file", a.status, a.body)
	}
	if n := len(s.Leaks()); n != 1 {
		t.Errorf("leaks: got %d, want 1: the CDN saw a credential", n)
	}
}

func TestCDNSignatureIsCheckedAndExpires(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now, SignatureLife: time.Minute})
	to := signed(t, s, sim.TicketKinds, "signal.csv")
	path, _, _ := strings.Cut(to, "?")
	other := signed(t, s, sim.TicketKinds, "router-week.log")
	_, otherToken, _ := strings.Cut(other, "?")
	for _, bad := range []string{path, path + "?token=", to + "0", path + "?" + otherToken} {
		if a := fetch(t, s, http.MethodGet, bad, ""); a.status != 403 {
			t.Errorf("%s: got %d, want 403", bad, a.status)
		}
	}
	c.add(59 * time.Second)
	if a := fetch(t, s, http.MethodGet, to, ""); a.status != 200 {
		t.Errorf("after 59 s: got %d, want 200", a.status)
	}
	c.add(time.Second)
	if a := fetch(t, s, http.MethodGet, to, ""); a.status != 403 {
		t.Errorf("after 60 s: got %d, want 403", a.status)
	}
}

func TestCDNRanges(t *testing.T) {
	s := start(t, sim.Options{})
	to := signed(t, s, sim.TicketKinds, "router-week.log")
	whole := fetch(t, s, http.MethodGet, to, "")
	tag := whole.header.Get("ETag")
	if len(whole.body) != 5<<20 || whole.header.Get("Accept-Ranges") != "bytes" || whole.header.Get("Last-Modified") == "" || !strings.HasPrefix(tag, `"`) {
		t.Fatalf("whole: got %d bytes, headers %v, want 5 MB with a strong ETag", len(whole.body), whole.header)
	}
	for _, c := range []struct {
		rng, ifRange string
		status       int
		from, to     int
		says         string
	}{
		{"bytes=0-99", "", 206, 0, 100, "bytes 0-99/5242880"},
		{"bytes=1000003-1000102", tag, 206, 1000003, 1000103, "bytes 1000003-1000102/5242880"},
		{"bytes=-10", "", 206, 5242870, 5242880, "bytes 5242870-5242879/5242880"},
		{"bytes=5242879-", "", 206, 5242879, 5242880, "bytes 5242879-5242879/5242880"},
		{"bytes=5242880-", "", 416, 0, 0, "bytes */5242880"},
		{"bytes=0-99", `"another"`, 200, 0, 5242880, ""},
	} {
		headers := []string{"Range", c.rng}
		if c.ifRange != "" {
			headers = append(headers, "If-Range", c.ifRange)
		}
		a := fetch(t, s, http.MethodGet, to, "", headers...)
		if a.status != c.status || a.header.Get("Content-Range") != c.says || a.status != 416 && a.body != whole.body[c.from:c.to] {
			t.Errorf("%s if %s: got %d %q, %d bytes, want %d %q", c.rng, c.ifRange, a.status, a.header.Get("Content-Range"), len(a.body), c.status, c.says)
		}
	}
	if a := fetch(t, s, http.MethodHead, to, ""); a.status != 200 || a.header.Get("Content-Length") != "5242880" || a.body != "" {
		t.Errorf("HEAD: got %d, length %s, want 200 and 5242880", a.status, a.header.Get("Content-Length"))
	}
}

func TestMalwareIsBlockedUnlessOverridden(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	for name, want := range map[string]int{"invoice_2026_final.pdf.exe": 403, "delivery-note.xlsm": 302, "archive.zip": 302, "readme.txt": 302} {
		if a := fetch(t, s, http.MethodGet, attachmentURL(t, s, sim.TicketMalware, name), bearer); a.status != want {
			t.Errorf("%s: got %d, want %d", name, a.status, want)
		}
	}
}

func TestForeignFileIsNotZendesks(t *testing.T) {
	s := start(t, sim.Options{})
	if got := attachmentURL(t, s, sim.TicketParcel, "proof-of-delivery.png"); !strings.HasPrefix(got, "https://files.nordpaket.example/") {
		t.Errorf("content_url: got %q, want the carrier's host", got)
	}
	local := start(t, sim.Options{LocalForeign: true})
	target := attachmentURL(t, local, sim.TicketParcel, "proof-of-delivery.png")
	if !strings.HasPrefix(target, local.MediaHosts()[0]) {
		t.Fatalf("content_url: got %q, want below %q", target, local.MediaHosts()[0])
	}
	if a := fetch(t, local, http.MethodGet, target, ""); a.status != 200 || !strings.HasPrefix(a.body, "\x89PNG") {
		t.Errorf("foreign file: got %d, want a picture", a.status)
	}
	fetch(t, local, http.MethodGet, target, "", "Cookie", "a=b")
	if n := len(local.Leaks()); n != 1 {
		t.Errorf("leaks: got %d, want 1: the foreign host saw a cookie", n)
	}
}

func TestRecordingIsServedUntilDeleted(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	path := fmt.Sprintf("/api/v2/tickets/%d/comments?page[size]=10", sim.TicketVoice)
	list := get[struct {
		Comments []struct {
			Type string
			Data *struct {
				URL *string `json:"recording_url"`
			}
		}
	}](t, s, path, bearer, 200)
	var target string
	types := map[string]bool{}
	for _, c := range list.Comments {
		types[c.Type] = true
		if c.Type == "VoiceComment" {
			target = *c.Data.URL
		}
	}
	if !types["TpeVoiceComment"] || !types["AiSummaryComment"] {
		t.Errorf("types: got %v, want the two rare ones as well", types)
	}
	a := fetch(t, s, http.MethodGet, target, bearer, "Range", "bytes=0-3")
	if a.status != 206 || a.body != "RIFF" || a.header.Get("Content-Type") != "audio/x-wav" {
		t.Errorf("recording: got %d %q of %s, want 206 RIFF", a.status, a.body, a.header.Get("Content-Type"))
	}
	if a := fetch(t, s, http.MethodGet, target, ""); a.status != 401 {
		t.Errorf("without the bearer: got %d, want 401", a.status)
	}
	if n := s.DeleteRecordings(false); n < 1 || fetch(t, s, http.MethodGet, target, bearer).status != 404 {
		t.Errorf("deleted: got %d recordings and no 404", n)
	}
	s.DeleteRecordings(true)
	if got := fetch(t, s, http.MethodGet, target, bearer).status; got != 200 {
		t.Errorf("restored: got %d, want 200", got)
	}
}
