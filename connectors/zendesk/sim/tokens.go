package sim

import (
	"net/http"
	"time"
)

// shown is how much of a token the API ever shows again.
const shown = 10

// showToken is GET /oauth/tokens/current.
func (s *Sim) showToken(c *call) {
	ends := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	refresh := ""
	if c.t.refresh != "" {
		refresh = c.t.refresh[:shown]
	}
	s.mu.Lock()
	number, used := s.oauth.clients[c.t.client].number, c.t.lastUsed
	s.mu.Unlock()
	s.reply(c.w, http.StatusOK, map[string]any{"token": map[string]any{
		"id": c.t.id, "url": s.canonicalAPI("oauth/tokens/%d.json", c.t.id), "client_id": number, "user_id": c.u.ID,
		"token": c.t.access[:shown], "refresh_token": refresh, "scopes": c.t.scopes, "created_at": c.t.created,
		"used_at": used, "expires_at": ends(c.t.accessEnds), "refresh_token_expires_at": ends(c.t.refreshEnds),
	}})
}

// revokeCurrent is DELETE /oauth/tokens/current. Its answer is not documented; 204 as for an id.
func (s *Sim) revokeCurrent(c *call) {
	s.mu.Lock()
	s.drop(c.t)
	s.mu.Unlock()
	c.w.WriteHeader(http.StatusNoContent)
}

// revokeToken is DELETE /oauth/tokens/{id}: one's own, or anybody's for an administrator.
func (s *Sim) revokeToken(c *call) {
	id, found := c.pathID("id"), false
	s.mu.Lock()
	for _, tokens := range []map[string]*token{s.oauth.access, s.oauth.refresh} {
		for _, t := range tokens {
			if t.id == id && (t.actor == c.t.actor || c.u.Role == roleAdmin) {
				s.drop(t)
				found = true
			}
		}
	}
	s.mu.Unlock()
	if !found {
		s.notFound(c.w)
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}

// showRequests is for people with curl: the request log as JSON.
func (s *Sim) showRequests(w http.ResponseWriter, _ *http.Request) {
	s.reply(w, http.StatusOK, map[string]any{"requests": s.Requests()})
}
