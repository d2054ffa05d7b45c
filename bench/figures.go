package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
)

// round is what one round measured: a value for each target.
type round map[string]float64

// figure is one thing that is measured and what it is held against.
type figure struct {
	name, title, unit string
	measure           func(ctx context.Context, b *bench) (round, error)
	goals             []goal
}

// goal bounds a ratio of the gateway to something of the same round.
type goal struct {
	say   string
	ratio func(r round) float64
	limit float64
	least bool // the ratio must be at least the limit
}

// bench is a run.
type bench struct {
	*world
	options
	tls  *tls.Config
	seen map[string]round // values that one measure has brought for other figures of its round
}

// n gives a quantity, a smaller one for short rounds.
func (b *bench) n(full, short int) int {
	if b.quick {
		return short
	}
	return full
}

// over is the ratio to one target.
func over(name string) func(round) float64 {
	return func(r round) float64 { return r[nameGateway] / r[name] }
}

// added is the ratio of what the gateway and a peer add to the direct way.
func added(name string) func(round) float64 {
	return func(r round) float64 { return (r[nameGateway] - r[nameDirect]) / (r[name] - r[nameDirect]) }
}

func overBest(r round) float64 {
	best := r[peers[0]]
	for _, p := range peers {
		best = min(best, r[p])
	}
	return r[nameGateway] / best
}

// figures are those of docs/performance.md, in its order; the limits are reasoned there.
var figures = []figure{
	{name: "range", title: "First byte of a 64 KB range, p50", unit: "µs", measure: firstByteOf(callPath, "Range: bytes=1048576-1114111\r\n"), goals: []goal{
		{say: "added, to HAProxy's", ratio: added(nameHAProxy), limit: 1.25},
		{say: "added, to the pooled ReverseProxy's", ratio: added(nameProxy), limit: 0.80},
	}},
	{name: "attachment", title: "First byte of a 2 KB attachment, p50", unit: "µs", measure: firstByteOf(smallPath, ""), goals: []goal{
		{say: "added, to HAProxy's", ratio: added(nameHAProxy), limit: 1.25},
		{say: "added, to the pooled ReverseProxy's", ratio: added(nameProxy), limit: 0.80},
	}},
	{name: "recordings", title: "Processor time of 16 connections that fetch 8 MB each", unit: "s/GB", measure: perGB, goals: []goal{
		{say: "to the bare TCP join's", ratio: over(nameJoin), limit: 1.05},
		{say: "to HAProxy's", ratio: over(nameHAProxy), limit: 1},
		{say: "to nginx's", ratio: over(nameNginx), limit: 1},
		{say: "to Caddy's", ratio: over(nameCaddy), limit: 1},
	}},
	{name: "small", title: "Processor time of a 2 KB attachment, 32 connections", unit: "µs", measure: perRequest, goals: []goal{
		{say: "to the pooled ReverseProxy's", ratio: over(nameProxy), limit: 0.75},
	}},
	{name: "slow", title: "1,000 readers of 64 KB/s: process memory a stream", unit: "KB", measure: slowReaders, goals: []goal{
		{say: "to HAProxy's", ratio: over(nameHAProxy), limit: 1.25},
	}},
	{name: "slow-all", title: "1,000 readers of 64 KB/s: process and kernel memory a stream", unit: "KB", measure: seenWith("slow-all"), goals: []goal{
		{say: "beyond direct, to HAProxy's", ratio: added(nameHAProxy), limit: 0.55},
	}},
	{name: "slow-next", title: "1,000 readers of 64 KB/s: first byte for the next reader, p99", unit: "ms", measure: seenWith("slow-next"), goals: []goal{
		{say: "to the best peer's", ratio: overBest, limit: 0.05},
	}},
	{name: "slow-rate", title: "1,000 readers of 64 KB/s: share of their rate that the slowest tenth had at least", unit: "of 1", measure: seenWith("slow-rate"), goals: []goal{
		{say: "kept", ratio: func(r round) float64 { return r[nameGateway] }, limit: 0.99, least: true},
	}},
	{name: "ticket", title: "First message of a ticket with ten pages of 150 ms (direct: one page)", unit: "ms", measure: firstMessage, goals: []goal{
		{say: "to one page's time", ratio: over(nameDirect), limit: 1.02},
	}},
	{name: "audit", title: "Commit of an audit row, SQLite with synchronous=FULL, one caller", unit: "ms", measure: commits, goals: []goal{
		{say: "p50, ms", ratio: func(r round) float64 { return r["p50"] }, limit: 2},
		{say: "p99, ms", ratio: func(r round) float64 { return r["p99"] }, limit: 10},
	}},
}

func names() []string {
	var ns []string
	for _, f := range figures {
		ns = append(ns, f.name)
	}
	return ns
}

// run measures round by round, every figure in each, and prints when all are done.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	if err := checkPrograms(o.binary); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sightglass-bench-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // nginx's workers are another user and pass through it
		return err
	}
	if o.keep {
		fmt.Fprintln(out, "settings and logs are kept in", dir)
	} else {
		defer func() { _ = os.RemoveAll(dir) }()
	}
	w, err := newWorld(ctx, dir, o.binary)
	if w != nil {
		defer w.close()
	}
	if err != nil {
		return err
	}
	conf, err := trusting(w.ca)
	if err != nil {
		return err
	}
	b := &bench{world: w, options: o, tls: conf}
	fmt.Fprintf(out, "%d processors, %s/%s, %s, kernel %s\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), kernel())
	if o.quick {
		fmt.Fprintln(out, "short rounds (-quick): to try a change, not to quote")
	}
	results := map[string][]round{}
	for n := range o.rounds {
		b.seen = map[string]round{}
		for _, f := range figures {
			if !slices.Contains(o.figures, f.name) {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", n+1, o.rounds, f.name)
			r, err := f.measure(ctx, b)
			if err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			results[f.name] = append(results[f.name], r)
		}
	}
	report(out, results)
	return nil
}

func kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return string(b[:max(len(b)-1, 0)])
}
