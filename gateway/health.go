package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// Livez implements api.StrictServerInterface: the process runs and answers.
func (s *Server) Livez(context.Context, api.LivezRequestObject) (api.LivezResponseObject, error) {
	return api.Livez200TextResponse("ok\n"), nil
}

// Readyz implements api.StrictServerInterface: it names what keeps us from opening anything.
func (s *Server) Readyz(ctx context.Context, _ api.ReadyzRequestObject) (api.ReadyzResponseObject, error) {
	r := s.ready(ctx)
	if r.Ready {
		return api.Readyz200JSONResponse(r), nil
	}
	return api.Readyz503JSONResponse(r), nil
}

func (s *Server) ready(ctx context.Context) api.Ready {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	checks := []struct {
		name, say string
		ask       func() error
	}{
		{"records", "The database does not answer or cannot be written.", func() error { return s.store.Ping(ctx) }},
		{"cache", "Degraded: the cache does not answer. Opening goes on, slower; links refresh more often meanwhile.", func() error { return s.deps.Cache.Ping(ctx) }},
		{"keys", "The keys do not open what they sealed.", s.tryKeys},
	}
	errs := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() { errs[i] = c.ask() })
	}
	wg.Wait()
	r := api.Ready{Ready: !s.stopping.Load()}
	for i, c := range checks {
		s.sayReady(&r, c.name, errs[i] == nil, c.say)
		// The cache may be lost: opens go on without it (design section 2).
		r.Ready = r.Ready && (errs[i] == nil || c.name == "cache")
	}
	if s.stopping.Load() {
		s.sayReady(&r, "server", false, "Stopping.")
	}
	return r
}

func (s *Server) sayReady(r *api.Ready, name string, ok bool, say string) {
	part := struct {
		Name string  `json:"name"`
		Ok   bool    `json:"ok"`
		Say  *string `json:"say,omitempty"`
	}{Name: name, Ok: ok}
	if !ok {
		part.Say = &say
	}
	r.Parts = append(r.Parts, part)
}

func (s *Server) tryKeys() error {
	place := records.Place{Table: "health"}
	_, err := s.deps.Keys.Open(s.deps.Keys.Seal([]byte("ok"), place), place)
	return err
}
