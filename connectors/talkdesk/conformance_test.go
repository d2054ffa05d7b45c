package talkdesk_test

import (
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/conformance"
	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// quick are the settings under which a test does not wait.
func quick() map[string]string {
	return map[string]string{"account": "harborline", "report_poll": "5ms", "report_timeout": "20s", "limit_rps": "2000", "limit_in_flight": "16"}
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Options{
		Spec:     talkdesk.Spec(),
		Settings: quick(),
		Start: func(t testing.TB) conformance.Target {
			return &target{Sim: startSim(t, sim.Options{Canary: mark, LocalForeign: true})}
		},
		Samples: map[string]records.Ref{
			conformance.SamplePlain:   sim.ChatRef(sim.ChatHandoff),
			conformance.SampleLong:    sim.ChatRef(sim.ChatLong),
			conformance.SampleMedia:   sim.CallRef(sim.CallTransfer),
			conformance.SampleForeign: sim.CallRef(sim.CallForeign),
			conformance.SampleCalls:   sim.CallRef(sim.CallTransfer),
			conformance.SampleMissing: sim.CallRef(sim.CallUnknown),
			"canary":                  sim.CallRef(sim.CallCanary),
			"mail":                    sim.MailRef(sim.MailBooking),
			"no recording":            sim.CallRef(sim.CallMissed),
		},
		Want: connectors.Capabilities{Media: true, Resolve: true},
	})
}

func startSim(t testing.TB, o sim.Options) *sim.Sim {
	t.Helper()
	s := sim.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		// What holds for everything that a connector does.
		if w := s.Writes(); len(w) > 0 {
			t.Errorf("something was written at the provider: %+v", w)
		}
		if l := s.Leaks(); len(l) > 0 {
			t.Errorf("a credential went astray: %+v", l)
		}
		if n := s.LateMedia(); n > 0 {
			t.Errorf("%d addresses were used after their end", n)
		}
	})
	return s
}

// mark is the canary of the simulator's own call for it.
const mark = "Kanarienvogel7319"

// target is the simulator as the suite needs it.
type target struct{ *sim.Sim }

func (t *target) Bearer() string { return t.Sim.Bearer() }

func (*target) Canaries() []string { return []string{mark} }

func (t *target) Heal() {
	t.Clear()
	t.Switch(func(s *sim.Switches) { s.Replaced = false })
}

func (t *target) Inject(f conformance.Fault) error {
	const words, sound = "/conversations/interactions", "/recordings/"
	switch f {
	case conformance.FaultExpired:
		t.ExpireTokens()
		return nil
	case conformance.FaultCut:
		t.Set(simhost.Fault{Kind: simhost.FaultCut, Path: words, Half: true})
	case conformance.FaultCutFirst:
		t.Set(simhost.Fault{Kind: simhost.FaultReset, Path: words, Times: 1})
	case conformance.FaultTrickle:
		t.Set(simhost.Fault{Kind: simhost.FaultTrickle, Path: words, After: 512, Delay: 100 * time.Millisecond})
	case conformance.FaultRateShort:
		t.Set(simhost.Fault{Kind: simhost.FaultRate, Path: words, RetryAfter: "1", Times: 1})
	case conformance.FaultRateLong:
		t.Set(simhost.Fault{Kind: simhost.FaultRate, Host: sim.HostAPI, RetryAfter: "40"})
	case conformance.FaultRefused:
		t.Set(simhost.Fault{Kind: simhost.FaultUnauthorized, Host: sim.HostAPI})
	case conformance.FaultDown:
		t.Set(simhost.Fault{Kind: simhost.FaultHTML503, Host: sim.HostAPI})
	case conformance.FaultBlip:
		t.Set(simhost.Fault{Kind: simhost.FaultHTML502, Path: words, Times: 1})
	case conformance.FaultHTML:
		t.Set(simhost.Fault{Kind: simhost.FaultHTML200, Host: sim.HostAPI})
	case conformance.FaultMediaCut:
		t.Set(simhost.Fault{Kind: simhost.FaultCut, Host: sim.HostStorage, Path: sound, Half: true})
	case conformance.FaultMediaStuck:
		t.Set(simhost.Fault{Kind: simhost.FaultStall, Host: sim.HostStorage, Path: sound})
	case conformance.FaultMediaMoved:
		t.Set(simhost.Fault{Kind: simhost.FaultRedirect, Host: sim.HostAPI, Suffix: "/media", To: t.HostURL(sim.HostAttacker) + "/steal"})
	case conformance.FaultMediaWhole:
		t.Set(simhost.Fault{Kind: simhost.FaultNoRange, Host: sim.HostStorage})
	case conformance.FaultMediaAged:
		t.ExpireSignatures()
	case conformance.FaultMediaNew:
		t.Switch(func(s *sim.Switches) { s.Replaced = true })
	default:
		return conformance.ErrNotOffered
	}
	return nil
}

func (t *target) Requests() []conformance.Request {
	var out []conformance.Request
	for _, r := range t.Sim.Requests() {
		if r.Host == sim.HostToken {
			continue
		}
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
