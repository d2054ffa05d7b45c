package talkdesk_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares what becomes of the simulator's interactions with testdata/golden. Sources that run at
// the same time interleave, so lines are sorted; times are relative to the simulator's start.
func TestGolden(t *testing.T) {
	start := time.Now().UTC().Truncate(time.Second)
	a := open(t, how{sim: sim.Options{Start: start}})
	for name, ref := range map[string]records.Ref{
		"call_transfer": sim.CallRef(sim.CallTransfer), "call_voicemail": sim.CallRef(sim.CallVoicemail), "call_missed": sim.CallRef(sim.CallMissed),
		"call_audio_purged": sim.CallRef(sim.CallAudioPurged), "call_text_purged": sim.CallRef(sim.CallTextPurged), "call_mono": sim.CallRef(sim.CallMono),
		"chat_handoff": sim.ChatRef(sim.ChatHandoff), "chat_sms": sim.ChatRef(sim.ChatSMS), "chat_social": sim.ChatRef(sim.ChatSocial), "mail": sim.MailRef(sim.MailBooking),
	} {
		var lines []string
		for _, p := range a.mustRead(ref) {
			lines = append(lines, line(t, p, start))
		}
		slices.Sort(lines)
		got := []byte(strings.Join(lines, "\n") + "\n")
		file := filepath.Join("testdata", "golden", name+".txt")
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; go test ./connectors/talkdesk -run Golden -update shows how.\ngot:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// line is a part as one line, with its contents and without absolute times.
func line(t *testing.T, p connectors.Part, start time.Time) string {
	t.Helper()
	v := readable(p)
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	s := string(p.Type()) + " " + string(b)
	return stamps.ReplaceAllStringFunc(s, func(at string) string {
		when, err := time.Parse(time.RFC3339, strings.Trim(at, `"`))
		if err != nil {
			return "(time)" // of a window, without seconds
		}
		return fmt.Sprintf("%q", when.Sub(start).Round(time.Second).String())
	})
}
