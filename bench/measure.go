package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

// firstByteOf measures requests one after the other on a warm connection. Targets take turns every few
// requests, so that whatever else the machine does meets them all.
func firstByteOf(path, header string) func(context.Context, *bench) (round, error) {
	return func(ctx context.Context, b *bench) (round, error) {
		took := map[string][]time.Duration{}
		conns := map[string]*conn{}
		for _, t := range b.targets {
			c, err := dial(ctx, t, b.tls, 0)
			if err != nil {
				return nil, err
			}
			defer c.close()
			conns[t.name] = c
		}
		const turn = 20
		for i := range b.n(60, 10) {
			for _, t := range b.targets {
				for k := range turn {
					d, err := conns[t.name].get(t.request(path, 0, header))
					if err != nil {
						return nil, fmt.Errorf("%s: %w", t.name, err)
					}
					if i > 0 && k > 1 { // the first ones of a turn wake the target up
						took[t.name] = append(took[t.name], d)
					}
				}
			}
		}
		r := round{}
		for name, ds := range took {
			r[name] = float64(quantile(ds, 0.5).Nanoseconds()) / 1000
		}
		return r, nil
	}
}

func quantile(ds []time.Duration, q float64) time.Duration {
	slices.Sort(ds)
	return ds[int(q*float64(len(ds)-1))]
}

// fetch lets connections ask for path each times each.
func (b *bench) fetch(ctx context.Context, t *target, path string, connections, each int) error {
	errs := make([]error, connections)
	var all sync.WaitGroup
	for n := range connections {
		all.Go(func() {
			c, err := dial(ctx, t, b.tls, 0)
			if err != nil {
				errs[n] = err
				return
			}
			defer c.close()
			for range each {
				if _, err := c.get(t.request(path, n, "")); err != nil {
					errs[n] = err
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// processorTime is what each target's own process used for the same fetches, in seconds. Direct has
// none. They are cut into slices that take turns.
func (b *bench) processorTime(ctx context.Context, path string, connections, each, turns int) (round, error) {
	r := round{}
	for i := range turns + 1 {
		for _, t := range b.targets {
			if t.proc == nil {
				continue
			}
			before, err := t.proc.usage()
			if err != nil {
				return nil, err
			}
			if err := b.fetch(ctx, t, path, connections, each); err != nil {
				return nil, err
			}
			after, err := t.proc.usage()
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first turn fills pools
				r[t.name] += (after.cpu - before.cpu).Seconds()
			}
		}
	}
	return r, nil
}

func perGB(ctx context.Context, b *bench) (round, error) {
	const connections = 16
	each, turns := b.n(2, 1), b.n(4, 1)
	r, err := b.processorTime(ctx, callPath, connections, each, turns)
	for name := range r {
		r[name] /= float64(connections*each*turns) * callSize / 1e9
	}
	return r, err
}

func perRequest(ctx context.Context, b *bench) (round, error) {
	const connections = 32
	each, turns := b.n(150, 60), b.n(5, 1)
	r, err := b.processorTime(ctx, smallPath, connections, each, turns)
	for name := range r {
		r[name] *= 1e6 / float64(connections*each*turns)
	}
	return r, err
}

// firstMessage takes turns between a page asked for directly and a ticket opened.
func firstMessage(ctx context.Context, b *bench) (round, error) {
	var page, message []time.Duration
	direct := b.target(nameDirect)
	for range b.n(5, 2) {
		c, err := dial(ctx, direct, b.tls, 0)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		_, err = c.get(direct.request(commentsPath, 0, ""))
		page = append(page, time.Since(began))
		c.close()
		if err != nil {
			return nil, err
		}
		d, err := b.gateway.firstMessage(ctx)
		if err != nil {
			return nil, err
		}
		message = append(message, d)
	}
	ms := func(ds []time.Duration) float64 { return float64(quantile(ds, 0.5).Microseconds()) / 1000 }
	return round{nameDirect: ms(page), nameGateway: ms(message)}, nil
}

// commits writes audit rows as an opening does, one at a time, into a database of its own.
func commits(ctx context.Context, b *bench) (round, error) {
	store, err := sql.Open(ctx, "sqlite:"+filepath.Join(b.dir, fmt.Sprintf("audit-%d.db", time.Now().UnixNano())), sql.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	if err := store.PutSite(ctx, records.Site{ID: "main", Name: "Main", CreatedAt: time.Now()}); err != nil {
		return nil, err
	}
	var took []time.Duration
	for n := range b.n(1000, 200) {
		began := time.Now()
		_, err := store.Append(ctx, records.AuditEntry{Site: "main", At: began, Event: records.AuditMediaOpened,
			PrincipalKind: records.PrincipalAPIKey, Principal: "k0", Open: fmt.Sprint("open", n), Thing: "71",
			Ref: records.Ref{Link: "zd", Kind: "ticket", ID: filesTicket}})
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return round{"p50": float64(quantile(took, 0.5).Microseconds()) / 1000, "p99": float64(quantile(took, 0.99).Microseconds()) / 1000}, nil
}
