package gateway

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	// toldFor: one audit row for a sign-in or key and an address within this time. A program that is
	// turned away asks again and again, and the log is for ever.
	toldFor = 10 * time.Minute
	// maxTold bounds what is remembered; above it, rows may be missing, never the refusal.
	maxTold = 10_000
)

// turnedAway remembers which refusals by an IP rule stand in the audit log already.
type turnedAway struct {
	mu   sync.Mutex
	told map[[32]byte]time.Time
}

func newTurnedAway() *turnedAway { return &turnedAway{told: map[[32]byte]time.Time{}} }

// first tells whether this is the first refusal of its kind within toldFor.
func (t *turnedAway) first(p auth.Principal, peer netip.Addr, now time.Time) bool {
	id := sha256.Sum256([]byte(string(p.Site) + "\x00" + string(p.Kind) + "\x00" + p.ID + "\x00" + peer.String()))
	t.mu.Lock()
	defer t.mu.Unlock()
	if at, ok := t.told[id]; ok && now.Sub(at) < toldFor || len(t.told) >= maxTold {
		return false
	}
	t.told[id] = now
	return true
}

func (t *turnedAway) prune(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, at := range t.told {
		if now.Sub(at) >= toldFor {
			delete(t.told, id)
		}
	}
}

// refuseAddress records that an IP rule kept somebody out, and gives the error for them. They stay
// out also when that cannot be recorded.
func (s *Server) refuseAddress(ctx context.Context, p auth.Principal, peer netip.Addr) error {
	if s.turned.first(p, peer, s.now()) {
		err := s.audit.note(ctx, records.AuditEntry{Site: p.Site, At: s.now(), Event: records.AuditAddressRefused,
			PrincipalKind: p.Kind, Principal: p.ID, Thing: peer.String()})
		if err != nil {
			s.log.ErrorContext(ctx, "audit row of a refused address not written", "cause", cause(err))
		}
	}
	return auth.AddressRefused(peer)
}

// checkNetworks reads an IP rule of a request.
func checkNetworks(in []string, wrong map[string]string) records.Networks {
	n, err := records.ParseNetworks(in)
	if err != nil {
		wrong["ip_rules"] = "networks such as 203.0.113.0/24, or single addresses; 100 at most"
	}
	return n
}

// shutsOut refuses a rule that would keep out the very person who sets it.
func shutsOut(ctx context.Context, rule records.Networks) error {
	peer := visitOf(ctx).Peer
	if rule.Admit(peer) {
		return nil
	}
	return bad("ip_rules", "this rule would shut you out: it does not admit your own address, "+peer.String())
}

// moved lets a change of rights take effect here at once; other replicas see it by the site's
// rights version.
func (s *Server) moved(ctx context.Context, site records.SiteID) {
	s.access.rightsMoved(ctx, site)
	s.rightsMoved(ctx, site)
}
