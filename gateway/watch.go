package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// subscriber is told when who may do what in a site has changed, or can no longer be told.
type subscriber interface {
	rightsMoved(ctx context.Context, site records.SiteID)
	rightsUnknown(ctx context.Context, site records.SiteID)
}

// watch reads the rights version of every site that is in use, once a tick. What others remember of
// a site counts only while its version is fresh.
type watch struct {
	store records.Sites
	every time.Duration
	now   func() time.Time
	log   *slog.Logger

	mu     sync.Mutex
	seen   map[records.SiteID]version
	epochs int64
	subs   []subscriber
}

type version struct {
	epoch  int64 // of this stretch of watching; what is remembered from an earlier one does not count
	number int64
	known  bool
	at     time.Time // when it was last read
}

func newWatch(store records.Sites, every time.Duration, now func() time.Time, log *slog.Logger) *watch {
	return &watch{store: store, every: every, now: now, log: log, seen: map[records.SiteID]version{}}
}

func (w *watch) subscribe(s subscriber) { w.subs = append(w.subs, s) } // before the first tick only

// fresh gives the stretch of watching the site is in, or 0 when its version was not read within the
// last two ticks. What was remembered in the same stretch still holds.
func (w *watch) fresh(site records.SiteID) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.seen[site]
	if !ok || w.now().Sub(v.at) >= 2*w.every {
		return 0
	}
	return v.epoch
}

// note begins to watch a site, of which something was looked up just now, and gives the stretch.
func (w *watch) note(site records.SiteID) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.seen[site]
	if !ok {
		w.epochs++
		v = version{epoch: w.epochs, at: w.now()}
		w.seen[site] = v
	}
	return v.epoch
}

// check reads the versions of the sites in use and forgets the others.
func (w *watch) check(ctx context.Context, sites map[records.SiteID]bool) {
	w.mu.Lock()
	for site := range w.seen {
		if !sites[site] {
			delete(w.seen, site)
		}
	}
	w.mu.Unlock()
	for site := range sites {
		w.note(site)
		w.read(ctx, site)
	}
}

func (w *watch) read(ctx context.Context, site records.SiteID) {
	ctx, cancel := context.WithTimeout(ctx, w.every)
	defer cancel()
	n, err := w.store.RightsVersion(ctx, site)
	now := w.now()
	w.mu.Lock()
	was, watched := w.seen[site]
	moved := false
	if err == nil && watched {
		// The first reading after note cannot tell whether it moved in between: it counts as moved.
		moved = !was.known || was.number != n
		w.seen[site] = version{was.epoch, n, true, now}
	}
	w.mu.Unlock()
	switch {
	case moved:
		for _, s := range w.subs {
			s.rightsMoved(ctx, site)
		}
	case err != nil && now.Sub(was.at) >= 2*w.every:
		w.log.WarnContext(ctx, "rights cannot be read: streams end", "cause", cause(err))
		for _, s := range w.subs {
			s.rightsUnknown(ctx, site)
		}
	}
}
