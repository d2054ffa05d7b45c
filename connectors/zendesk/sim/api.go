package sim

import (
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// call is one API request of somebody who signed in.
type call struct {
	w *response
	r *http.Request
	t *token
	u *user
}

// endpoint is an API route: the narrow scope that does besides "read" ("" = only "read") and who may.
type endpoint struct {
	scope string
	serve func(*call)
	open  bool // for end users too
}

// apiHandler routes the account's host.
func (s *Sim) apiHandler() http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/authorizations/new", s.showConsent)
	mux.HandleFunc("POST /oauth/authorizations", s.decide)
	mux.HandleFunc("POST /oauth/tokens", s.serveToken)
	mux.HandleFunc("GET "+ClientsPath, s.showClients)
	mux.HandleFunc("POST "+ClientsPath, s.makeClient)
	mux.HandleFunc("GET /attachments/token/{token}/{$}", s.serveAttachment)
	mux.HandleFunc("GET /attachments/token/{token}", s.serveAttachment)
	mux.HandleFunc("GET /_sim/requests", s.showRequests)
	mux.HandleFunc("DELETE /_sim/requests", func(w http.ResponseWriter, _ *http.Request) {
		s.ResetRequests()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /api/v2/users/me", s.serveMe)
	for pattern, e := range s.endpoints() {
		mux.HandleFunc(pattern, s.guarded(e))
	}
	mux.HandleFunc("/", s.elsewhere)
	return func(w http.ResponseWriter, r *http.Request) {
		s.commonHeaders(w)
		if path := r.URL.Path; strings.HasPrefix(path, "/api/v2/") {
			if res, ok := w.(*response); ok && !s.spend(res, strings.TrimSuffix(path, ".json")) {
				return
			}
			r = withoutSuffix(r) // both /x and /x.json are paths of the API
		}
		mux.ServeHTTP(w, r)
	}
}

func (s *Sim) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"GET /api/v2/tickets":                                               {"tickets:read", s.listTickets, false},
		"GET /api/v2/tickets/show_many":                                     {"tickets:read", s.showTickets, false},
		"GET /api/v2/tickets/{id}":                                          {"tickets:read", s.showTicket, false},
		"GET /api/v2/tickets/{id}/comments":                                 {"tickets:read", s.listComments, false},
		"GET /api/v2/tickets/{id}/audits":                                   {"", s.listAudits, false},
		"GET /api/v2/tickets/{id}/related":                                  {"tickets:read", s.showRelated, false},
		"GET /api/v2/attachments/{id}":                                      {"tickets:read", s.showAttachment, false},
		"GET /api/v2/satisfaction_ratings/{id}":                             {"satisfaction_ratings:read", s.showRating, false},
		"GET /api/v2/users":                                                 {"users:read", s.listUsers, false},
		"GET /api/v2/users/show_many":                                       {"users:read", s.showUsers, false},
		"GET /api/v2/users/{id}":                                            {"users:read", s.showUser, false},
		"GET /api/v2/groups":                                                {"users:read", s.listGroups, false},
		"GET /api/v2/groups/{id}":                                           {"users:read", s.showGroup, false},
		"GET /api/v2/organizations":                                         {"organizations:read", s.listOrganizations, false},
		"GET /api/v2/organizations/show_many":                               {"organizations:read", s.showOrganizations, false},
		"GET /api/v2/organizations/{id}":                                    {"organizations:read", s.showOrganization, false},
		"GET /api/v2/brands":                                                {"", s.listBrands, false},
		"GET /api/v2/brands/{id}":                                           {"", s.showBrand, false},
		"GET /api/v2/ticket_fields":                                         {"", s.listFields, false},
		"GET /api/v2/search":                                                {"", s.search, false},
		"GET /api/v2/search/count":                                          {"", s.searchCount, false},
		"GET /api/v2/search/export":                                         {"", s.searchExport, false},
		"GET /api/v2/oauth/tokens/current":                                  {"", s.showToken, true},
		"DELETE /api/v2/oauth/tokens/current":                               {"", s.revokeCurrent, true},
		"DELETE /api/v2/oauth/tokens/{id}":                                  {"", s.revokeToken, true},
		"GET /api/v2/channels/voice/calls/{sid}/twilio/recording":           {"", s.serveRecording, false},
		"GET /api/v2/channels/voice/calls/{sid}/twilio/call/recording":      {"", s.serveRecording, false},
		"GET /api/v2/channels/voice/calls/{sid}/twilio/voicemail/recording": {"", s.serveRecording, false},
		"GET /api/v2/incremental/tickets/cursor":                            {"", s.incremental, false},
		"GET /api/v2/channels/voice/stats/incremental/calls":                {"", s.incremental, false},
	}
}

