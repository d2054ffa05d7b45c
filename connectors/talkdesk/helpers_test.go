package talkdesk_test

import (
	"context"
	"maps"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is a simulator with a connector on it.
type account struct {
	*testing.T
	*sim.Sim
	conn connectors.Connector
}

type how struct {
	sim      sim.Options
	settings map[string]string
	scopes   []string
	media    []string
	granted  string
	limits   upstream.Limits
}

func open(t *testing.T, h how) *account {
	t.Helper()
	return (&account{T: t, Sim: startSim(t, h.sim)}).again(h)
}

// again is another connector on the same simulator.
func (a *account) again(h how) *account {
	t, s := a.T, a.Sim
	t.Helper()
	settings := quick()
	maps.Copy(settings, h.settings)
	if bad := talkdesk.Spec().CheckSettings(settings); bad != nil {
		t.Fatalf("the settings are refused: %v", bad)
	}
	if h.limits.Backoff == 0 {
		h.limits.Backoff = time.Millisecond
	}
	client, err := upstream.New(upstream.Options{
		Spec: talkdesk.Spec(), Link: records.LinkID{Site: "main", Link: "td"}, Settings: settings, Endpoints: s.Endpoints(), MediaHosts: h.media,
		Credentials: bearer(s.Bearer(h.scopes...)), Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Limits: h.limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	conn, err := talkdesk.New(connectors.Config{Link: "td", Settings: settings, API: client.API(), Media: client.Media(), Granted: func() string { return h.granted }})
	if err != nil {
		t.Fatal(err)
	}
	return &account{t, s, conn}
}

type bearer string

func (b bearer) Token(context.Context) (records.AccessToken, error) {
	return records.AccessToken{Value: records.NewSecret(string(b))}, nil
}
func (b bearer) Latest(ctx context.Context) (records.AccessToken, error) { return b.Token(ctx) }
func (b bearer) Renew(ctx context.Context, _ records.AccessToken) (records.AccessToken, error) {
	return b.Token(ctx)
}

func (a *account) read(ref records.Ref) ([]connectors.Part, error) {
	ref.Link = "td"
	var parts []connectors.Part
	for p, err := range a.conn.Open(a.Context(), ref) {
		if err != nil {
			return parts, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func (a *account) mustRead(ref records.Ref) []connectors.Part {
	a.Helper()
	parts, err := a.read(ref)
	if err != nil {
		a.Fatalf("%v: %v", ref, err)
	}
	return parts
}

// of gives the parts of one type.
func of[T connectors.Part](parts []connectors.Part) []T {
	var all []T
	for _, p := range parts {
		if one, ok := p.(T); ok {
			all = append(all, one)
		}
	}
	return all
}

func plain(t connectors.Text) string {
	var b strings.Builder
	_, _ = t.WriteTo(&b)
	return b.String()
}

// missing gives what is said to be missing, by its name.
func missing(parts []connectors.Part) map[string]*connectors.Missing {
	all := map[string]*connectors.Missing{}
	for _, m := range of[*connectors.Missing](parts) {
		all[m.What] = m
	}
	return all
}

func (a *account) wantMissing(parts []connectors.Part, what string, reason connectors.MissingReason, say string) {
	a.Helper()
	m := missing(parts)[what]
	if m == nil || m.Reason != reason || !strings.Contains(m.Say, say) {
		a.Errorf("missing %q is %+v, want the reason %q and the words %q", what, m, reason, say)
	}
}

// header is what all headers say together, as far as these tests look at it.
func header(parts []connectors.Part) connectors.Header {
	var all connectors.Header
	for _, h := range of[*connectors.Header](parts) {
		if h.Agent != nil {
			all.Agent = h.Agent
		}
		if h.CSAT != nil {
			all.CSAT = h.CSAT
		}
		if h.Status != "" {
			all.Status = h.Status
		}
		if h.Direction != "" {
			all.Direction = h.Direction
		}
		if h.Seconds != 0 {
			all.Seconds = h.Seconds
		}
		if h.ProviderURL != "" {
			all.ProviderURL = h.ProviderURL
		}
		if h.Channel != "" {
			all.Channel = h.Channel
		}
		if !h.Group.IsZero() {
			all.Group = h.Group
		}
		if !h.CreatedAt.IsZero() {
			all.CreatedAt = h.CreatedAt
		}
		all.Fields = append(all.Fields, h.Fields...)
		all.Ref = h.Ref
	}
	return all
}
