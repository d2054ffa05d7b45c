package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// withCalls is a gateway linked to a simulated Talkdesk account, by a fixed token.
func withCalls(t testing.TB) (*env, *sim.Sim) {
	t.Helper()
	s := sim.New(sim.Options{LocalForeign: true})
	must(t, s.Start())
	t.Cleanup(s.Close)
	settings := s.Settings()
	settings["report_poll"] = "20ms"
	return start(t, setup{specs: []connectors.Spec{talkdesk.Spec()}, links: []records.Link{{
		ID: records.LinkID{Site: "main", Link: "td"}, Provider: "talkdesk", Settings: settings, Endpoints: s.Endpoints(), MediaHosts: s.MediaHosts(),
		RefreshToken: records.Sealed(s.Bearer()),
	}}}), s
}

// TestPastedCallPlaysWhileTheReportRuns: a call id pasted into the box plays within a second of the
// provider's answer with the recordings, while the report job still runs; the details then come into the
// same stream.
func TestPastedCallPlaysWhileTheReportRuns(t *testing.T) {
	e, s := withCalls(t)
	s.Switch(func(sw *sim.Switches) { sw.Jobs["calls"], sw.Jobs["contacts"] = sim.JobNever, sim.JobNever })
	pasted := e.do(http.MethodPost, "/api/v1/resolve", analystKey, `{"text":"`+sim.CallTransfer+`"}`)
	var found struct {
		Candidates []struct{ Link, Kind, ID string }
	}
	must(t, json.NewDecoder(pasted.Body).Decode(&found))
	if len(found.Candidates) != 1 || found.Candidates[0].Kind != "call" || found.Candidates[0].ID != sim.CallTransfer {
		t.Fatalf("the pasted id is taken for %+v, want the call", found.Candidates)
	}
	resp := e.do(http.MethodGet, "/api/v1/links/td/interactions/call/"+sim.CallTransfer+"?reason=pasted", analystKey, "")
	schema, lines := schemaOf(t, "Part"), bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	played, last, detailed := false, "", false
	for lines.Scan() {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(lines.Bytes()))
		must(t, err)
		if err := schema.Validate(v); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		var p struct{ Type, Handle, Status string }
		must(t, json.Unmarshal(lines.Bytes(), &p))
		switch last = p.Type; {
		case p.Type == "recording" && !played:
			played = true
			took := play(t, e, s, p.Handle)
			if took > time.Second {
				t.Errorf("it played %v after the provider's answer with the recordings, want within a second", took)
			}
			s.Switch(func(sw *sim.Switches) { clear(sw.Jobs) })
		case p.Type == "header" && p.Status != "":
			detailed = played
		}
	}
	must(t, lines.Err())
	if !played || !detailed || last != "end" {
		t.Errorf("played %v, details behind it %v, the last line %q", played, detailed, last)
	}
	if w, l := s.Writes(), s.Leaks(); len(w) > 0 || len(l) > 0 || s.OpenReportFiles() != 0 {
		t.Errorf("writes %v, leaks %v, %d report files left", w, l, s.OpenReportFiles())
	}
}

// play asks for the first bytes of a recording and tells how long after the provider's last answer with
// recordings they were there.
func play(t *testing.T, e *env, s *sim.Sim, handle string) time.Duration {
	t.Helper()
	media := e.do(http.MethodGet, "/api/v1/media/"+handle, analystKey, "", "Range", "bytes=0-4095")
	b, err := io.ReadAll(media.Body)
	if err != nil || media.StatusCode != http.StatusPartialContent || len(b) != 4096 || media.Header.Get("Content-Type") != "audio/mpeg" {
		t.Fatalf("got %d, %d bytes of %s, %v; want the beginning of an MP3", media.StatusCode, len(b), media.Header.Get("Content-Type"), err)
	}
	now, listed := time.Now(), time.Time{}
	for _, r := range s.Requests() {
		if r.Path == "/calls/"+sim.CallTransfer+"/recordings" && r.Ended.After(listed) {
			listed = r.Ended
		}
	}
	return now.Sub(listed)
}

// Every line of every interaction of the simulator is what openapi.yaml says a part is, also with each
// source failing.
func TestEveryPartOfCallsAndChatsIsInTheContract(t *testing.T) {
	e, s := withCalls(t)
	schema := schemaOf(t, "Part")
	for _, fail := range []func(*sim.Switches){
		func(*sim.Switches) {}, func(sw *sim.Switches) { sw.NotLicensed = true },
		func(sw *sim.Switches) {
			sw.Jobs["calls"], sw.Jobs["messaging_contacts"] = sim.JobFailed, sim.JobFailed
			sw.NotLicensed = false
		},
	} {
		s.Switch(fail)
		for _, path := range []string{
			"call/" + sim.CallTransfer, "call/" + sim.CallVoicemail, "call/" + sim.CallMissed, "call/" + sim.CallAudioPurged, "call/" + sim.CallMono,
			"chat/" + sim.ChatHandoff, "chat/" + sim.ChatSMS, "chat/" + sim.ChatSocial, "email/" + sim.MailBooking,
		} {
			resp := e.do(http.MethodGet, "/api/v1/links/td/interactions/"+path, analystKey, "")
			if resp.StatusCode != http.StatusOK {
				problemOf(t, resp)
				continue
			}
			lines := bufio.NewScanner(resp.Body)
			lines.Buffer(nil, 4<<20)
			for lines.Scan() {
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader(lines.Bytes()))
				must(t, err)
				if err := schema.Validate(v); err != nil {
					t.Errorf("%s: %s: %v", path, lines.Text(), err)
				}
			}
		}
	}
}
