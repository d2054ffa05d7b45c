package talkdesk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestCallIsReadWhole(t *testing.T) {
	a := open(t, how{})
	parts := a.mustRead(sim.CallRef(sim.CallTransfer))
	recs := of[*connectors.Recording](parts)
	if len(recs) != 3 || recs[1].Leg != "consultation" || recs[0].Seconds != 61 || recs[0].MediaType != "audio/mpeg" {
		t.Fatalf("got %+v, want three recordings, the second a consultation", recs)
	}
	if _, ok := parts[1].(*connectors.Recording); !ok {
		t.Errorf("the second part is a %s, want the recordings at once", parts[1].Type())
	}
	want := []connectors.Channel{{Side: "left", Role: "agent"}, {Side: "right", Role: "customer"}}
	if !slices.Equal(recs[0].Channels, want) {
		t.Errorf("the channels are %v, want %v", recs[0].Channels, want)
	}
	h := header(parts)
	if h.Channel != "voice" || h.Direction != "inbound" || h.Status != "inbound" || h.CSAT == nil || h.CSAT.Score != "1" || plain(h.Agent.Name) != "Ines Valk" || plain(h.Group) != "bookings" {
		t.Errorf("the header is %+v", h)
	}
	var fields []string
	for _, f := range h.Fields {
		fields = append(fields, plain(f.Name)+": "+plain(f.Value))
	}
	if all := strings.Join(fields, "; "); !strings.Contains(all, "Disposition: Cancellation") || !strings.Contains(all, "Hold time: 12 s") || !strings.Contains(all, "Text 1: H-7731") {
		t.Errorf("the fields are %s", all)
	}
	events := of[*connectors.Event](parts)
	if len(events) != 2 || events[0].Event != "call" || events[1].Event != "transfer" || !strings.Contains(plain(events[1].Text), "Ines Valk, in retention, answered") {
		t.Errorf("got %d events, want a call and a transfer: %q", len(events), plain(events[len(events)-1].Text))
	}
	lines := of[*connectors.Transcript](parts)
	if len(lines) != 25 || lines[0].Recording != recs[0].ID || lines[0].From != 0.5 || lines[0].Speaker.Role != "agent" || !strings.HasPrefix(plain(lines[0].Text), "Thanks for calling") {
		t.Errorf("got %d utterances, the first %+v", len(lines), lines[0])
	}
	names := map[string]connectors.PersonRole{}
	for _, p := range of[*connectors.Person](parts) {
		names[plain(p.Name)] = p.Role
	}
	if len(names) != 3 || names["Dana Okafor"] != "agent" || names["Leo Brandt"] != "customer" {
		t.Errorf("got %v, want two agents and the customer", names)
	}
	if m := missing(parts); len(m) != 0 {
		t.Errorf("%v is missing", m)
	}
	if n := a.OpenReportFiles(); n != 0 {
		t.Errorf("%d report files were left at the provider", n)
	}
}

// TestRecordingsDoNotWaitForTheReport: the report job never ends while the recordings are there and play.
func TestRecordingsDoNotWaitForTheReport(t *testing.T) {
	a := open(t, how{})
	a.Switch(func(s *sim.Switches) { s.Jobs["calls"], s.Jobs["contacts"] = sim.JobNever, sim.JobNever })
	ref := sim.CallRef(sim.CallTransfer)
	ref.Link = "td"
	played, released := false, false
	for p, err := range a.conn.Open(t.Context(), ref) {
		if err != nil {
			t.Fatal(err)
		}
		switch p := p.(type) {
		case *connectors.Recording:
			m, err := a.conn.(connectors.MediaOpener).OpenMedia(t.Context(), p.Locator, &connectors.ByteRange{Header: "bytes=0-99"})
			if err != nil || m.Status != http.StatusPartialContent {
				t.Fatalf("got %d, %v while the report runs", m.Status, err)
			}
			_ = m.Body.Close()
			played = true
		case *connectors.Transcript:
			if played && !released {
				released = true
				a.Switch(func(s *sim.Switches) { clear(s.Jobs) })
			}
		case *connectors.Event:
			if !played || !released {
				t.Error("the legs came before the report was done")
			}
		}
	}
	if !played || !released {
		t.Errorf("played %v, transcript %v", played, released)
	}
}

