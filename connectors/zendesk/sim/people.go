package sim

import (
	"net/http"
	"slices"
	"strconv"
)

const (
	roleAdmin   = "admin"
	roleAgent   = "agent"
	roleEndUser = "end-user"
)

// serveMe is GET /users/me. Without a credential it answers 200 with an anonymous user, which is why
// a status is no health check (recorded by node-zendesk and csa-zendesk).
func (s *Sim) serveMe(w http.ResponseWriter, r *http.Request) {
	if credentialKind(r) == "none" {
		s.reply(w, http.StatusOK, map[string]any{"user": map[string]any{
			"id": nil, "name": "Anonymous user", "email": nil, "role": roleEndUser, "locale": "en-US", "active": false,
			"authenticity_token": "none",
		}})
		return
	}
	t := s.signedIn(w, r)
	if t == nil {
		return
	}
	if lack := t.lacks("users:read"); lack != "" {
		s.missingScope(w, lack)
		return
	}
	u := *s.data.users[actorIDs[t.actor]]
	u.AuthenticityToken = secret("csrf")
	s.reply(w, http.StatusOK, map[string]any{"user": u})
}

// usersOf gives the users with these ids, each once; a deleted one only by name.
func (s *Sim) usersOf(ids []int64) []user {
	out, seen := []user{}, map[int64]bool{}
	for _, id := range ids {
		u := s.data.users[id]
		if u == nil || seen[id] {
			continue
		}
		seen[id] = true
		one := *u
		if u.gone {
			one.Active, one.Email = false, nil
		}
		out = append(out, one)
	}
	return out
}

func (s *Sim) showUsers(c *call) {
	out := []user{}
	for _, u := range s.usersOf(c.ids()) {
		if !u.gone {
			out = append(out, u)
		}
	}
	c.send(s, "users", map[string]any{"users": out, "count": len(out), "next_page": nil, "previous_page": nil})
}

// listUsers filters by role only.
func (s *Sim) listUsers(c *call) {
	roles := c.r.URL.Query()["role[]"]
	var ids []int64
	for id, u := range s.data.users {
		if !u.gone && (len(roles) == 0 || slices.Contains(roles, u.Role)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	sendList(s, c, "users", s.usersOf(ids), func(u user) int64 { return u.ID })
}

func (s *Sim) showUser(c *call) {
	if u := s.data.users[c.pathID("id")]; u != nil && !u.gone {
		c.send(s, "user", map[string]any{"user": *u})
		return
	}
	s.notFound(c.w)
}

func (s *Sim) listGroups(c *call) {
	sendList(s, c, "groups", s.data.groups, func(g group) int64 { return g.ID })
}

func (s *Sim) showGroup(c *call) {
	sendOne(s, c, "group", pick(s.data.groups, []int64{c.pathID("id")}, func(g group) int64 { return g.ID }))
}

func (s *Sim) listBrands(c *call) {
	sendList(s, c, "brands", s.data.brands, func(b brand) int64 { return b.ID })
}

func (s *Sim) showBrand(c *call) {
	sendOne(s, c, "brand", pick(s.data.brands, []int64{c.pathID("id")}, func(b brand) int64 { return b.ID }))
}

func (s *Sim) listFields(c *call) {
	sendList(s, c, "ticket_fields", s.data.fields, func(f ticketField) int64 { return f.ID })
}

func (s *Sim) listOrganizations(c *call) {
	sendList(s, c, "organizations", s.data.organizations, func(o organization) int64 { return o.ID })
}

func (s *Sim) showOrganization(c *call) {
	sendOne(s, c, "organization", pick(s.data.organizations, []int64{c.pathID("id")}, func(o organization) int64 { return o.ID }))
}

func (s *Sim) showOrganizations(c *call) {
	out := pick(s.data.organizations, c.ids(), func(o organization) int64 { return o.ID })
	c.send(s, "organizations", map[string]any{"organizations": out, "count": len(out), "next_page": nil, "previous_page": nil})
}

func sendList[T any](s *Sim, c *call, name string, all []T, id func(T) int64) {
	p, fail := paged(s, c.r.URL.Query(), "/api/v2/"+name, all, id)
	if fail != nil {
		s.badRequest(c.w, fail.code, fail.title)
		return
	}
	c.send(s, name, envelope(name, p, nil))
}

func sendOne[T any](s *Sim, c *call, name string, found []T) {
	if len(found) == 0 {
		s.notFound(c.w)
		return
	}
	c.send(s, name, map[string]any{name: found[0]})
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
