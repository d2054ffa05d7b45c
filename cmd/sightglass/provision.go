package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

// provision brings the database to what the file says. Objects of the file carry Provisioned; those
// that are no longer there are paused (links), deactivated (users) or expired (keys), never deleted.
func provision(ctx context.Context, p *program, c *Config) error {
	known := map[records.SiteID]SiteConfig{}
	for _, s := range c.Sites {
		known[records.SiteID(s.ID)] = s
		if err := provisionSite(ctx, p, s); err != nil {
			return fmt.Errorf("site %s: %w", s.ID, err)
		}
	}
	sites, err := p.store.Sites(ctx)
	if err != nil {
		return err
	}
	for _, site := range sites {
		s := known[site.ID] // the zero value for a site that is not, or no longer, in the file
		for _, f := range []func(context.Context, *program, records.SiteID, SiteConfig) error{provisionUsers, provisionKeys, provisionLinks} {
			if err := besideOthers(func() error { return f(ctx, p, site.ID, s) }); err != nil {
				return fmt.Errorf("site %s: %w", site.ID, err)
			}
		}
	}
	for _, s := range c.Sites { // whoever breaks the glass is there now
		if err := closeDoors(ctx, p, s); err != nil {
			return fmt.Errorf("site %s: %w", s.ID, err)
		}
	}
	return nil
}

// besideOthers runs a step again where another replica, started at the same time from the same file,
// has done part of it in between. Each step looks first at what is there.
func besideOthers(step func() error) (err error) {
	for range 5 {
		if err = step(); !errors.Is(err, records.ErrExists) && !errors.Is(err, records.ErrStale) {
			return err
		}
	}
	return err
}

// provisionSite puts the site itself. Its doors stay as they are until its people are there.
func provisionSite(ctx context.Context, p *program, c SiteConfig) error {
	rule, err := records.ParseNetworks(c.IPRules)
	if err != nil {
		return fmt.Errorf("ip_rules: %w", err)
	}
	site := records.Site{ID: records.SiteID(c.ID), Name: c.Name, Provisioned: true, CreatedAt: time.Now(), IPRules: rule}
	if site.Name == "" {
		site.Name = c.ID
	}
	switch have, err := p.store.Site(ctx, site.ID); {
	case err == nil:
		site.SSOOnly, site.BreakGlass = have.SSOOnly, have.BreakGlass
	case !errors.Is(err, records.ErrNotFound):
		return err
	}
	return p.store.PutSite(ctx, site)
}

func closeDoors(ctx context.Context, p *program, c SiteConfig) error {
	site, err := p.store.Site(ctx, records.SiteID(c.ID))
	if err != nil {
		return err
	}
	site.SSOOnly, site.BreakGlass = c.SSOOnly, ""
	if c.BreakGlass != "" {
		u, err := p.store.UserByLogin(ctx, c.BreakGlass)
		if err != nil {
			return fmt.Errorf("break_glass: %w", err)
		}
		site.BreakGlass = u.ID
	}
	return p.store.PutSite(ctx, site)
}

func provisionUsers(ctx context.Context, p *program, site records.SiteID, s SiteConfig) error {
	kept := map[records.UserID]bool{}
	for _, u := range s.Users {
		id, err := provisionUser(ctx, p, site, u)
		if err != nil {
			return fmt.Errorf("user %s: %w", u.Login, err)
		}
		kept[id] = true
	}
	users, members, err := p.store.UsersOf(ctx, site)
	if err != nil {
		return err
	}
	for i, u := range users {
		if !u.Provisioned || kept[u.ID] || u.Status == records.UserInactive {
			continue
		}
		u.Status = records.UserInactive
		switch err := p.store.UpdateUser(ctx, u); {
		case errors.Is(err, records.ErrLastAdministrator), errors.Is(err, records.ErrBreakGlass):
			p.log.WarnContext(ctx, "a user left the configuration but is the last or the break-glass administrator and stays", "user", string(members[i].User))
		case err != nil:
			return err
		}
	}
	return nil
}

