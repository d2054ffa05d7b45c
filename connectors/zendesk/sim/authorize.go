package sim

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	_ "embed"
)

// The people who can sign in to the account, as Bearer and Approve name them.
const (
	ActorAdmin      = "admin"
	ActorAgent      = "agent"
	ActorRestricted = "restricted" // sees the tickets of their groups only
	ActorLight      = "light"      // a light agent: reads, writes private comments only
	ActorEndUser    = "end-user"
)

// actors in the order the page offers them.
var actors = []struct{ Name, Label, Says string }{
	{ActorAdmin, "Administrator", "sees everything"},
	{ActorAgent, "Agent", "sees all tickets"},
	{ActorRestricted, "Agent, restricted", "sees the tickets of Customer Care only"},
	{ActorLight, "Light agent", "reads tickets, answers nobody"},
	{ActorEndUser, "Customer", "may not use the agent's API at all"},
}

//go:embed authorize.html
var authorizeHTML string

var authorizePage = template.Must(template.New("authorize").Parse(authorizeHTML))

// consent is an authorization request as it stands in the URL and, again, in the page's form.
type consent struct {
	ClientID, RedirectURI, ResponseType, Scope, State, Challenge, Method string
}

func consentFrom(v url.Values) consent {
	return consent{
		ClientID: v.Get("client_id"), RedirectURI: v.Get("redirect_uri"), ResponseType: v.Get("response_type"),
		Scope: v.Get("scope"), State: v.Get("state"), Challenge: v.Get("code_challenge"), Method: v.Get("code_challenge_method"),
	}
}

// check tells what is wrong. fatal: the redirect URI cannot be trusted, so the person must be told.
func (s *Sim) check(c consent) (fatal, failure string) {
	s.mu.Lock()
	cl, ok := s.oauth.clients[c.ClientID]
	s.mu.Unlock()
	switch {
	case !ok:
		return "No such client.", ""
	case !s.redirectAllowed(cl, c.RedirectURI):
		return "The redirect URI is not one of the client's.", ""
	case c.ResponseType != "code":
		return "", "unsupported_response_type"
	case c.Challenge == "" && cl.public, c.Challenge != "" && (c.Method != "S256" || len(c.Challenge) != 43):
		return "", "invalid_request"
	case s.beyond(parseScopes(c.Scope)) != "":
		return "", "invalid_scope"
	default:
		return "", ""
	}
}

// showConsent is GET /oauth/authorizations/new.
func (s *Sim) showConsent(w http.ResponseWriter, r *http.Request) {
	c := consentFrom(r.URL.Query())
	if !s.consentOK(w, c) {
		return
	}
	s.renderConsent(w, http.StatusOK, consentView{consent: c, Account: s.apiName(), Actors: actors, Scopes: describe(parseScopes(c.Scope))})
}

// decide is the form's POST. The request is checked again: the form is only its memory.
func (s *Sim) decide(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.renderConsent(w, http.StatusBadRequest, consentView{Fatal: "The form could not be read.", Account: s.apiName()})
		return
	}
	c := consentFrom(r.PostForm)
	if !s.consentOK(w, c) {
		return
	}
	actor := r.PostForm.Get("actor")
	if r.PostForm.Get("decision") != "allow" {
		redirectBack(w, c, "error", "access_denied")
		return
	}
	if _, ok := actorIDs[actor]; !ok {
		s.renderConsent(w, http.StatusBadRequest, consentView{Fatal: "Say who you are.", Account: s.apiName()})
		return
	}
	redirectBack(w, c, "code", s.newCode(c, actor))
}

func (s *Sim) consentOK(w http.ResponseWriter, c consent) bool {
	fatal, failure := s.check(c)
	switch {
	case fatal != "":
		s.renderConsent(w, http.StatusBadRequest, consentView{Fatal: fatal, Account: s.apiName()})
		return false
	case failure != "":
		redirectBack(w, c, "error", failure)
		return false
	default:
		return true
	}
}

func (s *Sim) newCode(c consent, actor string) string {
	v := secret("cod")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.codes[v] = code{
		client: c.ClientID, actor: actor, redirect: c.RedirectURI, challenge: c.Challenge,
		scopes: s.narrowed(parseScopes(c.Scope)), expires: s.now().Add(codeLife),
	}
	return v
}

// redirectBack sends the person back with one parameter and the state as it came.
func redirectBack(w http.ResponseWriter, c consent, name, value string) {
	u, _ := url.Parse(c.RedirectURI) // checked before
	q := u.Query()
	q.Set(name, value)
	if c.State != "" {
		q.Set("state", c.State)
	}
	u.RawQuery = q.Encode()
	w.Header().Set("Location", u.String())
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusFound)
}

type consentView struct {
	consent
	Account, Fatal string
	Actors         []struct{ Name, Label, Says string }
	Scopes         []string
}

func (s *Sim) renderConsent(w http.ResponseWriter, status int, v consentView) {
	var b bytes.Buffer
	if err := authorizePage.Execute(&b, v); err != nil {
		s.problem(w, http.StatusInternalServerError, "InternalServerError", "The page could not be made")
		return
	}
	// No form-action: browsers apply it to the redirect that follows the form, which leaves this host.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	writeHTML(w, status, b.String())
}

func describe(scopes []string) []string {
	says := map[string]string{
		"read": "Read everything you can read: tickets, comments, people", "write": "Change what you can change",
		"tickets:read": "Read tickets and their comments", "users:read": "Read people",
	}
	list := make([]string, len(scopes))
	for i, name := range scopes {
		if list[i] = says[name]; list[i] == "" {
			list[i] = strings.ReplaceAll(name, ":", ": ")
		}
	}
	return slices.Compact(list)
}
