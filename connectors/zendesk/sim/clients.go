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

// ClientsPath is where an administrator of the account makes OAuth clients (Admin Center, Apps and
// integrations, APIs, OAuth clients).
const ClientsPath = "/admin/apps-integrations/apis/oauth-clients"

// SwitchClient deletes one of the account's two OAuth clients, or brings it back as it was.
func (s *Sim) SwitchClient(public, on bool) {
	id, _ := s.Client(public)
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		if c, ok := s.oauth.deleted[id]; ok {
			s.oauth.clients[id] = c
		}
		return
	}
	s.oauth.deleted[id] = s.oauth.clients[id]
	delete(s.oauth.clients, id)
}

// ForgetRedirects takes back every AllowRedirect.
func (s *Sim) ForgetRedirects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.redirects = nil
}

// AllowScopes is all that the clients may ask for from now on; none: everything.
func (s *Sim) AllowScopes(scopes ...string) { s.allowed.Store(&scopes) }

// GrantOnly makes every consent from now on grant at most these scopes; none: what is asked for.
func (s *Sim) GrantOnly(scopes ...string) { s.granted.Store(&scopes) }

// narrowed are the scopes that a consent to these grants.
func (s *Sim) narrowed(scopes []string) []string {
	if only := s.granted.Load(); only != nil && len(*only) > 0 {
		return *only
	}
	return scopes
}

//go:embed clients.html
var clientsHTML string

var clientsTemplate = template.Must(template.New("clients").Parse(clientsHTML))

type clientsView struct {
	Account string
	Clients []string
	New     bool
	Secret  string // of the client that was just made: shown this once
	Made    string
	Wrong   string
}

// showClients is the list, and with ?new the form.
func (s *Sim) showClients(w http.ResponseWriter, r *http.Request) {
	s.renderClients(w, http.StatusOK, clientsView{New: r.URL.Query().Has("new")})
}

// makeClient is the form's POST.
func (s *Sim) makeClient(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.renderClients(w, http.StatusBadRequest, clientsView{New: true, Wrong: "The form could not be read."})
		return
	}
	id, redirects := strings.TrimSpace(r.PostForm.Get("identifier")), strings.Fields(r.PostForm.Get("redirect"))
	c := client{id: id, public: r.PostForm.Get("kind") == "public", actor: ActorAdmin, redirects: redirects}
	if !c.public {
		c.secret = secret("sec")
	}
	s.mu.Lock()
	_, taken := s.oauth.clients[id]
	wrong := ""
	switch {
	case strings.TrimSpace(r.PostForm.Get("name")) == "" || id == "":
		wrong = "Client name and identifier are required."
	case taken:
		wrong = "This identifier is taken."
	case len(redirects) == 0 || slices.ContainsFunc(redirects, notAbsolute):
		wrong = "Redirect URLs must be absolute, and there must be one."
	default:
		s.oauth.next++
		c.number = s.oauth.next
		s.oauth.clients[id] = c
	}
	s.mu.Unlock()
	if wrong != "" {
		s.renderClients(w, http.StatusUnprocessableEntity, clientsView{New: true, Wrong: wrong})
		return
	}
	s.renderClients(w, http.StatusOK, clientsView{Made: id, Secret: c.secret})
}

func notAbsolute(s string) bool {
	u, err := url.Parse(s)
	return err != nil || u.Host == "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http"
}

func (s *Sim) renderClients(w http.ResponseWriter, status int, v clientsView) {
	v.Account = s.apiName()
	s.mu.Lock()
	for id := range s.oauth.clients {
		v.Clients = append(v.Clients, id)
	}
	s.mu.Unlock()
	slices.Sort(v.Clients)
	var b bytes.Buffer
	if err := clientsTemplate.Execute(&b, v); err != nil {
		s.problem(w, http.StatusInternalServerError, "InternalServerError", "The page could not be made")
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	writeHTML(w, status, b.String())
}
