package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// resolvePatience bounds how long one link may think about a pasted text.
const resolvePatience = 5 * time.Second

// Resolve implements api.StrictServerInterface. Each linked account is asked what the text names in
// it; a connector contacts no host but its own, and only for what the text does not tell. What was
// pasted is in no answer, log or audit row.
func (s *Server) Resolve(ctx context.Context, q api.ResolveRequestObject) (api.ResolveResponseObject, error) {
	p, err := who(ctx, auth.ActionOpen)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(q.Body.Text)
	if text == "" || len(text) > 2000 {
		return nil, bad("text", "1 to 2000 characters")
	}
	links, err := s.store.Links(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	found, failed := s.ask(ctx, links, text)
	if len(found) == 0 {
		return nil, s.notRecognised(links, text, failed)
	}
	return api.Resolve200JSONResponse{Candidates: found}, nil
}

// ask asks all usable links at once and keeps their order.
func (s *Server) ask(ctx context.Context, links []records.Link, text string) (found []api.Ref, failed error) {
	ctx, cancel := context.WithTimeout(ctx, resolvePatience)
	defer cancel()
	answers := make([][]api.Ref, len(links))
	errs := make([]error, len(links))
	var wg sync.WaitGroup
	for i, l := range links {
		wg.Go(func() {
			defer func() {
				if recover() != nil {
					errs[i] = &connectors.Error{Code: connectors.CodeInternal, Op: "resolve"}
				}
			}()
			answers[i], errs[i] = s.askOne(ctx, l, text)
		})
	}
	wg.Wait()
	for i := range answers {
		found = append(found, answers[i]...)
		if failed == nil {
			failed = errs[i]
		}
	}
	return found, failed
}

func (s *Server) askOne(ctx context.Context, l records.Link, text string) ([]api.Ref, error) {
	if _, err := s.linker.openable(ctx, l.ID); err != nil {
		return nil, nil //nolint:nilerr // a link that is paused or not yet linked has no answer; that is no failure of this request
	}
	_, c, _, err := s.linker.Connect(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	r, ok := c.(connectors.LinkResolver)
	if !ok {
		return nil, nil
	}
	refs, err := r.Resolve(ctx, text)
	if err != nil {
		return nil, err
	}
	out := make([]api.Ref, len(refs))
	for i, ref := range refs {
		out[i] = api.Ref{Link: l.ID.Link, Kind: api.Kind(ref.Kind), Id: records.EncodeRefID(ref.ID)}
	}
	return out, nil
}

// notRecognised says why, from what we know: never by quoting what was pasted.
func (s *Server) notRecognised(links []records.Link, text string, failed error) error {
	var e *connectors.Error
	switch {
	case errors.As(failed, &e):
		return e
	case failed != nil:
		return failed
	case len(links) == 0:
		return reason(connectors.CodeNotRecognised, "No account is linked yet. Ask an administrator to link one.")
	case isAddress(text):
		return reason(connectors.CodeNotRecognised, fmt.Sprintf("This address is not of a ticket in a linked account. Linked here: %s.", s.titles(links)))
	default:
		return reason(connectors.CodeNotRecognised, fmt.Sprintf("This is neither an address nor an id. Paste the address of a ticket in %s, or its number.", s.titles(links)))
	}
}

func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" || strings.Contains(text, "/") && strings.Contains(text, ".")
}

func (s *Server) titles(links []records.Link) string {
	var names []string
	for _, l := range links {
		name := s.titleOf(l)
		if l.Account != "" {
			name += " (" + l.Account + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (s *Server) titleOf(l records.Link) string {
	if l.Title != "" {
		return l.Title
	}
	if spec, ok := s.deps.Registry.Spec(l.Provider); ok {
		return spec.Title
	}
	return l.Provider
}
