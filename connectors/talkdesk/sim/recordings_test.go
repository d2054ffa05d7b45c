package sim_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func TestRecordingsOfACall(t *testing.T) {
	a := start(t, sim.Options{})
	list := a.api("GET", "/calls/"+sim.CallTransfer+"/recordings").object(t)
	if count(list, "_embedded", "recordings") != 3 || text(list, "_embedded", "recordings", 1, "type") != "consultation" {
		t.Fatalf("got %v, want three recordings, the second a consultation", list)
	}
	first := at(list, "_embedded", "recordings", 0)
	if text(first, "agents", "channel_1", 0, "participant_type") != "AGENT" || text(first, "agents", "channel_2", 0, "participant_type") != "CONTACT" {
		t.Errorf("got %v, want the agent on one channel, the customer on the other", first)
	}
	single := a.api("GET", "/recordings/"+text(first, "id")).object(t)
	if text(single, "recording", "call_id") != sim.CallTransfer {
		t.Errorf("got %v, want the item in an envelope", single)
	}
	mono := a.api("GET", "/calls/"+sim.CallVoicemail+"/recordings").object(t)
	if at(mono, "_embedded", "recordings", 0, "agents") != nil || text(mono, "_embedded", "recordings", 0, "type") != "voicemail" {
		t.Errorf("got %v, want a voicemail without agents", mono)
	}
	a.wantStatus(a.api("GET", "/calls/"+sim.CallMissed+"/recordings"), 404, "a call without recordings")
	a.Switch(func(s *sim.Switches) { s.UnknownStatus = 200; s.PlainLinks = true })
	if empty := a.api("GET", "/calls/"+sim.CallMissed+"/recordings").object(t); empty["total"] != 0.0 {
		t.Errorf("got %v, want an empty list", empty)
	}
	if list := a.api("GET", "/calls/"+sim.CallTransfer+"/recordings").object(t); at(list, "_embedded", "recordings", 0, "links", "media") == nil {
		t.Errorf("got %v, want links without the underscore", list)
	}
	for _, path := range []string{"/calls/" + sim.CallTransfer, "/interactions/" + sim.CallTransfer, "/recordings/" + sim.CallTransfer + "/media"} {
		a.wantStatus(a.api("GET", path), 404, path)
	}
}

func TestRecordingsArePaged(t *testing.T) {
	a := start(t, sim.Options{})
	list := a.api("GET", "/calls/"+sim.CallManyParts+"/recordings").object(t)
	next := text(list, "_links", "next", "href")
	path, ok := strings.CutPrefix(next, "https://api.talkdeskapp.com")
	if count(list, "_embedded", "recordings") != 50 || !ok {
		t.Fatalf("got %d and %q, want 50 and the next page", count(list, "_embedded", "recordings"), next)
	}
	rest := a.api("GET", path).object(t)
	if count(rest, "_embedded", "recordings") != 3 || at(rest, "_links", "next") != nil {
		t.Errorf("got %d and %v, want the last 3", count(rest, "_embedded", "recordings"), at(rest, "_links", "next"))
	}
}

func TestMediaRedirectsToStorage(t *testing.T) {
	a := start(t, sim.Options{})
	list := a.api("GET", "/calls/"+sim.CallTransfer+"/recordings").object(t)
	path := "/recordings/" + text(list, "_embedded", "recordings", 0, "id") + "/media"
	media := a.api("GET", path)
	a.wantStatus(media, 303, "media")
	to := media.header.Get("Location")
	whole := a.stored(to)
	sound, err := calls.Walk(whole.body)
	if err != nil || sound.Rate != 22050 || sound.Channels != 2 || whole.body[0] != 0xff || whole.header.Get("Content-Type") != "audio/mpeg" {
		t.Errorf("got %+v, %v, %s; want MPEG audio of 22.05 kHz, stereo, no tag before it", sound, err, whole.header)
	}
	if part := a.stored(to, "Range", "bytes=100-199"); part.status != 206 || !bytes.Equal(part.body, whole.body[100:200]) {
		t.Errorf("got %d with %d bytes, want the part", part.status, len(part.body))
	}
	a.wantStatus(a.stored(to, "Range", "bytes=99999999-"), 416, "a range past the end")
	if two := a.stored(to, "Authorization", "Bearer "+a.bearer); two.status != 400 || !bytes.Contains(two.body, []byte("<Code>InvalidArgument</Code>")) {
		t.Errorf("with a credential: got %d %s, want 400 in XML", two.status, two.body)
	}
	if n := len(a.Leaks()); n != 1 {
		t.Errorf("%d leaks are listed, want that one", n)
	}
	redacted := a.stored(a.api("GET", path+"?redacted=true").header.Get("Location"))
	if bytes.Equal(redacted.body, whole.body) || len(redacted.body) != len(whole.body) {
		t.Errorf("redacted: got %d bytes, want %d others", len(redacted.body), len(whole.body))
	}
	a.ExpireSignatures()
	if late := a.stored(to); late.status != 403 || !bytes.Contains(late.body, []byte("<Code>AccessDenied</Code>")) {
		t.Errorf("got %d %s, want 403 in XML", late.status, late.body)
	}
	a.Switch(func(s *sim.Switches) {
		s.SignatureLife = -time.Second
		s.MediaType = "binary/octet-stream"
		s.Media = "302"
	})
	a.wantStatus(a.stored(a.api("GET", path).header.Get("Location")), 403, "a signature that is over")
	if a.LateMedia() != 1 {
		t.Errorf("%d uses after the end were counted, want 1", a.LateMedia())
	}
	a.Switch(func(s *sim.Switches) { s.SignatureLife = time.Minute; s.Media = "json" })
	other := a.stored(text(a.api("GET", path).object(t), "_links", "file", "href"))
	if other.status != 200 || other.header.Get("Content-Type") != "binary/octet-stream" {
		t.Errorf("got %d %s, want the file, of no type", other.status, other.header.Get("Content-Type"))
	}
	a.Switch(func(s *sim.Switches) { s.Media = "direct" })
	a.wantStatus(a.api("GET", path), 200, "the bytes themselves")
	a.Switch(func(s *sim.Switches) { s.Deleted = true })
	a.wantStatus(a.api("GET", path), 404, "after retention")
}

func TestSamplesCanBeOpened(t *testing.T) {
	a := start(t, sim.Options{})
	if len(a.Samples()) < 3 {
		t.Fatalf("got %d samples, want some", len(a.Samples()))
	}
	for _, s := range a.Samples() {
		if s.Title == "" || s.Why == "" || !strings.Contains(s.URL, s.Ref.ID) {
			t.Errorf("the sample %+v says too little", s)
		}
	}
}
