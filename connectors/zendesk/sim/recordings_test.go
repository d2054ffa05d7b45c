package sim_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// voiceComment is what a test wants to know of a call.
type voiceComment struct {
	Type string
	Via  struct {
		Channel string
		Source  struct{ Rel string }
	}
	Attachments []struct {
		FileName   string `json:"file_name"`
		ContentURL string `json:"content_url"`
	}
	Data *struct {
		URL       *string `json:"recording_url"`
		Recorded  string  `json:"recording_duration"`
		Lasted    any     `json:"call_duration"`
		CallID    int64   `json:"call_id"`
		Text      *string `json:"transcription_text"`
		StartedAt string  `json:"started_at"`
		ViaID     int     `json:"via_id"`
	}
}

// voices lists a ticket's calls.
func voices(t *testing.T, s *sim.Sim, ticket int64) (list []voiceComment) {
	t.Helper()
	page := get[struct{ Comments []voiceComment }](t, s, fmt.Sprintf("/api/v2/tickets/%d/comments?page[size]=100", ticket), s.Bearer(sim.ActorAgent), 200)
	for _, c := range page.Comments {
		if c.Data != nil {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		t.Fatalf("ticket %d: got no calls", ticket)
	}
	return list
}

// hear follows a recording_url as a careful client does: the credential goes to the account's host only.
func hear(t *testing.T, s *sim.Sim, target string, headers ...string) (a answer, hops []string) {
	t.Helper()
	for range 4 {
		bearer := ""
		if strings.HasPrefix(target, "https://acme.zendesk.com/") {
			bearer = s.Bearer(sim.ActorAgent)
		}
		if a = fetch(t, s, http.MethodGet, target, bearer, headers...); a.status != http.StatusFound {
			return a, hops
		}
		target = a.header.Get("Location")
		hops = append(hops, target)
	}
	t.Fatalf("%s: got more than three redirects", target)
	return a, hops
}

func bytesOf(t *testing.T, a sim.Audio) string {
	t.Helper()
	b, err := io.ReadAll(a.Open())
	if err != nil || int64(len(b)) != a.Size {
		t.Fatalf("%s: got %d bytes, %v, want %d", a.URL, len(b), err, a.Size)
	}
	return string(b)
}

// TestRecordingsInEveryPlace: streamed by the account's host, on the CDN, on the vendor's host, and
// what each server can do with a range.
func TestRecordingsInEveryPlace(t *testing.T) {
	s := start(t, sim.Options{LocalForeign: true, PerMinute: -1})
	vendor := s.HostURL(sim.HostForeign)
	for ticket, want := range map[int64]struct {
		url, hop, kind string
		status         int
		length         bool
	}{
		sim.TicketCallMoment:   {"https://acme.zendesk.com/", "", "audio/mpeg", 206, true},
		sim.TicketCallTransfer: {"https://acme.zendesk.com/", "", "audio/mpeg", 206, true},
		sim.TicketCallWAV:      {"https://acme.zendesk.com/", "", "audio/x-wav", 206, true},
		sim.TicketCallWarranty: {"https://acme.zendesk.com/", "https://p19.zdusercontent.com/", "audio/mpeg", 206, true},
		sim.TicketCallExpiring: {"https://acme.zendesk.com/", "https://p19.zdusercontent.com/", "audio/mpeg", 206, true},
		sim.TicketCallForeign:  {vendor + "/", "", "audio/mpeg", 206, true},
		sim.TicketCallMoved:    {"https://acme.zendesk.com/", vendor + "/", "audio/mpeg", 206, true},
		sim.TicketCallNoRange:  {"https://acme.zendesk.com/", "", "audio/mpeg", 200, true},
		sim.TicketCallNoLength: {"https://acme.zendesk.com/", "", "audio/mpeg", 200, false},
	} {
		whole := bytesOf(t, s.Audio(ticket)[0])
		target := *voices(t, s, ticket)[0].Data.URL
		if target != s.Audio(ticket)[0].URL || !strings.HasPrefix(target, want.url) {
			t.Errorf("ticket %d: got recording_url %q, want it below %q", ticket, target, want.url)
		}
		a, hops := hear(t, s, target, "Range", "bytes=1000-2999")
		if (len(hops) > 0) != (want.hop != "") || len(hops) > 0 && !strings.HasPrefix(hops[0], want.hop) {
			t.Errorf("ticket %d: got redirects %v, want one to %q", ticket, hops, want.hop)
		}
		body, says := whole[1000:3000], fmt.Sprintf("bytes 1000-2999/%d", len(whole))
		if want.status == 200 {
			body, says = whole, ""
		}
		if a.status != want.status || a.body != body || a.header.Get("Content-Range") != says || a.header.Get("Content-Type") != want.kind {
			t.Errorf("ticket %d: got %d, %d bytes of %s, %q, want %d, %d bytes of %s, %q", ticket, a.status, len(a.body),
				a.header.Get("Content-Type"), a.header.Get("Content-Range"), want.status, len(body), want.kind, says)
		}
		if got := a.header.Get("Content-Length") != ""; got != want.length {
			t.Errorf("ticket %d: got Content-Length %q, want one: %v", ticket, a.header.Get("Content-Length"), want.length)
		}
		if ranges := a.header.Get("Accept-Ranges"); (ranges != "") != (want.status == 206) || (a.header.Get("ETag") != "") != (want.status == 206) {
			t.Errorf("ticket %d: got Accept-Ranges %q, ETag %q for a %d", ticket, ranges, a.header.Get("ETag"), a.status)
		}
		if a, _ := hear(t, s, target, "Range", fmt.Sprintf("bytes=%d-", len(whole))); want.status == 206 && (a.status != 416 || a.header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(whole))) {
			t.Errorf("ticket %d past the end: got %d %q, want 416", ticket, a.status, a.header.Get("Content-Range"))
		}
	}
	if l := s.Leaks(); len(l) != 0 {
		t.Errorf("leaks: got %+v, want none: no redirect was followed with the credential", l)
	}
	ranges := 0
	for _, r := range s.Requests() {
		if r.Range == "bytes=1000-2999" && r.Status != 0 {
			ranges++
		}
	}
	if ranges != 12 { // nine, and three redirects on the way
		t.Errorf("log: got %d requests with the range, want 12", ranges)
	}
}

