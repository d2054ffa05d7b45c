package gateway

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	// maxHeard bounds what one row holds; more stretches are joined across their smallest gaps.
	maxHeard = 100
	// longestCall is more than any provider records in one file.
	longestCall = 24 * 60 * 60
	// slackSeconds and slackShare widen what was served: a share of a file's bytes is not quite the
	// same share of its seconds (headers, varying bit rates).
	slackSeconds, slackShare = 2, 0.02
	// joinSeconds is the gap that a player leaves between two reports of one stretch.
	joinSeconds = 0.25
)

// ReportHeard implements api.StrictServerInterface.
func (s *Server) ReportHeard(ctx context.Context, q api.ReportHeardRequestObject) (api.ReportHeardResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	spans, err := spansIn(q)
	if err != nil {
		return nil, err
	}
	if !who.May(auth.ActionMedia) {
		return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "media.heard"}
	}
	if err := s.media.report(ctx, s.store, who, q.Open, q.Body.Recording, spans, s.cfg.HandleLife); err != nil {
		return nil, err
	}
	return api.ReportHeard204Response{}, nil
}

func spansIn(q api.ReportHeardRequestObject) ([]records.Span, error) {
	if q.Open == "" || len(q.Open) > 64 {
		return nil, bad("open", "the id that the header part gives")
	}
	if q.Body.Recording == "" || len(q.Body.Recording) > 200 {
		return nil, bad("recording", "the id of a recording part, 1 to 200 bytes")
	}
	if len(q.Body.Spans) == 0 || len(q.Body.Spans) > 500 {
		return nil, bad("spans", "1 to 500 of [from, to]")
	}
	spans := make([]records.Span, len(q.Body.Spans))
	for i, s := range q.Body.Spans {
		if len(s) != 2 || !(s[0] >= 0 && s[0] <= s[1] && s[1] <= longestCall) {
			return nil, bad("spans", "[from, to] in seconds, 0 <= from <= to <= 86400")
		}
		spans[i] = records.Span{From: s[0], To: s[1]}
	}
	return spans, nil
}

// report notes what was heard, and counts as use: a call that the browser holds whole is played long
// after its last read. When the row has been closed meanwhile, or another replica served the bytes, a
// pair of rows of its own says it.
func (b *mediaBook) report(ctx context.Context, log records.Audit, who auth.Principal, open, recording string, spans []records.Span, life time.Duration) error {
	key := mediaKey{holder{who.Site, who.Kind, who.ID}, open, recordingKey(recording)}
	if b.hear(key, spans) {
		return nil
	}
	row, err := openedBefore(ctx, log, who, open, recording)
	if err != nil {
		return err
	}
	row.At = b.now()
	e := newMediaEntry(row, row.At.Add(life))
	close(e.written)
	if err := b.audit.open(ctx, row); err != nil {
		return err
	}
	b.mu.Lock()
	if _, meanwhile := b.open[key]; !meanwhile {
		b.open[key] = e
		b.mu.Unlock()
		b.hear(key, spans)
		return nil
	}
	b.mu.Unlock() // a read has begun: its pair says it, ours is closed empty
	row.Event = records.AuditMediaClosed
	b.audit.close(ctx, row)
	b.hear(key, spans)
	return nil
}

// openedBefore looks for the row that says this person was given this recording in this open.
func openedBefore(ctx context.Context, log records.Audit, who auth.Principal, open, recording string) (records.AuditEntry, error) {
	rows, err := log.AuditRows(ctx, who.Site, records.AuditFilter{Open: open, Principal: who.ID, Limit: 500})
	if err != nil {
		return records.AuditEntry{}, unavailable(ctx, err)
	}
	i := slices.IndexFunc(rows, func(r records.AuditRow) bool {
		return r.Event == records.AuditMediaOpened && r.PrincipalKind == who.Kind && r.Thing == recording
	})
	if i < 0 {
		return records.AuditEntry{}, &connectors.Error{Code: connectors.CodeNotFound, Op: "media.heard",
			Action: "Report what was played of a recording of this open."}
	}
	return rows[i].AuditEntry, nil
}

// hear adds spans to the entry that is open, if there is one.
func (b *mediaBook) hear(key mediaKey, spans []records.Span) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.open[key]
	if !ok || !isClosed(e.written) || e.err != nil {
		return false
	}
	e.last = b.now()
	e.heard = joined(append(slices.Clone(e.heard), e.clip(spans)...))
	return true
}

// clip cuts spans to what was served. Where length or size is not known, nothing can be cut.
func (e *mediaEntry) clip(spans []records.Span) []records.Span {
	given := e.served
	for m := range e.reads {
		if s, ok := m.stretch(); ok {
			given = given.with(s)
		}
	}
	if e.seconds <= 0 || len(given) == 0 {
		return spans
	}
	var out []records.Span
	slack := slackSeconds + slackShare*e.seconds
	for _, s := range spans {
		for _, g := range given {
			from, to := max(s.From, g.from*e.seconds-slack, 0), min(s.To, g.to*e.seconds+slack, e.seconds)
			if from < to {
				out = append(out, records.Span{From: from, To: to})
			}
		}
	}
	return out
}

// joined puts spans in order, to the millisecond, and joins those that meet.
func joined(spans []records.Span) []records.Span {
	slices.SortFunc(spans, func(a, b records.Span) int { return cmp.Compare(a.From, b.From) })
	var out []records.Span
	for _, s := range spans {
		s = records.Span{From: milli(s.From), To: milli(s.To)}
		if n := len(out); n > 0 && s.From-out[n-1].To <= joinSeconds {
			out[n-1].To = max(out[n-1].To, s.To)
		} else if s.From < s.To {
			out = append(out, s)
		}
	}
	for len(out) > maxHeard {
		closest := 1
		for i := 2; i < len(out); i++ {
			if out[i].From-out[i-1].To < out[closest].From-out[closest-1].To {
				closest = i
			}
		}
		out[closest-1].To = out[closest].To
		out = slices.Delete(out, closest, closest+1)
	}
	return out
}

func milli(s float64) float64 { return math.Round(s*1000) / 1000 }

// stretch is a part of a file, its ends as shares of the whole.
type stretch struct{ from, to float64 }

// served is what a person was given of a file: in order, apart.
type served []stretch

// with gives what was served together with one more stretch.
func (v served) with(s stretch) served {
	out := make(served, 0, len(v)+1)
	for _, o := range v {
		if o.to < s.from || o.from > s.to {
			out = append(out, o)
		} else {
			s = stretch{min(s.from, o.from), max(s.to, o.to)}
		}
	}
	out = append(out, s)
	slices.SortFunc(out, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	return out
}
