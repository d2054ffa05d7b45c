package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// draw picks l.limit of the list. Where the provider applies the whole filter and can be asked for the
// n-th interaction, numbers are drawn and only they are read. Else the list is read through, and those
// are kept whose mark is smallest: as many as are drawn are held, never the list.
func (l *listing) draw(ctx context.Context) iter.Seq2[connectors.Listed, error] {
	if sampler, ok := l.conn.(connectors.Sampler); ok && len(l.here) == 0 {
		return sampler.Sample(ctx, l.filter, func(n int) []int { return numbers(l.seed, n, l.limit) })
	}
	return l.reservoir(ctx)
}

// numbers draws k of 0 … n-1 (Floyd's algorithm), in order. The same seed and n give the same.
func numbers(seed string, n, k int) []int {
	r := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(seed))))
	drawn := map[int]bool{}
	for i := max(0, n-k); i < n; i++ {
		v := r.IntN(i + 1)
		if drawn[v] {
			v = i
		}
		drawn[v] = true
	}
	out := make([]int, 0, len(drawn))
	for v := range drawn {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// mark is what a seed makes of a ref. It depends on nothing else, so that the order in which a list
// comes does not matter, and one more interaction changes at most one that is drawn.
func mark(seed string, r records.Ref) string {
	h := hmac.New(sha256.New, []byte(seed))
	_, _ = h.Write([]byte(string(r.Kind) + "/" + r.ID))
	return string(h.Sum(nil))
}

type marked struct {
	mark string
	row  *connectors.Row
}

func (l *listing) reservoir(ctx context.Context) iter.Seq2[connectors.Listed, error] {
	return func(yield func(connectors.Listed, error) bool) {
		var kept []marked // smallest mark first
		names := map[string]*connectors.Person{}
		for item, err := range l.search.Search(ctx, connectors.Query{Filter: l.filter}) {
			switch v := item.(type) {
			case *connectors.Row:
				kept = keep(kept, marked{mark(l.seed, v.Ref), v}, l.limit)
				continue
			case *connectors.Person: // of the few who work there; asked for once
				names[v.ID] = v
				continue
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
		if ctx.Err() != nil {
			yield(nil, context.Cause(ctx))
			return
		}
		slices.SortFunc(kept, func(a, b marked) int { return b.row.At.Compare(a.row.At) })
		for _, k := range kept {
			if a := k.row.Agent; a != nil && a.ID != nil && names[*a.ID] != nil {
				a.Name = names[*a.ID].Name
			}
			if !yield(k.row, nil) {
				return
			}
		}
	}
}

func keep(kept []marked, m marked, k int) []marked {
	i, there := slices.BinarySearchFunc(kept, m, func(a, b marked) int { return strings.Compare(a.mark, b.mark) })
	if there || i >= k {
		return kept
	}
	kept = slices.Insert(kept, i, m)
	return kept[:min(len(kept), k)]
}
