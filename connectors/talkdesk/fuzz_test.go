package talkdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

func bench(t testing.TB, yield func(connectors.Part)) *opening {
	t.Helper()
	c, err := New(connectors.Config{Link: "td", Settings: map[string]string{"account": "acme"}, API: http.DefaultClient, Media: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	return &opening{c: c.(*connector), ref: records.Ref{Link: "td", Kind: records.KindCall, ID: "1"}, id: "1", people: map[string]bool{}, yield: func(p connectors.Part, _ error) bool {
		yield(p)
		return true
	}}
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"_embedded":{"recordings":[{"id":"1","call_id":"1","created_at":"2026-03-04T14:02:11Z","index":0,"duration":187,"type":"conversation","agents":{"channel_1":[{"participant_type":"AGENT","participant_id":"2"}],"channel_2":[null]},"_links":{}}]}}`,
		`{"_embedded":{"interactions":[{"id":"1","messages":[{"message_id":"m","text":"x","channel":"VOICE","participant":"AGENT","start_time":1.4,"source_system":"STT"}],"agents":[{"id":"2"}]}]},"_links":{"next":{"href":"https://x/?cursor=1"}}}`,
		`{"messages":[{"text":"x"}],"id":"1"}`, `{"job":{"id":"j","status":"done"},"_links":{"files":{"href":"/f"}}}`, `{"entries":[{"call_id":"1","csat_score":5}]}`, `[[1]]`, `{"id":{"id":[]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		n := 0
		o := bench(t, func(connectors.Part) { n++ })
		d := func() *lenient.Decoder { return lenient.New(strings.NewReader(doc)) }
		r := o.c.decodeRecording(d())
		_ = o.part(r)
		o.c.decodeJob(d())
		row := o.c.decodeCall(d())
		row.parts(o)
		digital := o.c.decodeDigital(d())
		digital.parts(o)
		_ = putLegs([]leg{digital.leg}, o.emit)
		_, _ = o.inner(d(), 0)
		talk := &talk{o: o, id: "1", what: whatTranscript, emit: o.emit}
		talk.page(d())
		_ = o.c.rows(context.Background(), call{}, strings.NewReader(doc), func(d *lenient.Decoder) { o.c.decodeCall(d) })
		if n > len(doc)+8 {
			t.Errorf("%d parts came of %d bytes", n, len(doc))
		}
	})
}

// FuzzUtterance puts any value in the place of any field of a message, between two good ones: both must
// come out.
func FuzzUtterance(f *testing.F) {
	fields := []string{"message_id", "text", "channel", "participant", "start_time", "end_time", "recording_id", "recording_index", "message_start_at", "agent_id", "attachments", "source_system", "unheard_of"}
	for _, v := range []string{`null`, `1`, `"x"`, `[]`, `{}`, `[[{"id":[1]}]]`, `1e400`, `-5`, `"\ud800"`, `[{"id":"a"},"b",null]`} {
		for i := range fields {
			f.Add(v, i)
		}
	}
	f.Fuzz(func(t *testing.T, value string, field int) {
		if !json.Valid([]byte(value)) || len(value) > 1<<16 {
			return
		}
		name := fields[uint(field)%uint(len(fields))]
		doc := fmt.Sprintf(`{"_embedded":{"interactions":[{"id":"1","messages":[{"message_id":"before","channel":"CHAT"},{%q:%s},{"message_id":"after","channel":"CHAT"}]}]}}`, name, value)
		var ids []string
		o := bench(t, func(p connectors.Part) {
			if m, ok := p.(*connectors.Message); ok {
				ids = append(ids, m.ID)
			}
		})
		d := lenient.New(strings.NewReader(doc))
		(&talk{o: o, id: "1", what: whatMessages, emit: o.emit}).page(d)
		if len(ids) < 2 || ids[0] != "before" || ids[len(ids)-1] != "after" {
			t.Errorf("%s = %s: messages %v (%v), want the one before and the one after", name, value, ids, d.Err)
		}
	})
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"0d 0h 12m 5s", "0.0150231481", "12", "", "x", "1d", "-1s", "9999999999d", "0d\u00a0h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d := span(s); d < 0 || d > 400*24*time.Hour {
			t.Errorf("%q lasts %v", s, d)
		}
	})
}

func TestSpans(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0d 0h 12m 5s": 12*time.Minute + 5*time.Second, "1d 2h": 26 * time.Hour, "0.5": 12 * time.Hour, "90": 90 * time.Second, "": 0, "soon": 0, "-1m": 0,
	} {
		if got := span(in); got != want {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}

// An interaction without an id is the call's when it was said in one of its recordings; one whose id stands
// behind its messages is known by then.
func TestExchangesWithoutIDInFront(t *testing.T) {
	for doc, want := range map[string]int{
		`{"messages":[{"message_id":"a","text":"x","channel":"VOICE","source_system":"STT","recording_id":"r"},{"message_id":"b","text":"y","channel":"VOICE","source_system":"STT"}]}`: 2,
		`{"messages":[{"message_id":"a","text":"x","recording_id":"other"}]}`:    0,
		`{"messages":[{"message_id":"a","text":"x","channel":"CHAT"}],"id":"1"}`: 1,
		`{"messages":[{"message_id":"a","text":"x","channel":"CHAT"}],"id":"2"}`: 0,
		`{"messages":[{"message_id":"a","text":"x","channel":"CHAT"}]}`:          0,
		`{"id":"2","messages":[{"message_id":"a","recording_id":"r"}]}`:          0,
	} {
		n := 0
		o := bench(t, func(connectors.Part) { n++ })
		o.recs = []recording{{id: "r"}, {id: "s"}}
		tk := &talk{o: o, id: "1", what: whatTranscript, emit: o.emit}
		tk.page(lenient.New(strings.NewReader(`{"_embedded":{"interactions":[` + doc + `]}}`)))
		if n != want || tk.found != (want > 0) {
			t.Errorf("%s: %d parts, found %v; want %d", doc, n, tk.found, want)
		}
	}
}

func TestPaceHoldsBack(t *testing.T) {
	p := newPace(10, 2)
	for range 10 {
		if d := p.reserve(); d > 0 {
			t.Fatalf("told to wait %v within the second's number", d)
		}
	}
	if d := p.reserve(); d <= 0 || d > time.Second {
		t.Errorf("told to wait %v after it", d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	free := newPace(1000, 1)
	done, err := free.take(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := free.take(ctx); err == nil {
		t.Error("a second request went out beside the only one that may")
	}
	done()
}
