package zendesk_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// A call is written down when it is over. What was written meanwhile stands before it, so its recording
// must not claim the time at which the call began.
func TestRecordingStandsInItsCommentsPlace(t *testing.T) {
	a := bare(`{"comments":[
		{"id":1,"created_at":"2026-09-01T10:00:00Z","body":"a"},
		{"id":2,"created_at":"2026-09-01T10:21:30Z","body":"written during the call"},
		{"id":3,"type":"VoiceComment","created_at":"2026-09-01T10:22:00Z","body":"Call","data":{"call_id":171,
			"recording_url":"https://acme.zendesk.com/api/v2/channels/voice/calls/CA1/twilio/recording","recording_duration":"55","started_at":"2026-09-01 10:20:55 UTC"}},
		{"id":4,"type":"VoiceComment","body":"Call without a time","data":{"call_id":172,
			"recording_url":"https://acme.zendesk.com/api/v2/channels/voice/calls/CA2/twilio/recording","started_at":"2026-09-01T10:30:00Z"}}
	],"meta":{"has_more":false}}`)
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	var times []time.Time
	for _, p := range parts {
		switch p := p.(type) {
		case *connectors.Message:
			order = append(order, "message "+p.ID)
			times = append(times, p.At)
		case *connectors.Recording:
			order = append(order, "recording "+p.ID)
			times = append(times, p.At)
		default:
		}
	}
	want := []string{"message 1", "message 2", "message 3", "recording 171", "message 4", "recording 172"}
	if !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	known := slices.DeleteFunc(times, time.Time.IsZero)
	if !slices.IsSortedFunc(known, time.Time.Compare) || len(known) != 5 {
		t.Errorf("times %v, want five in order", known)
	}
}

// TestCallsInEveryShape: what a call's comment may look like (Zendesk documents few of these; real
// payloads have had the others), with all parts that come of it.
func TestCallsInEveryShape(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("testdata", "calls.json"))
	if err != nil {
		t.Fatal(err)
	}
	shapes := string(doc)
	parts, err := collect(t, connect(t, bare(shapes)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "calls.parts", lines(t, parts))
	seen := map[string]bool{}
	for _, r := range only[*connectors.Recording](parts) {
		if seen[r.ID] || r.Locator.IsZero() {
			t.Errorf("recording %q: it came before, or has no locator: %v", r.ID, r.Locator)
		}
		seen[r.ID] = true
	}
	again, err := collect(t, connect(t, bare(shapes)), ticket)
	if err != nil || lines(t, again) != lines(t, parts) {
		t.Errorf("a second opening differs (error %v)", err)
	}
}