// TestEachSourceFailsAlone: with each of them failing in turn, the rest is shown, and what is missing is
// named with its reason.
func TestEachSourceFailsAlone(t *testing.T) {
	const all = "recording:3 event:2 transcript:25 header:2"
	jobs := func(kind, outcome string) func(*account) {
		return func(a *account) { a.Switch(func(s *sim.Switches) { s.Jobs[kind] = outcome }) }
	}
	fault := func(f simhost.Fault) func(*account) {
		f.Host = sim.HostAPI
		return func(a *account) { a.Set(f) }
	}
	for _, c := range []struct {
		name   string
		do     func(*account)
		how    how
		what   string
		reason connectors.MissingReason
		say    string
		shown  string
	}{
		{"report scope", nil, how{scopes: []string{"recordings:read", "interactions-public:read", "users:read", "contacts:read", "data-reports:read"}}, "call details", connectors.MissingNoScope, "data-reports:write", "recording:3 event:0 transcript:25 header:1"},
		{"report 429", fault(simhost.Fault{Kind: simhost.FaultRate, Path: "/data/reports/calls/jobs", Method: "POST", RetryAfter: "40"}), how{}, "call details", connectors.MissingNotReady, "wait 40 s", "recording:3 event:2 transcript:25 header:1"},
		{"report 429 without a time", fault(simhost.Fault{Kind: simhost.FaultRate, Path: "/data/reports/calls/jobs", Method: "POST"}), how{}, "call details", connectors.MissingNotReady, "too many requests", "recording:3 event:2 transcript:25 header:1"},
		{"report 503", fault(simhost.Fault{Kind: simhost.FaultHTML503, Path: "/data/reports/calls/jobs", Method: "POST"}), how{}, "call details", connectors.MissingNotReady, "did not answer", "recording:3 event:2 transcript:25 header:1"},
		{"job failed", jobs("calls", sim.JobFailed), how{}, "call details", connectors.MissingNotOffered, "report failed", "recording:3 event:2 transcript:25 header:1"},
		{"job never done", jobs("calls", sim.JobNever), how{settings: map[string]string{"report_timeout": "200ms"}}, "call details", connectors.MissingNotReady, "had not finished", "recording:3 event:2 transcript:25 header:1"},
		{"report file gone", jobs("calls", sim.JobNoFile), how{}, "call details", connectors.MissingNotFound, "does not find", "recording:3 event:2 transcript:25 header:1"},
		{"legs failed", jobs("contacts", sim.JobFailed), how{}, "legs of the call", connectors.MissingNotOffered, "report failed", "recording:3 event:0 transcript:25 header:2"},
		{"transcript not licensed", func(a *account) { a.Switch(func(s *sim.Switches) { s.NotLicensed = true }) }, how{granted: "recordings:read interactions-public:read"}, "transcript", connectors.MissingNotLicensed, "lacks the product", "recording:3 event:2 transcript:0 header:2"},
		{"transcript, scope or licence", func(a *account) { a.Switch(func(s *sim.Switches) { s.NotLicensed = true }) }, how{}, "transcript", connectors.MissingNotLicensed, "or the link's client the scope", "recording:3 event:2 transcript:0 header:2"},
		{"transcript scope", nil, how{scopes: []string{"recordings:read", "users:read", "contacts:read", "data-reports:read", "data-reports:write"}, granted: "recordings:read"}, "transcript", connectors.MissingNoScope, "interactions-public:read", "recording:3 event:2 transcript:0 header:2"},
		{"transcript 429", fault(simhost.Fault{Kind: simhost.FaultRate, Path: "/conversations", RetryAfter: "40"}), how{}, "transcript", connectors.MissingNotReady, "wait 40 s", "recording:3 event:2 transcript:0 header:2"},
		{"transcript as a web page", fault(simhost.Fault{Kind: simhost.FaultHTML200, Path: "/conversations"}), how{}, "transcript", connectors.MissingNotReady, "did not answer", "recording:3 event:2 transcript:0 header:2"},
		{"names", fault(simhost.Fault{Kind: simhost.FaultForbidden, Path: "/users/"}), how{}, "names", connectors.MissingNoScope, "users:read", all},
		{"recordings scope", nil, how{scopes: []string{"interactions-public:read", "users:read", "contacts:read", "data-reports:read", "data-reports:write"}}, "recording", connectors.MissingNoScope, "recordings:read", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := open(t, c.how)
			if c.do != nil {
				c.do(a)
			}
			parts := a.mustRead(sim.CallRef(sim.CallTransfer))
			a.wantMissing(parts, c.what, c.reason, c.say)
			got := fmt.Sprintf("recording:%d event:%d transcript:%d header:%d", len(of[*connectors.Recording](parts)), len(of[*connectors.Event](parts)), len(of[*connectors.Transcript](parts)), len(of[*connectors.Header](parts)))
			if c.shown != "" && got != c.shown {
				t.Errorf("shown: %s; want %s", got, c.shown)
			}
			if c.shown == "" && len(of[*connectors.Transcript](parts)) != 25 {
				t.Errorf("shown: %s; want the words all the same", got)
			}
		})
	}
}

