package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// ListUsers implements api.StrictServerInterface.
func (s *Server) ListUsers(ctx context.Context, _ api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	p, err := who(ctx, auth.ActionUsers)
	if err != nil {
		return nil, err
	}
	users, in, err := s.store.UsersOf(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer := api.ListUsers200JSONResponse{Items: []api.User{}}
	for _, u := range users {
		answer.Items = append(answer.Items, userOf(u, rolesIn(in, u.ID)))
	}
	return answer, nil
}

func userOf(u records.User, roles []records.Role) api.User {
	return api.User{Id: string(u.ID), Login: u.Login, Name: u.Name, Roles: rolesOf(roles), Status: api.UserStatus(u.Status), EndsAt: endOf(u.EndsAt),
		IpRules: u.IPRules.Strings(), Provisioned: u.Provisioned}
}

// endOf leaves the zero time out.
func endOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func rolesIn(ms []records.Membership, id records.UserID) []records.Role {
	i := slices.IndexFunc(ms, func(m records.Membership) bool { return m.User == id })
	if i < 0 {
		return nil
	}
	return ms[i].Roles
}

// CreateUser implements api.StrictServerInterface.
func (s *Server) CreateUser(ctx context.Context, q api.CreateUserRequestObject) (api.CreateUserResponseObject, error) {
	p, err := who(ctx, auth.ActionUsers)
	if err != nil {
		return nil, err
	}
	b := q.Body
	wrong := map[string]string{}
	login := auth.FoldLogin(b.Login)
	if login == "" || len(login) > 320 {
		wrong["login"] = "1 to 320 characters"
	}
	if len(b.Name) > 200 {
		wrong["name"] = "200 characters at most"
	}
	roles := checkRoles(b.Roles, wrong)
	hash := ""
	if value(b.Password) != "" || !s.deps.SSO.Has(p.Site) {
		hash = hashPassword(login, b.Name, value(b.Password), wrong)
	}
	if len(wrong) == 0 {
		if _, err := s.store.UserByLogin(ctx, login); err == nil {
			wrong["login"] = "taken"
		}
	}
	if len(wrong) > 0 {
		return nil, &invalid{wrong}
	}
	u := records.User{ID: records.UserID(ulid.Make().String()), Login: login, Name: strings.TrimSpace(b.Name), PasswordHash: hash,
		Status: records.UserActive, CreatedAt: s.now()}
	if err := s.changed(ctx, p, records.AuditUserChanged, "", string(u.ID), "created"); err != nil {
		return nil, err
	}
	err = s.store.AddUser(ctx, u, records.Membership{Site: p.Site, User: u.ID, Roles: roles})
	if errors.Is(err, records.ErrExists) {
		return nil, bad("login", "taken")
	}
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	return api.CreateUser201JSONResponse(userOf(u, roles)), nil
}

func checkRoles(in []api.Role, wrong map[string]string) []records.Role {
	var out []records.Role
	for _, r := range in {
		if !r.Valid() || slices.Contains(out, records.Role(r)) {
			wrong["roles"] = "agent, team_leader, analyst or administrator, each once"
			return nil
		}
		out = append(out, records.Role(r))
	}
	if len(out) == 0 {
		wrong["roles"] = "at least one"
	}
	return out
}

func hashPassword(login, name, password string, wrong map[string]string) string {
	hash, err := auth.HashPassword(login, name, password)
	if err != nil {
		// The error lists the broken rules and never holds the password.
		wrong["password"] = strings.TrimPrefix(err.Error(), "password: ")
	}
	return hash
}

// UpdateUser implements api.StrictServerInterface.
func (s *Server) UpdateUser(ctx context.Context, q api.UpdateUserRequestObject) (api.UpdateUserResponseObject, error) {
	p, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	users, in, err := s.store.UsersOf(ctx, p.Site)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	i := slices.IndexFunc(users, func(u records.User) bool { return string(u.ID) == q.User })
	if i < 0 {
		return nil, &connectors.Error{Code: connectors.CodeNotFound, Op: "user.update"}
	}
	if !p.May(auth.ActionUsers) {
		return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "user.update"}
	}
	u, roles := users[i], rolesIn(in, users[i].ID)
	if err := mayChange(p, u, q.Body); err != nil {
		return nil, err
	}
	changed, newRoles, err := applyUser(u, roles, q.Body)
	if err != nil {
		return nil, err
	}
	if p.Kind == records.PrincipalUser && q.User == p.ID {
		if err := shutsOut(ctx, changed.IPRules); err != nil {
			return nil, err
		}
	}
	if err := s.changed(ctx, p, records.AuditUserChanged, "", q.User, "changed"); err != nil {
		return nil, err
	}
	if err := s.storeUser(ctx, p.Site, changed, roles, newRoles); err != nil {
		return nil, errors.Join(err, s.changed(ctx, p, records.AuditUserChanged, "", q.User, "refused"))
	}
	if value(q.Body.ReleaseSso) {
		if err := s.store.DeleteIdentities(ctx, u.ID); err != nil {
			return nil, unavailable(ctx, err)
		}
	}
	s.moved(ctx, p.Site)
	return api.UpdateUser200JSONResponse(userOf(changed, newRoles)), nil
}