func TestRecordingValidators(t *testing.T) {
	s := start(t, sim.Options{})
	target := *voices(t, s, sim.TicketCallMoment)[0].Data.URL
	for fault, want := range map[sim.FaultKind][2]bool{"": {true, true}, sim.FaultNoETag: {false, true}, sim.FaultNoValidator: {false, false}} {
		a, _ := hear(t, s, target, "Range", "bytes=0-9", "X-Sim-Fault", string(fault))
		if got := [2]bool{a.header.Get("ETag") != "", a.header.Get("Last-Modified") != ""}; a.status != 206 || got != want {
			t.Errorf("fault %q: got %d, ETag and Last-Modified %v, want 206, %v", fault, a.status, got, want)
		}
	}
}

// TestHourIsMadeOnTheFly: any range of an hour has the bytes that the whole has there.
func TestHourIsMadeOnTheFly(t *testing.T) {
	s := start(t, sim.Options{PerMinute: -1})
	audio := s.Audio(sim.TicketCallHour)[0]
	whole := bytesOf(t, audio)
	if math.Abs(audio.Seconds-3600) > 0.05 || audio.Call.Name != calls.Moment || math.Abs(audio.Every-audio.Call.Seconds) > 0.1 {
		t.Errorf("hour: got %v s, repeated every %v s, want 3600 and the call's %v", audio.Seconds, audio.Every, audio.Call.Seconds)
	}
	v := voices(t, s, sim.TicketCallHour)[0].Data
	if v.Recorded != "3600" || v.Lasted != 3600.0 {
		t.Errorf("durations: got %q, %v, want 3600", v.Recorded, v.Lasted)
	}
	rnd := rand.New(rand.NewPCG(5, 238))
	for range 100 {
		from := rnd.IntN(len(whole))
		to := min(len(whole)-1, from+rnd.IntN(300000))
		a, _ := hear(t, s, *v.URL, "Range", fmt.Sprintf("bytes=%d-%d", from, to))
		if a.status != 206 || a.body != whole[from:to+1] || a.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, to, len(whole)) {
			t.Fatalf("bytes %d to %d: got %d, %d bytes, %q", from, to, a.status, len(a.body), a.header.Get("Content-Range"))
		}
	}
	if a := fetch(t, s, http.MethodHead, *v.URL, s.Bearer(sim.ActorAgent)); a.header.Get("Content-Length") != fmt.Sprint(len(whole)) {
		t.Errorf("HEAD: got length %q, want %d", a.header.Get("Content-Length"), len(whole))
	}
	long := sim.New(sim.Options{LongCall: 15000 * time.Second}).Audio(sim.TicketCallHour)[0]
	if long.Size < 59e6 || long.Size > 61e6 {
		t.Errorf("15,000 s: got %d bytes, want about 60 MB", long.Size)
	}
}