func provisionUser(ctx context.Context, p *program, site records.SiteID, c UserConfig) (records.UserID, error) {
	password := "" // none: they come in through the site's OpenID provider only
	if c.PasswordFile != "" {
		var err error
		if password, err = readSecret(c.PasswordFile); err != nil {
			return "", err
		}
	}
	name := c.Name
	if name == "" {
		name = c.Login
	}
	roles := rolesOf(c.Roles)
	ends, err := lastDay(c.Until)
	if err != nil {
		return "", err
	}
	rule, err := records.ParseNetworks(c.IPRules)
	if err != nil {
		return "", fmt.Errorf("ip_rules: %w", err)
	}
	u, err := p.store.UserByLogin(ctx, c.Login)
	if errors.Is(err, records.ErrNotFound) {
		hash, err := hashOf(c.Login, name, password)
		if err != nil {
			return "", err
		}
		u = records.User{ID: newUserID(), Login: c.Login, Name: name, PasswordHash: hash, Status: records.UserActive, Provisioned: true, CreatedAt: time.Now(), EndsAt: ends, IPRules: rule}
		return u.ID, p.store.AddUser(ctx, u, records.Membership{Site: site, User: u.ID, Roles: roles})
	}
	if err != nil {
		return "", err
	}
	changed := u.Name != name || u.Status != records.UserActive || !u.Provisioned || !u.EndsAt.Equal(ends) || !u.IPRules.Equal(rule)
	u.Name, u.Status, u.Provisioned, u.EndsAt, u.IPRules = name, records.UserActive, true, ends, rule
	if (password == "") != (u.PasswordHash == "") || password != "" && !auth.PasswordMatches(password, u.PasswordHash) {
		if u.PasswordHash, err = hashOf(c.Login, name, password); err != nil {
			return "", err
		}
		changed = true
	}
	if changed {
		if err := p.store.UpdateUser(ctx, u); err != nil {
			return "", err
		}
	}
	return u.ID, putRoles(ctx, p.store, records.Membership{Site: site, User: u.ID, Roles: roles})
}

// hashOf gives no hash for no password: that of an empty one would be one to guess at.
func hashOf(login, name, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	return auth.HashPassword(login, name, password)
}

// putRoles writes only a change: every write moves the site's rights version.
func putRoles(ctx context.Context, users records.Users, m records.Membership) error {
	now, err := users.Memberships(ctx, m.User)
	if err != nil {
		return err
	}
	for _, have := range now {
		if have.Site == m.Site && slices.Equal(slices.Sorted(slices.Values(have.Roles)), slices.Sorted(slices.Values(m.Roles))) {
			return nil
		}
	}
	return users.PutMembership(ctx, m)
}

