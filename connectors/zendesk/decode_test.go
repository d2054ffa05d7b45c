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
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

func decoding(doc string) *lenient.Decoder { return lenient.New(strings.NewReader(doc)) }

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
		if d.Err != nil {
			t.Fatalf("%s: %s: %v", name, value, d.Err)
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
		for _, read := range []func(*lenient.Decoder){
			func(d *lenient.Decoder) { d.Object(func([]byte) { o.ticket.decode(d) }) },
			func(d *lenient.Decoder) { new(page).read(d, o.commentPages()) },
			func(d *lenient.Decoder) { new(page).read(d, h.pages()) },
			func(d *lenient.Decoder) { decodeFieldName(d, map[string]bool{"red": true}) },
			func(d *lenient.Decoder) { decodeBrandHosts(d) },
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
		p.item = func(d *lenient.Decoder) bool { o.putComment(d, decodeComment(d)); return true }
		d := decoding(doc)
		if new(page).read(d, p); d.Err != nil {
			b.Fatal(d.Err)
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