// TestSignaturesEndWhilePlaying: by the clock, and by the switch.
func TestSignaturesEndWhilePlaying(t *testing.T) {
	c := newClock()
	s := start(t, sim.Options{Clock: c.now, PerMinute: -1})
	target := *voices(t, s, sim.TicketCallExpiring)[0].Data.URL
	whole := bytesOf(t, s.Audio(sim.TicketCallExpiring)[0])
	if s.Audio(sim.TicketCallExpiring)[0].Seconds < sim.ShortSignature.Seconds() {
		t.Error("the call ends before its signature")
	}
	first, hops := hear(t, s, target, "Range", "bytes=0-999")
	tag := first.header.Get("ETag")
	again := func() answer {
		return fetch(t, s, http.MethodGet, hops[0], "", "Range", "bytes=1000-1999", "If-Range", tag)
	}
	c.add(sim.ShortSignature - time.Second)
	if a := again(); a.status != 206 || a.body != whole[1000:2000] {
		t.Errorf("before the end: got %d, want 206", a.status)
	}
	c.add(time.Second)
	if a := again(); a.status != 403 || !strings.Contains(a.body, "AccessDenied") {
		t.Errorf("after the end: got %d, want 403", a.status)
	}
	a, fresh := hear(t, s, target, "Range", "bytes=1000-1999", "If-Range", tag)
	if a.status != 206 || a.body != whole[1000:2000] || a.header.Get("ETag") != tag || fresh[0] == hops[0] {
		t.Errorf("asked for anew: got %d, tag %s at %v, want the same file at another URL", a.status, a.header.Get("ETag"), fresh)
	}
	_, other := hear(t, s, *voices(t, s, sim.TicketCallWarranty)[0].Data.URL)
	s.ExpireSignatures()
	for _, u := range []string{fresh[0], other[0]} {
		if a := fetch(t, s, http.MethodGet, u, ""); a.status != 403 {
			t.Errorf("after the switch: got %d for %s, want 403", a.status, u)
		}
	}
	if a, _ := hear(t, s, target); a.status != 200 || a.body != whole {
		t.Errorf("after the switch, asked for anew: got %d, %d bytes, want all", a.status, len(a.body))
	}
}

