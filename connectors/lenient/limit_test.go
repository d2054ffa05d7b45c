package lenient

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLongTextsAreCut(t *testing.T) {
	for name, tc := range map[string]struct {
		unit string // of the JSON literal
		want string // what it decodes to
	}{
		"letters":             {"a", "a"},
		"hex digits":          {"beef", "beef"},
		"escaped newlines":    {`\n`, "\n"},
		"escaped backslash":   {`\\`, `\`},
		"escaped quotes":      {`\"`, `"`},
		"unicode escapes":     {`\u00e9`, "é"},
		"surrogate pairs":     {`\ud83d\ude00`, "😀"},
		"four-byte runes":     {"😀", "😀"},
		"two-byte runes":      {"é", "é"},
		"a mix of everything": {`a\\\"é\u00e9😀 `, `a\"éé😀 `},
	} {
		count := 3 * MaxText / len(tc.unit)
		doc := `{"body":"` + strings.Repeat(tc.unit, count) + `","after":"here"}`
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.HalfReader(strings.NewReader(doc))} {
			d := New(r)
			var body, after string
			d.Object(func(key []byte) {
				if string(key) == "body" {
					body = d.Body()
				} else {
					after = d.Word()
				}
			})
			if d.Err != nil || !d.Cut || after != "here" {
				t.Fatalf("%s: error %v, cut %v, after %q; want no error, true, here", name, d.Err, d.Cut, after)
			}
			if len(body) > MaxText || len(body) < MaxText/8 {
				t.Errorf("%s: %d bytes left of %d", name, len(body), MaxText)
			}
			full := strings.Repeat(tc.want, count)
			if !strings.HasPrefix(full, body) {
				t.Errorf("%s: the text was not cut between two characters; it ends in %q", name, body[len(body)-12:])
			}
		}
	}
}

func TestTextsAtTheLimitAreWhole(t *testing.T) {
	s := strings.Repeat("x", MaxText)
	d := New(strings.NewReader(`"` + s + `"`))
	if got := d.Body(); got != s || d.Cut {
		t.Errorf("%d bytes, cut %v; want %d, false", len(got), d.Cut, len(s))
	}
}

// TestLongTextsDoNotFillMemory counts what goes through to the decoder.
func TestLongTextsDoNotFillMemory(t *testing.T) {
	const size = 8 << 20
	r := &capReader{r: io.MultiReader(strings.NewReader(`["`), io.LimitReader(zeros{}, size), strings.NewReader(`",1]`)), max: 1000}
	n, err := io.Copy(io.Discard, r)
	if err != nil || n > 1100 {
		t.Errorf("%d bytes went through, error %v; want about 1000", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// FuzzCapReader checks that what is valid JSON stays so, that short documents pass unchanged, and that
// no literal is much longer than the bound, however the input is split into reads.
func FuzzCapReader(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b\\"}`, `["\\\\\\\"",1,"\u12ab\u12ab\u12ab"]`, `"é😀é😀é😀é😀é😀"`, `{"a\"b":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\"}`} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, doc []byte, split int) {
		if !json.Valid(doc) {
			return
		}
		const limit = 16
		chunks := &chunkReader{b: doc, n: max(1, split%7)}
		got, err := io.ReadAll(&capReader{r: chunks, max: limit})
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(got) {
			t.Fatalf("%q became %q, which is not JSON", doc, got)
		}
		if len(doc) <= limit && !bytes.Equal(got, doc) {
			t.Errorf("%q became %q although it is short", doc, got)
		}
		for _, s := range literals(got) {
			if len(s) > limit+12 {
				t.Errorf("a literal of %d bytes is left: %q", len(s), s)
			}
		}
	})
}

// literals lists the raw contents of all strings of a JSON document.
func literals(doc []byte) []string {
	var out []string
	for i := 0; i < len(doc); i++ {
		if doc[i] != '"' {
			continue
		}
		from := i + 1
		for i = from; i < len(doc) && doc[i] != '"'; i++ {
			if doc[i] == '\\' {
				i++
			}
		}
		out = append(out, string(doc[from:min(i, len(doc))]))
	}
	return out
}

type chunkReader struct {
	b []byte
	n int
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.n)], c.b)
	c.b = c.b[n:]
	return n, nil
}
