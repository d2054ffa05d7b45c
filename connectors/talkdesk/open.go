package talkdesk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Around a call's recordings, everything else of it is looked for: reports choose rows by when something
// ended, the Conversations API by when it began.
const (
	reportBefore, reportAfter         = time.Hour, 8 * time.Hour
	transcriptBefore, transcriptAfter = 2 * time.Hour, 4 * time.Hour
	// recent is how long after a call its recording, its row in a report or its transcript may still be on
	// its way: nothing is documented; clients waited up to ten minutes, old reports lagged an hour.
	recent = time.Hour
	// retention is Talkdesk's default for recordings (support.talkdesk.com, article 204370739).
	retention = 180 * 24 * time.Hour
)

// The parts that are filled in behind.
const (
	whatDetails    = "call details"
	whatLegs       = "legs of the call"
	whatTranscript = "transcript"
	whatNames      = "names"
	whatMessages   = "messages"
	whatChat       = "conversation details"
)

// Open implements connectors.Connector. Of a call the recordings come first; of a chat or mail whatever is
// found first. What fails behind them is named, and the rest goes on.
func (c *connector) Open(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
	return func(yield func(connectors.Part, error) bool) {
		o := &opening{c: c, ref: ref, yield: yield, people: map[string]bool{}}
		if err := o.run(ctx); err != nil && !errors.Is(err, errLeft) {
			yield(nil, err)
		}
	}
}

// opening is one reading of one interaction. Only the goroutine that runs Open writes to it; the sources
// that run beside it hand parts over.
type opening struct {
	c     *connector
	ref   records.Ref
	id    string    // without its date
	day   time.Time // the date that came with the id; zero: none
	yield func(connectors.Part, error) bool

	headed bool
	left   bool // nobody reads on
	recs   []recording
	people map[string]bool // who has been named
	agents []string        // ids of agents that the recordings name
	began  time.Time       // of an interaction that was found without recordings
	ended  time.Time
	native string // what its report calls it: missed, abandoned, …

	denied     *connectors.Missing // the recordings themselves
	incomplete error               // cost something that had begun to come; told at the end
}

func (o *opening) run(ctx context.Context) error {
	id, day := undated(o.ref.ID)
	o.id, o.day = id, day
	switch {
	case id == "":
	case o.ref.Kind == records.KindCall:
		return o.call(ctx)
	case o.ref.Kind == records.KindChat, o.ref.Kind == records.KindEmail:
		return o.search(ctx, o.digitalSources())
	}
	return o.c.fail(call{op: "call.open"}, connectors.CodeBadRequest, "", fmt.Errorf("nothing has kind %q and this id", o.ref.Kind))
}

// undated takes a day off an id: a ref may carry one ("ID:2026-03-04"), since without a recording Talkdesk
// finds nothing by id alone.
func undated(id string) (string, time.Time) {
	front, back, ok := strings.Cut(id, ":")
	if !ok {
		return id, time.Time{}
	}
	day, err := time.Parse(time.DateOnly, back)
	if err != nil {
		return id, time.Time{}
	}
	return front, day
}

func (o *opening) call(ctx context.Context) error {
	err := o.findRecordings(ctx)
	switch {
	case connectors.CodeOf(err) == connectors.CodeMissingScope:
		o.denied = o.c.missing(whatRecording, call{scope: scopeRecordings}, err)
	case err != nil:
		return err
	case len(o.recs) > 0:
		return o.behind(ctx)
	}
	return o.search(ctx, o.callSources())
}

// findRecordings asks for the recordings by the id as it is, then in its other spelling, then as if it
// were a recording's own. None of them is no error.
func (o *opening) findRecordings(ctx context.Context) error {
	for _, id := range spellings(o.id) {
		err := o.readRecordings(ctx, id)
		if err != nil && !notThere(err) {
			return err
		}
		if len(o.recs) > 0 {
			return nil
		}
	}
	of, err := o.c.callOf(ctx, call{op: "call.open", scope: scopeRecordings, first: true}, o.id)
	if err != nil || of == "" || same(of, o.id) {
		return err
	}
	o.id = of
	if err := o.readRecordings(ctx, of); err != nil && !notThere(err) {
		return err
	}
	return nil
}

// spellings are an id as it is and, of a UUID, with or without its dashes.
func spellings(id string) []string {
	plain := bare(id)
	if !hex32.MatchString(plain) {
		return []string{id}
	}
	if plain != id {
		return []string{id, plain}
	}
	return []string{id, plain[:8] + "-" + plain[8:12] + "-" + plain[12:16] + "-" + plain[16:20] + "-" + plain[20:]}
}