// A busy account is not read to its end for one call.
func TestOnlySoManyPagesAreLookedThrough(t *testing.T) {
	a := open(t, how{settings: map[string]string{"transcript_max_pages": "1"}})
	a.Switch(func(s *sim.Switches) { s.PageSize = 1 })
	parts := a.mustRead(sim.CallRef(sim.CallVoicemail)) // another call began shortly before
	a.wantMissing(parts, "transcript", connectors.MissingNotFound, "first 1 pages")
	more := open(t, how{settings: map[string]string{"transcript_max_pages": "3"}})
	more.Switch(func(s *sim.Switches) { s.PageSize = 1 })
	if n := len(of[*connectors.Transcript](more.mustRead(sim.CallRef(sim.CallVoicemail)))); n != 2 {
		t.Errorf("got %d utterances from a later page, want 2", n)
	}
}

// TestPurgedRecording: the list still has it, the audio is gone, everything else is there.
func TestPurgedRecording(t *testing.T) {
	a := open(t, how{})
	a.Switch(func(s *sim.Switches) { s.Deleted = true })
	parts := a.mustRead(sim.CallRef(sim.CallTransfer))
	recs := of[*connectors.Recording](parts)
	if len(recs) != 3 || len(of[*connectors.Transcript](parts)) != 25 {
		t.Fatalf("got %d recordings, want all that is listed", len(recs))
	}
	_, err := a.conn.(connectors.MediaOpener).OpenMedia(t.Context(), recs[0].Locator, nil)
	if connectors.CodeOf(err) != connectors.CodeGone {
		t.Errorf("got %v, want gone", err)
	}
}

// What no recording dates is looked for by its date, or in the last days.
func TestCallsWithoutRecordings(t *testing.T) {
	now := time.Now()
	for _, empty := range []int{http.StatusNotFound, http.StatusOK} {
		a := open(t, how{sim: sim.Options{Start: now}})
		a.Switch(func(s *sim.Switches) { s.UnknownStatus = empty })
		missed := a.mustRead(sim.CallRef(sim.CallMissed))
		a.wantMissing(missed, "recording", connectors.MissingNotFound, "not answered")
		if h := header(missed); h.Direction != "outbound" || len(of[*connectors.Event](missed)) != 1 {
			t.Errorf("the missed call is %+v", h)
		}
		purged := a.mustRead(sim.CallRef(sim.CallAudioPurged)) // three days ago
		a.wantMissing(purged, "recording", connectors.MissingNotFound, "deleted")
		if n := len(of[*connectors.Transcript](purged)); n != 9 {
			t.Errorf("%d utterances of a call whose audio is gone, want 9", n)
		}
		dated := a.mustRead(sim.CallRef(sim.CallAudioPurged + ":" + now.Add(-70*time.Hour).UTC().Format(time.DateOnly)))
		if n := len(of[*connectors.Transcript](dated)); n != 9 {
			t.Errorf("%d utterances with a date, want 9", n)
		}
	}
}

func TestTextGoneAudioNot(t *testing.T) {
	a := open(t, how{})
	parts := a.mustRead(sim.CallRef(sim.CallTextPurged))
	a.wantMissing(parts, "transcript", connectors.MissingNotFound, "retention")
	if recs := of[*connectors.Recording](parts); len(recs) != 1 || len(of[*connectors.Event](parts)) != 1 {
		t.Errorf("got %d recordings, want the one, and its leg", len(recs))
	}
	for _, p := range of[*connectors.Person](parts) {
		if p.Role == connectors.RoleAgent && plain(p.Name) != "Tom Reeve" {
			t.Errorf("got %q, want the name that the report still has", plain(p.Name))
		}
	}
}

