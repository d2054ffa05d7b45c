package zendesk_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// bearer is a fixed token.
type bearer string

func (b bearer) Token(context.Context) (records.AccessToken, error) {
	return records.AccessToken{Value: records.NewSecret(string(b))}, nil
}

func (b bearer) Latest(ctx context.Context) (records.AccessToken, error) { return b.Token(ctx) }

func (bearer) Renew(context.Context, records.AccessToken) (records.AccessToken, error) {
	return records.AccessToken{}, &connectors.Error{Code: connectors.CodeNeedsReconnect, Err: errors.New("a fixed token is refused")}
}

func startSim(t testing.TB, o sim.Options) *sim.Sim {
	t.Helper()
	s := sim.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// linked gives a connector that reads from s through the real client.
func linked(t testing.TB, s *sim.Sim, token string, mediaHosts ...string) connectors.Connector {
	t.Helper()
	settings := map[string]string{"subdomain": "acme"}
	up, err := upstream.New(upstream.Options{
		Spec: zendesk.Spec(), Link: records.LinkID{Site: "main", Link: "zd"}, Settings: settings,
		Endpoints: s.Endpoints(), MediaHosts: mediaHosts, Credentials: bearer(token),
		Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(up.Close)
	c, err := zendesk.New(connectors.Config{Link: "zd", Settings: settings, API: up.API(), Media: up.Media()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ref(id int64) records.Ref {
	return records.Ref{Link: "zd", Kind: records.KindTicket, ID: strconv.FormatInt(id, 10)}
}

// TestEverySimulatedTicket opens all tickets and all their files, in one go since there are many.
func TestEverySimulatedTicket(t *testing.T) {
	s := startSim(t, sim.Options{})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	files := 0
	for _, id := range s.Tickets() {
		if id == sim.TicketHuge {
			continue // see TestFiveThousandComments
		}
		parts, err := collect(t, c, ref(id))
		if err != nil {
			t.Errorf("ticket %d: %v", id, err)
			continue
		}
		if parts[0].Type() != connectors.TypeHeader {
			t.Errorf("ticket %d: first part is %s, want a header", id, parts[0].Type())
		}
		checkMessages(t, id, only[*connectors.Message](parts))
		checkEvents(t, id, parts)
		files += openFiles(t, c, parts)
	}
	if files == 0 {
		t.Error("no file was opened")
	}
	if leaks := s.Leaks(); len(leaks) > 0 {
		t.Errorf("the credential went elsewhere: %+v", leaks)
	}
}

// checkEvents looks for comments that come a second time, as events.
func checkEvents(t *testing.T, ticket int64, parts []connectors.Part) {
	t.Helper()
	shown := messageIDs(parts)
	for _, e := range only[*connectors.Event](parts) {
		if e.Event == connectors.EventOther && slices.Contains(shown, e.ID) {
			t.Errorf("ticket %d: comment %s came again as an event %s", ticket, e.ID, e.Native)
		}
	}
}

func checkMessages(t *testing.T, ticket int64, messages []*connectors.Message) {
	t.Helper()
	if len(messages) == 0 {
		t.Errorf("ticket %d has no messages", ticket)
	}
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[m.ID] {
			t.Errorf("ticket %d: message %s came twice", ticket, m.ID)
		}
		seen[m.ID] = true
	}
	if !slices.IsSortedFunc(messages, func(a, b *connectors.Message) int { return a.At.Compare(b.At) }) {
		t.Errorf("ticket %d: messages are not in the order of time", ticket)
	}
}

func TestSamplesResolve(t *testing.T) {
	s := startSim(t, sim.Options{})
	c := linked(t, s, s.Bearer(sim.ActorAgent)).(connectors.LinkResolver)
	for _, sample := range s.Samples() {
		refs, err := c.Resolve(t.Context(), sample.URL)
		if err != nil || len(refs) != 1 || refs[0].ID != sample.Ref.ID {
			t.Errorf("%s: refs %v, error %v, want ticket %s", sample.URL, refs, err, sample.Ref.ID)
		}
	}
}

// openFiles opens what can be had and tells how many that were.
func openFiles(t *testing.T, c connectors.Connector, parts []connectors.Part) int {
	t.Helper()
	opened := 0
	for _, m := range only[*connectors.Message](parts) {
		for _, a := range m.Attachments {
			if a.At.IsZero() != (a.State != connectors.AttachmentOK) {
				t.Errorf("file %s is %s, but its locator is %+v", a.ID, a.State, a.At)
			}
			if a.State == connectors.AttachmentOK {
				opened += openFile(t, c, a)
			}
		}
	}
	return opened
}

// openFile reads one file; those that lie elsewhere are refused.
func openFile(t *testing.T, c connectors.Connector, a connectors.Attachment) int {
	t.Helper()
	m, err := c.(connectors.MediaOpener).OpenMedia(t.Context(), a.At, nil)
	if !strings.Contains(a.At.URL, "://acme.zendesk.com/") {
		if connectors.CodeOf(err) != connectors.CodeHostRefused {
			t.Errorf("file %s lies elsewhere: error %v, want host_refused", a.ID, err)
		}
		return 0
	}
	if err != nil {
		t.Errorf("file %s: %v", a.ID, err)
		return 0
	}
	defer func() { _ = m.Body.Close() }()
	n, err := io.Copy(io.Discard, m.Body)
	if err != nil || n != a.Size {
		t.Errorf("file %s: %d bytes, error %v, want %d", a.ID, n, err, a.Size)
	}
	return 1
}

func TestNarrowScope(t *testing.T) {
	s := startSim(t, sim.Options{})
	c := linked(t, s, s.Bearer(sim.ActorAgent, "tickets:read"))
	parts, err := collect(t, c, ref(s.Tickets()[0]))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]connectors.MissingReason{}
	for _, m := range only[*connectors.Missing](parts) {
		got[m.What] = m.Reason
	}
	if got["events"] != connectors.MissingNoScope || len(messageIDs(parts)) == 0 {
		t.Errorf("missing %v with %d messages, want events with no_scope, and messages", got, len(messageIDs(parts)))
	}
}

func TestFaultsNameWhoseTheyAre(t *testing.T) {
	for kind, want := range map[sim.FaultKind]connectors.Code{
		sim.FaultRateText:     connectors.CodeRateLimited,
		sim.FaultRateJSON:     connectors.CodeRateLimited,
		sim.FaultHTML200:      connectors.CodeProviderNonsense,
		sim.FaultLoginPage:    connectors.CodeProviderNonsense,
		sim.FaultHTML502:      connectors.CodeProviderDown,
		sim.FaultServerError:  connectors.CodeProviderDown,
		sim.FaultConflict:     connectors.CodeProviderDown,
		sim.FaultUnauthorized: connectors.CodeNeedsReconnect,
		sim.FaultTruncate:     connectors.CodeProviderCut,
		sim.FaultCut:          connectors.CodeProviderCut,
		sim.FaultGzip:         "",
		sim.FaultOddSizes:     "",
	} {
		s := startSim(t, sim.Options{})
		c := linked(t, s, s.Bearer(sim.ActorAgent))
		id := s.Tickets()[0]
		s.Set(sim.Fault{Kind: kind, Path: "/api/v2/tickets/" + strconv.FormatInt(id, 10) + "/comments", RetryAfter: "40", After: 400})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		var last error
		headers := 0
		for p, err := range c.Open(ctx, ref(id)) {
			last = err
			if err == nil && p.Type() == connectors.TypeHeader {
				headers++
			}
		}
		cancel()
		if got := connectors.CodeOf(last); got != want || headers == 0 {
			t.Errorf("%s: error %v after %d headers, want %q", kind, last, headers, want)
		}
		var e *connectors.Error
		if errors.As(last, &e) && e.Action == "" {
			t.Errorf("%s: %+v does not say what to do", kind, e)
		}
	}
}

// TestContentIsInNoErrorAndNoPrint opens a ticket that carries a canary in everything a customer can
// write, healthy and with every fault.
func TestContentIsInNoErrorAndNoPrint(t *testing.T) {
	for _, kind := range []sim.FaultKind{"", sim.FaultRateText, sim.FaultRateJSON, sim.FaultHTML200, sim.FaultLoginPage, sim.FaultHTML502,
		sim.FaultServerError, sim.FaultUnauthorized, sim.FaultTruncate, sim.FaultCut} {
		s := startSim(t, sim.Options{Canary: mark})
		c := linked(t, s, s.Bearer(sim.ActorAdmin))
		if kind != "" {
			s.Set(sim.Fault{Kind: kind, Skip: 1, RetryAfter: "40", After: 900})
		}
		parts, err := collect(t, c, ref(sim.CanaryTicket))
		if !strings.Contains(lines(t, parts), mark) {
			t.Errorf("%q: the canary is not in the parts, so this proves nothing", kind)
		}
		if s := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(s, mark) {
			t.Errorf("%q: the canary is in the error: %s", kind, s)
		}
		for _, p := range parts {
			if hidden := printed(p); strings.Contains(hidden, mark) {
				t.Errorf("%q: the canary is in a printed part: %s", kind, hidden)
			}
		}
	}
}

// printed prints a part without its locators, which travel sealed only.
func printed(p connectors.Part) string {
	switch p := p.(type) {
	case *connectors.Message:
		m := *p
		m.Attachments = slices.Clone(p.Attachments)
		for i := range m.Attachments {
			m.Attachments[i].At = connectors.Locator{}
		}
		return fmt.Sprintf("%+v", m)
	case *connectors.Recording:
		r := *p
		r.Locator = connectors.Locator{}
		return fmt.Sprintf("%+v", r)
	default:
		return fmt.Sprintf("%+v", p)
	}
}

func TestFiveThousandComments(t *testing.T) {
	s := startSim(t, sim.Options{})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	seen := map[string]bool{}
	for p, err := range c.Open(t.Context(), ref(sim.TicketHuge)) {
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := p.(*connectors.Message); ok {
			seen[m.ID] = true
		} else if p.Type() == connectors.TypeEvent {
			break // the history is as long again
		}
	}
	if len(seen) != 5000 {
		t.Errorf("%d messages, want 5000", len(seen))
	}
}

func TestSimulatedStates(t *testing.T) {
	s := startSim(t, sim.Options{})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	for id, want := range map[int64]connectors.Header{
		sim.TicketMerged:   {State: connectors.StateMerged, MergedInto: strconv.Itoa(sim.TicketSurvivor), Channel: "email"},
		sim.TicketSurvivor: {Channel: "web"},
		sim.TicketArchived: {State: connectors.StateArchived, Channel: "email"},
		sim.TicketVoice:    {Channel: "voice"},
		sim.TicketBigID:    {Channel: "email"},
	} {
		parts, err := collect(t, c, ref(id))
		if err != nil {
			t.Errorf("ticket %d: %v", id, err)
			continue
		}
		var got connectors.Header
		for _, h := range only[*connectors.Header](parts) {
			got.State = cmp.Or(h.State, got.State)
			got.MergedInto = cmp.Or(h.MergedInto, got.MergedInto)
			got.Channel = cmp.Or(h.Channel, got.Channel)
		}
		if got.State != want.State || got.MergedInto != want.MergedInto || got.Channel != want.Channel {
			t.Errorf("ticket %d: state %q into %q, channel %q; want %q into %q, %q", id, got.State, got.MergedInto, got.Channel, want.State, want.MergedInto, want.Channel)
		}
	}
}

func TestTicketsThatCannotBeSeen(t *testing.T) {
	s := startSim(t, sim.Options{})
	for actor, id := range map[string]int64{sim.ActorAdmin: sim.TicketDeleted, sim.ActorRestricted: sim.TicketOtherGroup} {
		_, err := collect(t, linked(t, s, s.Bearer(actor)), ref(id))
		if got := connectors.CodeOf(err); got != connectors.CodeNotFound {
			t.Errorf("ticket %d as %s: error %v, want not_found", id, actor, err)
		}
	}
}
