package sim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 24, 10, 30, 15, 0, time.UTC)} }

func start(t *testing.T, o sim.Options) *sim.Sim {
	t.Helper()
	s := sim.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// answer is a response read whole, as far as it came.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// fetch makes one request, follows nothing, and maps the canonical hosts to the simulator's.
func fetch(t *testing.T, s *sim.Sim, method, target, bearer string, headers ...string) answer {
	t.Helper()
	return fetchBody(t, s, method, target, bearer, "", headers...)
}

func fetchBody(t *testing.T, s *sim.Sim, method, target, bearer, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, rebase(s, target), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	tr := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	res, err := tr.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b), err}
}

func rebase(s *sim.Sim, target string) string {
	ends := s.Endpoints()
	for prefix, base := range map[string]string{
		"https://acme.zendesk.com": ends["api"], "https://p19.zdusercontent.com": ends["media"],
	} {
		if rest, ok := strings.CutPrefix(target, prefix); ok {
			return base + rest
		}
	}
	if strings.HasPrefix(target, "/") {
		return ends["api"] + target
	}
	return target
}

// get fetches JSON from the API and decodes it; the status must be the one wanted.
func get[T any](t *testing.T, s *sim.Sim, path, bearer string, status int) T {
	t.Helper()
	var v T
	a := fetch(t, s, http.MethodGet, path, bearer)
	if a.err != nil || a.status != status {
		t.Fatalf("GET %s: got status %d, error %v, want %d; body %.300s", path, a.status, a.err, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("GET %s: %v in %.300s", path, err, a.body)
	}
	return v
}

func query(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

type commentsPage struct {
	Comments []struct {
		ID          int64
		AuthorID    *int64 `json:"author_id"`
		Public      bool
		CreatedAt   time.Time `json:"created_at"`
		Type        string
		Body        string
		HTMLBody    string `json:"html_body"`
		Attachments []struct {
			ID         int64
			FileName   string `json:"file_name"`
			ContentURL string `json:"content_url"`
			Type       string `json:"content_type"`
			Size       any
			Inline     bool
		}
	}
	Users []struct {
		ID   int64
		Name string
	}
	Meta *struct {
		HasMore bool   `json:"has_more"`
		After   string `json:"after_cursor"`
	}
	Links *struct{ Next, Prev *string }
	Next  *string `json:"next_page"`
	Count int
}

func TestServesATicketWithItsComments(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	got := get[struct {
		Ticket struct {
			ID      int64
			Subject string
		}
	}](t, s, "/api/v2/tickets/5012.json?include=users,groups", bearer, 200)
	if got.Ticket.ID != 5012 || got.Ticket.Subject == "" {
		t.Errorf("ticket: got %+v, want 5012 with a subject", got.Ticket)
	}
	page := get[commentsPage](t, s, "/api/v2/tickets/5012/comments?page[size]=100&include=users", bearer, 200)
	if len(page.Comments) < 2 || len(page.Users) < 2 {
		t.Fatalf("comments: got %d comments of %d users, want 2 or more of each", len(page.Comments), len(page.Users))
	}
}
