package gateway

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// linkName is the form of a link's name (openapi.yaml, parameter LinkName).
var linkName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// ListLinks implements api.StrictServerInterface.
func (s *Server) ListLinks(ctx context.Context, _ api.ListLinksRequestObject) (api.ListLinksResponseObject, error) {
	p, err := who(ctx, auth.ActionLinkState)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Links(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer := api.ListLinks200JSONResponse{Items: []api.Link{}}
	for _, row := range rows {
		answer.Items = append(answer.Items, s.linkOf(row, p))
	}
	return answer, nil
}

// GetLink implements api.StrictServerInterface.
func (s *Server) GetLink(ctx context.Context, q api.GetLinkRequestObject) (api.GetLinkResponseObject, error) {
	p, row, err := s.linkFor(ctx, q.Link, auth.ActionLinkState)
	if err != nil {
		return nil, err
	}
	l := s.linkOf(row, p)
	if spec, ok := s.deps.Registry.Spec(row.Provider); ok && p.May(auth.ActionLinks) {
		l.OwnerPage = optional(s.ownerPageOf(row, spec))
	}
	return api.GetLink200JSONResponse(l), nil
}

// linkFor returns the site's link of that name (else 404), to somebody who may do a (else 403).
func (s *Server) linkFor(ctx context.Context, name string, a auth.Action) (auth.Principal, records.Link, error) {
	p, err := signedIn(ctx)
	if err != nil {
		return p, records.Link{}, err
	}
	row, err := s.store.Link(ctx, records.LinkID{Site: p.Site, Link: name})
	if errors.Is(err, records.ErrNotFound) {
		return p, row, &connectors.Error{Code: connectors.CodeNotFound, Op: "link"}
	}
	if err != nil {
		return p, row, unavailable(ctx, err)
	}
	if !p.May(a) {
		return p, row, &connectors.Error{Code: connectors.CodeNotAllowed, Op: string(a)}
	}
	return p, row, nil
}

// linkOf shows a link: its state to whoever has to know why it fails, its settings to those who
// may change them. Secrets are in no answer.
func (s *Server) linkOf(row records.Link, p auth.Principal) api.Link {
	spec, _ := s.deps.Registry.Spec(row.Provider)
	l := api.Link{Id: row.ID.Link, Provider: row.Provider, ProviderTitle: spec.Title, Title: s.titleOf(row), Kinds: kindsOf(spec.Kinds),
		State: api.LinkState(row.State), Reason: optional(row.Reason), Say: optional(s.say(row, spec.Title)), Provisioned: row.Provisioned}
	if b, err := s.linker.build(row); err == nil {
		can := connectors.CapabilitiesOf(b.connector)
		l.Media, l.Lists = optional(can.Media), optional(can.Search)
	}
	if !p.May(auth.ActionLinks) {
		return l
	}
	l.Waveform = optional(api.Waveform(row.Waveform))
	l.Account, l.ClientId, l.Scopes = optional(row.Account), optional(row.ClientID), optional(row.Scopes)
	l.CredentialKind = optional(api.CredentialKind(row.CredentialKind))
	settings := maps.Clone(row.Settings)
	l.Settings = &settings
	s.addHealth(&l, row, spec)
	return l
}

func kindsOf(ks []records.Kind) []api.Kind {
	out := make([]api.Kind, len(ks))
	for i, k := range ks {
		out[i] = api.Kind(k)
	}
	return out
}

// say puts a link's state into words.
func (s *Server) say(row records.Link, title string) string {
	switch row.State {
	case records.LinkNew:
		return title + " is not connected yet."
	case records.LinkPaused:
		return "Paused: nothing is read through it."
	case records.LinkNeedsReconnect:
		return auth.SayReason(row.Reason)
	default:
		return ""
	}
}

// CreateLink implements api.StrictServerInterface.
func (s *Server) CreateLink(ctx context.Context, q api.CreateLinkRequestObject) (api.CreateLinkResponseObject, error) {
	p, err := who(ctx, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	row, err := s.newLink(p, q.Body)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Link(ctx, row.ID); err == nil {
		return nil, bad("id", "taken")
	}
	if err := s.changed(ctx, p, records.AuditLinkChanged, row.ID.Link, "", "created"); err != nil {
		return nil, err
	}
	err = s.store.AddLink(ctx, row)
	if errors.Is(err, records.ErrExists) {
		return nil, bad("id", "taken")
	}
	if err == nil {
		err = s.putSecrets(ctx, row.ID, q.Body.ClientSecret, q.Body.Token)
	}
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	return s.created(ctx, p, row.ID)
}

func (s *Server) created(ctx context.Context, p auth.Principal, id records.LinkID) (api.CreateLinkResponseObject, error) {
	row, err := s.store.Link(ctx, id)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	return api.CreateLink201JSONResponse(s.linkOf(row, p)), nil
}

func (s *Server) newLink(p auth.Principal, b *api.NewLink) (records.Link, error) {
	wrong := map[string]string{}
	spec, ok := s.deps.Registry.Spec(b.Provider)
	if !ok {
		wrong["provider"] = "unknown"
	}
	if !linkName.MatchString(b.Id) {
		wrong["id"] = "a-z, 0-9 and -, 63 at most, not beginning with -"
	}
	kind := records.CredentialKind(b.CredentialKind)
	if ok && !slices.Contains(spec.OAuth.Grants, kind) && kind != records.CredentialBearer {
		wrong["credential_kind"] = "not offered by " + spec.Title
	}
	if kind == records.CredentialBearer && value(b.Token) == "" {
		wrong["token"] = "required"
	}
	checkLengths(wrong, map[string]*string{"client_id": b.ClientId, "client_secret": b.ClientSecret, "token": b.Token, "title": b.Title})
	if ok {
		for name, what := range spec.CheckSettings(b.Settings) {
			wrong["settings."+name] = what
		}
	}
	waveform := waveformOf(wrong, b.Waveform, "")
	if len(wrong) > 0 {
		return records.Link{}, &invalid{wrong}
	}
	now := s.now()
	return records.Link{ID: records.LinkID{Site: p.Site, Link: b.Id}, Provider: spec.Name, Title: strings.TrimSpace(value(b.Title)), Settings: b.Settings,
		Endpoints: s.cfg.Sandbox[spec.Name].Endpoints, MediaHosts: s.cfg.Sandbox[spec.Name].MediaHosts,
		CredentialKind: kind, ClientID: value(b.ClientId), Waveform: waveform, State: records.LinkNew, CreatedAt: now, UpdatedAt: now}, nil
}

// waveformOf takes what is asked for; nothing leaves it as it was.
func waveformOf(wrong map[string]string, asked *api.Waveform, was records.Waveform) records.Waveform {
	switch {
	case asked == nil:
		return was
	case !asked.Valid():
		wrong["waveform"] = "want full, heard or off"
	}
	return records.Waveform(*asked)
}

// checkLengths keeps what openapi.yaml says about maxLength; the generated code does not.
func checkLengths(wrong map[string]string, fields map[string]*string) {
	for name, v := range fields {
		limit := map[string]int{"title": 100, "client_id": 400, "client_secret": 4000, "token": 4000}[name]
		if v != nil && len(*v) > limit {
			wrong[name] = "too long"
		}
	}
}

func (s *Server) putSecrets(ctx context.Context, id records.LinkID, clientSecret, token *string) error {
	if value(clientSecret) != "" {
		if err := s.deps.Keeper.PutClientSecret(ctx, id, records.NewSecret(*clientSecret)); err != nil {
			return err
		}
	}
	if value(token) != "" {
		_, err := s.deps.Keeper.Seed(ctx, id, []byte(*token))
		return err
	}
	return nil
}

// UpdateLink implements api.StrictServerInterface.
func (s *Server) UpdateLink(ctx context.Context, q api.UpdateLinkRequestObject) (api.UpdateLinkResponseObject, error) {
	p, row, err := s.linkFor(ctx, q.Link, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	if row.Provisioned {
		return nil, reason(connectors.CodeNotAllowed, "This link belongs to the configuration file: change it there.")
	}
	changed, err := s.applyLink(row, q.Body)
	if err != nil {
		return nil, err
	}
	detail := "changed"
	if q.Body.Paused != nil {
		detail = map[bool]string{true: "paused", false: "resumed"}[*q.Body.Paused]
	}
	if err := s.changed(ctx, p, records.AuditLinkChanged, row.ID.Link, "", detail); err != nil {
		return nil, err
	}
	if err := s.storeLink(ctx, row, changed, q.Body); err != nil {
		return nil, unavailable(ctx, err)
	}
	s.linkMoved(ctx, row.ID)
	if row, err = s.store.Link(ctx, row.ID); err != nil {
		return nil, unavailable(ctx, err)
	}
	return api.UpdateLink200JSONResponse(s.linkOf(row, p)), nil
}

func (s *Server) applyLink(row records.Link, b *api.LinkChange) (records.Link, error) {
	wrong := map[string]string{}
	checkLengths(wrong, map[string]*string{"client_id": b.ClientId, "client_secret": b.ClientSecret, "token": b.Token, "title": b.Title})
	if b.Token != nil && row.CredentialKind != records.CredentialBearer {
		wrong["token"] = "this link signs in otherwise"
	}
	spec, _ := s.deps.Registry.Spec(row.Provider)
	if b.Settings != nil {
		for name, what := range spec.CheckSettings(*b.Settings) {
			wrong["settings."+name] = what
		}
		row.Settings = *b.Settings
	}
	row.Waveform = waveformOf(wrong, b.Waveform, row.Waveform)
	if len(wrong) > 0 {
		return row, &invalid{wrong}
	}
	if b.Title != nil {
		row.Title = strings.TrimSpace(*b.Title)
	}
	if b.ClientId != nil {
		row.ClientID = *b.ClientId
	}
	return row, nil
}

func (s *Server) storeLink(ctx context.Context, was, row records.Link, b *api.LinkChange) error {
	if err := s.store.UpdateLink(ctx, row); err != nil {
		return err
	}
	if err := s.putSecrets(ctx, row.ID, b.ClientSecret, b.Token); err != nil {
		return err
	}
	if b.Paused == nil || *b.Paused == (was.State == records.LinkPaused) {
		return nil
	}
	// Read again: another account has dropped the grant and moved the generation.
	now, err := s.store.Link(ctx, row.ID)
	if err != nil {
		return err
	}
	state := records.LinkPaused
	if !*b.Paused {
		state = records.LinkNew
		if len(now.RefreshToken) > 0 || now.CredentialKind == records.CredentialClientCredentials {
			state = records.LinkOK // the next read finds out, and says so if it does not work
		}
	}
	_, err = s.store.SetState(ctx, row.ID, now.Generation, state, "", s.now())
	return err
}

// linkMoved makes a change felt here at once; other replicas read the rights version.
func (s *Server) linkMoved(ctx context.Context, id records.LinkID) {
	if err := s.deps.Keeper.Forget(ctx, id); err != nil {
		s.log.WarnContext(ctx, "the cache keeps a token until it expires", "link", id.String(), "cause", cause(err))
	}
	s.linker.rightsMoved(ctx, id.Site)
	s.rightsMoved(ctx, id.Site)
}

// DeleteLink implements api.StrictServerInterface. The row goes even when the provider cannot be
// reached to revoke the grant: the secrets are destroyed here.
func (s *Server) DeleteLink(ctx context.Context, q api.DeleteLinkRequestObject) (api.DeleteLinkResponseObject, error) {
	p, row, err := s.linkFor(ctx, q.Link, auth.ActionLinks)
	if err != nil {
		return nil, err
	}
	if row.Provisioned {
		return nil, reason(connectors.CodeNotAllowed, "This link belongs to the configuration file: remove it there.")
	}
	if err := s.changed(ctx, p, records.AuditLinkChanged, row.ID.Link, "", "removed"); err != nil {
		return nil, err
	}
	if err := s.deps.Flow.Revoke(ctx, row.ID); err != nil {
		s.log.WarnContext(ctx, "the grant could not be revoked at the provider", "provider", row.Provider, "link", row.ID.String(), "cause", cause(err))
	}
	if err := s.store.DeleteLink(ctx, row.ID); err != nil {
		return nil, unavailable(ctx, err)
	}
	s.linkMoved(ctx, row.ID)
	return api.DeleteLink204Response{}, nil
}