func TestRecordingsThatAreNotToBeHad(t *testing.T) {
	s := start(t, sim.Options{PerMinute: -1})
	for i, want := range []int{404, 410} {
		if a, _ := hear(t, s, *voices(t, s, sim.TicketCallErased)[i].Data.URL); a.status != want {
			t.Errorf("deleted recording %d: got %d, want %d", i, a.status, want)
		}
	}
	out := voices(t, s, sim.TicketCallOptedOut)
	if d := out[0].Data; d.URL == nil || *d.URL != "" || d.Lasted != "190" || !strings.Contains(d.StartedAt, "T") {
		t.Errorf("opted out: got %+v, want an empty URL, a string for the length and ISO 8601", d)
	}
	if d := out[1].Data; d.URL != nil || d.Lasted != 44.0 || !strings.HasSuffix(d.StartedAt, " UTC") {
		t.Errorf("no recording: got %+v, want null, a number and Zendesk's own form of time", d)
	}
	if d := out[2].Data; d.URL != nil || d.Lasted != nil || d.CallID == 0 {
		t.Errorf("missing keys: got %+v, want only an id", d)
	}
	cdn := *voices(t, s, sim.TicketCallWarranty)[0].Data.URL
	_, hops := hear(t, s, cdn)
	s.DeleteRecordings(false)
	if a := fetch(t, s, http.MethodGet, hops[0], ""); a.status != 404 {
		t.Errorf("deleted, at the CDN: got %d, want 404", a.status)
	}
	if a, _ := hear(t, s, cdn); a.status != 404 {
		t.Errorf("deleted, at the account's host: got %d, want 404", a.status)
	}
	if a, _ := hear(t, s, *voices(t, s, sim.TicketCallErased)[1].Data.URL); a.status != 410 {
		t.Errorf("deleted before: got %d, want 410 still", a.status)
	}
}

func TestRecordingArrivesLater(t *testing.T) {
	s := start(t, sim.Options{})
	for i := range sim.ReadyAfter {
		if d := voices(t, s, sim.TicketCallNotReady)[0].Data; d.URL != nil || d.Text != nil {
			t.Errorf("look %d: got %+v, want no recording and no transcript yet", i+1, d)
		}
	}
	d := voices(t, s, sim.TicketCallNotReady)[0].Data
	if d.URL == nil || d.Text == nil {
		t.Fatalf("look %d: got %+v, want the recording and its transcript", sim.ReadyAfter+1, d)
	}
	if a, _ := hear(t, s, *d.URL); a.status != 200 {
		t.Errorf("recording: got %d, want 200", a.status)
	}
	at := start(t, sim.Options{})
	at.FinishRecordings()
	if d := voices(t, at, sim.TicketCallNotReady)[0].Data; d.URL == nil {
		t.Error("finished: got no recording, want it at the first look")
	}
}

func TestVoicemailAndRecordingOfOneCall(t *testing.T) {
	s := start(t, sim.Options{})
	list := voices(t, s, sim.TicketCallPromise)
	if len(list) != 2 || list[0].Via.Source.Rel != "voicemail" || list[1].Via.Source.Rel != "outbound" || list[0].Data.CallID != list[1].Data.CallID {
		t.Fatalf("calls: got %+v, want a voicemail and a recording of one call", list)
	}
	if d := list[1].Data; d.Lasted != "78" || d.Recorded != "77" {
		t.Errorf("durations: got %v, %q, want strings", d.Lasted, d.Recorded)
	}
	var bodies [2]string
	for i, c := range list {
		a, _ := hear(t, s, *c.Data.URL)
		if bodies[i] = a.body; a.status != 200 || a.body != bytesOf(t, s.Audio(sim.TicketCallPromise)[i]) {
			t.Errorf("%s: got %d, %d bytes", *c.Data.URL, a.status, len(a.body))
		}
	}
	if bodies[0] == bodies[1] {
		t.Error("got the same sound twice")
	}
	if d := voices(t, s, sim.TicketCallPaused)[0].Data; d.Recorded != "67" || d.Lasted != 102.0 {
		t.Errorf("paused: got %q of %v, want 34 s missing", d.Recorded, d.Lasted)
	}
}

func TestTranscriptsAreOfTheCall(t *testing.T) {
	s := start(t, sim.Options{})
	for ticket, want := range map[int64]bool{
		sim.TicketCallMoment: true, sim.TicketCallWarranty: true, sim.TicketCallPromise: true, sim.TicketCallTransfer: false, sim.TicketCallHour: false,
	} {
		d := voices(t, s, ticket)[0].Data
		if (d.Text != nil) != want || want && *d.Text != s.Audio(ticket)[0].Call.Transcript() {
			t.Errorf("ticket %d: got transcript %v, want one: %v", ticket, d.Text, want)
		}
	}
}

