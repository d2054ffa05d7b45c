package upstream

import (
	"strings"
	"sync"
)

// maxGates bounds how many paths have a gate of their own; what comes later shares the account's.
const maxGates = 32

// gates are the gate of the account or, where the Spec says that limits are per path, one for each
// first segment of a path.
type gates struct {
	account *gate
	perPath bool
	make    func() *gate

	mu    sync.Mutex
	first map[string]*gate
}

func newGates(o Options) *gates {
	g := &gates{perPath: o.Spec.LimitsPerPath, first: map[string]*gate{}}
	g.make = func() *gate { return newGate(o.Limits.Share, o.Now) }
	g.account = g.make()
	return g
}

// of gives the gate that a request for path passes.
func (g *gates) of(path string) *gate {
	if !g.perPath {
		return g.account
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	g.mu.Lock()
	defer g.mu.Unlock()
	one, ok := g.first[segment]
	if !ok {
		if len(g.first) >= maxGates {
			return g.account
		}
		one = g.make()
		g.first[segment] = one
	}
	return one
}
