package sim_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// comments reads a whole thread by cursor.
func comments(t *testing.T, s *sim.Sim, bearer string, id int64) []commentsPage {
	t.Helper()
	var pages []commentsPage
	after := ""
	for {
		q := query("page[size]", "100", "include", "users", "include_inline_images", "true")
		if after != "" {
			q.Set("page[after]", after)
		}
		p := get[commentsPage](t, s, fmt.Sprintf("/api/v2/tickets/%d/comments.json?%s", id, q.Encode()), bearer, 200)
		pages = append(pages, p)
		if !p.Meta.HasMore {
			return pages
		}
		after = p.Meta.After
	}
}

func TestSamplesOpenAndAreWorthReading(t *testing.T) {
	s := start(t, sim.Options{PerMinute: -1})
	bearer := s.Bearer(sim.ActorAgent)
	if n := len(s.Samples()); n < 16 || n > 18 {
		t.Errorf("samples: got %d, want 16 to 18", n)
	}
	if first := s.Samples()[0].Ref; first != sim.TicketRef(sim.TicketParcel) {
		t.Errorf("first sample: got %v, want the parcel", first)
	}
	for _, p := range s.Samples() {
		if p.Title == "" || len(p.Title) > 60 || p.Why == "" || strings.Contains(p.Why, "\n") || p.URL != "https://acme.zendesk.com/agent/tickets/"+p.Ref.ID {
			t.Errorf("sample: got %+v, want a short title, one line of why and a URL", p)
		}
		var id int64
		_, _ = fmt.Sscan(p.Ref.ID, &id)
		n := 0
		for _, page := range comments(t, s, bearer, id) {
			n += len(page.Comments)
		}
		if n < 3 {
			t.Errorf("sample %s: got %d messages, want a conversation", p.Title, n)
		}
	}
}

func TestTheIncidentHas1200DifferentMessages(t *testing.T) {
	s := start(t, sim.Options{PerMinute: -1})
	bearer := s.Bearer(sim.ActorAgent)
	seen := map[string]int64{}
	var last time.Time
	for _, p := range comments(t, s, bearer, sim.TicketIncident) {
		for _, c := range p.Comments {
			if other, ok := seen[c.Body]; ok {
				t.Fatalf("comments %d and %d: got the same text %q, want all different", other, c.ID, c.Body)
			}
			if seen[c.Body] = c.ID; c.CreatedAt.Before(last) {
				t.Fatalf("comment %d: got %v after %v, want ascending", c.ID, c.CreatedAt, last)
			}
			last = c.CreatedAt
			if strings.Contains(c.Body, "{") {
				t.Errorf("comment %d: got an open placeholder in %q", c.ID, c.Body)
			}
		}
	}
	if len(seen) != 1200 {
		t.Errorf("comments: got %d, want 1200", len(seen))
	}
	page := get[commentsPage](t, s, fmt.Sprintf("/api/v2/tickets/%d/comments?page=1&per_page=39", sim.TicketIncident), bearer, 200)
	if got := page.Comments[38].Body; !strings.HasPrefix(got, "Found something") {
		t.Errorf("message 39: got %q, want the workaround that later messages refer to", got)
	}
}

func TestEveryTicketIsConsistent(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{PerMinute: -1, Clock: c.now, Canary: "kanari"})
	bearer := s.Bearer(sim.ActorAdmin)
	for _, id := range s.Tickets() {
		n, files := 0, 0
		seen := map[int64]bool{}
		for _, p := range comments(t, s, bearer, id) {
			for _, one := range p.Comments {
				if seen[one.ID] || one.CreatedAt.After(c.now()) {
					t.Errorf("ticket %d comment %d: got it twice or in the future (%v)", id, one.ID, one.CreatedAt)
				}
				seen[one.ID] = true
				n++
				files += len(one.Attachments)
			}
		}
		type audits struct {
			Audits []struct {
				ID     int64
				Events []struct {
					ID   int64
					Type string
				}
			}
			Meta *struct {
				HasMore bool   `json:"has_more"`
				After   string `json:"after_cursor"`
			}
		}
		if n == 0 {
			t.Errorf("ticket %d: got no comments", id)
		}
		ids := map[int64]bool{}
		told := 0
		after := ""
		for {
			a := get[audits](t, s, fmt.Sprintf("/api/v2/tickets/%d/audits?page[size]=100%s", id, after), bearer, 200)
			for _, one := range a.Audits {
				for _, e := range one.Events {
					if ids[e.ID] {
						t.Errorf("ticket %d event %d: got it twice", id, e.ID)
					}
					if ids[e.ID] = true; seen[e.ID] {
						told++
					}
				}
			}
			if a.Meta == nil || !a.Meta.HasMore {
				break
			}
			after = "&page[after]=" + a.Meta.After
		}
		if told != n {
			t.Errorf("ticket %d: got %d of %d comments in its audits, want all", id, told, n)
		}
		if want := map[int64]int{sim.TicketFiles: 40, sim.TicketMalware: 4}[id]; want != 0 && files != want {
			t.Errorf("ticket %d: got %d attachments, want %d", id, files, want)
		}
		if id == sim.TicketHuge && n != 5000 {
			t.Errorf("ticket %d: got %d comments, want 5000", id, n)
		}
	}
}

