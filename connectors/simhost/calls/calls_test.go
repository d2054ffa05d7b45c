package calls_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// turns reads what a script says, in order.
func turns(t *testing.T, name string) (list []calls.Utterance) {
	t.Helper()
	b, err := os.ReadFile(name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		head, text, _ := strings.Cut(strings.TrimSpace(line), "|")
		if who, _, _ := strings.Cut(head, "<"); who == "A" || who == "B" || who == "C" {
			list = append(list, calls.Utterance{Speaker: who, Text: text})
		}
	}
	return list
}

func TestTranscriptsAreTheirScripts(t *testing.T) {
	scripts, _ := filepath.Glob("*.txt")
	if len(scripts) != len(calls.Names) {
		t.Errorf("scripts: got %v, want one for each of %v", scripts, calls.Names)
	}
	for _, name := range calls.Names {
		c, want := calls.Get(name), turns(t, name)
		if len(c.Utterances) != len(want) {
			t.Errorf("%s: got %d utterances, want %d: run make demo-audio", name, len(c.Utterances), len(want))
			continue
		}
		for i, u := range c.Utterances {
			if u.Speaker != want[i].Speaker || u.Text != want[i].Text {
				t.Errorf("%s, turn %d: got %s %q, want %s %q", name, i, u.Speaker, u.Text, want[i].Speaker, want[i].Text)
			}
			if !slices.ContainsFunc(c.Speakers, func(s calls.Speaker) bool { return s.ID == u.Speaker && s.Name != "" }) {
				t.Errorf("%s, turn %d: got speaker %s, who is not listed", name, i, u.Speaker)
			}
		}
	}
}

func TestTimesLieWithinTheSound(t *testing.T) {
	for _, name := range calls.Names {
		c := calls.Get(name)
		m, err := calls.Walk(c.MP3())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.Channels != c.Channels || m.Rate != c.Rate || m.Kbit != 32 || math.Abs(m.Seconds()-c.Seconds) > 0.08 {
			t.Errorf("%s: got %+v (%.3f s), want %d channels, %d Hz, 32 kbit/s, %.3f s", name, m, m.Seconds(), c.Channels, c.Rate, c.Seconds)
		}
		last := 0.0
		for i, u := range c.Utterances {
			syllables := float64(len(u.Text)) / (u.To - u.From) // letters a second: nobody speaks faster than 30
			if u.From < last || u.To > c.Seconds || syllables < 4 || syllables > 30 {
				t.Errorf("%s, turn %d: got %.3f to %.3f for %q, want it after %.3f, before %.3f and speakable", name, i, u.From, u.To, u.Text, last, c.Seconds)
			}
			last = u.From
		}
		for _, h := range c.Holds {
			for _, u := range c.Utterances {
				if u.From < h.To && h.From < u.To {
					t.Errorf("%s: got %q during the hold from %.3f to %.3f", name, u.Text, h.From, h.To)
				}
			}
		}
	}
}

// TestCallsAreWhatTheDemoNeeds: two stereo and two mono of 60 to 150 s, one with a hold, one with two
// agents, one in another language, one paused, one in which somebody is talked over; 3 MB in all.
func TestCallsAreWhatTheDemoNeeds(t *testing.T) {
	count := map[string]int{}
	size := 0
	for _, name := range calls.Names {
		c := calls.Get(name)
		size += len(c.MP3())
		switch name {
		case calls.Mailbox, calls.Message, calls.Consult, calls.Retain: // short ones
			continue
		}
		if c.Seconds < 60 || c.Seconds > 150 {
			t.Errorf("%s: got %.0f s, want 60 to 150", name, c.Seconds)
		}
		count[map[int]string{1: "mono", 2: "stereo"}[c.Channels]]++
		agents := 0
		for _, s := range c.Speakers {
			if s.Role == "agent" {
				agents++
			}
		}
		for i, u := range c.Utterances[1:] {
			if u.From < c.Utterances[i].To {
				count["overlaps"]++
			}
		}
		for what, is := range map[string]bool{"hold": len(c.Holds) > 0, "pause": len(c.Pauses) > 0, "transfer": agents > 1, "foreign": c.Language != "en"} {
			if is {
				count[what]++
			}
		}
	}
	for what, least := range map[string]int{"mono": 2, "stereo": 2, "overlaps": 3, "hold": 1, "pause": 1, "transfer": 1, "foreign": 1} {
		if count[what] < least {
			t.Errorf("%s: got %d, want %d or more", what, count[what], least)
		}
	}
	opus := calls.Get(calls.Transfer).Opus()
	if !strings.HasPrefix(string(opus), "OggS") || !strings.Contains(string(opus[:64]), "OpusHead") {
		t.Errorf("opus: got %q…, want an Ogg file of Opus", opus[:64])
	}
	if size += len(opus); size > 3<<20 {
		t.Errorf("all files: got %d bytes, want at most 3 MB", size)
	}
}

func TestLastedCountsWhatWasNotRecorded(t *testing.T) {
	c := calls.Get(calls.Card)
	if got := c.Lasted() - c.Seconds; math.Abs(got-34) > 1e-9 {
		t.Errorf("not recorded: got %v s, want 34", got)
	}
	if text := calls.Get(calls.Transfer).Transcript(); !strings.HasPrefix(text, "Agent: Acme Home, this call may be recorded.") || strings.Count(text, "\n") != 19 || !strings.Contains(text, "\nCustomer: ") {
		t.Errorf("transcript: got %q, want 20 turns with roles", text)
	}
}