func TestOldAndOddRecordings(t *testing.T) {
	a := open(t, how{settings: map[string]string{"recording_channel1_side": "right"}})
	mono := a.mustRead(sim.CallRef(sim.CallMono))
	rec, lines := of[*connectors.Recording](mono)[0], of[*connectors.Transcript](mono)
	if rec.Channels != nil || len(lines) != 20 || lines[5].Recording != rec.ID {
		t.Errorf("got channels %v, %d utterances; want none, and 20 of the only recording", rec.Channels, len(lines))
	}
	mail := a.mustRead(sim.CallRef(sim.CallVoicemail))
	if rec := of[*connectors.Recording](mail)[0]; !rec.Voicemail {
		t.Errorf("got %+v, want a voicemail", rec)
	}
	many := of[*connectors.Recording](a.mustRead(sim.CallRef(sim.CallManyParts)))
	if len(many) != 53 || !slices.IsSortedFunc(many, func(x, y *connectors.Recording) int { return x.At.Compare(y.At) }) {
		t.Errorf("got %d recordings, want 53 in order", len(many))
	}
	if many[0].Channels[0].Role != connectors.RoleCustomer {
		t.Errorf("the left side is the %s's, want the setting to turn them round", many[0].Channels[0].Role)
	}
	for _, turn := range []func(*sim.Switches){
		func(s *sim.Switches) { s.RelativeLinks = true }, func(s *sim.Switches) { s.PlainLinks = true },
	} {
		a.Switch(turn)
		if n := len(of[*connectors.Recording](a.mustRead(sim.CallRef(sim.CallManyParts)))); n != 53 {
			t.Errorf("got %d recordings with other links, want 53", n)
		}
	}
}

// TestSpellings: the same call by its dashes, its capitals, or the id of one of its recordings.
func TestSpellings(t *testing.T) {
	a := open(t, how{})
	rec := of[*connectors.Recording](a.mustRead(sim.CallRef(sim.CallTransfer)))[0]
	for _, id := range []string{"5b1d0c7e-9a2f-4c38-b6e0-7d11f3a94c20", strings.ToUpper(sim.CallTransfer), rec.ID} {
		parts := a.mustRead(sim.CallRef(id))
		if n := len(of[*connectors.Recording](parts)); n != 3 || header(parts).Ref.ID != id || len(of[*connectors.Transcript](parts)) != 25 {
			t.Errorf("%s: %d recordings of %s, want 3 of what was asked for, and the words", id, n, header(parts).Ref.ID)
		}
	}
}

func TestChats(t *testing.T) {
	now := time.Now()
	a := open(t, how{sim: sim.Options{Start: now}})
	parts := a.mustRead(sim.ChatRef(sim.ChatHandoff))
	ms := of[*connectors.Message](parts)
	if len(ms) != 10 || ms[0].Author.Role != "bot" || ms[0].Via != "virtual agent" || ms[1].Author.Role != "customer" || ms[5].Author.Role != "agent" || plain(ms[1].Text) != "I was charged twice for the car deck." {
		t.Fatalf("got %d messages: %+v", len(ms), ms[0])
	}
	h := header(parts)
	if h.Channel != "chat" || h.Status != "closed" || h.Seconds != 570 || !strings.HasSuffix(h.ProviderURL, "/conversation-history/CHAT/"+sim.ChatHandoff) || h.CreatedAt.IsZero() {
		t.Errorf("the header is %+v", h)
	}
	if e := of[*connectors.Event](parts); len(e) != 2 || e[1].Event != "transfer" || e[0].Actor.Role != "bot" {
		t.Errorf("got %d events, want the assistant and the transfer to a person", len(e))
	}
	sms := a.mustRead(sim.ChatRef(sim.ChatSMS))
	if ms := of[*connectors.Message](sms); len(ms) != 3 || !ms[0].At.IsZero() || ms[1].Author.Role != "agent" || header(sms).Channel != "sms" {
		t.Errorf("got %d messages by %s", len(ms), header(sms).Channel)
	}
	social := a.mustRead(sim.ChatRef(sim.ChatSocial))
	a.wantMissing(social, "messages", connectors.MissingNotFound, "has no messages")
	if m := of[*connectors.Missing](social); len(m) == 0 || m[0].Reason != connectors.MissingNotOffered {
		t.Errorf("got %+v, want it said that the API does not give it", m)
	}
	mail := a.mustRead(sim.MailRef(sim.MailBooking))
	a.wantMissing(mail, "messages", connectors.MissingNotOffered, "mails")
	if header(mail).Channel != "email" {
		t.Errorf("the mail's channel is %s", header(mail).Channel)
	}
	a.Switch(func(s *sim.Switches) { s.NotLicensed = true })
	a.wantMissing(a.mustRead(sim.ChatRef(sim.ChatHandoff)), "messages", connectors.MissingNotLicensed, "product")
}

