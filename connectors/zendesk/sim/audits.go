package sim

import "slices"

// listAudits is GET /tickets/{id}/audits. It wants the broad scope "read": the narrow ones are refused
// (ticketing/tickets/ticket_audits). An archived ticket's audits come all at once.
func (s *Sim) listAudits(c *call) {
	t := s.ticket(c)
	if t == nil {
		return
	}
	q := c.r.URL.Query()
	all := t.thread.auditList()
	if want := q["filter_events[]"]; len(want) > 0 {
		all = slices.DeleteFunc(slices.Clone(all), func(a audit) bool {
			return !slices.ContainsFunc(a.Events, func(e event) bool { return slices.Contains(want, e.Type) })
		})
	}
	if q.Get("sort") == "-created_at" || q.Get("sort_order") == "desc" {
		all = slices.Clone(all)
		slices.Reverse(all)
	}
	if t.thread.archived {
		stream(s, c.w, envelope("audits", page[audit]{items: all, count: len(all)}, nil))
		return
	}
	p, fail := paged(s, q, s.pathOf(t, "audits"), all, func(a audit) int64 { return a.ID })
	if fail != nil {
		s.badRequest(c.w, fail.code, fail.title)
		return
	}
	var users []user
	if c.includes("users") {
		var ids []int64
		for _, a := range p.items {
			ids = append(ids, a.AuthorID)
		}
		users = s.usersOf(ids)
	}
	if pause(c.r.Context(), s.o.PageDelay) {
		stream(s, c.w, envelope("audits", p, users))
	}
}