// guarded checks the bearer, the role and the scope before an endpoint answers.
func (s *Sim) guarded(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t := s.signedIn(w, r)
		if t == nil {
			return
		}
		c := &call{w: w.(*response), r: r, t: t, u: s.data.users[actorIDs[t.actor]]}
		revoking := r.Method == http.MethodDelete // a token may always end itself
		if lack := t.lacks(e.scope); lack != "" && !e.open && !revoking {
			s.missingScope(w, lack)
			return
		}
		if c.u.Role == roleEndUser && !e.open {
			s.forbidden(w)
			return
		}
		e.serve(c)
	}
}

// signedIn gives the request's token, or answers 401.
func (s *Sim) signedIn(w http.ResponseWriter, r *http.Request) *token {
	if credentialKind(r) != "bearer" {
		s.unauthenticated(w)
		return nil
	}
	t := s.lookup(r)
	if t == nil {
		s.invalidToken(w)
	}
	return t
}

// elsewhere answers what has no route: JSON below /api/v2, the site's HTML page otherwise.
func (s *Sim) elsewhere(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/v2/") {
		writeHTML(w, http.StatusNotFound, "<!DOCTYPE html>\n<html lang=\"en\"><title>Not found</title><h1>The page you were looking for doesn't exist</h1></html>\n")
		return
	}
	if s.signedIn(w, r) != nil {
		s.invalidEndpoint(w)
	}
}

func (s *Sim) commonHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Request-Id", strings.ToLower(rand.Text()))
	h.Set("Server", "cloudflare")
	h.Set("X-Zendesk-Api-Version", "v2")
	h.Set("Cache-Control", "max-age=0, private, must-revalidate")
	if s.o.Canary != "" {
		h.Set("X-Zendesk-Note", s.o.Canary)
	}
}

func withoutSuffix(r *http.Request) *http.Request {
	if !strings.HasSuffix(r.URL.Path, ".json") {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, ".json"), ""
	out := r.WithContext(r.Context())
	out.URL = &u
	return out
}

func (s *Sim) canonicalAPI(format string, a ...any) string {
	return s.canonical("/api/v2/" + fmt.Sprintf(format, a...))
}

// send writes an API answer with the ETag that Zendesk puts on everything.
func (c *call) send(s *Sim, tag string, v any) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(tag + c.r.URL.RequestURI()))
	c.w.Header().Set("ETag", fmt.Sprintf(`W/"%016x"`, h.Sum64()))
	s.reply(c.w, http.StatusOK, v)
}

// pathID reads {id}; not a number: 0, which nothing has.
func (c *call) pathID(name string) int64 {
	id, _ := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	return id
}

// ids reads ?ids=1,2, at most 100.
func (c *call) ids() []int64 {
	var list []int64
	for _, v := range strings.Split(c.r.URL.Query().Get("ids"), ",") {
		if id, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil && len(list) < 100 {
			list = append(list, id)
		}
	}
	return list
}

// includes tells whether ?include= lists a sideload.
func (c *call) includes(name string) bool {
	return slices.Contains(strings.Split(c.r.URL.Query().Get("include"), ","), name)
}
