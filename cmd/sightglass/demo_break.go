package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// rateLimitLife is how long the demo's 429 lasts, away how long "deactivate me" does.
const (
	rateLimitLife = 40 * time.Second
	away          = 20 * time.Second
)

// fault is one entry of the Break something menu. The screen that follows is the real one.
type fault struct {
	id, title, say string
	fault          *sim.Fault // set at the simulator, and taken back by undo
	do, undo       func(*demo, context.Context, *auth.Principal) error
	on             func(*demo) bool // of what the simulator does not list; nil: it lists it, or it passes at once
}

var faults = []fault{
	{id: "cut", title: "Cut the next streams",
		say:   "The provider breaks off after a few messages. What was shown stays; try again adds nothing twice.",
		fault: &sim.Fault{Kind: sim.FaultCut, Items: 4}},
	{id: "trickle", title: "Make the provider slow",
		say:   "Pages trickle in. Messages appear as they are decoded.",
		fault: &sim.Fault{Kind: sim.FaultTrickle, After: 700, Delay: 300 * time.Millisecond}},
	{id: "rate", title: "429 for 40 s",
		say:   "The provider asks us to wait. Open something: the screen counts down. It ends by itself.",
		fault: &sim.Fault{Kind: sim.FaultRateText, Life: rateLimitLife, RetryAfter: "left"}},
	{id: "html", title: "Maintenance page with status 200",
		say:   "The provider answers with a web page instead of data.",
		fault: &sim.Fault{Kind: sim.FaultHTML200}},
	{id: "expire", title: "Expire the token",
		say: "Every access token is dead at once. The next open refreshes it: you should notice nothing.",
		do: func(d *demo, _ context.Context, _ *auth.Principal) error {
			d.sim.ExpireTokens()
			return nil
		}},
	{id: "revoke", title: "Revoke at the provider",
		say:  "Someone withdrew our access there. The link needs an administrator; undo links it again.",
		do:   func(d *demo, _ context.Context, _ *auth.Principal) error { d.sim.RevokeGrants(); return nil },
		undo: func(d *demo, ctx context.Context, _ *auth.Principal) error { return d.link(ctx) },
		on:   (*demo).unlinked},
	{id: "delete_recording", title: "Delete the recordings",
		say:  "Retention took the calls at the provider. Play one: the player says that it is gone, the rest stays.",
		do:   func(d *demo, _ context.Context, _ *auth.Principal) error { return d.deleteRecordings(true) },
		undo: func(d *demo, _ context.Context, _ *auth.Principal) error { return d.deleteRecordings(false) },
		on:   func(d *demo) bool { return d.deleted.Load() }},
	{id: "deactivate", title: "Deactivate me for 20 s",
		say: "Your sessions end within a second, streams within two. Afterwards press Enter in the terminal for a new sign-in link.",
		do:  (*demo).deactivate},
}

// Info implements gateway.Demo.
func (d *demo) Info(context.Context) api.Demo {
	info := api.Demo{LookAs: []api.Role{api.Role(records.RoleAnalyst), api.Role(records.RoleAdministrator)}}
	for _, s := range d.samples() {
		info.Samples = append(info.Samples, struct {
			Path  string `json:"path"`
			Title string `json:"title"`
			Url   string `json:"url"`
			Why   string `json:"why"`
		}{s.path, s.title, s.url, s.why})
	}
	set := map[string]bool{}
	for _, f := range d.sim.Faults() {
		set[f.Name] = true
	}
	for _, f := range faults {
		info.Breaks = append(info.Breaks, struct {
			Id    string `json:"id"`
			On    bool   `json:"on"`
			Say   string `json:"say"`
			Title string `json:"title"`
		}{f.id, set[f.id] || f.on != nil && f.on(d), f.say, f.title})
	}
	return info
}

func (d *demo) unlinked() bool {
	l, err := d.program.store.Link(context.Background(), records.LinkID{Site: demoSite, Link: demoLink})
	return err == nil && l.State == records.LinkNeedsReconnect
}

// LookAs implements gateway.Demo.
func (d *demo) LookAs(_ context.Context, role records.Role) (records.SiteID, records.UserID, error) {
	id, ok := d.people[role]
	if !ok {
		return "", "", &connectors.Error{Code: connectors.CodeBadRequest, Op: "demo.look_as", Action: "Choose analyst or administrator."}
	}
	return demoSite, id, nil
}

// Break implements gateway.Demo.
func (d *demo) Break(ctx context.Context, p *auth.Principal, id string, undo bool) error {
	i := slices.IndexFunc(faults, func(f fault) bool { return f.id == id })
	if i < 0 {
		return &connectors.Error{Code: connectors.CodeBadRequest, Op: "demo.break", Action: "Choose one of the entries that GET /api/v1/demo lists."}
	}
	f := faults[i]
	if f.fault != nil {
		if undo && f.fault.Life > 0 {
			return nil // it ends by itself: the gateway keeps away for as long as it was asked to
		}
		d.sim.Clear(f.id)
		if !undo {
			set := *f.fault
			set.Name = f.id
			d.sim.Set(set)
		}
		return nil
	}
	act := f.do
	if undo {
		act = f.undo
	}
	if act == nil {
		return nil
	}
	return act(d, ctx, p)
}

func (d *demo) deleteRecordings(gone bool) error {
	d.sim.DeleteRecordings(!gone)
	d.deleted.Store(gone)
	return nil
}

// deactivate switches the person off and, after a while, on again.
func (d *demo) deactivate(ctx context.Context, p *auth.Principal) error {
	if p == nil || p.Kind != records.PrincipalUser {
		return &connectors.Error{Code: connectors.CodeUnauthenticated, Op: "demo.break", Action: "Sign in first: there is nobody to deactivate."}
	}
	u, err := d.program.store.User(ctx, records.UserID(p.ID))
	if err != nil {
		return err
	}
	u.Status = records.UserInactive
	switch err := d.program.store.UpdateUser(ctx, u); {
	case errors.Is(err, records.ErrLastAdministrator):
		return &connectors.Error{Code: connectors.CodeBadRequest, Op: "demo.break", Action: "You look as the only administrator, who cannot be deactivated; look as the analyst and try again."}
	case err != nil:
		return err
	}
	time.AfterFunc(away, func() {
		u.Status = records.UserActive
		_ = d.program.store.UpdateUser(context.Background(), u) // at the demo's end the database is gone, and nobody misses it
	})
	return nil
}

func parseCallback(callback string) (auth.Callback, error) {
	u, err := url.Parse(callback)
	if err != nil {
		return auth.Callback{}, fmt.Errorf("linking: the provider sent the browser nowhere: %w", err)
	}
	q := u.Query()
	return auth.Callback{State: q.Get("state"), Code: q.Get("code"), Iss: q.Get("iss"), Error: q.Get("error")}, nil
}
