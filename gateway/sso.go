package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// ListSignIns implements api.StrictServerInterface. Strangers learn the providers' titles, and the
// names of sites where more than one has a provider.
func (s *Server) ListSignIns(ctx context.Context, _ api.ListSignInsRequestObject) (api.ListSignInsResponseObject, error) {
	sites, err := s.store.Sites(ctx)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	providers := s.deps.SSO.Providers()
	several := slices.ContainsFunc(providers, func(p auth.OpenIDProvider) bool { return p.Site != providers[0].Site })
	answer := api.ListSignIns200JSONResponse{SsoOnly: len(sites) > 0 && !slices.ContainsFunc(sites, func(site records.Site) bool { return !site.SSOOnly })}
	answer.Providers = []signInBy{}
	for _, p := range providers {
		by := signInBy{Site: string(p.Site), Id: p.ID, Title: p.Title}
		if i := slices.IndexFunc(sites, func(site records.Site) bool { return site.ID == p.Site }); several && i >= 0 {
			by.SiteName = &sites[i].Name
		}
		answer.Providers = append(answer.Providers, by)
	}
	return answer, nil
}

// signInBy is one button of the sign-in page.
type signInBy = struct {
	Id   string `json:"id"`
	Site string `json:"site"`
	// SiteName Where more than one site has providers
	SiteName *string `json:"site_name,omitempty"`
	Title    string  `json:"title"`
}

type begunSSO struct {
	withCookie[api.BeginSso200JSONResponse]
}

// VisitBeginSsoResponse implements api.BeginSsoResponseObject.
func (a begunSSO) VisitBeginSsoResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitBeginSsoResponse(w)
}

// BeginSso implements api.StrictServerInterface.
func (s *Server) BeginSso(ctx context.Context, q api.BeginSsoRequestObject) (api.BeginSsoResponseObject, error) {
	to, browser, err := s.deps.SSO.Begin(ctx, records.SiteID(q.Body.Site), q.Body.Id, value(q.Body.ReturnTo))
	if err != nil {
		return nil, err
	}
	c := cookie(s.cfg.signingCookieName(), browser)
	c.MaxAge = 600 // as long as the sign-in may take
	return begunSSO{withCookie[api.BeginSso200JSONResponse]{[]*http.Cookie{c}, api.BeginSso200JSONResponse{Url: to}}}, nil
}

type cameBack struct {
	withCookie[api.SsoCallback303Response]
}

// VisitSsoCallbackResponse implements api.SsoCallbackResponseObject.
func (a cameBack) VisitSsoCallbackResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitSsoCallbackResponse(w)
}

// maxSigningCookie bounds the sealed sign-in in progress.
const maxSigningCookie = 2048

// SsoCallback implements api.StrictServerInterface. A failure is told on the sign-in page, by a word
// of ours: what came along in the address is nobody's to trust.
func (s *Server) SsoCallback(ctx context.Context, q api.SsoCallbackRequestObject) (api.SsoCallbackResponseObject, error) {
	v := visitOf(ctx)
	browser, _ := cookieWithin(v.Request, s.cfg.signingCookieName(), maxSigningCookie)
	token, to, err := s.deps.SSO.Finish(ctx, auth.Callback{State: value(q.Params.State), Code: value(q.Params.Code),
		Iss: value(q.Params.Iss), Error: value(q.Params.Error)}, browser, v.Peer)
	cookies := []*http.Cookie{cookie(s.cfg.signingCookieName(), "")}
	if err == nil {
		cookies = append(cookies, s.loginCookie(token)...)
	} else {
		to = s.refusedSSO(ctx, err)
	}
	return cameBack{withCookie[api.SsoCallback303Response]{cookies,
		api.SsoCallback303Response{Headers: api.SsoCallback303ResponseHeaders{Location: &to}}}}, nil
}

func (s *Server) refusedSSO(ctx context.Context, err error) (to string) {
	r := &auth.Refusal{Why: auth.TurnedElsewhere, Err: err}
	_ = errors.As(err, &r)
	visitOf(ctx).Code = "sso_" + string(r.Why)
	s.log.WarnContext(ctx, "a sign-in through a provider failed", "op", "session.sso", "why", string(r.Why), "provider", r.Provider,
		"cause", cause(r.Err), "request_id", visitOf(ctx).ID)
	to = withQuery("/signin", "refused", string(r.Why))
	if r.Provider != "" {
		to = withQuery(to, "with", r.Provider)
	}
	return to
}
