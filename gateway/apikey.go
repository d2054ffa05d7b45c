package gateway

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// keyLife is how long a key made here may work; one of the configuration file may do without an end.
const keyLife = 366 * 24 * time.Hour

var keyName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// ListApiKeys implements api.StrictServerInterface.
func (s *Server) ListApiKeys(ctx context.Context, _ api.ListApiKeysRequestObject) (api.ListApiKeysResponseObject, error) {
	p, err := who(ctx, auth.ActionKeys)
	if err != nil {
		return nil, err
	}
	keys, err := s.store.APIKeys(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer := api.ListApiKeys200JSONResponse{Items: []api.ApiKey{}}
	for _, k := range keys {
		answer.Items = append(answer.Items, apiKeyOf(k))
	}
	return answer, nil
}

func apiKeyOf(k records.APIKey) api.ApiKey {
	return api.ApiKey{Id: k.ID, Roles: rolesOf(k.Roles), CreatedAt: k.CreatedAt.UTC(), EndsAt: endOf(k.ExpiresAt),
		IpRules: k.IPRules.Strings(), Provisioned: k.Provisioned}
}

// CreateApiKey implements api.StrictServerInterface. The answer is the only place where the key
// stands.
func (s *Server) CreateApiKey(ctx context.Context, q api.CreateApiKeyRequestObject) (api.CreateApiKeyResponseObject, error) {
	p, err := who(ctx, auth.ActionKeys)
	if err != nil {
		return nil, err
	}
	b, wrong, now := q.Body, map[string]string{}, s.now().UTC().Truncate(time.Millisecond)
	if !keyName.MatchString(b.Id) {
		wrong["id"] = "a-z, 0-9 and -, 63 characters at most"
	}
	ends := now.AddDate(1, 0, 0)
	if b.EndsAt != nil {
		ends = keyEnd(*b.EndsAt, now, wrong)
	}
	secret := auth.NewKey()
	k := records.APIKey{Site: p.Site, ID: b.Id, Hash: auth.HashKey(secret), Roles: checkRoles(b.Roles, wrong), CreatedAt: now, ExpiresAt: ends}
	if b.IpRules != nil {
		k.IPRules = checkNetworks(*b.IpRules, wrong)
	}
	if len(wrong) > 0 {
		return nil, &invalid{wrong}
	}
	if err := s.changed(ctx, p, records.AuditKeyChanged, "", k.ID, "created"); err != nil {
		return nil, err
	}
	if err := s.store.AddAPIKey(ctx, k); err != nil {
		err = errors.Join(addKeyError(ctx, err), s.changed(ctx, p, records.AuditKeyChanged, "", k.ID, "refused"))
		return nil, err
	}
	return api.CreateApiKey201JSONResponse{Key: secret, ApiKey: apiKeyOf(k)}, nil
}

func addKeyError(ctx context.Context, err error) error {
	if errors.Is(err, records.ErrExists) {
		return bad("id", "taken")
	}
	return unavailable(ctx, err)
}

// keyEnd reads the end of a key. It is never far: who forgets a key is reminded by its end.
func keyEnd(text string, now time.Time, wrong map[string]string) time.Time {
	ends := parseEnd(text, wrong)
	if wrong["ends_at"] == "" && (ends.IsZero() || ends.After(now.Add(keyLife))) {
		wrong["ends_at"] = "a moment within a year, such as " + now.AddDate(0, 6, 0).Format(time.RFC3339)
	}
	return ends
}

// keyFor finds a key of the site for a change: 404 before 403, as everywhere.
func (s *Server) keyFor(ctx context.Context, id string) (auth.Principal, records.APIKey, error) {
	p, err := signedIn(ctx)
	if err != nil {
		return p, records.APIKey{}, err
	}
	keys, err := s.store.APIKeys(ctx, p.Site)
	if err != nil {
		return p, records.APIKey{}, unavailable(ctx, err)
	}
	i := slices.IndexFunc(keys, func(k records.APIKey) bool { return k.ID == id })
	switch {
	case i < 0:
		return p, records.APIKey{}, &connectors.Error{Code: connectors.CodeNotFound, Op: "key.update"}
	case !p.May(auth.ActionKeys):
		return p, records.APIKey{}, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "key.update"}
	case keys[i].Provisioned:
		return p, keys[i], reason(connectors.CodeNotAllowed, "This key belongs to the configuration file: change it there.")
	}
	return p, keys[i], nil
}

// UpdateApiKey implements api.StrictServerInterface.
func (s *Server) UpdateApiKey(ctx context.Context, q api.UpdateApiKeyRequestObject) (api.UpdateApiKeyResponseObject, error) {
	p, k, err := s.keyFor(ctx, q.Key)
	if err != nil {
		return nil, err
	}
	own := p.Kind == records.PrincipalAPIKey && p.ID == k.ID
	if own && q.Body.Roles != nil {
		return nil, reason(connectors.CodeNotAllowed, "No key changes its own roles.")
	}
	wrong := map[string]string{}
	if q.Body.Roles != nil {
		k.Roles = checkRoles(*q.Body.Roles, wrong)
	}
	if q.Body.EndsAt != nil {
		k.ExpiresAt = keyEnd(*q.Body.EndsAt, s.now(), wrong)
	}
	if q.Body.IpRules != nil {
		k.IPRules = checkNetworks(*q.Body.IpRules, wrong)
	}
	if len(wrong) > 0 {
		return nil, &invalid{wrong}
	}
	if own {
		if err := shutsOut(ctx, k.IPRules); err != nil {
			return nil, err
		}
	}
	if err := s.changed(ctx, p, records.AuditKeyChanged, "", k.ID, "changed"); err != nil {
		return nil, err
	}
	if err := s.store.PutAPIKey(ctx, k); err != nil {
		return nil, unavailable(ctx, err)
	}
	s.moved(ctx, p.Site)
	return api.UpdateApiKey200JSONResponse(apiKeyOf(k)), nil
}

// RevokeApiKey implements api.StrictServerInterface.
func (s *Server) RevokeApiKey(ctx context.Context, q api.RevokeApiKeyRequestObject) (api.RevokeApiKeyResponseObject, error) {
	p, k, err := s.keyFor(ctx, q.Key)
	if err != nil {
		return nil, err
	}
	if err := s.changed(ctx, p, records.AuditKeyChanged, "", k.ID, "revoked"); err != nil {
		return nil, err
	}
	if err := s.store.DeleteAPIKey(ctx, p.Site, k.ID); err != nil && !errors.Is(err, records.ErrNotFound) {
		return nil, unavailable(ctx, err)
	}
	s.moved(ctx, p.Site)
	return api.RevokeApiKey204Response{}, nil
}
