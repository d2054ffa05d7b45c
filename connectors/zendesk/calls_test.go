package zendesk_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

func recordingsOf(t *testing.T, c connectors.Connector, id int64) ([]*connectors.Recording, []*connectors.Missing) {
	t.Helper()
	parts, err := collect(t, c, ref(id))
	if err != nil {
		t.Fatalf("ticket %d: %v", id, err)
	}
	return only[*connectors.Recording](parts), only[*connectors.Missing](parts)
}

// TestEverySimulatedCallIsHeard: streamed, redirected, at the vendor's, without ranges or length, MP3 and
// WAV, mono and stereo, voicemail besides, a partner's file: the bytes are the recording's.
func TestEverySimulatedCallIsHeard(t *testing.T) {
	s := startSim(t, sim.Options{LocalForeign: true, PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAdmin), s.MediaHosts()...)
	for id, want := range map[int64]int{
		sim.TicketVoice: -1, sim.TicketCallMoment: 1, sim.TicketCallWarranty: 1, sim.TicketCallTransfer: 1, sim.TicketCallPromise: 2, sim.TicketCallPaused: 1,
		sim.TicketCallWAV: 1, sim.TicketCallNoRange: 1, sim.TicketCallNoLength: 1, sim.TicketCallExpiring: 1, sim.TicketCallForeign: 1,
		sim.TicketCallMoved: 1, sim.TicketCallPartner: 3,
	} {
		heard, _ := recordingsOf(t, c, id)
		if len(heard) != want && want >= 0 || len(heard) == 0 {
			t.Errorf("ticket %d: %d recordings, want %d", id, len(heard), want)
		}
		sounds := map[string]sim.Audio{}
		for _, a := range s.Audio(id) {
			sounds[a.URL] = a
		}
		for _, r := range heard {
			body, err := hear(t, c, r.Locator)
			if err != nil || body == "" {
				t.Errorf("ticket %d, recording %s: %d bytes, error %v", id, r.ID, len(body), err)
				continue
			}
			if a, ok := sounds[r.Locator.URL]; ok {
				if whole, err := io.ReadAll(a.Open()); err != nil || string(whole) != body { //nolint:forbidigo // the simulator's own
					t.Errorf("ticket %d, recording %s: %d bytes, want the %d of the recording (%v)", id, r.ID, len(body), len(whole), err)
				}
			}
		}
	}
	if l := s.Leaks(); len(l) != 0 {
		t.Errorf("the credential went elsewhere: %+v", l)
	}
}

// TestVoicemailStandsBesideItsCall: one call id, two recordings.
func TestVoicemailStandsBesideItsCall(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	heard, _ := recordingsOf(t, c, sim.TicketCallPromise)
	again, _ := recordingsOf(t, c, sim.TicketCallPromise)
	if len(heard) != 2 || !heard[0].Voicemail || heard[1].Voicemail || heard[0].ID == heard[1].ID {
		t.Fatalf("recordings %+v, want a voicemail, then the call, with ids of their own", heard)
	}
	if !slices.EqualFunc(heard, again, func(a, b *connectors.Recording) bool { return a.ID == b.ID && a.Locator.ID == b.Locator.ID }) {
		t.Error("a second opening gives other ids")
	}
}

// TestPausedRecordingSaysHowMuchIsMissing: and a whole one does not.
func TestPausedRecordingSaysHowMuchIsMissing(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	for id, want := range map[int64]string{sim.TicketCallPaused: "about 35 s shorter", sim.TicketCallMoment: ""} {
		heard, missing := recordingsOf(t, c, id)
		said := ""
		for _, m := range missing {
			if m.What == "recording of the whole call" {
				said = m.Say
			}
		}
		if (said != "") != (want != "") || !strings.Contains(said, want) || (heard[0].Completeness == "known") != (want == "") {
			t.Errorf("ticket %d: completeness %q, said %q, want %q", id, heard[0].Completeness, said, want)
		}
	}
}

