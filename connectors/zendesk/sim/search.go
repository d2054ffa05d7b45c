package sim

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxResults a search gives, whatever it counts (ticketing/ticket-management/search).
const maxResults = 1000

// search is GET /search: offset paging only, and at most 1000 results.
func (s *Sim) search(c *call) {
	q := c.r.URL.Query()
	if q.Has("page[size]") || q.Has("page[after]") { // recorded by csa-zendesk
		s.reply(c.w, http.StatusBadRequest, plainError{Error: s.marked("page must be an integer")})
		return
	}
	n, _ := strconv.Atoi(q.Get("page"))
	size, ok := pageSize(q.Get("per_page"))
	if !ok {
		size = maxPage
	}
	if max(n, 1)*size > maxResults {
		s.problem(c.w, http.StatusUnprocessableEntity, "InvalidValue", "Requested response size was greater than Search Response Limits")
		return
	}
	found := s.find(c.u, q.Get("query"))
	slices.SortStableFunc(found, sorters["created_at"])
	if q.Get("sort_order") != "asc" {
		slices.Reverse(found)
	}
	p, fail := offsetPage(s, q, "/api/v2/search", found)
	if fail != nil {
		s.badRequest(c.w, fail.code, fail.title)
		return
	}
	c.send(s, "search", struct {
		Results []ticket  `json:"results"`
		Facets  *struct{} `json:"facets"`
		Next    *string   `json:"next_page"`
		Prev    *string   `json:"previous_page"`
		Count   int       `json:"count"`
	}{results(p.items), nil, p.next, p.prev, p.count})
}

func (s *Sim) searchCount(c *call) {
	c.send(s, "count", map[string]any{"count": len(s.find(c.u, c.r.URL.Query().Get("query")))})
}

// searchExport pages by a cursor that dies after an hour.
func (s *Sim) searchExport(c *call) {
	q := c.r.URL.Query()
	if strings.Contains(q.Get("query"), "type:") || q.Get("filter[type]") != "ticket" {
		s.badRequest(c.w, "InvalidParameter", "filter[type] is required and type: is not allowed in query")
		return
	}
	at, ok := s.exportCursor(q.Get("page[after]"))
	if !ok {
		s.badRequest(c.w, "InvalidCursor", "The cursor is invalid or has expired")
		return
	}
	size, ok := pageSize(q.Get("page[size]"))
	if !ok {
		s.badRequest(c.w, "InvalidPaginationParameter", "page[size] must be an integer between 1 and 1000")
		return
	}
	found := s.find(c.u, q.Get("query"))
	slices.SortStableFunc(found, sorters["created_at"])
	first := min(at, len(found))
	last := min(len(found), first+size)
	next := base64.StdEncoding.EncodeToString([]byte(itoa(s.now().Unix()) + ":" + strconv.Itoa(last)))
	c.send(s, "export", struct {
		Results []ticket   `json:"results"`
		Facets  *struct{}  `json:"facets"`
		Meta    *pageMeta  `json:"meta"`
		Links   *pageLinks `json:"links"`
	}{results(found[first:last]), nil, &pageMeta{HasMore: last < len(found), AfterCursor: next}, &pageLinks{Next: pageURL(s, "/api/v2/search/export", q, "page[after]", next)}})
}

// exportCursor reads a position; an empty cursor is the start.
func (s *Sim) exportCursor(v string) (at int, ok bool) {
	if v == "" {
		return 0, true
	}
	b, err := base64.StdEncoding.DecodeString(v)
	made, pos, _ := strings.Cut(string(b), ":")
	secs, err2 := strconv.ParseInt(made, 10, 64)
	at, err3 := strconv.Atoi(pos)
	if err != nil || err2 != nil || err3 != nil || at < 0 || s.now().Sub(time.Unix(secs, 0)) > time.Hour {
		return 0, false
	}
	return at, true
}

func results(list []ticket) []ticket {
	out := slices.Clone(list)
	if out == nil {
		out = []ticket{}
	}
	for i := range out {
		out[i].ResultType = "ticket"
	}
	return out
}

// find evaluates a part of the query language: AND of terms, OR of a repeated key.
func (s *Sim) find(u *user, query string) []ticket {
	byKey := map[string][]string{}
	for _, term := range strings.Fields(query) {
		if i := strings.IndexAny(term, ":<>"); i > 0 {
			byKey[term[:i]] = append(byKey[term[:i]], term[i:])
		}
	}
	return slices.DeleteFunc(s.visible(u), func(t ticket) bool {
		for key, terms := range byKey {
			if !slices.ContainsFunc(terms, func(v string) bool { return holds(t, key, v) }) {
				return true
			}
		}
		return false
	})
}

// holds tests one term; v begins with its operator. Keys it does not know hold.
func holds(t ticket, key, v string) bool {
	value := strings.TrimLeft(v, ":<>=")
	op := strings.TrimSuffix(v, value)
	switch key {
	case "status":
		return compare(slices.Index(statuses, t.Status), slices.Index(statuses, value), op)
	case "created":
		return compareDay(t.CreatedAt, value, op)
	case "updated", "solved":
		return compareDay(t.UpdatedAt, value, op)
	case "assignee":
		return value == "none" && t.AssigneeID == nil || itoa(deref(t.AssigneeID)) == value
	case "group":
		return itoa(deref(t.GroupID)) == value
	case "brand_id":
		return itoa(t.BrandID) == value
	case "tags":
		return slices.Contains(t.Tags, value)
	case "-tags":
		return !slices.Contains(t.Tags, value)
	case "priority":
		return t.Priority != nil && *t.Priority == value
	case "via":
		return t.Via.Channel == value || value == "mail" && t.Via.Channel == "email"
	default:
		return true
	}
}

var statuses = []string{"new", "open", "pending", "hold", "solved", "closed"}

func compareDay(at time.Time, value, op string) bool {
	day, err := time.Parse(time.RFC3339, value)
	if err != nil {
		if day, err = time.Parse(time.DateOnly, value); err != nil {
			return false
		}
		at = at.Truncate(24 * time.Hour)
	}
	return compare(int(at.Unix()), int(day.Unix()), op)
}

func compare(a, b int, op string) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	default:
		return a == b
	}
}
