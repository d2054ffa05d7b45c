package gateway

import (
	"context"
	"errors"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// GetSite implements api.StrictServerInterface.
func (s *Server) GetSite(ctx context.Context, _ api.GetSiteRequestObject) (api.GetSiteResponseObject, error) {
	p, err := who(ctx, auth.ActionSite)
	if err != nil {
		return nil, err
	}
	site, err := s.store.Site(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	return api.GetSite200JSONResponse(s.siteOf(ctx, site)), nil
}

func (s *Server) siteOf(ctx context.Context, site records.Site) api.Site {
	return api.Site{Id: string(site.ID), Name: site.Name, IpRules: site.IPRules.Strings(), SsoOnly: site.SSOOnly, HasSso: s.deps.SSO.Has(site.ID),
		BreakGlass: optional(string(site.BreakGlass)), Provisioned: site.Provisioned, YourAddress: visitOf(ctx).Peer.String()}
}

// UpdateSite implements api.StrictServerInterface.
func (s *Server) UpdateSite(ctx context.Context, q api.UpdateSiteRequestObject) (api.UpdateSiteResponseObject, error) {
	p, err := who(ctx, auth.ActionSite)
	if err != nil {
		return nil, err
	}
	site, err := s.store.Site(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	if site.Provisioned {
		return nil, reason(connectors.CodeNotAllowed, "This site belongs to the configuration file: change it there.")
	}
	if err := s.applySite(ctx, &site, q.Body); err != nil {
		return nil, err
	}
	if err := s.changed(ctx, p, records.AuditSiteChanged, "", "", "changed"); err != nil {
		return nil, err
	}
	if err := s.store.PutSite(ctx, site); err != nil {
		err = errors.Join(putSiteError(ctx, err), s.changed(ctx, p, records.AuditSiteChanged, "", "", "refused"))
		return nil, err
	}
	s.moved(ctx, p.Site)
	return api.UpdateSite200JSONResponse(s.siteOf(ctx, site)), nil
}

func putSiteError(ctx context.Context, err error) error {
	if errors.Is(err, records.ErrBreakGlass) {
		return bad("break_glass", "an active administrator of this site with a password and without an end date")
	}
	return unavailable(ctx, err)
}

func (s *Server) applySite(ctx context.Context, site *records.Site, b *api.SiteChange) error {
	wrong := map[string]string{}
	if b.IpRules != nil {
		site.IPRules = checkNetworks(*b.IpRules, wrong)
	}
	if b.BreakGlass != nil {
		site.BreakGlass = records.UserID(*b.BreakGlass)
	}
	if b.SsoOnly != nil {
		if site.SSOOnly = *b.SsoOnly; site.SSOOnly && !s.deps.SSO.Has(site.ID) {
			wrong["sso_only"] = "this site has no OpenID provider: name one in the configuration first"
		}
	}
	if len(wrong) > 0 {
		return &invalid{wrong}
	}
	return shutsOut(ctx, site.IPRules)
}