// TestRecordingsThatCannotBeHad each say so in their own words.
func TestRecordingsThatCannotBeHad(t *testing.T) {
	s := startSim(t, sim.Options{LocalForeign: true, PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAdmin)) // no further hosts
	gone, _ := recordingsOf(t, c, sim.TicketCallErased)
	foreign, _ := recordingsOf(t, c, sim.TicketCallForeign)
	moved, _ := recordingsOf(t, c, sim.TicketCallMoved)
	actions := map[string]connectors.Code{}
	for _, tc := range []struct {
		name string
		r    *connectors.Recording
		want connectors.Code
	}{
		{"404", gone[0], connectors.CodeGone}, {"410", gone[1], connectors.CodeGone},
		{"at the vendor's", foreign[0], connectors.CodeHostRefused}, {"moved to the vendor's", moved[0], connectors.CodeHostRefused},
	} {
		_, err := hear(t, c, tc.r.Locator)
		var e *connectors.Error
		if !errors.As(err, &e) || e.Code != tc.want || e.Action == "" {
			t.Errorf("%s: error %v, want %q that says what to do", tc.name, err, tc.want)
			continue
		}
		actions[e.Action] = e.Code
	}
	if len(actions) != 2 {
		t.Errorf("actions %v, want one for what is gone, one for the host", actions)
	}
	for _, r := range s.Requests() {
		if r.Host == sim.HostForeign {
			t.Errorf("%s was asked of a host that nobody declared", r.Method)
		}
	}
}

// TestEachCallWithoutARecordingIsTold: readers take equal parts for one, so that each names its call.
func TestEachCallWithoutARecordingIsTold(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	heard, missing := recordingsOf(t, linked(t, s, s.Bearer(sim.ActorAgent)), sim.TicketCallOptedOut)
	of := map[string]bool{}
	for _, m := range missing {
		if m.What == "recording" && m.Of != "" {
			of[m.Of] = true
		}
	}
	if len(heard) != 0 || len(of) != 3 {
		t.Errorf("%d recordings, missing of %v; want none, and three calls told apart", len(heard), of)
	}
}

// TestRecordingThatArrivesLater: not ready while it is on its way, heard once it is there.
func TestRecordingThatArrivesLater(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	heard, missing := recordingsOf(t, c, sim.TicketCallNotReady)
	reasons := map[string]connectors.MissingReason{}
	for _, m := range missing {
		reasons[m.What] = m.Reason
	}
	if len(heard) != 0 || reasons["recording"] != connectors.MissingNotReady || reasons["transcript"] != connectors.MissingNotReady {
		t.Errorf("%d recordings, missing %v, want none and recording and transcript not ready", len(heard), reasons)
	}
	s.FinishRecordings()
	if heard, _ = recordingsOf(t, c, sim.TicketCallNotReady); len(heard) != 1 {
		t.Fatalf("%d recordings after it arrived, want 1", len(heard))
	}
	if body, err := hear(t, c, heard[0].Locator); err != nil || body == "" {
		t.Errorf("%d bytes, error %v", len(body), err)
	}
}

// TestHourLongCallFromItsMiddle: a range of a call that the simulator makes while it is read.
func TestHourLongCallFromItsMiddle(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	heard, _ := recordingsOf(t, c, sim.TicketCallHour)
	if len(heard) != 1 || heard[0].Seconds < 3500 {
		t.Fatalf("recordings %+v, want one of about an hour", heard)
	}
	m, err := c.(connectors.MediaOpener).OpenMedia(t.Context(), heard[0].Locator, &connectors.ByteRange{Header: "bytes=12000000-12000999"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(m.Body, 1<<16)) //nolint:forbidigo // capped
	file := s.Audio(sim.TicketCallHour)[0].Open()
	want := make([]byte, 1000)
	if _, serr := file.Seek(12000000, io.SeekStart); serr != nil {
		t.Fatal(serr)
	}
	if _, rerr := io.ReadFull(file, want); rerr != nil {
		t.Fatal(rerr)
	}
	if err != nil || m.Status != 206 || string(got) != string(want) {
		t.Errorf("status %d, %d bytes, error %v, want the 1000 at 12,000,000", m.Status, len(got), err)
	}
}

// TestDeadSignatureIsNoObstacle: recording_url is asked again each time, and leads to a new signature.
func TestDeadSignatureIsNoObstacle(t *testing.T) {
	s := startSim(t, sim.Options{PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAgent))
	heard, _ := recordingsOf(t, c, sim.TicketCallExpiring)
	first, err := hear(t, c, heard[0].Locator)
	if err != nil {
		t.Fatal(err)
	}
	s.ExpireSignatures()
	if again, err := hear(t, c, heard[0].Locator); err != nil || again != first {
		t.Errorf("%d bytes, error %v, want the same %d as before", len(again), err, len(first))
	}
}