// The web app's own source finds a chat by its id alone, with its files.
func TestChatFromTheInnerSource(t *testing.T) {
	a := open(t, how{settings: map[string]string{"digital_read_mode": "cds", "cds_path": "/cds/messages"}})
	a.Switch(func(s *sim.Switches) { s.Internal = true })
	parts := a.mustRead(sim.ChatRef(sim.ChatHandoff))
	ms := of[*connectors.Message](parts)
	if len(ms) != 10 || ms[1].Author.Role != "customer" || len(ms[6].Attachments) != 2 {
		t.Fatalf("got %d messages", len(ms))
	}
	good, lost := ms[6].Attachments[0], ms[6].Attachments[1]
	if plain(good.Name) != "statement.png" || good.MediaType != "image/png" || lost.State != connectors.AttachmentDeleted || !lost.At.IsZero() {
		t.Errorf("the files are %+v and %+v", good, lost)
	}
	m, err := a.conn.(connectors.MediaOpener).OpenMedia(t.Context(), good.At, nil)
	if err != nil || m.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("got %v, %v", m.Header, err)
	}
	_ = m.Body.Close()
	off := open(t, how{})
	off.Switch(func(s *sim.Switches) { s.Internal = true })
	off.mustRead(sim.ChatRef(sim.ChatHandoff))
	for _, r := range off.Requests() {
		if strings.HasPrefix(r.Path, "/cds") {
			t.Error("the inner source was asked although no setting says so")
		}
	}
}

func TestNotFoundSaysWhatToDo(t *testing.T) {
	a := open(t, how{})
	for _, ref := range []records.Ref{sim.CallRef(sim.CallUnknown), sim.ChatRef(sim.CallUnknown), sim.MailRef(sim.CallUnknown)} {
		parts, err := a.read(ref)
		var e *connectors.Error
		if !errors.As(err, &e) || e.Code != connectors.CodeNotFound || !strings.Contains(e.Action, "date") || len(parts) != 0 {
			t.Errorf("%v: got %d parts, %v; want not_found and a word about a date", ref, len(parts), err)
		}
	}
	a.Switch(func(s *sim.Switches) { s.Jobs["calls"] = sim.JobFailed })
	if _, err := a.read(sim.CallRef(sim.CallUnknown)); connectors.CodeOf(err) == connectors.CodeNotFound {
		t.Errorf("got %v, although one source could not be asked", err)
	}
	if _, err := a.read(records.Ref{Kind: records.KindTicket, ID: "1"}); connectors.CodeOf(err) != connectors.CodeBadRequest {
		t.Errorf("got %v, want bad_request for a ticket", err)
	}
}

func TestLeavingEndsEverything(t *testing.T) {
	a := open(t, how{})
	a.Switch(func(s *sim.Switches) { s.Jobs["calls"], s.Jobs["contacts"] = sim.JobNever, sim.JobNever })
	ctx, cancel := context.WithCancel(t.Context())
	ref := sim.CallRef(sim.CallTransfer)
	ref.Link = "td"
	start, last := time.Time{}, error(nil)
	for p, err := range a.conn.Open(ctx, ref) {
		if last = err; err == nil && p.Type() == connectors.TypeTranscript && start.IsZero() {
			start = time.Now()
			cancel()
		}
	}
	cancel()
	if d := time.Since(start); !errors.Is(last, context.Canceled) || start.IsZero() || d > 10*time.Second {
		t.Errorf("got %v after %v, want the reader's own end soon", last, d)
	}
}
