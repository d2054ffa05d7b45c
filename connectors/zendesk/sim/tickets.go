package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// ticketAnswer is one ticket with its sideloads.
type ticketAnswer struct {
	Ticket        ticket         `json:"ticket"`
	Users         []user         `json:"users,omitzero"`
	Groups        []group        `json:"groups,omitzero"`
	Organizations []organization `json:"organizations,omitzero"`
	Brands        []brand        `json:"brands,omitzero"`
	MetricSets    []metricSet    `json:"metric_sets,omitzero"`
}

type metricSet struct {
	ID            int64 `json:"id"`
	TicketID      int64 `json:"ticket_id"`
	Replies       int   `json:"replies"`
	Reopens       int   `json:"reopens"`
	GroupStations int   `json:"group_stations"`
}

// ticket gives the ticket of {id} if the caller may see it; else it answers.
func (s *Sim) ticket(c *call) *ticket {
	t := s.data.tickets[c.pathID("id")]
	switch {
	case t == nil: // never existed, deleted, or not visible: the answer is the same
		s.notFound(c.w)
		return nil
	case !s.mayRead(c.u, t):
		if s.o.RestrictedStatus == http.StatusForbidden {
			s.forbidden(c.w)
		} else {
			s.notFound(c.w)
		}
		return nil
	default:
		return t
	}
}

// mayRead keeps a restricted agent to the tickets of their group.
func (s *Sim) mayRead(u *user, t *ticket) bool {
	return !u.RestrictedAgent || t.GroupID != nil && u.DefaultGroupID != nil && *t.GroupID == *u.DefaultGroupID
}

func (s *Sim) showTicket(c *call) {
	t := s.ticket(c)
	if t == nil {
		return
	}
	out := ticketAnswer{Ticket: *t}
	if c.includes("comment_count") {
		out.Ticket.CommentCount = len(t.thread.list())
	}
	s.sideload(c, &out, t)
	c.send(s, "ticket", out)
}

func (s *Sim) sideload(c *call, out *ticketAnswer, t *ticket) {
	if c.includes("users") {
		out.Users = s.usersOf([]int64{t.RequesterID, t.SubmitterID, deref(t.AssigneeID)})
	}
	if c.includes("groups") {
		out.Groups = pick(s.data.groups, []int64{deref(t.GroupID)}, func(g group) int64 { return g.ID })
	}
	if c.includes("organizations") {
		out.Organizations = pick(s.data.organizations, []int64{deref(t.OrganizationID)}, func(o organization) int64 { return o.ID })
	}
	if c.includes("brands") {
		out.Brands = pick(s.data.brands, []int64{t.BrandID}, func(b brand) int64 { return b.ID })
	}
	if c.includes("metric_sets") {
		out.MetricSets = []metricSet{{ID: t.ID + 7, TicketID: t.ID, Replies: len(t.thread.list()) / 2, GroupStations: 1}}
	}
}

func (s *Sim) showTickets(c *call) {
	out := struct {
		Tickets []ticket `json:"tickets"`
		Count   int      `json:"count"`
	}{Tickets: []ticket{}}
	for _, id := range c.ids() {
		if t := s.data.tickets[id]; t != nil && s.mayRead(c.u, t) {
			out.Tickets = append(out.Tickets, *t)
		}
	}
	out.Count = len(out.Tickets)
	c.send(s, "tickets", out)
}

// listTickets omits archived tickets. With a cursor it sorts by a few keys only, and ignores the
// sort_by of the offset style without a word (recorded by csa-zendesk).
func (s *Sim) listTickets(c *call) {
	q := c.r.URL.Query()
	list := s.visible(c.u)
	key := q.Get("sort")
	if !q.Has("page[size]") {
		key = strings.Repeat("-", btoi(q.Get("sort_order") == "desc")) + q.Get("sort_by")
	}
	order, known := sorters[strings.TrimPrefix(key, "-")]
	if !known {
		s.badRequest(c.w, "InvalidPaginationParameter", "sort is not valid")
		return
	}
	slices.SortStableFunc(list, order)
	if strings.HasPrefix(key, "-") {
		slices.Reverse(list)
	}
	p, fail := paged(s, q, "/api/v2/tickets", list, func(t ticket) int64 { return t.ID })
	if fail != nil {
		s.badRequest(c.w, fail.code, fail.title)
		return
	}
	c.send(s, "tickets", envelope("tickets", p, nil))
}

// visible lists the tickets that searches and lists show u, by id.
func (s *Sim) visible(u *user) []ticket {
	var list []ticket
	for _, id := range s.data.order {
		if t := s.data.tickets[id]; !t.thread.archived && s.mayRead(u, t) {
			list = append(list, *t)
		}
	}
	return list
}

var sorters = map[string]func(a, b ticket) int{
	"": byID, "id": byID,
	"updated_at": func(a, b ticket) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	"created_at": func(a, b ticket) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"status":     func(a, b ticket) int { return strings.Compare(a.Status, b.Status) },
}

func byID(a, b ticket) int {
	if a.ID < b.ID {
		return -1
	}
	return btoi(a.ID > b.ID)
}

func (s *Sim) showRelated(c *call) {
	t := s.ticket(c)
	if t == nil {
		return
	}
	var out struct {
		Related struct {
			URL         string  `json:"url"`
			FromArchive bool    `json:"from_archive"`
			Incidents   int     `json:"incidents"`
			FollowupIDs []int64 `json:"followup_source_ids"`
			TopicID     *int64  `json:"topic_id"`
			JiraIDs     []int64 `json:"jira_issue_ids"`
		} `json:"ticket_related"`
	}
	out.Related.URL = s.canonicalAPI("tickets/%d/related.json", t.ID)
	out.Related.FromArchive = t.thread.archived
	out.Related.FollowupIDs, out.Related.JiraIDs = []int64{}, []int64{}
	c.send(s, "related", out)
}

func (s *Sim) showRating(c *call) {
	id := c.pathID("id")
	for _, t := range s.data.tickets {
		if r := t.SatisfactionRating; r != nil && r.ID == id && id != 0 {
			c.send(s, "rating", map[string]any{"satisfaction_rating": map[string]any{
				"id": r.ID, "url": s.canonicalAPI("satisfaction_ratings/%d.json", id), "ticket_id": t.ID, "assignee_id": t.AssigneeID,
				"group_id": t.GroupID, "requester_id": t.RequesterID, "score": r.Score, "comment": r.Comment, "reason": r.Reason,
				"created_at": t.UpdatedAt, "updated_at": t.UpdatedAt,
			}})
			return
		}
	}
	s.notFound(c.w)
}

// incremental exports are for administrators (10 a minute).
func (s *Sim) incremental(c *call) {
	if c.u.Role != roleAdmin {
		s.forbidden(c.w)
		return
	}
	list := s.visible(c.u)
	at := fmt.Sprint(s.now().Unix())
	c.send(s, "incremental", map[string]any{
		"tickets": list, "after_url": s.canonicalAPI("incremental/tickets/cursor.json?cursor=%s", at), "after_cursor": at,
		"before_url": nil, "before_cursor": nil, "end_of_stream": true,
	})
}

func deref(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pick gives the items with these ids, each once, in the order of ids; what is missing is left out.
func pick[T any](all []T, ids []int64, id func(T) int64) []T {
	out := []T{}
	var seen []int64
	for _, want := range ids {
		if slices.Contains(seen, want) {
			continue
		}
		seen = append(seen, want)
		if i := slices.IndexFunc(all, func(v T) bool { return id(v) == want }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}
