package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// ListProviders implements api.StrictServerInterface.
func (s *Server) ListProviders(ctx context.Context, _ api.ListProvidersRequestObject) (api.ListProvidersResponseObject, error) {
	if _, err := who(ctx, auth.ActionLinks); err != nil {
		return nil, err
	}
	answer := api.ListProviders200JSONResponse{Items: []api.Provider{}}
	redirect := s.cfg.PublicURL + auth.CallbackPath
	for _, spec := range s.deps.Registry.Specs() {
		p := providerOf(spec)
		p.RedirectUri = &redirect
		p.RegisterUrl = optional(s.registerURL(spec))
		p.Register = registerOf(spec, redirect)
		p.OwnerPage = optional(ownerPage(spec, nil, redirect, upstream.DefaultLimits().Share, nil))
		answer.Items = append(answer.Items, p)
	}
	return answer, nil
}

func settingOf(f connectors.Setting) api.ProviderSetting {
	s := api.ProviderSetting{Name: f.Name, Title: f.Title, Help: f.Help, Required: f.Required, Example: optional(f.Example),
		Pattern: optional(f.Pattern), Default: optional(f.Default), Advanced: optional(f.Advanced)}
	if len(f.Options) > 0 {
		all := make([]api.SettingOption, len(f.Options))
		for i, o := range f.Options {
			all[i] = api.SettingOption{Value: o.Value, Title: o.Title}
		}
		s.Options = &all
	}
	return s
}

func providerOf(spec connectors.Spec) api.Provider {
	p := api.Provider{Name: spec.Name, Title: spec.Title, Kinds: kindsOf(spec.Kinds), Grants: []api.CredentialKind{},
		RegisterUrl: optional(spec.OAuth.RegisterURL), ClientId: optional(spec.OAuth.ClientID)}
	for _, g := range spec.OAuth.Grants {
		p.Grants = append(p.Grants, api.CredentialKind(g))
	}
	for _, f := range spec.Settings {
		p.Settings = append(p.Settings, settingOf(f))
	}
	for _, sc := range spec.OAuth.Scopes {
		p.Scopes = append(p.Scopes, struct {
			Name     string `json:"name"`
			Optional bool   `json:"optional"`
			Why      string `json:"why"`
		}{sc.Name, sc.Optional, sc.Why})
	}
	for _, h := range spec.Hosts {
		p.Hosts = append(p.Hosts, struct {
			Credentials bool   `json:"credentials"`
			Name        string `json:"name"`
			Pattern     string `json:"pattern"`
		}{h.Credentials, h.Name, h.Pattern})
	}
	return noNulls(p)
}

// registerURL is where an OAuth client is made: at the provider, or at what stands in for it.
func (s *Server) registerURL(spec connectors.Spec) string {
	api := s.cfg.Sandbox[spec.Name].Endpoints["api"]
	_, rest, ok := strings.Cut(spec.OAuth.RegisterURL, "://")
	i := strings.IndexByte(rest, '/')
	if api == "" || !ok || i < 0 {
		return spec.OAuth.RegisterURL
	}
	return api + rest[i:]
}

// registerOf is what to enter at the provider.
func registerOf(spec connectors.Spec, redirect string) *[]struct {
	Label string `json:"label"`
	Value string `json:"value"`
} {
	var list []struct {
		Label string `json:"label"`
		Value string `json:"value"`
	}
	for _, e := range spec.OAuth.Register {
		list = append(list, struct {
			Label string `json:"label"`
			Value string `json:"value"`
		}{e.Label, strings.ReplaceAll(e.Value, "{redirect}", redirect)})
	}
	if list == nil {
		return nil
	}
	return &list
}

// noNulls: the contract says arrays, also when they are empty.
func noNulls(p api.Provider) api.Provider {
	p.Settings, p.Scopes, p.Hosts = notNil(p.Settings), notNil(p.Scopes), notNil(p.Hosts)
	return p
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// authorizing sends the browser's half of the secret along, in a cookie of its own.
type authorizing struct {
	withCookie[api.AuthorizeLink200JSONResponse]
}

// VisitAuthorizeLinkResponse implements api.AuthorizeLinkResponseObject.
func (a authorizing) VisitAuthorizeLinkResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitAuthorizeLinkResponse(w)
}

