package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/cache/memory"
	"github.com/sightglass-gateway/sightglass/cache/redis"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/gateway/ui"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

// program is every part, built by hand and in order: records, cache, auth.
type program struct {
	log      *slog.Logger
	registry *connectors.Registry
	keys     *records.Keyring
	store    *sql.Store
	cache    cache.Store
	sessions *auth.Sessions
	keeper   *auth.Keeper
	sandbox  map[string]gateway.Sandbox // of the demo
	flow     *auth.Flow
	sso      *auth.SSO
}

// build opens records and cache and makes what works on them. publicURL is where browsers come from.
func build(ctx context.Context, c *Config, reg *connectors.Registry, publicURL string) (p *program, err error) {
	p = &program{log: c.logger(), registry: reg}
	defer func() {
		if err != nil {
			_ = p.close()
		}
	}()
	if p.keys, err = c.keyring(ctx); err != nil {
		return p, err
	}
	private, err := prefixes(c.Security.PrivateUpstreams)
	if err != nil {
		return p, err
	}
	if p.store, err = sql.Open(ctx, c.Records.DSN, sql.Options{Log: p.log}); err != nil {
		return p, fmt.Errorf("records: %w", err)
	}
	if strings.HasPrefix(c.Cache.DSN, "memory:") {
		p.cache = memory.New()
	} else if p.cache, err = redis.New(ctx, c.Cache.DSN, p.keys); err != nil {
		return p, fmt.Errorf("cache: %w", err)
	}
	if p.sessions, err = auth.NewSessions(auth.SessionsConfig{Store: p.store, Counters: p.cache, Log: p.log}); err != nil {
		return p, err
	}
	p.keeper, err = auth.NewKeeper(auth.KeeperConfig{
		Links: p.store, Tokens: p.cache, Keys: p.keys, Registry: reg, Private: private, Log: p.log,
		OnBroken: p.linkBroken,
	})
	if err != nil {
		return p, err
	}
	p.flow, err = auth.NewFlow(auth.FlowConfig{
		Store: p.store, Keeper: p.keeper, Keys: p.keys, Registry: reg, PublicURL: publicURL, Private: private, Log: p.log,
	})
	if err != nil {
		return p, err
	}
	providers, err := c.openIDProviders()
	if err != nil {
		return p, err
	}
	p.sso, err = auth.NewSSO(auth.SSOConfig{Sessions: p.sessions, Counters: p.cache, Keys: p.keys, PublicURL: publicURL,
		Providers: providers, Client: upstream.NewOpenIDClient(private, nil), Log: p.log})
	return p, err
}

// linkBroken tells that a link needs an administrator: in the log and in the site's audit log. The
// keeper calls it once for all replicas.
func (p *program) linkBroken(ctx context.Context, l records.Link, reason string) {
	p.log.WarnContext(ctx, "a link needs an administrator", "link", l.ID.String(), "provider", l.Provider, "reason", reason)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), brokenPatience)
	defer cancel()
	_, err := p.store.Append(ctx, records.AuditEntry{
		Site: l.ID.Site, At: time.Now(), Event: records.AuditLinkChanged, PrincipalKind: records.PrincipalSystem,
		Ref: records.Ref{Link: l.ID.Link}, Detail: "broken",
	})
	if err != nil { // the link is broken all the same, and its state says so
		p.log.ErrorContext(ctx, "audit row of a broken link not written", "link", l.ID.String(), "err", err)
	}
}

// brokenPatience bounds the audit row of a broken link: a refresh waits for it.
const brokenPatience = 5 * time.Second

// gateway makes the server on top of the parts.
func (p *program) gateway(c *Config, publicURL, cookieSuffix string, demo gateway.Demo) (*gateway.Server, error) {
	private, err := prefixes(c.Security.PrivateUpstreams)
	if err != nil {
		return nil, err
	}
	proxies, err := prefixes(c.BehindProxy)
	if err != nil {
		return nil, err
	}
	d := gateway.Deps{
		Store: p.store, Cache: p.cache, Keys: p.keys, Registry: p.registry, Sessions: p.sessions,
		Keeper: p.keeper, Flow: p.flow, SSO: p.sso, Log: p.log, Demo: demo,
	}
	if page, built := ui.FS(); built {
		d.UI = page
	}
	return gateway.New(gateway.Config{
		PublicURL: publicURL, Private: private, TrustedProxies: proxies, CookieSuffix: cookieSuffix, Sandbox: p.sandbox, Version: programVersion(), Drain: c.Drain,
	}, d)
}

func (p *program) close() error {
	var errs []error
	if p.keeper != nil {
		p.keeper.Close()
	}
	if p.sessions != nil {
		p.sessions.Close()
	}
	if p.cache != nil {
		errs = append(errs, p.cache.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}
