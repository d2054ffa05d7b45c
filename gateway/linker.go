package gateway

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// Linker builds the connector of a link and keeps it, with its connections, budget and breaker,
// until the link's settings change.
type Linker struct {
	deps    Deps
	cfg     Config
	watch   *watch
	metrics *metrics

	mu    sync.Mutex
	built map[records.LinkID]*built
	rows  map[records.LinkID]lastRow
	moves int
}

// lastRow is a link as last read. It counts while the site's rights version is watched and has not
// moved.
type lastRow struct {
	link  records.Link
	epoch int64
}

type built struct {
	from      records.Link
	connector connectors.Connector
	client    *upstream.Client
}

func newLinker(d Deps, c Config, w *watch, m *metrics) *Linker {
	l := &Linker{deps: d, cfg: c, watch: w, metrics: m, built: map[records.LinkID]*built{}, rows: map[records.LinkID]lastRow{}}
	w.subscribe(l)
	return l
}

// Connect returns the link's row, its connector and the client below it. It does not look at the
// link's state: a self-test is for links that do not work.
func (l *Linker) Connect(ctx context.Context, id records.LinkID) (records.Link, connectors.Connector, *upstream.Client, error) {
	row, err := l.row(ctx, id)
	if err != nil {
		return records.Link{}, nil, nil, err
	}
	b, err := l.build(row)
	if err != nil {
		return records.Link{}, nil, nil, err
	}
	return row, b.connector, b.client, nil
}

// row reads the link, from memory while nothing in the site has changed.
func (l *Linker) row(ctx context.Context, id records.LinkID) (records.Link, error) {
	l.mu.Lock()
	last, ok := l.rows[id]
	moves := l.moves
	l.mu.Unlock()
	if ok && l.watch.fresh(id.Site) == last.epoch {
		return last.link, nil
	}
	row, err := l.deps.Store.Link(ctx, id)
	if errors.Is(err, records.ErrNotFound) {
		return row, &connectors.Error{Code: connectors.CodeNotFound, Op: "link"}
	}
	if err != nil {
		return row, unavailable(ctx, err)
	}
	epoch := l.watch.note(id.Site)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moves == moves {
		l.rows[id] = lastRow{row, epoch}
	}
	return row, nil
}

// openable returns the link if something may be read through it now.
func (l *Linker) openable(ctx context.Context, id records.LinkID) (records.Link, error) {
	row, err := l.row(ctx, id)
	if err != nil {
		return row, err
	}
	switch {
	case row.State == records.LinkPaused:
		return row, &connectors.Error{Code: connectors.CodePaused, Provider: row.Provider, Op: "link"}
	case row.State == records.LinkNew && needsPerson(row):
		return row, &connectors.Error{Code: connectors.CodeNeedsReconnect, Provider: row.Provider, Op: "link",
			Action: "Ask an administrator to finish connecting {provider}."}
	case row.State == records.LinkNeedsReconnect:
		return row, &connectors.Error{Code: connectors.CodeNeedsReconnect, Provider: row.Provider, Op: "link"}
	default:
		return row, nil
	}
}

// needsPerson tells whether a link that has never given a token cannot get one by itself. With client
// credentials the first open asks for it: a link from the configuration file works from the start.
func needsPerson(row records.Link) bool {
	return row.CredentialKind != records.CredentialClientCredentials || len(row.ClientSecret) == 0
}

func (l *Linker) build(row records.Link) (*built, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.built[row.ID]; ok && sameConnection(b.from, row) {
		return b, nil
	}
	b, err := l.make(row)
	if err != nil {
		return nil, err
	}
	if old, ok := l.built[row.ID]; ok {
		old.client.Close()
	}
	l.built[row.ID] = b
	return b, nil
}

// sameConnection tells whether a connector built from a serves b as well. The row's rotations,
// states and names do not matter to it: credentials are asked of the keeper at each request.
func sameConnection(a, b records.Link) bool {
	return a.Provider == b.Provider && a.CreatedAt.Equal(b.CreatedAt) && maps.Equal(a.Settings, b.Settings) &&
		maps.Equal(a.Endpoints, b.Endpoints) && slices.Equal(a.MediaHosts, b.MediaHosts)
}

func (l *Linker) make(row records.Link) (*built, error) {
	spec, ok := l.deps.Registry.Spec(row.Provider)
	if !ok {
		return nil, &connectors.Error{Code: connectors.CodeInternal, Op: "link.build", Err: errors.New("no connector of that name")}
	}
	client, err := upstream.New(upstream.Options{
		Spec: spec, Link: row.ID, Settings: row.Settings, Endpoints: row.Endpoints, MediaHosts: row.MediaHosts,
		Credentials: l.deps.Keeper.Credentials(row.ID), Private: l.cfg.Private, RootCAs: l.deps.RootCAs,
		Limits: upstream.Limits{Stall: l.cfg.StallTimeout},
		Log:    l.deps.Log, Observe: l.metrics.provider(row.Provider), Now: l.deps.Now,
	})
	if err != nil {
		return nil, err
	}
	c, err := spec.New(connectors.Config{
		Link: row.ID.Link, Settings: row.Settings, API: client.API(), Media: client.Media(), Now: l.deps.Now, Granted: func() string { return l.granted(row.ID) },
	})
	if err != nil {
		client.Close()
		return nil, err
	}
	return &built{row, c, client}, nil
}

// granted gives the scopes of a link as its row last said them; empty: not known.
func (l *Linker) granted(id records.LinkID) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rows[id].link.Scopes
}

// rightsMoved implements subscriber. Connectors of links that are gone are closed at once; those of
// changed ones when they are next asked for.
func (l *Linker) rightsMoved(ctx context.Context, site records.SiteID) {
	l.mu.Lock()
	l.moves++
	maps.DeleteFunc(l.rows, func(id records.LinkID, _ lastRow) bool { return id.Site == site })
	l.mu.Unlock()
	links, err := l.deps.Store.Links(ctx, site)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.built, func(id records.LinkID, b *built) bool {
		gone := id.Site == site && !slices.ContainsFunc(links, func(r records.Link) bool { return r.ID == id })
		if gone {
			b.client.Close()
		}
		return gone
	})
}

// rightsUnknown implements subscriber.
func (l *Linker) rightsUnknown(_ context.Context, site records.SiteID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moves++
	maps.DeleteFunc(l.rows, func(id records.LinkID, _ lastRow) bool { return id.Site == site })
}

func (l *Linker) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, b := range l.built {
		b.client.Close()
		delete(l.built, id)
	}
}