func TestEveryAttachmentIsServed(t *testing.T) {
	s := start(t, sim.Options{PerMinute: -1})
	bearer := s.Bearer(sim.ActorAgent)
	sums := map[[32]byte]string{}
	for _, id := range []int64{sim.TicketParcel, sim.TicketFiles, sim.TicketKinds, sim.TicketNewsletter, sim.TicketBigID} {
		for _, p := range comments(t, s, bearer, id) {
			for _, c := range p.Comments {
				for _, f := range c.Attachments {
					if !strings.HasPrefix(f.ContentURL, "https://acme.zendesk.com/") {
						continue // hosted elsewhere, see TestForeignFile…
					}
					a := fetch(t, s, http.MethodGet, f.ContentURL, bearer)
					if a.status != 302 {
						t.Fatalf("%s: got status %d, want a redirect", f.FileName, a.status)
					}
					b := fetch(t, s, http.MethodGet, a.header.Get("Location"), "")
					if b.status != 200 || float64(len(b.body)) != f.Size || b.header.Get("Content-Type") != f.Type {
						t.Errorf("%s: got status %d, %d bytes of %s, want 200, %v bytes of %s", f.FileName, b.status, len(b.body), b.header.Get("Content-Type"), f.Size, f.Type)
					}
					sum := sha256.Sum256([]byte(b.body))
					if id == sim.TicketFiles && sums[sum] != "" {
						t.Errorf("%s and %s: got the same bytes, want different files", f.FileName, sums[sum])
					}
					sums[sum] = f.FileName
				}
			}
		}
	}
}

func TestSameStartSameData(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var bodies [2]string
	for i := range bodies {
		s := start(t, sim.Options{Start: at})
		bodies[i] = fetch(t, s, http.MethodGet, fmt.Sprintf("/api/v2/tickets/%d/comments?page[size]=100", sim.TicketIncident), s.Bearer(sim.ActorAdmin)).body
	}
	if bodies[0] != bodies[1] {
		t.Error("comments of two simulators with one start: got different bytes, want the same")
	}
}

func TestCanaryIsInEveryKindOfField(t *testing.T) {
	const canary = "kanari7f3a"
	s := start(t, sim.Options{Canary: canary, PerMinute: -1})
	bearer := s.Bearer(sim.ActorAdmin)
	path := fmt.Sprintf("/api/v2/tickets/%d", sim.CanaryTicket)
	ticket := fetch(t, s, http.MethodGet, path+"?include=users,groups,organizations,brands", bearer)
	for _, want := range []string{"Subject ", "value ", "tag_", "Group ", "Organization ", "Brand ", "Rating ", "Agent ", "to-"} {
		if !strings.Contains(ticket.body, want+canary) {
			t.Errorf("ticket: got no %q, want the canary there", want+canary)
		}
	}
	page := fetch(t, s, http.MethodGet, path+"/comments?page[size]=100&include_inline_images=true", bearer)
	for _, want := range []string{"Body ", "Note ", "file-", "picture-", "Client ", "Place ", "Flag ", "From ", "Said "} {
		if !strings.Contains(page.body, want+canary) {
			t.Errorf("comments: got no %q, want the canary there", want+canary)
		}
	}
	gone := fetch(t, s, http.MethodGet, "/api/v2/tickets/1", bearer)
	if !strings.Contains(gone.body, canary) || gone.header.Get("X-Zendesk-Note") != canary {
		t.Errorf("404: got body %q, header %q, want the canary in both", gone.body, gone.header.Get("X-Zendesk-Note"))
	}
}
