package sim

import (
	"net/http"
)

// showAttachment is GET /attachments/{id}.
func (s *Sim) showAttachment(c *call) {
	a, t := s.data.attachment(func(a *attachment) bool { return a.ID == c.pathID("id") })
	if a == nil || !s.mayRead(c.u, t) {
		s.notFound(c.w)
		return
	}
	c.send(s, "attachment", map[string]any{"attachment": s.placed(*a)})
}

// placed fills in a content_url that is known only once the hosts listen.
func (s *Sim) placed(a attachment) attachment {
	if a.file.foreign != "" {
		a.ContentURL = s.foreignURL(a.file.foreign)
		a.MappedURL = a.ContentURL
	}
	return a
}

// serveAttachment is content_url. With private attachments it wants a credential, and it never sends
// bytes: it redirects to the CDN with a signature of its own.
func (s *Sim) serveAttachment(w http.ResponseWriter, r *http.Request) {
	if !s.spend(w.(*response), r.URL.Path) {
		return
	}
	key := r.PathValue("token")
	a, t := s.data.attachment(func(a *attachment) bool { return a.token == key })
	if !s.mayFetch(w, r, t) {
		return
	}
	switch {
	case a == nil, a.Deleted != nil && *a.Deleted:
		writeHTML(w, http.StatusNotFound, "<!DOCTYPE html>\n<title>Attachment not found</title>\n")
	case a.MalwareResult != nil && *a.MalwareResult == "malware_found" && !*a.MalwareOK:
		writeHTML(w, http.StatusForbidden, "<!DOCTYPE html>\n<title>This attachment contains malware</title>\n")
	default:
		w.Header().Set("Location", s.signedURL("/attachment/20817/"+itoa(a.ID), s.o.SignatureLife))
		writeHTML(w, http.StatusFound, "<html><body>You are being redirected.</body></html>\n")
	}
}

// mayFetch tells whether r may have a file of t, or answers: 403 without a body worth reading.
func (s *Sim) mayFetch(w http.ResponseWriter, r *http.Request, t *ticket) bool {
	if s.o.PublicAttachments {
		return true
	}
	if credentialKind(r) != "bearer" { // recorded by csa-zendesk: anonymous GET is 403
		writeHTML(w, http.StatusForbidden, "")
		return false
	}
	tok := s.lookup(r)
	if tok == nil {
		s.invalidToken(w)
		return false
	}
	u := s.data.users[actorIDs[tok.actor]]
	if u.Role == roleEndUser || t != nil && !s.mayRead(u, t) {
		writeHTML(w, http.StatusForbidden, "")
		return false
	}
	return true
}
