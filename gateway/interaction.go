package gateway

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// OpenInteraction implements api.StrictServerInterface: 401 has been, then what is asked for must
// be well-formed, the link this site's (404), the person allowed (403), the link usable; then the
// answer streams by itself (stream.go).
func (s *Server) OpenInteraction(ctx context.Context, q api.OpenInteractionRequestObject) (api.OpenInteractionResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	ref, why, err := askedFor(q)
	if err != nil {
		return nil, err
	}
	id := records.LinkID{Site: who.Site, Link: q.Link}
	row, conn, _, err := s.linker.Connect(ctx, id)
	if err != nil {
		return nil, err
	}
	if !who.May(auth.ActionOpen) {
		return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "interaction.open"}
	}
	if spec, _ := s.deps.Registry.Spec(row.Provider); !slices.Contains(spec.Kinds, ref.Kind) {
		return nil, reason(connectors.CodeNotFound, spec.Title+" has no interactions of this kind.")
	}
	if _, err := s.linker.openable(ctx, id); err != nil {
		return nil, err
	}
	if s.stopping.Load() {
		return nil, &connectors.Error{Code: connectors.CodeStopping}
	}
	v := visitOf(ctx)
	run := &running{principal: who, token: v.Token, peer: v.Peer, action: auth.ActionOpen, link: id}
	return &opening{s: s, visit: v, run: run, row: row, conn: conn, ref: ref, why: why, open: ulid.Make().String(),
		array: prefersArray(v.Request)}, nil
}

// askedFor checks the path and the reason. Enums in paths are not checked by the generated code.
func askedFor(q api.OpenInteractionRequestObject) (records.Ref, records.OpenReason, error) {
	if !q.Kind.Valid() {
		return records.Ref{}, "", bad("kind", "want ticket, chat, call or email")
	}
	id, err := records.DecodeRefID(q.Id)
	if err != nil {
		return records.Ref{}, "", bad("id", "1 to 200 of A-Z a-z 0-9 . _ : ~ -, others as ~ and base64url")
	}
	why := records.ReasonLink
	if q.Params.Reason != nil {
		if !q.Params.Reason.Valid() {
			return records.Ref{}, "", bad("reason", "want pasted, link, list or draw")
		}
		why = records.OpenReason(*q.Params.Reason)
	}
	return records.Ref{Link: q.Link, Kind: records.Kind(q.Kind), ID: id}, why, nil
}

// prefersArray tells whether Accept prefers application/json to NDJSON. A type named outright
// counts before a wildcard of the same weight.
func prefersArray(r *http.Request) bool {
	if r == nil {
		return false
	}
	lines, array := -1.0, -1.0
	for _, h := range r.Header.Values("Accept") {
		for f := range strings.SplitSeq(h, ",") {
			t, params, _ := strings.Cut(f, ";")
			q := weight(params)
			switch strings.ToLower(strings.TrimSpace(t)) {
			case "application/x-ndjson", "application/jsonl", "application/ndjson":
				lines = max(lines, q+0.0002)
			case "application/json":
				array = max(array, q+0.0001)
			case "application/*", "*/*":
				lines = max(lines, q)
			}
		}
	}
	return array > 0.001 && array > lines
}

func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "q") {
			if f, err := strconv.ParseFloat(v, 64); err == nil && f >= 0 && f <= 1 {
				return f
			}
			return 0
		}
	}
	return 1
}

// opening is the answer of OpenInteraction: a response type of its own, since the generated one
// would buffer.
type opening struct {
	s     *Server
	visit *visit
	run   *running
	row   records.Link
	conn  connectors.Connector
	ref   records.Ref
	why   records.OpenReason
	open  string // id of this open
	array bool
}

// VisitOpenInteractionResponse implements api.OpenInteractionResponseObject. An error before the
// first part is returned and becomes an HTTP error; one after it has been told in the stream.
func (o *opening) VisitOpenInteractionResponse(w http.ResponseWriter) error {
	ctx, done, err := o.s.streams.begin(o.visit.Request.Context(), o.run)
	if err != nil {
		return err
	}
	defer done()
	if err := o.s.audit.open(ctx, o.entry(records.AuditOpened)); err != nil {
		return err
	}
	ctx, counter := upstream.WithCounter(ctx)
	st := newStream(o, w, counter)
	defer func() { o.close(ctx, st) }()
	return st.run(ctx)
}

func (o *opening) entry(event records.AuditEvent) records.AuditEntry {
	p := o.run.principal
	return records.AuditEntry{Site: p.Site, At: o.s.now(), Event: event, PrincipalKind: p.Kind, Principal: p.ID,
		Open: o.open, Ref: o.ref, Reason: o.why}
}

// close writes the second row, on every path: also when the stream panicked.
func (o *opening) close(ctx context.Context, st *stream) {
	e := o.entry(records.AuditClosed)
	e.Parts, e.Bytes = st.counts, st.bytes
	e.Outcome, e.Detail = st.outcome(ctx)
	o.s.metrics.opened(o.row.Provider, e.Outcome, connectors.Code(e.Detail))
	o.s.audit.close(ctx, e)
}
