package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// callParts are for connectors with calls.
func callParts() []part {
	return []part{
		{"CallsHaveLocatorsOrAReason", callsHaveLocators},
		{"CallsStandInOrder", callsStandInOrder},
		{"CallIsHeardFromAnySecond", callIsHeard},
		{"CallIsFoundAgainWithoutItsAddress", callIsFoundAgain},
	}
}

func (b *bench) recordings() []*connectors.Recording {
	b.Helper()
	var all []*connectors.Recording
	for _, p := range b.mustOpen(SampleCalls) {
		if r, ok := p.(*connectors.Recording); ok {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		b.Fatal("the sample of calls has no recording")
	}
	return all
}

// callsHaveLocators: what can be heard can be found again, by ids of its own, and says how far it is
// complete; the same each time, since people keep links to a second of a recording. Every transcript
// belongs to a recording, or to a call whose recording is said to be missing.
func callsHaveLocators(b *bench) {
	seen, lines, missing := map[string]bool{}, map[string]bool{}, false
	for _, p := range b.mustOpen(SampleCalls) {
		switch p := p.(type) {
		case *connectors.Recording:
			if p.ID == "" || seen[p.ID] || p.Locator.IsZero() || p.Locator.ID == "" || p.Locator.Ref != b.sample(SampleCalls) {
				b.Errorf("recording %q, %v: want an id and a locator of its own that names interaction and recording", p.ID, p.Locator)
			}
			if p.Completeness != "known" && p.Completeness != "unknown" {
				b.Errorf("recording %q: completeness %q, want known or unknown", p.ID, p.Completeness)
			}
			seen[p.ID] = true
		case *connectors.Transcript:
			lines[p.Recording] = true
		case *connectors.Missing:
			missing = missing || p.What == "recording"
			if p.Reason == "" || p.Say == "" {
				b.Errorf("missing %q does not say why: %q, %q", p.What, p.Reason, p.Say)
			}
		default:
		}
	}
	for id := range lines {
		if !seen[id] && !missing {
			b.Errorf("a transcript is of recording %q, which has not come and is not said to be missing", id)
		}
	}
}

// callsStandInOrder: a reader who has read on is not sent back.
func callsStandInOrder(b *bench) {
	var last time.Time
	for _, p := range b.mustOpen(SampleCalls) {
		at := time.Time{}
		switch p := p.(type) {
		case *connectors.Message:
			at = p.At
		case *connectors.Recording:
			at = p.At
		default:
		}
		if at.IsZero() {
			continue
		}
		if at.Before(last) {
			b.Errorf("a part of type %s from %v came after one from %v", p.Type(), at, last)
		}
		last = at
	}
}

// callIsHeard: whole, and from the middle where the provider has ranges.
func callIsHeard(b *bench) {
	at := b.recordings()[0].Locator
	whole, _ := b.fetch(at, nil, http.StatusOK)
	half := len(whole) / 2
	if half < minMedia/2 {
		b.Fatalf("%d bytes, want 4 KB or more", len(whole))
	}
	rest, _ := b.fetch(at, &connectors.ByteRange{Header: fmt.Sprintf("bytes=%d-", half)}, http.StatusPartialContent)
	if !bytes.Equal(rest, whole[half:]) {
		b.Errorf("%d bytes from %d on are not those of the whole", len(rest), half)
	}
}

// callIsFoundAgain: interaction and id are enough; the address is only where it was last seen.
func callIsFoundAgain(b *bench) {
	for _, r := range b.recordings() {
		want, _ := b.fetch(r.Locator, nil, http.StatusOK)
		lost := r.Locator
		lost.URL = ""
		if got, _ := b.fetch(lost, nil, http.StatusOK); !bytes.Equal(got, want) {
			b.Errorf("recording %q without its address: %d bytes, want the %d of before", r.ID, len(got), len(want))
		}
	}
	unknown := b.recordings()[0].Locator
	unknown.ID, unknown.URL = unknown.ID+"9", ""
	m, err := b.openMedia(b.ctx, unknown, nil)
	if err == nil {
		_ = m.Body.Close()
	}
	b.wantCode(err, connectors.CodeGone)
}
