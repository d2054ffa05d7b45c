package gateway

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// mediaBook turns the many ranges of one person's playing into two audit rows: one before the first
// byte of the first range, one when nothing has been read for a while, the handle has expired, or
// the program stops. In between it only counts.
type mediaBook struct {
	audit *auditor
	idle  time.Duration
	now   func() time.Time

	mu   sync.Mutex
	open map[mediaKey]*mediaEntry
}

// mediaKey is one person's use of one file of one open.
type mediaKey struct {
	who         holder
	open, thing string
}

type mediaEntry struct {
	written chan struct{} // closed when the opening row is committed, or has failed
	err     error
	row     records.AuditEntry
	expires time.Time
	last    time.Time // of the last byte
	active  int
	kind    *mediaKind // as sniffed at the file's beginning
	seconds float64    // how long the recording is; 0: not known
	served  served     // by reads that have ended
	reads   map[*mediaRead]struct{}
	heard   []records.Span
}

func newMediaBook(a *auditor, idle time.Duration, now func() time.Time) *mediaBook {
	return &mediaBook{audit: a, idle: idle, now: now, open: map[mediaKey]*mediaEntry{}}
}

func keyOf(r *relay) mediaKey {
	p := r.run.principal
	return mediaKey{holder{p.Site, p.Kind, p.ID}, r.handle.Open, r.handle.key()}
}

// begin returns once the opening row is committed, by this read or by one before it.
func (b *mediaBook) begin(ctx context.Context, r *relay) (*mediaRead, error) {
	key := keyOf(r)
	b.mu.Lock()
	e, ok := b.open[key]
	if !ok {
		e = b.entry(r)
		b.open[key] = e
	}
	e.active++
	b.mu.Unlock()
	if !ok {
		e.err = b.audit.open(ctx, e.row)
		if e.err != nil {
			b.mu.Lock()
			delete(b.open, key)
			b.mu.Unlock()
		}
		close(e.written)
	}
	select {
	case <-e.written:
	case <-ctx.Done():
		b.leave(e)
		return nil, ctx.Err()
	}
	if e.err != nil {
		b.leave(e)
		return nil, e.err
	}
	m := &mediaRead{book: b, entry: e, provider: r.row.Provider, metrics: r.s.metrics, peaks: r.peaks}
	b.mu.Lock()
	defer b.mu.Unlock()
	e.reads[m] = struct{}{}
	return m, nil
}

func (b *mediaBook) entry(r *relay) *mediaEntry {
	p, now := r.run.principal, b.now()
	e := newMediaEntry(records.AuditEntry{Site: p.Site, At: now, Event: records.AuditMediaOpened, PrincipalKind: p.Kind, Principal: p.ID,
		Open: r.handle.Open, Ref: r.handle.Locator.Ref, Thing: r.handle.thing()}, time.Unix(r.handle.Expires, 0))
	e.seconds = r.handle.Seconds
	return e
}

func newMediaEntry(row records.AuditEntry, expires time.Time) *mediaEntry {
	return &mediaEntry{written: make(chan struct{}), expires: expires, last: row.At, reads: map[*mediaRead]struct{}{}, row: row}
}

func (b *mediaBook) leave(e *mediaEntry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.active--
	e.last = b.now()
}

// kindOf is what an earlier read found the file to be, else what is claimed.
func (b *mediaBook) kindOf(r *relay) mediaKind {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.open[keyOf(r)]; ok && e.kind != nil {
		return *e.kind
	}
	return claimedKind(r.handle.Type)
}

// sweep closes what nobody reads any more.
func (b *mediaBook) sweep(ctx context.Context) {
	now := b.now()
	b.closeIf(ctx, func(e *mediaEntry) bool { return e.active == 0 && (now.Sub(e.last) >= b.idle || now.After(e.expires)) })
}

// closeAll is for the end of the program.
func (b *mediaBook) closeAll(ctx context.Context) {
	b.closeIf(ctx, func(*mediaEntry) bool { return true })
}

func (b *mediaBook) closeIf(ctx context.Context, done func(*mediaEntry) bool) {
	var rows []records.AuditEntry
	b.mu.Lock()
	for key, e := range b.open {
		if isClosed(e.written) && done(e) {
			delete(b.open, key)
			row := e.row
			row.Event, row.At, row.Heard = records.AuditMediaClosed, b.now(), e.heard
			rows = append(rows, row)
		}
	}
	b.mu.Unlock()
	for _, row := range rows {
		b.audit.close(ctx, row)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// mediaRead is one range being read.
type mediaRead struct {
	book     *mediaBook
	entry    *mediaEntry
	provider string
	metrics  *metrics
	peaks    bool // read to draw the waveform: bytes, not listening
	at       span // what is served, of what size
	begun    bool // the answer's header has gone out
	bytes    atomic.Int64
}

func (m *mediaRead) add(n int) { m.bytes.Add(int64(n)) }

// stretch is what it has served so far, as a share of the file.
func (m *mediaRead) stretch() (stretch, bool) {
	n := m.bytes.Load()
	if m.peaks || n == 0 || m.at.size <= 0 {
		return stretch{}, false
	}
	size := float64(m.at.size)
	return stretch{float64(m.at.first) / size, float64(m.at.first+n) / size}, true
}

// kind sniffs the beginning of the file, or remembers it for a later stretch.
func (m *mediaRead) kind(r *relay, a plan, b []byte) mediaKind {
	m.book.mu.Lock()
	defer m.book.mu.Unlock()
	m.at, m.begun = a.span, true
	if !a.showsKind() {
		if m.entry.kind != nil {
			return *m.entry.kind
		}
		return claimedKind(r.handle.Type)
	}
	k := sniff(b, r.handle.Locator.What, r.handle.Type)
	m.entry.kind = &k
	return k
}

// done ends the read and notes how. It tells whether an answer that had begun was cut off for a reason
// other than the reader's.
func (m *mediaRead) done(ctx context.Context, err error) bool {
	m.metrics.mediaBytes.WithLabelValues(m.provider).Add(float64(m.bytes.Load()))
	m.book.mu.Lock()
	defer m.book.mu.Unlock()
	e := m.entry
	e.active--
	e.last = m.book.now()
	e.row.Bytes += m.bytes.Load()
	delete(e.reads, m)
	if s, ok := m.stretch(); ok {
		e.served = e.served.with(s)
	}
	e.row.Outcome, e.row.Detail = mediaOutcome(ctx, err)
	aborted := m.begun && e.row.Outcome == records.OutcomeProblem
	if aborted {
		m.metrics.mediaAborts.WithLabelValues(m.provider, e.row.Detail).Inc()
	}
	return aborted
}

func mediaOutcome(ctx context.Context, err error) (outcome, detail string) {
	code := connectors.CodeOf(err)
	switch {
	case err == nil:
		return records.OutcomeComplete, ""
	case endedBy(ctx) != nil && revoking(code):
		return records.OutcomeRevoked, string(code)
	case ctx.Err() != nil && endedBy(ctx) == nil:
		return records.OutcomeLeft, ""
	case code == connectors.CodeInternal: // a write that failed or ran out of time
		return records.OutcomeLeft, ""
	default:
		return records.OutcomeProblem, string(code)
	}
}