func TestPartnerCalls(t *testing.T) {
	s := start(t, sim.Options{LocalForeign: true})
	list := voices(t, s, sim.TicketCallPartner)
	if len(list) != 4 {
		t.Fatalf("calls: got %d, want 4", len(list))
	}
	for i, c := range list {
		if c.Type != "TpeVoiceComment" || c.Data.ViaID != 45 {
			t.Errorf("call %d: got %s, via_id %d", i, c.Type, c.Data.ViaID)
		}
	}
	opus := string(calls.Get(calls.Transfer).Opus())
	if u := *list[0].Data.URL; u != "" {
		t.Errorf("without a recording: got %q, want an empty URL", u)
	}
	if a, _ := hear(t, s, *list[1].Data.URL); a.status != 200 || a.body != bytesOf(t, s.Audio(sim.TicketCallPartner)[0]) {
		t.Errorf("at the vendor: got %d", a.status)
	}
	if a, hops := hear(t, s, *list[2].Data.URL); a.status != 200 || a.body != opus || len(hops) != 1 || len(list[2].Attachments) != 0 {
		t.Errorf("by token: got %d, %d bytes by %v", a.status, len(a.body), hops)
	}
	if u := *list[3].Data.URL; u != "" || len(list[3].Attachments) != 1 {
		t.Fatalf("on the comment: got URL %q, %d files, want none and one", u, len(list[3].Attachments))
	}
	if a, _ := hear(t, s, list[3].Attachments[0].ContentURL); a.status != 200 || a.body != opus {
		t.Errorf("on the comment: got %d, %d bytes, want the Opus file", a.status, len(a.body))
	}
}

func TestVendorsHostIsNamed(t *testing.T) {
	s := start(t, sim.Options{})
	target := *voices(t, s, sim.TicketCallForeign)[0].Data.URL
	_, hops := hear(t, s, *voices(t, s, sim.TicketCallWarranty)[0].Data.URL)
	if host := s.MediaHosts()[1]; !strings.HasPrefix(target, "https://"+host+"/") || len(hops) != 1 {
		t.Errorf("recording_url: got %q, want it on %s", target, host)
	}
	moved := fetch(t, s, http.MethodGet, *voices(t, s, sim.TicketCallMoved)[0].Data.URL, s.Bearer(sim.ActorAgent))
	if to := moved.header.Get("Location"); moved.status != 302 || !strings.HasPrefix(to, "https://"+s.MediaHosts()[1]+"/") {
		t.Errorf("moved: got %d to %q, want the vendor's host", moved.status, to)
	}
}

// TestCredentialThatFollowsARedirectIsSeen proves that Leaks would tell.
func TestCredentialThatFollowsARedirectIsSeen(t *testing.T) {
	s := start(t, sim.Options{LocalForeign: true})
	bearer := s.Bearer(sim.ActorAgent)
	for _, ticket := range []int64{sim.TicketCallWarranty, sim.TicketCallMoved} {
		_, hops := hear(t, s, *voices(t, s, ticket)[0].Data.URL)
		fetch(t, s, http.MethodGet, hops[0], bearer)
	}
	if l := s.Leaks(); len(l) != 2 || l[0].Host != sim.HostMedia || l[1].Host != sim.HostForeign {
		t.Errorf("leaks: got %+v, want one at the CDN and one at the vendor's", l)
	}
}

func TestTonesAreWAV(t *testing.T) {
	s := sim.New(sim.Options{})
	for ticket, channels := range map[int64]byte{sim.TicketVoice: 1, sim.TicketCallWAV: 2} {
		b := []byte(bytesOf(t, s.Audio(ticket)[0]))
		if !bytes.HasPrefix(b, []byte("RIFF")) || string(b[8:16]) != "WAVEfmt " || b[22] != channels || b[34] != 8*channels {
			t.Errorf("ticket %d: got %x, want a WAV of %d channels", ticket, b[:44], channels)
		}
	}
}
