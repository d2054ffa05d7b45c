package gateway

import (
	"context"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// Demo is what `sightglass demo` adds: samples, other people to look as, and things to break.
type Demo interface {
	Info(ctx context.Context) api.Demo
	// LookAs says who in the demo has the role.
	LookAs(ctx context.Context, role records.Role) (records.SiteID, records.UserID, error)
	// Break drives the simulator. p is who asks, nil when nobody is signed in.
	Break(ctx context.Context, p *auth.Principal, id string, undo bool) error
}

func (s *Server) demo() (Demo, error) {
	if s.deps.Demo == nil {
		return nil, &connectors.Error{Code: connectors.CodeNotFound, Op: "demo"}
	}
	return s.deps.Demo, nil
}

// GetDemo implements api.StrictServerInterface.
func (s *Server) GetDemo(ctx context.Context, _ api.GetDemoRequestObject) (api.GetDemoResponseObject, error) {
	d, err := s.demo()
	if err != nil {
		return nil, err
	}
	return api.GetDemo200JSONResponse(d.Info(ctx)), nil
}

// DemoLookAs implements api.StrictServerInterface.
func (s *Server) DemoLookAs(ctx context.Context, q api.DemoLookAsRequestObject) (api.DemoLookAsResponseObject, error) {
	d, err := s.demo()
	if err != nil {
		return nil, err
	}
	if !q.Body.Role.Valid() {
		return nil, bad("role", "unknown")
	}
	site, user, err := d.LookAs(ctx, records.Role(q.Body.Role))
	if err != nil {
		return nil, err
	}
	token, who, err := s.deps.Sessions.SignInAs(ctx, site, user, visitOf(ctx).Peer)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer, err := s.sessionOf(ctx, who)
	if err != nil {
		return nil, err
	}
	return lookedAsAnswer{withCookie[api.DemoLookAs200JSONResponse]{s.loginCookie(token),
		api.DemoLookAs200JSONResponse{SessionAnswerJSONResponse: answer}}}, nil
}

// DemoBreak implements api.StrictServerInterface.
func (s *Server) DemoBreak(ctx context.Context, q api.DemoBreakRequestObject) (api.DemoBreakResponseObject, error) {
	d, err := s.demo()
	if err != nil {
		return nil, err
	}
	if err := d.Break(ctx, visitOf(ctx).Principal, q.Body.Id, value(q.Body.Undo)); err != nil {
		return nil, err
	}
	return api.DemoBreak204Response{}, nil
}
