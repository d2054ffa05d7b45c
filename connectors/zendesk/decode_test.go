package zendesk

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func decoding(doc string) *decoder { return newDecoder(strings.NewReader(doc)) }

func TestIDs(t *testing.T) {
	for in, want := range map[string]string{
		`9007199254740993`:     "9007199254740993",
		`18446744073709551615`: "18446744073709551615",
		`"9007199254740993"`:   "9007199254740993",
		`5012.0`:               "5012",
		`9.007199254740993e15`: "9007199254740993",
		`1e999999999`:          "",
		`1.5`:                  "",
		`-1`:                   "-1",
		`null`:                 "",
		`{"id":5}`:             "",
		`[5]`:                  "",
		`true`:                 "true", // not a number: it stands for a name
		`" 12 "`:               "12",
		`"Pat Doe"`:            "", // a name is no id
	} {
		if got := decoding(in).id(); got != want {
			t.Errorf("%s: id = %q, want %q", in, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		`"native_messaging"`: "native_messaging", `"Messaging::X"`: "Messaging::X", `null`: "", `4`: "4",
		`"Pat Doe"`: "other", `"pat@example.com"`: "other", `"` + strings.Repeat("x", 100) + `"`: "other",
	} {
		if got := decoding(in).label(); got != want {
			t.Errorf("%s: label = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`"image/png"`: "image/png", `"text/plain; charset=utf-8"`: "text/plain", `"application/x-genesis-rom"`: "application/x-genesis-rom",
		`"Pat Doe"`: "", `"pat"`: "", `7`: "", `null`: "",
	} {
		if got := decoding(in).mediaType(); got != want {
			t.Errorf("%s: media type = %q, want %q", in, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2026, 9, 1, 10, 20, 55, 0, time.UTC)
	for in, want := range map[string]time.Time{
		`"2026-09-01T10:20:55Z"`:         want,
		`"2026-09-01T12:20:55+02:00"`:    want,
		`"2026-09-01T10:20:55.000Z"`:     want,
		`"2026-09-01 10:20:55 UTC"`:      want,
		`"2026-09-01 12:20:55 +0200"`:    want,
		`"2026-09-01 10:20:55"`:          want,
		`"0001-01-01T00:00:00Z"`:         {},
		`null`:                           {},
		`"yesterday"`:                    {},
		`{}`:                             {},
		`"2026-13-45T99:99:99Z"`:         {},
		`"99999-01-01T00:00:00.5+99:99"`: {},
	} {
		if got := decoding(in).time(); !got.Equal(want) {
			t.Errorf("%s: time = %v, want %v", in, got, want)
		}
	}
}

func TestNumbersAndBooleans(t *testing.T) {
	for in, want := range map[string]int64{`15156`: 15156, `"15156"`: 15156, `1e30`: 0, `2.5`: 0, `null`: 0, `""`: 0, `-1`: -1, `[]`: 0} {
		if got := decoding(in).integer(); got != want {
			t.Errorf("%s: integer = %d, want %d", in, got, want)
		}
	}
	for in, want := range map[string]float64{`61`: 61, `"55"`: 55, `1.5`: 1.5, `"NaN"`: 0, `"Inf"`: 0, `-3`: 0, `1e300`: 0, `null`: 0} {
		if got := decoding(in).seconds(); got != want {
			t.Errorf("%s: seconds = %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]bool{`true`: true, `false`: false, `"false"`: false, `0`: false, `1`: true, `null`: true, `{}`: true, `"maybe"`: true} {
		if got := decoding(in).boolean(true); got != want {
			t.Errorf("%s: boolean = %v, want %v", in, got, want)
		}
	}
}

func TestBrokenUTF8IsReplaced(t *testing.T) {
	if got := decoding("\"a\xffb\\ud800c\"").word(); got != "a\ufffdb\ufffdc" {
		t.Errorf("word = %q", got)
	}
}

// FuzzComment puts any JSON value in the place of any field of a comment, between two good comments:
// both must come out, and nothing may panic.
func FuzzComment(f *testing.F) {
	fields := []string{"id", "type", "author_id", "author", "public", "created_at", "body", "plain_body", "html_body", "via",
		"metadata", "attachments", "data", "transcription_visible", "unheard_of"}
	for _, v := range []string{`null`, `1`, `"x"`, `[]`, `{}`, `[[{"id":[1]}]]`, `{"channel":{"a":1},"source":[{"rel":1,"from":[{"ticket_ids":{"a":2}}]}]}`,
		`{"flags":{"a":1},"flags_options":null}`, `[{"id":{},"thumbnails":[{"id":[]},null,3],"size":"many","deleted":"no"},null,7,"x"]`,
		`{"recording_url":{"a":1},"recording_duration":[],"call_id":{},"started_at":7,"transcription_text":[1]}`, `1e400`, `"\ud800"`} {
		for i := range fields {
			f.Add([]byte(v), i)
		}
	}
	f.Fuzz(func(t *testing.T, value []byte, field int) {
		if !json.Valid(value) || len(value) > 1<<16 {
			return
		}
		name := fields[uint(field)%uint(len(fields))]
		doc := fmt.Sprintf(`{"comments":[{"id":1,"body":"before"},{"id":2,"type":"VoiceComment",%q:%s},{"id":3,"body":"after"}],"meta":{"has_more":false}}`, name, value)
		var got []string
		o := reading(func(p connectors.Part) {
			if m, ok := p.(*connectors.Message); ok {
				got = append(got, m.ID)
			}
		})
		d := decoding(doc)
		new(page).read(d, o.commentPages())
		if d.err != nil {
			t.Fatalf("%s: %s: %v", name, value, d.err)
		}
		if len(got) < 2 || got[0] != "1" || got[len(got)-1] != "3" {
			t.Errorf("%s = %s: messages %v, want the one before and the one after", name, value, got)
		}
	})
}

// FuzzAnswers gives anything to everything that reads an answer: nothing may panic or go on for ever.
func FuzzAnswers(f *testing.F) {
	for _, file := range []string{"ticket.json", "comments.json", "comments_2.json", "audits.json", "ticket_fields.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", "recorded", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, doc string) {
		n := 0
		o := reading(func(connectors.Part) { n++ })
		h := history{o: o, seen: ids{}, asked: map[string]bool{}}
		for _, read := range []func(*decoder){
			func(d *decoder) { d.object(func([]byte) { o.ticket.decode(d) }) },
			func(d *decoder) { new(page).read(d, o.commentPages()) },
			func(d *decoder) { new(page).read(d, h.pages()) },
			func(d *decoder) { decodeFieldName(d, map[string]bool{"red": true}) },
			func(d *decoder) { decodeBrandHosts(d) },
		} {
			read(decoding(doc))
		}
		if n > len(doc) {
			t.Errorf("%d parts came of %d bytes", n, len(doc))
		}
	})
}

// reading is an opening that asks nobody.
func reading(yield func(connectors.Part)) *opening {
	return newOpening(&connector{now: time.Now}, records.Ref{Link: "zd", Kind: records.KindTicket, ID: "5012"},
		func(p connectors.Part, _ error) bool {
			yield(p)
			return true
		})
}

// benchPage is a page of 100 comments of 7 KB.
func benchPage() string {
	text := strings.Repeat(`All work and no play makes Jack a dull boy.\n`, 50)
	one := `{"id":9007199254740993,"type":"Comment","author_id":4100,"audit_id":1,"public":true,"created_at":"2026-09-01T08:00:00Z","body":"` + text +
		`","html_body":"<p dir=\"auto\">` + text + `</p>","plain_body":"` + text + `","via":{"channel":"email","source":{"from":{},"to":{},"rel":null}},"attachments":[],"metadata":{"system":{"client":"x"},"custom":{}}}`
	return `{"comments":[` + one + strings.Repeat(","+one, 99) + `],"meta":{"has_more":false}}`
}

func BenchmarkPage(b *testing.B) {
	doc := benchPage()
	o := reading(func(connectors.Part) {})
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		p := o.commentPages()
		p.item = func(d *decoder) bool { o.putComment(d, decodeComment(d)); return true }
		d := decoding(doc)
		if new(page).read(d, p); d.err != nil {
			b.Fatal(d.err)
		}
	}
}

// BenchmarkPageWhole reads the same with encoding/json and the page in memory, to compare with.
func BenchmarkPageWhole(b *testing.B) {
	doc := benchPage()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		var v struct {
			Comments []struct {
				ID        int64  `json:"id"`
				Type      string `json:"type"`
				Body      string `json:"body"`
				HTMLBody  string `json:"html_body"`
				PlainBody string `json:"plain_body"`
				Public    bool   `json:"public"`
			} `json:"comments"`
		}
		if err := json.NewDecoder(strings.NewReader(doc)).Decode(&v); err != nil {
			b.Fatal(err)
		}
	}
}
