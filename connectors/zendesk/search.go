package zendesk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	// maxFound is how many results a query gives, whatever it counts (section 6.1 of the facts).
	maxFound = 1000
	// maxSearchPage is the largest page.
	maxSearchPage = 100
	// maxPassed bounds how many tickets of one second a cursor names. With more, some may come twice.
	maxPassed = 50
)

// Search implements connectors.Searcher. Zendesk gives at most 1,000 results a query, by page number.
// So a query is about a stretch of time that ends at a moment; when its pages are used up, the next
// query ends where the oldest ticket seen begins. A cursor is such a moment, too: it does not depend
// on page numbers, which shift while tickets come in, and never expires at Zendesk.
func (c *connector) Search(ctx context.Context, q connectors.Query) iter.Seq2[connectors.Listed, error] {
	return func(yield func(connectors.Listed, error) bool) {
		s := &search{c: c, q: q, at: call{op: "tickets.search"}, names: staff{c: c, known: map[string]bool{}}, yield: yield}
		if err := s.run(ctx); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// search is one reading of a list.
type search struct {
	c     *connector
	q     connectors.Query
	at    call
	names staff
	yield func(connectors.Listed, error) bool
	left  bool

	end     time.Time       // tickets begun before it
	passed  map[string]bool // ids of this query that have been read
	oldest  time.Time       // of what was read
	same    []string        // ids of the oldest second
	skipped int             // how many a cursor names
	scanned int
	of      int
	fresh   int // rows of this query that were new
	given   int
	rest    bool // a page had more than the limit
}

// full tells whether the reader has what was asked for.
func (s *search) full() bool { return s.q.Limit > 0 && s.given >= s.q.Limit }

func (s *search) run(ctx context.Context) error {
	if err := s.c.check(s.at, s.q.Filter); err != nil {
		return err
	}
	s.end, s.passed = ceil(s.q.To), map[string]bool{}
	if err := s.resume(); err != nil {
		return err
	}
	for s.q.From.Before(s.end) {
		more, err := s.stretch(ctx)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// stretch reads one query's pages and tells whether older tickets may follow. Then end is where they
// begin.
func (s *search) stretch(ctx context.Context) (more bool, err error) {
	s.fresh = 0
	size := maxSearchPage
	if n := s.q.Limit + len(s.passed); s.q.Limit > 0 && n < size {
		size = n
	}
	f := s.q.Filter
	f.To = s.end
	q := url.Values{"query": {compile(f)}, "sort_by": {"created_at"}, "sort_order": {"desc"}, "per_page": {strconv.Itoa(size)}}
	for page := 1; page*size <= maxFound; page++ {
		at := s.at
		at.beyond = page > 1
		q.Set("page", strconv.Itoa(page))
		got, err := s.c.searchPage(ctx, at, q, s.take)
		if page > 1 && connectors.CodeOf(err) == connectors.CodeBadRequest {
			break // Zendesk gives fewer than it did
		}
		if err != nil {
			return false, err
		}
		if s.of == 0 {
			s.of = int(got.count) - min(int(got.count), s.skipped)
		}
		if err := s.names.name(ctx, s.emit); err != nil {
			return false, err
		}
		done := (got.last || got.rows == 0) && !s.rest
		if err := s.progress(done); err != nil || done || s.full() {
			return false, err
		}
	}
	return true, s.older()
}

// older moves the end to the oldest ticket that was read.
func (s *search) older() error {
	end := s.oldest.Truncate(time.Second).Add(time.Second)
	if s.fresh > 0 && !s.oldest.IsZero() && end.Before(s.end) {
		s.end, s.passed = end, map[string]bool{}
		for _, id := range s.same {
			s.passed[id] = true
		}
		return nil
	}
	// More tickets of one second than a query gives: those that are left cannot be asked for.
	s.end, s.passed = s.end.Add(-time.Second), map[string]bool{}
	return s.emit(&connectors.Missing{What: "rows", Reason: connectors.MissingNotOffered,
		Say: "More than 1,000 tickets were made in one second. Zendesk lists only some of them."})
}

// take is called for each ticket that is decoded.
func (s *search) take(r result) error {
	if s.passed[r.id] {
		return nil
	}
	if s.full() {
		s.rest = true
		return nil
	}
	s.passed[r.id] = true
	s.fresh++
	s.scanned++
	switch second := r.at.Truncate(time.Second); {
	case r.at.IsZero(): // not a moment to go on from
	case s.oldest.IsZero() || second.Before(s.oldest):
		s.oldest, s.same = second, append(s.same[:0], r.id)
	case second.Equal(s.oldest):
		s.same = append(s.same, r.id)
	}
	if !s.q.Keeps(&r.Row, r.fields, here...) {
		return nil
	}
	s.given++
	s.names.meet(r.Agent)
	row := r.Row
	row.After, row.Scanned = s.cursor(), s.scanned
	return s.emit(&row)
}

func (s *search) progress(done bool) error {
	p := &connectors.Progress{Scanned: s.scanned, Of: max(s.of, s.scanned), After: s.cursor()}
	if done {
		p.Of, p.After = s.scanned, ""
	}
	return s.emit(p)
}

// emit hands l to the reader. errStop means that nobody reads on.
func (s *search) emit(l connectors.Listed) error {
	s.left = s.left || !s.yield(l, nil)
	if s.left {
		return errStop
	}
	return nil
}

// cursor says where to go on: the end of the next query, and the tickets of its last second that have
// been given. "1788340211:5012,5013".
func (s *search) cursor() string {
	if s.oldest.IsZero() {
		return ""
	}
	ids := s.same[max(0, len(s.same)-maxPassed):]
	return strconv.FormatInt(s.oldest.Unix()+1, 10) + ":" + strings.Join(ids, ",")
}

// resume goes on from a cursor.
func (s *search) resume() error {
	if s.q.After == "" {
		return nil
	}
	unix, ids, ok := strings.Cut(s.q.After, ":")
	second, err := strconv.ParseInt(unix, 10, 64)
	end := time.Unix(second, 0).UTC()
	if !ok || err != nil || end.After(s.end) {
		return s.c.fail(s.at, connectors.CodeCursorExpired, "", fmt.Errorf("not a cursor of this list"))
	}
	s.end, s.oldest = end, end.Add(-time.Second)
	for id := range strings.SplitSeq(ids, ",") {
		if id != "" {
			s.passed[id] = true
			s.same = append(s.same, id)
		}
	}
	s.skipped = len(s.same)
	return nil
}
