package gateway

import (
	"context"
	"encoding/hex"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// ListAudit implements api.StrictServerInterface: administrators read the site's rows, everybody
// else their own.
func (s *Server) ListAudit(ctx context.Context, q api.ListAuditRequestObject) (api.ListAuditResponseObject, error) {
	p, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	f := records.AuditFilter{Open: value(q.Params.Open), Before: value(q.Params.Before), Limit: 100}
	if q.Params.Limit != nil {
		f.Limit = *q.Params.Limit
	}
	if f.Limit < 1 || f.Limit > 500 || f.Before < 0 || len(f.Open) > 64 {
		return nil, bad("limit", "1 to 500, and before not negative")
	}
	if !p.May(auth.ActionAuditSite) {
		if !p.May(auth.ActionAuditOwn) {
			return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "audit.read"}
		}
		f.Principal = p.ID
	}
	limit := f.Limit
	f.Limit++ // one more tells whether there are more
	rows, err := s.store.AuditRows(ctx, p.Site, f)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	answer := api.ListAudit200JSONResponse{Items: []api.AuditRow{}}
	for i, r := range rows {
		if i == limit {
			answer.Next = &rows[i-1].Seq
			break
		}
		answer.Items = append(answer.Items, rowOf(r))
	}
	return answer, nil
}

func rowOf(r records.AuditRow) api.AuditRow {
	out := api.AuditRow{Seq: r.Seq, At: r.At.UTC(), Event: string(r.Event), PrincipalKind: string(r.PrincipalKind), Principal: r.Principal,
		Open: optional(r.Open), Reason: optional(string(r.Reason)), Thing: optional(r.Thing), Bytes: optional(r.Bytes),
		Outcome: optional(r.Outcome), Detail: optional(r.Detail), Hash: hex.EncodeToString(r.Hash)}
	if r.Ref.ID != "" {
		out.Ref = &api.Ref{Link: r.Ref.Link, Kind: api.Kind(r.Ref.Kind), Id: records.EncodeRefID(r.Ref.ID)}
	}
	if len(r.Heard) > 0 {
		heard := make([][]float64, len(r.Heard))
		for i, s := range r.Heard {
			heard[i] = []float64{s.From, s.To}
		}
		out.Heard = &heard
	}
	if len(r.Parts) > 0 {
		out.Parts = &r.Parts
	}
	return out
}

// changed records an administrator's change of a link or a user, before the answer says it is done.
func (s *Server) changed(ctx context.Context, p auth.Principal, event records.AuditEvent, link, thing, detail string) error {
	return s.audit.note(ctx, records.AuditEntry{Site: p.Site, At: s.now(), Event: event, PrincipalKind: p.Kind, Principal: p.ID,
		Ref: records.Ref{Link: link}, Thing: thing, Detail: detail})
}