func provisionKeys(ctx context.Context, p *program, site records.SiteID, s SiteConfig) error {
	kept := map[string]bool{}
	have, err := p.store.APIKeys(ctx, site)
	if err != nil {
		return err
	}
	for _, k := range s.APIKeys {
		kept[k.ID] = true
		key, err := readSecret(k.KeyFile)
		if err != nil {
			return fmt.Errorf("api key %s: %w", k.ID, err)
		}
		want, err := wantedKey(site, k, key)
		if err != nil {
			return fmt.Errorf("api key %s: %w", k.ID, err)
		}
		if slices.ContainsFunc(have, func(h records.APIKey) bool { return sameKey(h, want) }) {
			continue
		}
		if err := p.store.PutAPIKey(ctx, want); err != nil {
			return err
		}
	}
	for _, k := range have {
		if k.Provisioned && !kept[k.ID] && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(time.Now())) {
			k.ExpiresAt = time.Now()
			if err := p.store.PutAPIKey(ctx, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func wantedKey(site records.SiteID, c APIKeyConfig, key string) (records.APIKey, error) {
	if err := auth.CheckKey(key); err != nil {
		return records.APIKey{}, err
	}
	ends, err := lastDay(c.Until)
	if err != nil {
		return records.APIKey{}, err
	}
	rule, err := records.ParseNetworks(c.IPRules)
	return records.APIKey{Site: site, ID: c.ID, Hash: auth.HashKey(key), Roles: rolesOf(c.Roles), Provisioned: true, CreatedAt: time.Now(),
		ExpiresAt: ends, IPRules: rule}, err
}

func sameKey(a, b records.APIKey) bool {
	return a.ID == b.ID && bytes.Equal(a.Hash, b.Hash) && slices.Equal(slices.Sorted(slices.Values(a.Roles)), slices.Sorted(slices.Values(b.Roles))) &&
		a.Provisioned == b.Provisioned && a.ExpiresAt.Equal(b.ExpiresAt) && a.IPRules.Equal(b.IPRules)
}

func provisionLinks(ctx context.Context, p *program, site records.SiteID, s SiteConfig) error {
	kept := map[string]bool{}
	for _, l := range s.Links {
		kept[l.ID] = true
		if err := provisionLink(ctx, p, records.LinkID{Site: site, Link: l.ID}, l); err != nil {
			return fmt.Errorf("link %s: %w", l.ID, err)
		}
	}
	links, err := p.store.Links(ctx, site)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Provisioned && !kept[l.ID.Link] && l.State != records.LinkPaused {
			if _, err := p.store.SetState(ctx, l.ID, l.Generation, records.LinkPaused, "not_in_file", time.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func provisionLink(ctx context.Context, p *program, id records.LinkID, c LinkConfig) error {
	want := records.Link{
		ID: id, Provider: c.Provider, Title: c.Title, Settings: c.Settings, Endpoints: c.Endpoints, MediaHosts: c.MediaHosts, Waveform: records.Waveform(c.Waveform),
		CredentialKind: records.CredentialKind(c.Credential.Kind), ClientID: c.Credential.ClientID,
		State: records.LinkNew, Provisioned: true, CreatedAt: time.Now(), UpdatedAt: time.Now(),
	}
	l, err := p.store.Link(ctx, id)
	switch {
	case errors.Is(err, records.ErrNotFound):
		if err := p.store.AddLink(ctx, want); err != nil {
			return err
		}
	case err != nil:
		return err
	case !sameLink(l, want):
		if err := p.store.UpdateLink(ctx, want); err != nil {
			return err
		}
	}
	if err := provisionSecret(ctx, p, id, c.Credential.ClientSecretFile); err != nil {
		return err
	}
	if err := provisionSeed(ctx, p, id, c.Credential); err != nil {
		return err
	}
	if l, err = p.store.Link(ctx, id); err != nil { // what came before may have moved its generation
		return err
	}
	if l.State == records.LinkPaused && l.Reason == "not_in_file" {
		_, err := p.store.SetState(ctx, id, l.Generation, resumedState(l), "", time.Now())
		return err
	}
	return nil
}

// resumedState is what a link that was paused goes back to.
func resumedState(l records.Link) records.LinkState {
	if l.Generation == 0 && l.CredentialKind == records.CredentialAuthorizationCode {
		return records.LinkNew
	}
	return records.LinkOK
}

func sameLink(a, b records.Link) bool {
	return a.Provider == b.Provider && a.Title == b.Title && maps.Equal(a.Settings, b.Settings) && maps.Equal(a.Endpoints, b.Endpoints) &&
		slices.Equal(a.MediaHosts, b.MediaHosts) && a.Waveform == b.Waveform && a.CredentialKind == b.CredentialKind && a.ClientID == b.ClientID && a.Provisioned == b.Provisioned
}

// provisionSecret stores the client secret when it is another than the stored one.
func provisionSecret(ctx context.Context, p *program, id records.LinkID, file string) error {
	if file == "" {
		return nil
	}
	secret, err := readSecret(file)
	if err != nil {
		return err
	}
	return p.keeper.PutClientSecret(ctx, id, records.NewSecret(secret))
}

// provisionSeed brings a refresh token or bearer token along; the keeper reads it only where it is
// news.
func provisionSeed(ctx context.Context, p *program, id records.LinkID, c CredentialConfig) error {
	file := c.RefreshTokenFile
	if records.CredentialKind(c.Kind) == records.CredentialBearer {
		file = c.TokenFile
	}
	if file == "" {
		return nil
	}
	token, err := readSecret(file)
	if err != nil {
		return err
	}
	_, err = p.keeper.Seed(ctx, id, []byte(token))
	return err
}

func rolesOf(names []string) []records.Role {
	roles := make([]records.Role, len(names))
	for i, n := range names {
		roles[i] = records.Role(n)
	}
	return roles
}

// readSecret reads a *_file: its text without the line's end.
func readSecret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return s, nil
}
