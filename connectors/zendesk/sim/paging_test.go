package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

func TestCursorPagingEndsByHasMoreOnly(t *testing.T) {
	s := start(t, sim.Options{})
	pages := comments(t, s, s.Bearer(sim.ActorAgent), sim.TicketIncident)
	if len(pages) != 12 {
		t.Errorf("pages: got %d, want 12", len(pages))
	}
	last := pages[len(pages)-1]
	if last.Meta.HasMore || last.Links.Next == nil || *last.Links.Next == "" {
		t.Errorf("last page: got has_more %v, next %v, want false and a link all the same", last.Meta.HasMore, last.Links.Next)
	}
	beyond := get[commentsPage](t, s, strings.TrimPrefix(*last.Links.Next, "https://acme.zendesk.com"), s.Bearer(sim.ActorAgent), 200)
	if len(beyond.Comments) != 0 || beyond.Meta.HasMore {
		t.Errorf("page behind the last: got %d comments, want none", len(beyond.Comments))
	}
}

func TestOffsetPaging(t *testing.T) {
	s := start(t, sim.Options{})
	path := fmt.Sprintf("/api/v2/tickets/%d/comments", sim.TicketIncident)
	bearer := s.Bearer(sim.ActorAgent)
	first := get[commentsPage](t, s, path, bearer, 200)
	if first.Count != 1200 || len(first.Comments) != 100 || first.Next == nil || first.Meta != nil {
		t.Errorf("first page: got %d of %d, next %v, want 100 of 1200 with a next page", len(first.Comments), first.Count, first.Next)
	}
	last := get[commentsPage](t, s, path+"?page=12&sort_order=desc", bearer, 200)
	if last.Next != nil || last.Comments[99].ID != first.Comments[0].ID {
		t.Errorf("last page, descending: got next %v and comment %d last, want none and %d", last.Next, last.Comments[99].ID, first.Comments[0].ID)
	}
}

func TestPagingMistakes(t *testing.T) {
	s := start(t, sim.Options{})
	bearer := s.Bearer(sim.ActorAgent)
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/api/v2/tickets/5012/comments?page[size]=0", 400, "InvalidPaginationParameter"},
		{"/api/v2/tickets/5012/comments?page[size]=ten", 400, "InvalidPaginationParameter"},
		{"/api/v2/tickets/5012/comments?page[after]=bm90aGluZw==", 400, "InvalidCursor"},
		{"/api/v2/tickets/5012/comments?page[after]=%25", 400, "InvalidCursor"},
		{"/api/v2/tickets/5012/comments?page=101", 400, "InvalidPaginationDepth"},
		{"/api/v2/tickets?page[size]=10&sort=subject", 400, "InvalidPaginationParameter"},
		{"/api/v2/search?query=type:ticket&page=11&per_page=100", 422, "Search Response Limits"},
		{"/api/v2/search?query=type:ticket&page[size]=10", 400, "page must be an integer"},
		{"/api/v2/search/export?query=type:ticket&filter[type]=ticket", 400, "not allowed"},
	} {
		if a := fetch(t, s, http.MethodGet, c.path, bearer); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("GET %s: got %d %.200q, want %d with %q", c.path, a.status, a.body, c.status, c.says)
		}
	}
}

func TestArchivedAuditsComeAllAtOnce(t *testing.T) {
	s := start(t, sim.Options{})
	a := fetch(t, s, http.MethodGet, fmt.Sprintf("/api/v2/tickets/%d/audits?page[size]=2", sim.TicketArchived), s.Bearer(sim.ActorAgent))
	if a.status != 200 || strings.Contains(a.body, `"meta"`) || !strings.Contains(a.body, `"next_page":null`) {
		t.Errorf("audits of an archived ticket: got %d, %.200q, want no cursor", a.status, a.body)
	}
	if list := fetch(t, s, http.MethodGet, "/api/v2/tickets?page[size]=100&sort=-updated_at", s.Bearer(sim.ActorAgent)); strings.Contains(list.body, `"id":2210,`) {
		t.Error("tickets: got the archived one, want it left out")
	}
}

type searchPage struct {
	Results []struct {
		ID         int64
		Status     string
		ResultType string `json:"result_type"`
	}
	Count int
	Next  *string `json:"next_page"`
	Meta  *struct {
		HasMore bool   `json:"has_more"`
		After   string `json:"after_cursor"`
	}
}

func TestSearchKnowsAPartOfTheLanguage(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now})
	bearer := s.Bearer(sim.ActorAgent)
	all := get[searchPage](t, s, "/api/v2/search?query=type:ticket", bearer, 200).Count
	for query, want := range map[string]func(n int) bool{
		"type:ticket+status:open":            func(n int) bool { return n > 0 && n < all },
		"status%3Csolved+group:36":           func(n int) bool { return n > 0 && n < all },
		"tags:phishing":                      func(n int) bool { return n == 1 },
		"-tags:phishing":                     func(n int) bool { return n == all-1 },
		"created%3E2026-11-23":               func(n int) bool { return n == 1 }, // the call of a moment ago
		"created%3E%3D2026-11-23":            func(n int) bool { return n > 0 && n < all },
		"assignee:none":                      func(n int) bool { return n >= 0 && n < all },
		"status:open+status:pending+via:web": func(n int) bool { return n < all },
		"brand_id:12":                        func(n int) bool { return n == 1 },
	} {
		got := get[struct{ Count int }](t, s, "/api/v2/search/count?query="+query, bearer, 200).Count
		if !want(got) {
			t.Errorf("count of %s: got %d of %d", query, got, all)
		}
	}
	page := get[searchPage](t, s, "/api/v2/search?query=type:ticket&per_page=5&page=2", bearer, 200)
	if len(page.Results) != 5 || page.Next == nil || page.Results[0].ResultType != "ticket" {
		t.Errorf("page 2: got %+v, want 5 tickets and a next page", page)
	}
}

func TestExportCursorDiesAfterAnHour(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now, TokenLife: 24 * time.Hour})
	bearer := s.Bearer(sim.ActorAgent)
	path := "/api/v2/search/export?query=status:solved&filter[type]=ticket&page[size]=5"
	first := get[searchPage](t, s, path, bearer, 200)
	if !first.Meta.HasMore || len(first.Results) != 5 {
		t.Fatalf("first page: got %+v, want 5 and more", first)
	}
	second := get[searchPage](t, s, path+"&page[after]="+first.Meta.After, bearer, 200)
	if second.Results[0].ID == first.Results[0].ID {
		t.Error("second page: got the first again")
	}
	c.add(61 * time.Minute)
	if a := fetch(t, s, http.MethodGet, path+"&page[after]="+first.Meta.After, bearer); a.status != 400 {
		t.Errorf("cursor after 61 min: got %d, want 400", a.status)
	}
}
