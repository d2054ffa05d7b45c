package lenient

import (
	"strings"
	"testing"
	"time"
)

func decoding(doc string) *Decoder { return New(strings.NewReader(doc)) }

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
		if got := decoding(in).ID(); got != want {
			t.Errorf("%s: id = %q, want %q", in, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		`"native_messaging"`: "native_messaging", `"Messaging::X"`: "Messaging::X", `null`: "", `4`: "4",
		`"Pat Doe"`: "other", `"pat@example.com"`: "other", `"` + strings.Repeat("x", 100) + `"`: "other",
	} {
		if got := decoding(in).Label(); got != want {
			t.Errorf("%s: label = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`"image/png"`: "image/png", `"text/plain; charset=utf-8"`: "text/plain", `"application/x-genesis-rom"`: "application/x-genesis-rom",
		`"Pat Doe"`: "", `"pat"`: "", `7`: "", `null`: "",
	} {
		if got := decoding(in).MediaType(); got != want {
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
		if got := decoding(in).Time(); !got.Equal(want) {
			t.Errorf("%s: time = %v, want %v", in, got, want)
		}
	}
}

func TestNumbersAndBooleans(t *testing.T) {
	for in, want := range map[string]int64{`15156`: 15156, `"15156"`: 15156, `1e30`: 0, `2.5`: 0, `null`: 0, `""`: 0, `-1`: -1, `[]`: 0} {
		if got := decoding(in).Integer(); got != want {
			t.Errorf("%s: integer = %d, want %d", in, got, want)
		}
	}
	for in, want := range map[string]float64{`61`: 61, `"55"`: 55, `1.5`: 1.5, `"NaN"`: 0, `"Inf"`: 0, `-3`: 0, `1e300`: 0, `null`: 0} {
		if got := decoding(in).Seconds(); got != want {
			t.Errorf("%s: seconds = %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]bool{`true`: true, `false`: false, `"false"`: false, `0`: false, `1`: true, `null`: true, `{}`: true, `"maybe"`: true} {
		if got := decoding(in).Boolean(true); got != want {
			t.Errorf("%s: boolean = %v, want %v", in, got, want)
		}
	}
}

func TestBrokenUTF8IsReplaced(t *testing.T) {
	if got := decoding("\"a\xffb\\ud800c\"").Word(); got != "a\ufffdb\ufffdc" {
		t.Errorf("word = %q", got)
	}
}

// FuzzDecoder reads anything as everything: nothing may panic, and every reader takes one value.
func FuzzDecoder(f *testing.F) {
	for _, v := range []string{`null`, `1`, `"x"`, `[]`, `{}`, `[[{"id":[1]}]]`, `{"a":{"b":[1,"2",null]},"c":"2026-01-02T03:04:05Z"}`, `1e400`, `"\ud800"`, `[1`, `{"a"`} {
		f.Add(v)
	}
	readers := []func(*Decoder){
		(*Decoder).Skip, func(d *Decoder) { d.Word() }, func(d *Decoder) { d.Body() }, func(d *Decoder) { d.Aside() }, func(d *Decoder) { d.ID() },
		func(d *Decoder) { d.Label() }, func(d *Decoder) { d.MediaType() }, func(d *Decoder) { d.Integer() }, func(d *Decoder) { d.Seconds() },
		func(d *Decoder) { d.Boolean(true) }, func(d *Decoder) { d.Time() }, func(d *Decoder) { d.Words() }, func(d *Decoder) { d.Author() },
		func(d *Decoder) { d.Array(d.Skip) }, func(d *Decoder) { d.Object(func([]byte) { d.Skip() }) },
	}
	f.Fuzz(func(t *testing.T, v string) {
		valid := New(strings.NewReader(v))
		valid.Skip()
		for i, read := range readers {
			d := New(strings.NewReader("[" + v + ",7]"))
			d.Token()
			if read(d); valid.Err != nil || d.Err != nil {
				continue
			}
			if got := d.Word(); valid.Kind() == 0 && got != "7" && d.Err == nil {
				t.Errorf("reader %d took more or less than one value of %q: then comes %q", i, v, got)
			}
		}
	})
}
