package sim

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"

	json "github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/connectors/simhost"
)

// apiHandler routes the gateway. What is not listed is 404; GET /calls/{id} and GET /interactions/{id}
// are left out on purpose, since Talkdesk has neither.
func (s *Sim) apiHandler() http.HandlerFunc {
	mux := http.NewServeMux()
	for pattern, e := range map[string]struct {
		scope string
		serve http.HandlerFunc
	}{
		"GET /account":                                {"account:read", s.showAccount},
		"GET /calls/{id}/recordings":                  {"recordings:read", s.listRecordings},
		"GET /recordings/{id}":                        {"recordings:read", s.showRecording},
		"GET /recordings/{id}/media":                  {"recordings:read", s.showMedia},
		"GET /users":                                  {"users:read", s.listUsers},
		"GET /users/me":                               {"users:read", s.showMe},
		"GET /users/{id}":                             {"users:read", s.showUser},
		"GET /contacts/{id}":                          {"contacts:read", s.showContact},
		"GET /conversations/interactions":             {"interactions-public:read", s.listConversations},
		"POST /data/reports/{type}/jobs":              {"data-reports:write", s.createJob},
		"GET /data/reports/{type}/jobs":               {"data-reports:read", s.listJobs},
		"GET /data/reports/{type}/jobs/{id}":          {"data-reports:read", s.showJob},
		"GET /data/reports/{type}/files/{id}":         {"data-reports:read", s.showFile},
		"DELETE /data/reports/{type}/files/{id}":      {"data-reports:write", s.deleteFile},
		"GET /attachments/2023-03/{id}":               {"attachments:download", s.showAttachment},
		"GET /attachments/2023-03/{id}/download-link": {"attachments:download", s.showDownload},
		"GET /cds/messages":                           {"interactions-public:read", s.listMessages},
	} {
		mux.HandleFunc(pattern, s.guarded(e.scope, e.serve))
	}
	mux.HandleFunc("/", s.guarded("", s.notFound))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Platform-Tid", strings.ToLower(rand.Text()))
		mux.ServeHTTP(w, r)
	}
}

// guarded checks the bearer and the scope before an endpoint answers.
func (s *Sim) guarded(scope string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		t := s.tokens[value]
		s.mu.Unlock()
		switch {
		case !ok || t == nil || !s.now().Before(t.until):
			s.problem(w, http.StatusUnauthorized, "1560101", "The access token is missing, expired or not valid")
		case scope != "" && !slices.Contains(t.scopes, scope):
			s.problem(w, http.StatusForbidden, "1560102", "Insufficient scope")
		default:
			serve(w, r)
		}
	}
}

// reply writes v as JSON, with its length.
func (s *Sim) reply(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // our own data can be written
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client has gone
}

// problem is Talkdesk's error body. Nobody has listed its codes.
func (s *Sim) problem(w http.ResponseWriter, status int, code, message string) {
	s.reply(w, status, map[string]any{"code": code, "message": s.marked(message), "description": s.marked(message)})
}

func (s *Sim) notFound(w http.ResponseWriter, _ *http.Request) {
	s.problem(w, http.StatusNotFound, "1560404", "Not found")
}

func (s *Sim) oauthFails(w http.ResponseWriter, status int, name string) {
	s.reply(w, status, map[string]any{"error": name, "error_description": s.marked("The request was refused")})
}

// marked adds the canary to a text of an error, if there is one.
func (s *Sim) marked(text string) string {
	if s.o.Canary == "" {
		return text
	}
	return text + " " + s.o.Canary
}

// refuse plays the faults that have a form of Talkdesk's own.
func (s *Sim) refuse(w http.ResponseWriter, r *http.Request, f simhost.Fault) {
	switch f.Kind {
	case simhost.FaultRate:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(s.marked("Too many requests, please try again later.") + "\n"))
	case simhost.FaultUnauthorized:
		s.problem(w, http.StatusUnauthorized, "1560101", "The access token is missing, expired or not valid")
	case simhost.FaultForbidden:
		s.problem(w, http.StatusForbidden, "1560103", "Forbidden")
	default:
		s.problem(w, http.StatusInternalServerError, "1560500", "Something went wrong")
	}
	_ = r
}

// href is an address of the API as it stands in an answer.
func (s *Sim) href(path string) map[string]any {
	if s.set().RelativeLinks {
		return map[string]any{"href": path}
	}
	return map[string]any{"href": "https://" + apiName + path}
}

func serveAttacker(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("You should not be here.\n"))
}