// mayChange: what the file provides is changed in the file; nobody changes their own roles or
// shuts themselves out (domain: "Roles").
func mayChange(p auth.Principal, u records.User, b *api.UserChange) error {
	if u.Provisioned {
		return reason(connectors.CodeNotAllowed, "This user belongs to the configuration file: change it there.")
	}
	if string(u.ID) == p.ID && p.Kind == records.PrincipalUser && (b.Roles != nil || b.Status != nil || b.EndsAt != nil) {
		return reason(connectors.CodeNotAllowed, "Nobody changes their own roles, status or end: ask another administrator.")
	}
	return nil
}

func applyUser(u records.User, roles []records.Role, b *api.UserChange) (records.User, []records.Role, error) {
	wrong := map[string]string{}
	if b.Name != nil {
		if u.Name = strings.TrimSpace(*b.Name); len(u.Name) > 200 {
			wrong["name"] = "200 characters at most"
		}
	}
	if b.Status != nil {
		if !b.Status.Valid() {
			wrong["status"] = "active or inactive"
		}
		u.Status = records.UserStatus(*b.Status)
	}
	if b.EndsAt != nil {
		u.EndsAt = parseEnd(*b.EndsAt, wrong)
	}
	if b.Roles != nil {
		roles = checkRoles(*b.Roles, wrong)
	}
	if b.IpRules != nil {
		u.IPRules = checkNetworks(*b.IpRules, wrong)
	}
	if b.Password != nil {
		u.PasswordHash = hashPassword(u.Login, u.Name, *b.Password, wrong)
	}
	if len(wrong) > 0 {
		return u, nil, &invalid{wrong}
	}
	return u, roles, nil
}

// parseEnd reads a moment; the empty text takes the end away.
func parseEnd(text string, wrong map[string]string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 2000 || t.Year() > 9999 { // a leap into 1970 would read as "no end"
		wrong["ends_at"] = "a moment such as 2027-01-01T00:00:00Z, or empty for no end"
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func (s *Server) storeUser(ctx context.Context, site records.SiteID, u records.User, was, roles []records.Role) error {
	err := s.store.UpdateUser(ctx, u)
	if err == nil && !slices.Equal(was, roles) {
		err = s.store.PutMembership(ctx, records.Membership{Site: site, User: u.ID, Roles: roles})
	}
	switch {
	case errors.Is(err, records.ErrLastAdministrator):
		return bad("roles", "a site keeps at least one active administrator without an end date")
	case errors.Is(err, records.ErrBreakGlass):
		return bad("roles", "this is the break-glass administrator of a site with single sign-on only: name another one first")
	case err != nil:
		return unavailable(ctx, err)
	}
	return nil
}
