package gateway

import (
	"context"
	"net/http"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// withCookie sets cookies, then answers as the generated type does.
type withCookie[T any] struct {
	cookies []*http.Cookie
	answer  T
}

func (a withCookie[T]) set(w http.ResponseWriter) {
	for _, c := range a.cookies {
		http.SetCookie(w, c)
	}
}

type signedInAnswer struct {
	withCookie[api.SignIn200JSONResponse]
}

// VisitSignInResponse implements api.SignInResponseObject.
func (a signedInAnswer) VisitSignInResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitSignInResponse(w)
}

type lookedAsAnswer struct {
	withCookie[api.DemoLookAs200JSONResponse]
}

// VisitDemoLookAsResponse implements api.DemoLookAsResponseObject.
func (a lookedAsAnswer) VisitDemoLookAsResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitDemoLookAsResponse(w)
}

type signedOutAnswer struct {
	withCookie[api.SignOut204Response]
}

// VisitSignOutResponse implements api.SignOutResponseObject.
func (a signedOutAnswer) VisitSignOutResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitSignOutResponse(w)
}

// SignIn implements api.StrictServerInterface.
func (s *Server) SignIn(ctx context.Context, q api.SignInRequestObject) (api.SignInResponseObject, error) {
	token, who, err := s.signIn(ctx, q.Body)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer, err := s.sessionOf(ctx, who)
	if err != nil {
		return nil, err
	}
	return signedInAnswer{withCookie[api.SignIn200JSONResponse]{s.loginCookie(token),
		api.SignIn200JSONResponse{SessionAnswerJSONResponse: answer}}}, nil
}

func (s *Server) signIn(ctx context.Context, b *api.SignIn) (token string, who auth.Principal, err error) {
	once, login, password := value(b.Once), value(b.Login), value(b.Password)
	switch {
	case once != "" && login == "" && password == "" && len(once) <= 200:
		return s.deps.Sessions.SignInOnce(ctx, once, visitOf(ctx).Peer)
	case once == "" && login != "" && len(login) <= 320 && password != "" && len(password) <= 1024:
		return s.deps.Sessions.SignIn(ctx, login, password, visitOf(ctx).Peer)
	default:
		return "", auth.Principal{}, bad("body", "want login and password, or once")
	}
}

func (s *Server) loginCookie(token string) []*http.Cookie {
	return []*http.Cookie{cookie(s.cfg.cookieName(), token)}
}

// GetSession implements api.StrictServerInterface.
func (s *Server) GetSession(ctx context.Context, _ api.GetSessionRequestObject) (api.GetSessionResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := s.sessionOf(ctx, who)
	if err != nil {
		return nil, err
	}
	return api.GetSession200JSONResponse{SessionAnswerJSONResponse: answer}, nil
}

// SignOut implements api.StrictServerInterface.
func (s *Server) SignOut(ctx context.Context, _ api.SignOutRequestObject) (api.SignOutResponseObject, error) {
	v := visitOf(ctx)
	if v.Token.key {
		return nil, bad("body", "an API key has no session to end")
	}
	if err := s.deps.Sessions.SignOut(ctx, v.Token.secret.Reveal()); err != nil {
		return nil, unavailable(ctx, err)
	}
	s.access.forget(v.Token)
	s.streams.endToken(v.Token, &connectors.Error{Code: connectors.CodeUnauthenticated, Op: "session.end"})
	return signedOutAnswer{withCookie[api.SignOut204Response]{s.loginCookie(""), api.SignOut204Response{}}}, nil
}

// sessionOf says who somebody is and what they may do.
func (s *Server) sessionOf(ctx context.Context, who auth.Principal) (api.SessionAnswerJSONResponse, error) {
	site, err := s.store.Site(ctx, who.Site)
	if err != nil {
		return api.SessionAnswerJSONResponse{}, unavailable(ctx, err)
	}
	a := api.SessionAnswerJSONResponse{Site: string(site.ID), SiteName: site.Name, Principal: who.ID, Kind: api.SessionKind(who.Kind),
		Login: optional(who.Login), Name: optional(who.Name), Roles: rolesOf(who.Roles), Rights: []string{}}
	for _, r := range who.Rights() {
		a.Rights = append(a.Rights, string(r))
	}
	if !who.ExpiresAt.IsZero() {
		t := who.ExpiresAt.UTC()
		a.ExpiresAt = &t
	}
	if s.deps.Demo != nil {
		yes := true
		a.Demo = &yes
	}
	return a, nil
}

func rolesOf(rs []records.Role) []api.Role {
	out := make([]api.Role, len(rs))
	for i, r := range rs {
		out[i] = api.Role(r)
	}
	return out
}

// value is what an optional field holds, or its zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// optional leaves a zero value out.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
