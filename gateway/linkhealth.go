package gateway

import (
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// addHealth says how a link is: what stands in its row, and what this process has seen of the provider.
// Another replica may have seen more; what it has seen is not asked for.
func (s *Server) addHealth(l *api.Link, row records.Link, spec connectors.Spec) {
	asked := []string{}
	for _, sc := range spec.OAuth.Scopes {
		asked = append(asked, sc.Name)
	}
	l.ScopesAsked = &asked
	l.LastOkAt = stamp(row.LastOKAt)
	if row.CredentialKind != records.CredentialBearer && !row.LastOKAt.IsZero() {
		l.TokenSeconds = optional(float32(max(0, s.now().Sub(row.LastOKAt)).Round(time.Second).Seconds()))
	}
	l.TokenExpiresAt = stamp(s.deps.Keeper.ExpiresAt(row.ID))
	l.GrantEndsAt = stamp(grantEnds(row, spec))
	seen, ok := s.linker.seen(row)
	if !ok {
		return
	}
	l.AnsweredAt = stamp(seen.Answered)
	if seen.At.IsZero() {
		return
	}
	l.Allowance = &api.LinkAllowance{At: seen.At.UTC(), Limit: seen.Limit, Remaining: seen.Remaining,
		ResetsAt: stamp(seen.Resets), Share: float32(seen.Share), Background: seen.Background}
}

// grantEnds is when a grant ends that is not used any more; zero: it does not, or nobody knows.
func grantEnds(row records.Link, spec connectors.Spec) time.Time {
	if row.CredentialKind != records.CredentialAuthorizationCode || row.State != records.LinkOK ||
		row.LastOKAt.IsZero() || spec.OAuth.GrantLife == 0 {
		return time.Time{}
	}
	return row.LastOKAt.Add(spec.OAuth.GrantLife)
}

// stamp is t for an answer; a zero one is absent.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// seen is what a link's client has seen of its provider, where it is built.
func (l *Linker) seen(row records.Link) (upstream.Allowance, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.built[row.ID]
	if !ok || !sameConnection(b.from, row) {
		return upstream.Allowance{}, false
	}
	return b.client.Allowance(), true
}

// ownerPageOf is the owner's page of a link, with what its provider has said meanwhile.
func (s *Server) ownerPageOf(row records.Link, spec connectors.Spec) string {
	share := upstream.DefaultLimits().Share
	settings := row.Settings
	if settings == nil {
		settings = map[string]string{}
	}
	if seen, ok := s.linker.seen(row); ok {
		return ownerPage(spec, settings, s.deps.Flow.RedirectURI(), seen.Share, &seen)
	}
	return ownerPage(spec, settings, s.deps.Flow.RedirectURI(), share, nil)
}
