package memory

import "time"

// expiring is a bounded map whose entries expire. It is not safe for concurrent use.
type expiring[K comparable, V any] struct {
	m     map[K]entry[V]
	max   int
	sweep int // the number of entries at which the expired ones are looked for
	// worth tells which entry of a full map goes first: the least, then the one that expires first.
	worth func(V) int64
}

type entry[V any] struct {
	value V
	until time.Time
}

// firstSweep is where a small map is swept; after that, whenever it has doubled: a put costs the
// same on average, however many there are.
const firstSweep = 1024

func newExpiring[K comparable, V any](most int, worth func(V) int64) expiring[K, V] {
	return expiring[K, V]{m: map[K]entry[V]{}, max: most, sweep: min(firstSweep, most), worth: worth}
}

func (x *expiring[K, V]) get(k K, now time.Time) (entry[V], bool) {
	e, ok := x.m[k]
	if ok && !now.Before(e.until) {
		delete(x.m, k)
		return entry[V]{}, false
	}
	return e, ok
}

func (x *expiring[K, V]) put(k K, v V, now time.Time, life time.Duration) {
	if _, ok := x.m[k]; !ok && len(x.m) >= x.sweep {
		x.makeRoom(now)
	}
	x.m[k] = entry[V]{v, now.Add(life)}
}

func (x *expiring[K, V]) delete(k K) { delete(x.m, k) }

func (x *expiring[K, V]) clear() { clear(x.m) }

// makeRoom drops what has expired, and from a map that is full all the same a few that are worth
// least: a cache may forget.
func (x *expiring[K, V]) makeRoom(now time.Time) {
	for k, e := range x.m {
		if !now.Before(e.until) {
			delete(x.m, k)
		}
	}
	x.sweep = min(max(firstSweep, 2*len(x.m)), x.max)
	if len(x.m) >= x.max {
		x.evict()
	}
}

// evict drops a sixteenth of a full map, so that the next puts need not look for room again. Each
// time the least of a few goes; Go begins at a random one.
func (x *expiring[K, V]) evict() {
	for range max(x.max/16, 1) {
		var least K
		var of entry[V]
		n := 0
		for k, e := range x.m {
			if n == 0 || x.less(e, of) {
				least, of = k, e
			}
			if n++; n == sampled {
				break
			}
		}
		delete(x.m, least)
	}
}

func (x *expiring[K, V]) less(a, b entry[V]) bool {
	if wa, wb := x.worth(a.value), x.worth(b.value); wa != wb {
		return wa < wb
	}
	return a.until.Before(b.until)
}

// sampled is how many entries compete for being dropped.
const sampled = 8
