package sim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
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
	if s.o.RepeatRows && n > 1 && (n-1)*size <= len(found) { // the row before comes again: somebody wrote a ticket meanwhile
		found = slices.Insert(found, (n-1)*size, found[(n-1)*size-1])
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

// find evaluates a part of the query language: and of terms; or of a key with ":" that is repeated.
// Terms that compare (created>=…) all hold. Words without a key stand in subject or description.
func (s *Sim) find(u *user, query string) []ticket {
	equal := map[string][]string{}
	var compared, words []term
	for _, t := range terms(query) {
		switch {
		case t.key == "":
			words = append(words, t)
		case strings.HasPrefix(t.op, ":"):
			equal[t.key] = append(equal[t.key], t.value)
		default:
			compared = append(compared, t)
		}
	}
	return slices.DeleteFunc(s.visible(u), func(t ticket) bool {
		for key, values := range equal {
			if !slices.ContainsFunc(values, func(v string) bool { return s.holds(t, term{key, ":", v}) }) {
				return true
			}
		}
		return slices.ContainsFunc(compared, func(c term) bool { return !s.holds(t, c) }) ||
			slices.ContainsFunc(words, func(w term) bool { return !says(t, w.value) })
	})
}

// term is key, operator and value; a word or phrase alone has no key.
type term struct{ key, op, value string }

var termRE = regexp.MustCompile(`(?:(-?[a-z_0-9]+)([:<>]=?))?(?:"([^"]*)"|(\S+))`)

func terms(query string) []term {
	var out []term
	for _, m := range termRE.FindAllStringSubmatch(query, -1) {
		out = append(out, term{m[1], m[2], m[3] + m[4]})
	}
	return out
}

func says(t ticket, word string) bool {
	return strings.Contains(strings.ToLower(t.Subject+" "+t.Description), strings.ToLower(word))
}

// holds tests one term. Keys it does not know hold.
func (s *Sim) holds(t ticket, m term) bool {
	switch m.key {
	case "status":
		return compare(slices.Index(statuses, t.Status), slices.Index(statuses, m.value), m.op)
	case "created":
		return compareDay(t.CreatedAt, m.value, m.op)
	case "updated", "solved":
		return compareDay(t.UpdatedAt, m.value, m.op)
	case "assignee":
		return m.value == "none" && t.AssigneeID == nil || itoa(deref(t.AssigneeID)) == m.value
	case "requester":
		return s.isPerson(t.RequesterID, m.value)
	case "group":
		return itoa(deref(t.GroupID)) == m.value
	case "brand_id":
		return itoa(t.BrandID) == m.value
	case "tags":
		return slices.Contains(t.Tags, m.value)
	case "-tags":
		return !slices.Contains(t.Tags, m.value)
	case "priority":
		return t.Priority != nil && *t.Priority == m.value
	case "via":
		return t.Via.Channel == m.value || m.value == "mail" && t.Via.Channel == "email" || m.value == "phone" && t.Via.Channel == "voice"
	case "satisfaction":
		return rated(t.SatisfactionRating) == m.value
	}
	if id, ok := strings.CutPrefix(m.key, "custom_field_"); ok {
		return slices.ContainsFunc(t.CustomFields, func(f fieldValue) bool { return itoa(f.ID) == id && f.Value != nil && fmt.Sprint(f.Value) == m.value })
	}
	return true
}

func (s *Sim) isPerson(id int64, who string) bool {
	u := s.data.users[id]
	return u != nil && (strings.Contains(strings.ToLower(u.Name), strings.ToLower(who)) || u.Email != nil && strings.EqualFold(*u.Email, who))
}

// rated is a rating in the words of the search: with a comment it is another word.
func rated(r *rating) string {
	switch {
	case r == nil:
		return ""
	case r.Comment != "" && (r.Score == "good" || r.Score == "bad"):
		return r.Score + "withcomment"
	default:
		return r.Score
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
