package main

import (
	"fmt"
	"io"
	"slices"
)

// spread is the median of a value's rounds, with the least and the most.
type spread struct{ median, least, most float64 }

func spreadOf(vs []float64) spread {
	s := slices.Sorted(slices.Values(vs))
	m := s[len(s)/2]
	if len(s)%2 == 0 {
		m = (s[len(s)/2-1] + m) / 2
	}
	return spread{m, s[0], s[len(s)-1]}
}

// met tells whether the median reaches the goal. A ratio below zero or none at all (a peer as fast as
// the direct way) proves nothing and does not pass.
func (g goal) met(s spread) bool {
	if g.least {
		return s.median >= g.limit
	}
	return s.median <= g.limit && s.median > 0
}

func report(out io.Writer, results map[string][]round) {
	order := []string{nameDirect, nameJoin, nameNginx, nameHAProxy, nameCaddy, nameProxy, nameGateway, "p50", "p99"}
	for _, f := range figures {
		rounds := results[f.name]
		if len(rounds) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s (%s), %s: median (least – most) of %d\n", f.title, f.unit, f.name, len(rounds))
		for _, name := range order {
			var vs []float64
			for _, r := range rounds {
				if v, ok := r[name]; ok {
					vs = append(vs, v)
				}
			}
			if len(vs) > 0 {
				s := spreadOf(vs)
				fmt.Fprintf(out, "  %-14s %10.2f  (%.2f – %.2f)\n", name, s.median, s.least, s.most)
			}
		}
		for _, g := range f.goals {
			verdict(out, g, rounds)
		}
	}
}

func verdict(out io.Writer, g goal, rounds []round) {
	var vs []float64
	for _, r := range rounds {
		vs = append(vs, g.ratio(r))
	}
	s := spreadOf(vs)
	word, sign := "MISS", "≤"
	if g.met(s) {
		word = "pass"
	}
	if g.least {
		sign = "≥"
	}
	fmt.Fprintf(out, "  %s  %-38s %6.3f  (%.3f – %.3f), want %s %.2f\n", word, g.say, s.median, s.least, s.most, sign, g.limit)
}
