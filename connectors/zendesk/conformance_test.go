package zendesk_test

import (
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/conformance"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Options{
		Spec:     zendesk.Spec(),
		Settings: map[string]string{"subdomain": "acme"},
		Start: func(t testing.TB) conformance.Target {
			return &target{Sim: startSim(t, sim.Options{Canary: mark, PerMinute: -1})}
		},
		Samples: map[string]records.Ref{
			conformance.SamplePlain:   sim.TicketRef(sim.TicketParcel),
			conformance.SampleLong:    sim.TicketRef(sim.TicketIncident),
			conformance.SampleMedia:   sim.TicketRef(sim.TicketKinds),
			conformance.SampleForeign: sim.TicketRef(sim.TicketParcel),
			conformance.SampleCalls:   sim.TicketRef(sim.TicketCallPromise),
			conformance.SampleMissing: sim.TicketRef(sim.TicketDeleted),
			"canary":                  sim.TicketRef(sim.CanaryTicket),
		},
		Want: connectors.Capabilities{Media: true, Resolve: true, Search: true, Sample: true, Choices: true},
	})
}

// mark is the canary of the simulator's own ticket for it.
const mark = "Kanarienvogel7319"

// target is the simulator as the suite needs it.
type target struct{ *sim.Sim }

func (t *target) Bearer() string { return t.Sim.Bearer(sim.ActorAdmin) }

func (*target) Canaries() []string { return []string{mark} }

func (t *target) Heal() { t.Clear() }

func (t *target) Inject(f conformance.Fault) error {
	const page, file = "/comments", "/attachments/"
	switch f {
	case conformance.FaultExpired:
		t.ExpireTokens()
		return nil
	case conformance.FaultCut:
		t.Set(sim.Fault{Kind: sim.FaultCut, Suffix: page, Items: 30})
	case conformance.FaultCutFirst:
		t.Set(sim.Fault{Kind: sim.FaultReset, Times: 1})
	case conformance.FaultTrickle:
		t.Set(sim.Fault{Kind: sim.FaultTrickle, Suffix: page, After: 512, Delay: 100 * time.Millisecond})
	case conformance.FaultRateShort:
		t.Set(sim.Fault{Kind: sim.FaultRateText, RetryAfter: "1", Times: 1})
	case conformance.FaultRateLong:
		t.Set(sim.Fault{Kind: sim.FaultRateText, RetryAfter: "40"})
	case conformance.FaultRefused:
		t.Set(sim.Fault{Kind: sim.FaultUnauthorized})
	case conformance.FaultDown:
		t.Set(sim.Fault{Kind: sim.FaultHTML503})
	case conformance.FaultBlip:
		t.Set(sim.Fault{Kind: sim.FaultHTML502, Times: 1})
	case conformance.FaultHTML:
		t.Set(sim.Fault{Kind: sim.FaultLoginPage})
	case conformance.FaultMediaCut:
		t.Set(sim.Fault{Kind: sim.FaultCut, Host: sim.HostMedia, Half: true})
	case conformance.FaultMediaStuck:
		t.Set(sim.Fault{Kind: sim.FaultStall, Host: sim.HostMedia})
	case conformance.FaultMediaMoved:
		t.Set(sim.Fault{Kind: sim.FaultRedirect, Host: sim.HostAPI, Path: file, To: "attacker"})
	case conformance.FaultMediaWhole:
		t.Set(sim.Fault{Kind: sim.FaultNoRange, Host: sim.HostMedia})
	case conformance.FaultMediaAged:
		t.ExpireSignatures()
	case conformance.FaultMediaNew:
		t.Set(sim.Fault{Kind: sim.FaultNewVersion, Host: sim.HostMedia})
	default:
		return conformance.ErrNotOffered
	}
	return nil
}

func (t *target) Requests() []conformance.Request {
	var out []conformance.Request
	for _, r := range t.Sim.Requests() {
		out = append(out, conformance.Request{
			Host: r.Host, Method: r.Method, Path: r.Path, Credential: r.Credential != "none",
			Range: r.Range, Status: r.Status, LeftEarly: r.ClosedEarly,
		})
	}
	return out
}

func (t *target) Active() int {
	n := 0
	for _, r := range t.Sim.Requests() {
		if r.Ended.IsZero() {
			n++
		}
	}
	return n
}
