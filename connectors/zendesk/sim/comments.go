package sim

import (
	"slices"
)

// listComments is GET /tickets/{id}/comments, in both paging styles, ascending unless asked otherwise.
func (s *Sim) listComments(c *call) {
	t := s.ticket(c)
	if t == nil {
		return
	}
	q := c.r.URL.Query()
	all := t.thread.list()
	if q.Get("sort") == "-created_at" || q.Get("sort_order") == "desc" {
		all = slices.Clone(all)
		slices.Reverse(all)
	}
	p, fail := paged(s, q, s.pathOf(t, "comments"), all, func(c comment) int64 { return c.ID })
	if fail != nil {
		s.badRequest(c.w, fail.code, fail.title)
		return
	}
	p.items = s.rendered(c, p.items)
	var users []user
	if c.includes("users") {
		users = s.usersOf(authors(p.items))
	}
	if !pause(c.r.Context(), s.o.PageDelay) {
		return
	}
	stream(s, c.w, envelope("comments", p, users))
}

// rendered copies comments with the attachments the caller asked for: inline images are listed only
// with include_inline_images=true.
func (s *Sim) rendered(c *call, all []comment) []comment {
	inline := c.r.URL.Query().Get("include_inline_images") == "true"
	out := make([]comment, len(all))
	for i, one := range all {
		one.Attachments = []attachment{}
		for _, a := range all[i].Attachments {
			if inline || a.Inline == nil || !*a.Inline {
				one.Attachments = append(one.Attachments, s.oddSize(c.w, s.placed(a), len(one.Attachments)+i))
			}
		}
		one.Data = s.callData(one.Data)
		out[i] = one
	}
	return out
}

// oddSize spoils an attachment's size for FaultOddSizes, in turn.
func (s *Sim) oddSize(w *response, a attachment, n int) attachment {
	if w.is(FaultOddSizes) {
		a.Size = []any{"15156", -1, 1e30, nil, 2.5}[n%5]
	}
	return a
}

func authors(all []comment) []int64 {
	var ids []int64
	for _, c := range all {
		if c.AuthorID != nil && !slices.Contains(ids, *c.AuthorID) {
			ids = append(ids, *c.AuthorID)
		}
	}
	return ids
}

func (s *Sim) pathOf(t *ticket, list string) string {
	return "/api/v2/tickets/" + itoa(t.ID) + "/" + list
}
