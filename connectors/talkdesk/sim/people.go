package sim

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

func (s *Sim) userBody(u *user) map[string]any {
	body := map[string]any{
		"id": u.id, "email": u.email, "name": u.name, "active": !u.inactive, "gender": nil, "extension": nil, "external_phone_number": nil,
		"created_at": s.o.Start.Add(-400 * 24 * time.Hour).Format(time.RFC3339), "_links": map[string]any{"self": s.href("/users/" + u.id)},
	}
	if u.extension > 0 {
		body["extension"] = u.extension
	}
	return body
}

func (s *Sim) showUser(w http.ResponseWriter, r *http.Request) {
	u := s.data.users[r.PathValue("id")]
	if u == nil {
		s.notFound(w, r)
		return
	}
	s.reply(w, http.StatusOK, s.userBody(u))
}

func (s *Sim) listUsers(w http.ResponseWriter, _ *http.Request) {
	all := make([]*user, 0, len(s.data.users))
	for _, u := range s.data.users {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b *user) int { return cmp.Compare(a.id, b.id) })
	items := []any{}
	for _, u := range all {
		items = append(items, s.userBody(u))
	}
	s.reply(w, http.StatusOK, map[string]any{
		"total": len(items), "count": len(items), "page": 1, "per_page": 50, "_embedded": map[string]any{"users": items},
		"_links": map[string]any{"self": s.href("/users")},
	})
}

// showMe is for tokens of people; a client's own is of nobody.
func (s *Sim) showMe(w http.ResponseWriter, r *http.Request) { s.notFound(w, r) }

// showContact has the contact in an envelope, with "number" for addresses as well, as the spec says.
func (s *Sim) showContact(w http.ResponseWriter, r *http.Request) {
	c := s.data.contacts[r.PathValue("id")]
	if c == nil {
		s.notFound(w, r)
		return
	}
	s.reply(w, http.StatusOK, map[string]any{"contact": map[string]any{
		"id": c.id, "name": c.name, "company": nil, "emails": []any{map[string]any{"label": "home", "number": "customer@mail.example"}},
		"phones": []any{map[string]any{"label": "mobile", "number": c.phone}}, "_links": map[string]any{"self": s.href("/contacts/" + c.id)},
	}})
}

func (s *Sim) showAccount(w http.ResponseWriter, _ *http.Request) {
	s.reply(w, http.StatusOK, map[string]any{
		"id": idOf(24, "account"), "name": s.o.Account, "company_name": "Harbour Line", "email": "it@harborline.example", "timezone": "America/New_York",
		"created_at": s.o.Start.Add(-900 * 24 * time.Hour).Format(time.RFC3339), "_links": map[string]any{"self": s.href("/account")},
	})
}