// behind fills in what belongs to recordings that have been shown.
func (o *opening) behind(ctx context.Context) error {
	from, to := o.span()
	if from.IsZero() { // they do not say when they were made
		return o.search(ctx, o.callSources())
	}
	o.began, o.ended = from, to
	for _, r := range o.recs {
		for _, p := range slices.Concat(r.one, r.two) {
			if p.id != "" && !slices.Contains(o.agents, p.kind+p.id) {
				o.agents = append(o.agents, p.kind+p.id)
			}
		}
	}
	w := window{
		report: stretch{from.Add(-reportBefore), o.c.clip(from.Add(reportAfter))}, talk: stretch{from.Add(-transcriptBefore), o.c.clip(from.Add(transcriptAfter))},
	}
	ends, err := o.gather(ctx, w, append(o.callSources(), o.namesSource()))
	if err != nil {
		return err
	}
	for _, e := range ends {
		if e.err == nil && !e.found && e.what != whatNames {
			if err := o.emit(o.absent(e.what, w)); err != nil {
				return err
			}
		}
	}
	return o.incomplete
}

// clip ends a time at the present.
func (c *connector) clip(t time.Time) time.Time {
	if now := c.now(); t.After(now) {
		return now
	}
	return t
}

// stretch is a time, window one for the reports and one for the Conversations API.
type stretch struct{ from, to time.Time }

type window struct{ report, talk stretch }

// source is one place where something of the interaction may be.
type source struct {
	what string
	at   call
	// run hands on what it finds within w, and tells whether it found the interaction at all. As long as
	// nothing has been shown of it, what it hands on first is a header.
	run func(ctx context.Context, w window, emit func(connectors.Part) error) (found bool, err error)
}

// end is how a source ended.
type end struct {
	source
	found bool
	shown bool // something had been handed on when it failed
	told  bool // the failure has been named
	err   error
}

// piece is what a source hands to the opening.
type piece struct {
	part connectors.Part
	end  *end
}

// reading runs s as one of several.
func reading(s source, w window) func(context.Context) iter.Seq2[piece, error] {
	return func(ctx context.Context) iter.Seq2[piece, error] {
		return func(yield func(piece, error) bool) {
			left, shown := false, false
			found, err := s.run(ctx, w, func(p connectors.Part) error {
				if left = left || !yield(piece{part: p}, nil); left {
					return errLeft
				}
				shown = true
				return nil
			})
			if !left {
				yield(piece{end: &end{source: s, found: found, shown: shown, err: err}}, nil)
			}
		}
	}
}

// gather runs sources side by side and hands on what they find, as it comes. It ends early only when
// nobody reads on.
func (o *opening) gather(ctx context.Context, w window, sources []source) ([]end, error) {
	var ends []end
	var all []func(context.Context) iter.Seq2[piece, error]
	for _, s := range sources {
		all = append(all, reading(s, w))
	}
	for p, err := range connectors.Merge(ctx, all...) {
		switch {
		case err != nil && ctx.Err() != nil:
			return ends, fmt.Errorf("talkdesk: call.open: %w", context.Cause(ctx))
		case err != nil:
			return ends, err
		case p.end != nil:
			e := *p.end
			e.told = o.headed && e.err != nil
			ends = append(ends, e)
			if err := o.settle(e); err != nil {
				return ends, err
			}
		default:
			if err := o.emit(p.part); err != nil {
				return ends, err
			}
		}
	}
	return ends, nil
}

// settle names what a source failed to bring, once something else has been shown.
func (o *opening) settle(e end) error {
	if e.err == nil || !o.headed {
		return nil
	}
	code := connectors.CodeOf(e.err)
	if code == connectors.CodeNeedsReconnect || code == connectors.CodeProviderCut && e.shown {
		o.incomplete = e.err // the rest would come if it were tried again
		return nil
	}
	return o.emit(o.c.missing(e.what, e.at, e.err))
}

// emit hands p to the reader. errLeft means that nobody reads on.
func (o *opening) emit(p connectors.Part) error {
	switch p := p.(type) {
	case *connectors.Header:
		o.headed = true
		if o.began.IsZero() {
			o.began = p.CreatedAt
		}
		if p.UpdatedAt.After(o.ended) {
			o.ended = p.UpdatedAt
		}
		if p.Status != "" {
			o.native = p.Status
		}
	case *connectors.Person:
		if o.people[p.ID] || p.ID == "" || p.Name.IsZero() {
			return nil
		}
		o.people[p.ID] = true
	}
	if o.left = o.left || !o.yield(p, nil); o.left {
		return errLeft
	}
	return nil
}

// absent says that a source had nothing.
func (o *opening) absent(what string, w window) *connectors.Missing {
	m := &connectors.Missing{What: what, Reason: connectors.MissingNotFound}
	s := w.report
	if what == whatTranscript || what == whatMessages {
		s = w.talk
	}
	m.Say = fmt.Sprintf("Talkdesk has no %s between %s and %s UTC: it was never made, or the account's retention has deleted it.",
		what, s.from.UTC().Format("2006-01-02 15:04"), s.to.UTC().Format("2006-01-02 15:04"))
	if ended := o.ended; !ended.IsZero() && o.c.now().Sub(ended) < recent {
		m.Reason, m.Say = connectors.MissingNotReady, "Talkdesk has no "+what+" yet; it may follow within the hour."
	}
	return m
}
