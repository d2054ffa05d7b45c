package gateway

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Bounds of one page as JSON, where rows are dropped here: then it ends, and says where to go on.
const (
	maxScanned  = 5000
	maxScanTime = 20 * time.Second
)

// listing is the answer of a list: a response type of its own, since rows stream.
type listing struct {
	s      *Server
	visit  *visit
	run    *running
	row    records.Link
	spec   connectors.Spec
	conn   connectors.Connector
	search connectors.Searcher

	filter connectors.Filter
	asked  string // fingerprint of the filter as it was asked for
	here   []connectors.Predicate
	limit  int
	after  string
	before int  // rows read before this page
	lines  bool // NDJSON
	event  records.AuditEvent
	seed   string // of a draw

	out     listWriter
	opened  *lookUps
	rows    int
	scanned int
	of      int
	next    string // where the list goes on; empty: it is complete
}

// listWriter takes what is listed, in order.
type listWriter interface {
	row(r *connectors.Row, o openedAt) error
	other(l connectors.Listed) error
	end(e listEnd) error
	begun() bool // something has been sent
}

// VisitListInteractionsResponse implements api.ListInteractionsResponseObject.
func (l *listing) VisitListInteractionsResponse(w http.ResponseWriter) error { return l.visitWith(w) }

// VisitSearchInteractionsResponse implements api.SearchInteractionsResponseObject.
func (l *listing) VisitSearchInteractionsResponse(w http.ResponseWriter) error { return l.visitWith(w) }

// VisitDrawInteractionsResponse implements api.DrawInteractionsResponseObject.
func (l *listing) VisitDrawInteractionsResponse(w http.ResponseWriter) error { return l.visitWith(w) }