// AuthorizeLink implements api.StrictServerInterface.
func (s *Server) AuthorizeLink(ctx context.Context, q api.AuthorizeLinkRequestObject) (api.AuthorizeLinkResponseObject, error) {
	p, row, err := s.linkFor(ctx, q.Link, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	to, browser, err := s.deps.Flow.Begin(ctx, p, row.ID, "/links/"+row.ID.Link)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	s.linker.rightsMoved(ctx, row.ID.Site)
	a := authorizing{withCookie[api.AuthorizeLink200JSONResponse]{answer: api.AuthorizeLink200JSONResponse{Url: optional(to)}}}
	if browser != "" {
		c := cookie(s.cfg.linkingCookieName(), browser)
		c.MaxAge = 600 // as long as the authorization's row lives
		a.cookies = []*http.Cookie{c}
	}
	return a, nil
}

// calledBack sends the browser on and takes the cookie away.
type calledBack struct {
	withCookie[api.OauthCallback303Response]
}

// VisitOauthCallbackResponse implements api.OauthCallbackResponseObject.
func (a calledBack) VisitOauthCallbackResponse(w http.ResponseWriter) error {
	a.set(w)
	return a.answer.VisitOauthCallbackResponse(w)
}

// OauthCallback implements api.StrictServerInterface. Once it is known which link it is about, a
// failure is told on that link's page; before that it is a plain problem, since nothing that came
// along can be trusted.
func (s *Server) OauthCallback(ctx context.Context, q api.OauthCallbackRequestObject) (api.OauthCallbackResponseObject, error) {
	v := visitOf(ctx)
	browser, _ := oneCookie(v.Request, s.cfg.linkingCookieName())
	cb := auth.Callback{State: value(q.Params.State), Code: value(q.Params.Code), Iss: value(q.Params.Iss), Error: value(q.Params.Error)}
	if v.Principal != nil && v.Principal.Kind == records.PrincipalUser {
		cb.User = records.UserID(v.Principal.ID)
	}
	a, err := s.deps.Flow.Finish(ctx, cb, browser)
	if err != nil && a.Link.Link == "" {
		return nil, unavailable(ctx, err)
	}
	// The keeper has the new token already: forgetting it would cost a refresh of what was just got.
	s.linker.rightsMoved(ctx, a.Link.Site)
	s.rightsMoved(ctx, a.Link.Site)
	to := a.ReturnTo
	if err != nil {
		p := s.problemOf(ctx, err)
		v.Code = string(p.Code)
		s.logProblem(ctx, p, err)
		to = withQuery(to, "problem", string(p.Code))
		if why := auth.WhyOf(err); why != "" {
			to = withQuery(to, "why", string(why))
		}
	}
	return calledBack{withCookie[api.OauthCallback303Response]{[]*http.Cookie{cookie(s.cfg.linkingCookieName(), "")},
		api.OauthCallback303Response{Headers: api.OauthCallback303ResponseHeaders{Location: &to}}}}, nil
}

func withQuery(path, key, value string) string {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + key + "=" + url.QueryEscape(value)
}

// ExplainFailure implements api.StrictServerInterface. The address a browser comes back to holds the name
// of a failure only: whoever writes another one there gets words of ours, or none.
func (s *Server) ExplainFailure(ctx context.Context, q api.ExplainFailureRequestObject) (api.ExplainFailureResponseObject, error) {
	_, row, err := s.linkFor(ctx, q.Link, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	why := auth.Why(q.Params.Why)
	say := s.deps.Flow.Explain(row, why)
	if say == "" {
		return nil, bad("why", "unknown")
	}
	return api.ExplainFailure200JSONResponse{Why: string(why), Code: api.Code(why.Code()), Say: say}, nil
}

type check = struct {
	Fix  *string `json:"fix,omitempty"`
	Name string  `json:"name"`
	Ok   bool    `json:"ok"`
	Say  string  `json:"say"`
}

func checkOf(c connectors.Check) check {
	return check{Fix: optional(c.Fix), Name: c.Name, Ok: c.OK, Say: c.Say}
}
