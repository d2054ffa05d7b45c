package talkdesk_test

import (
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func TestProbeTellsScopeByScope(t *testing.T) {
	for name, c := range map[string]struct {
		scopes []string
		do     func(*account)
		bad    string // checks that fail, in order
		err    connectors.Code
	}{
		"all":             {nil, nil, "", ""},
		"recordings only": {[]string{"recordings:read"}, nil, "reports transcripts people contacts attachments", ""},
		"no product":      {nil, func(a *account) { a.Switch(func(s *sim.Switches) { s.NotLicensed = true }) }, "transcripts", ""},
		"expired":         {nil, func(a *account) { a.ExpireTokens() }, "token", ""},
		"down":            {nil, func(a *account) { a.Set(simhost.Fault{Kind: simhost.FaultHTML503, Host: sim.HostAPI}) }, "token", connectors.CodeProviderDown},
		"limit":           {nil, func(a *account) { a.Set(simhost.Fault{Kind: simhost.FaultRate, Path: "/users", RetryAfter: "40"}) }, "people", ""},
	} {
		a := open(t, how{scopes: c.scopes})
		if c.do != nil {
			c.do(a)
		}
		acc, err := a.conn.Probe(connectors.Background(t.Context()))
		var bad []string
		for _, ch := range acc.Checks {
			if ch.Say == "" || !ch.OK && ch.Fix == "" {
				t.Errorf("%s: %+v says too little", name, ch)
			}
			if !ch.OK {
				bad = append(bad, ch.Name)
			}
		}
		if got := strings.Join(bad, " "); got != c.bad || connectors.CodeOf(err) != c.err || acc.Name != "harborline" {
			t.Errorf("%s: failing %q, %v, account %q; want %q, %q", name, got, err, acc.Name, c.bad, c.err)
		}
	}
}
