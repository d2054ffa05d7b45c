package sim

import (
	"net/http"

	json "github.com/go-json-experiment/json"
)

// The envelopes Zendesk's errors come in (zendesk.md section 8: "at least five, plus text and HTML").
type (
	plainError struct {
		Error       string `json:"error"`
		Description string `json:"description,omitempty"`
	}
	oauthError struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}
	titledError struct {
		Error struct {
			Title   string `json:"title"`
			Message string `json:"message"`
		} `json:"error"`
	}
	errorList struct {
		Errors []codedError `json:"errors"`
	}
	codedError struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	}
	serverError struct {
		Status int    `json:"status"`
		Error  string `json:"error"`
	}
)

// reply writes v as JSON.
func (s *Sim) reply(w http.ResponseWriter, status int, v any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, v, json.Deterministic(true)) // the client has gone
}

// marked adds the canary to a text of an error, if there is one.
func (s *Sim) marked(text string) string {
	if s.o.Canary == "" {
		return text
	}
	return text + " " + s.o.Canary
}

func (s *Sim) problem(w http.ResponseWriter, status int, name, description string) {
	s.reply(w, status, plainError{Error: name, Description: s.marked(description)})
}

func (s *Sim) notFound(w http.ResponseWriter) {
	s.problem(w, http.StatusNotFound, "RecordNotFound", "Not found")
}

func (s *Sim) invalidEndpoint(w http.ResponseWriter) {
	s.problem(w, http.StatusNotFound, "InvalidEndpoint", "Not found")
}

// forbidden is the answer for a role that may not see the page (recorded by amp-labs).
func (s *Sim) forbidden(w http.ResponseWriter) {
	var e titledError
	e.Error.Title = "Forbidden"
	e.Error.Message = s.marked("You do not have access to this page. Please contact the account owner of this help desk for further help.")
	s.reply(w, http.StatusForbidden, e)
}

func (s *Sim) missingScope(w http.ResponseWriter, scope string) {
	s.problem(w, http.StatusForbidden, "Forbidden", "You are missing the following required scopes: "+scope)
}

// invalidToken is what a bearer that is expired, revoked or unknown gets (recorded: ruby client #297).
func (s *Sim) invalidToken(w http.ResponseWriter) {
	const text = "The access token provided is expired, revoked, malformed or invalid for other reasons."
	w.Header().Set("WWW-Authenticate",
		`Bearer realm="Zendesk::OAuth Bearer Token Authentication", error="invalid_token", error_description="`+text+`"`)
	s.reply(w, http.StatusUnauthorized, oauthError{Error: "invalid_token", Description: s.marked(text)})
}

// unauthenticated is the answer to no credential, or to Basic, which this account has switched off.
func (s *Sim) unauthenticated(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="Zendesk"`)
	s.reply(w, http.StatusUnauthorized, plainError{Error: "Couldn't authenticate you"})
}

func (s *Sim) oauthFails(w http.ResponseWriter, status int, name, description string) {
	s.reply(w, status, oauthError{Error: name, Description: s.marked(description)})
}

func (s *Sim) badRequest(w http.ResponseWriter, code, title string) {
	s.reply(w, http.StatusBadRequest, errorList{Errors: []codedError{{Code: code, Title: s.marked(title)}}})
}

func writeHTML(w http.ResponseWriter, status int, page string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}