func (l *listing) visitWith(w http.ResponseWriter) (err error) {
	ctx, done, err := l.s.streams.begin(l.visit.Request.Context(), l.run)
	if err != nil {
		return err
	}
	defer done()
	p := l.run.principal
	// One row, before anything is shown: that a list of this link was read, not what it was narrowed by.
	if err := l.s.audit.open(ctx, records.AuditEntry{Site: p.Site, At: l.s.now(), Event: l.event, PrincipalKind: p.Kind, Principal: p.ID,
		Ref: records.Ref{Link: l.row.ID.Link}, Detail: l.seed}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	closeWriter := l.writeTo(w, cancel)
	defer closeWriter()
	l.opened = &lookUps{l: l}
	if err := l.read(connectors.Background(ctx)); err != nil {
		return l.fail(ctx, err)
	}
	return l.finish(ctx)
}

func (l *listing) writeTo(w http.ResponseWriter, cancel context.CancelCauseFunc) func() {
	if !l.lines {
		l.out = &listPage{w: w, enc: newEncoder(), names: map[string]connectors.Text{}}
		return func() {}
	}
	out := newLines(w, false, l.s.cfg)
	out.onFail = cancel
	l.out = &listLines{out: out, enc: newEncoder()}
	return func() { out.close() }
}

// read ranges over what the connector lists, until it ends or there is enough.
func (l *listing) read(ctx context.Context) error {
	from := l.search.Search(ctx, connectors.Query{Filter: l.filter, After: l.after, Limit: l.limit})
	if l.event == records.AuditDrawn {
		from = l.draw(ctx)
	}
	return l.forward(ctx, from)
}

func (l *listing) forward(ctx context.Context, from iter.Seq2[connectors.Listed, error]) error {
	start := time.Now()
	for item, err := range from {
		if err != nil {
			return errors.Join(l.opened.flush(ctx), err)
		}
		_, row := item.(*connectors.Row)
		if row && l.rows == l.limit {
			return l.opened.flush(ctx)
		}
		if err := l.take(ctx, item); err != nil {
			return err
		}
		if _, page := item.(*connectors.Progress); page && !l.lines && l.next != "" && (l.scanned >= maxScanned || time.Since(start) > maxScanTime) {
			return nil
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if l.rows < l.limit {
		l.next = ""
	}
	return l.opened.flush(ctx)
}

func (l *listing) take(ctx context.Context, item connectors.Listed) error {
	switch v := item.(type) {
	case *connectors.Row:
		l.rows++
		l.scanned, l.next = v.Scanned, v.After
		if err := l.opened.add(ctx, v); err != nil {
			return err
		}
	case *connectors.Progress:
		l.scanned, l.of, l.next = max(l.scanned, v.Scanned), v.Of, v.After
		if err := errors.Join(l.opened.flush(ctx), l.out.other(l.total(v))); err != nil {
			return err
		}
	default:
		if err := errors.Join(l.opened.flush(ctx), l.out.other(v)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// total counts from the list's first page on.
func (l *listing) total(p *connectors.Progress) *connectors.Progress {
	sum := *p
	sum.Scanned += l.before
	if p.Of > 0 {
		sum.Of += l.before
	}
	return &sum
}

func (l *listing) finish(ctx context.Context) error {
	e := listEnd{Scanned: l.before + l.scanned, FilteredHere: l.here, From: l.filter.From, To: l.filter.To, Seed: l.seed}
	if l.of > 0 && len(l.here) == 0 {
		e.Count = l.before + l.of
	}
	if l.next != "" && l.seed == "" {
		next, err := l.s.sealCursor(cursor{Filter: l.asked, From: l.filter.From.UnixMilli(), To: l.filter.To.UnixMilli(), After: l.next,
			Scanned: l.before + l.scanned}, l.run.principal, l.row.ID.Link)
		if err != nil {
			return l.fail(ctx, err)
		}
		e.Next = next
	}
	if err := l.out.end(e); err != nil {
		return l.fail(ctx, err)
	}
	return nil
}

// fail ends the list as a stream of parts ends: an error while nothing has been sent, else the last
// line; if that cannot be written, the connection is aborted.
func (l *listing) fail(ctx context.Context, err error) error {
	if ours := endedBy(ctx); ours != nil {
		err = ours
	}
	out, lines := l.out.(*listLines)
	if !lines || !out.begun() {
		return err
	}
	if ctx.Err() != nil && endedBy(ctx) == nil || out.out.broken() {
		panic(http.ErrAbortHandler)
	}
	p := l.s.problemOf(ctx, err)
	l.visit.Code = string(p.Code)
	l.s.logProblem(ctx, p, err)
	if out.problem(p) != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// openedAt is what the audit log knows of a row by reference.
type openedAt struct {
	You       time.Time `json:"you,omitzero"`
	Colleague time.Time `json:"colleague,omitzero"`
}

// lookUps look rows up in the audit log, a few at a time: the first at once, the others when
// enough have gathered, when time has passed, or when the connector is about to wait.
type lookUps struct {
	l       *listing
	waiting []*connectors.Row
	since   time.Time
}

const (
	openedBatch = 50
	openedWait  = 20 * time.Millisecond
)

func (o *lookUps) add(ctx context.Context, r *connectors.Row) error {
	if len(o.waiting) == 0 {
		o.since = time.Now()
	}
	o.waiting = append(o.waiting, r)
	if o.l.rows == 1 || len(o.waiting) >= openedBatch || time.Since(o.since) > openedWait {
		return o.flush(ctx)
	}
	return nil
}

func (o *lookUps) flush(ctx context.Context) error {
	if len(o.waiting) == 0 {
		return nil
	}
	refs := make([]records.Ref, len(o.waiting))
	for i, r := range o.waiting {
		refs[i] = r.Ref
	}
	known, err := o.l.s.store.OpenedBefore(ctx, o.l.row.ID, refs)
	if err != nil {
		return unavailable(ctx, err)
	}
	at := map[records.Ref]openedAt{}
	for _, k := range known {
		a := at[k.Ref]
		p := o.l.run.principal
		switch mine := k.PrincipalKind == p.Kind && k.Principal == p.ID; {
		case mine:
			a.You = k.At
		case k.At.After(a.Colleague):
			a.Colleague = k.At
		}
		at[k.Ref] = a
	}
	for _, r := range o.waiting {
		if err := o.l.out.row(r, at[r.Ref]); err != nil {
			return err
		}
	}
	o.waiting = o.waiting[:0]
	return nil
}

// listEnd is how a page ends.
type listEnd struct {
	Next         string                 `json:"next,omitempty"`
	Count        int                    `json:"count,omitempty"`
	Scanned      int                    `json:"scanned"`
	FilteredHere []connectors.Predicate `json:"filtered_here"`
	From         time.Time              `json:"from"`
	To           time.Time              `json:"to"`
	Seed         string                 `json:"seed,omitempty"`
}

// rowOut is a row on the wire.
type rowOut struct {
	Row    *connectors.Row `json:",embed"`
	Opened openedAt        `json:"opened,omitzero"`
}

// listLines writes NDJSON.
type listLines struct {
	out *lines
	enc *encoder
	n   int
}

func (w *listLines) put(v any, now bool) error {
	b, err := w.enc.value(v)
	if err != nil {
		return err
	}
	w.n++
	return w.out.write(b, now || w.n == 1)
}

func (w *listLines) begun() bool { return w.n > 0 }

func (w *listLines) row(r *connectors.Row, o openedAt) error {
	return w.put(tagged[rowOut]{"row", &rowOut{r, o}}, false)
}

func (w *listLines) other(l connectors.Listed) error {
	switch l := l.(type) {
	case *connectors.Progress:
		return w.put(progressLine{"progress", l.Scanned, l.Of}, true)
	case connectors.Part:
		b, err := w.enc.line(l)
		if err != nil {
			return err
		}
		w.n++
		return w.out.write(b, false)
	default:
		return nil
	}
}

type progressLine struct {
	Type    connectors.PartType `json:"type"`
	Scanned int                 `json:"scanned"`
	Of      int                 `json:"of,omitempty"`
}

func (w *listLines) end(e listEnd) error {
	if err := w.put(tagged[listEnd]{connectors.TypeEnd, &e}, true); err != nil {
		return err
	}
	return w.out.end()
}

func (w *listLines) problem(p problem) error {
	if err := w.put(p.line(), true); err != nil {
		return err
	}
	return w.out.end()
}

// listPage gathers a page of JSON: what fails before it is complete is an error of its own.
type listPage struct {
	w     http.ResponseWriter
	enc   *encoder
	items []rowOut
	names map[string]connectors.Text
}

func (*listPage) begun() bool { return false }

func (w *listPage) row(r *connectors.Row, o openedAt) error {
	w.items = append(w.items, rowOut{r, o})
	return nil
}

func (w *listPage) other(l connectors.Listed) error {
	if p, ok := l.(*connectors.Person); ok {
		w.names[p.ID] = p.Name
	}
	return nil
}

func (w *listPage) end(e listEnd) error {
	for _, item := range w.items {
		if a := item.Row.Agent; a != nil && a.ID != nil && a.Name.IsZero() {
			a.Name = w.names[*a.ID]
		}
	}
	return writeJSON(w.w, w.enc, struct {
		Items []rowOut `json:"items"`
		End   listEnd  `json:",embed"`
	}{slices.Concat([]rowOut{}, w.items), e})
}

// writeJSON answers 200 with v, through the encoder that may write content.
func writeJSON(w http.ResponseWriter, enc *encoder, v any) error {
	b, err := enc.value(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(b); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}
