package lenient

import (
	"bytes"
	"io"
	"math/big"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// One item keeps at most 1 MiB: two texts (plain and HTML) and its lists.
const (
	// MaxText bounds one text of an item in its raw form.
	MaxText = 384 << 10
	// MaxLists bounds the bytes that each of an item's lists (files, tags, values) keeps, MaxList their
	// number.
	MaxLists = 256 << 10
	MaxList  = 1000
	// MaxWord bounds names, tags, addresses and the like; what is longer is cut.
	MaxWord = 8 << 10
)

// Decoder reads JSON by token, leniently: each reader takes exactly one value of whatever shape and
// gives the zero value for what it cannot use. The first error stays in Err and makes all later
// calls do nothing, so that callers look at it once.
type Decoder struct {
	Err error
	Cut bool // a text was longer than MaxText; callers reset it

	d              *jsontext.Decoder
	scratch, spare []byte
}

// New reads r, without its byte order mark and with every string literal shortened to what is kept.
func New(r io.Reader) *Decoder {
	// Repeated names and broken UTF-8 are not worth losing a conversation over.
	return &Decoder{d: jsontext.NewDecoder(&capReader{r: &unmarked{r: r}, max: MaxText + 1},
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// Kind is the kind of the next value; 0 after an error.
func (d *Decoder) Kind() jsontext.Kind {
	if d.Err != nil {
		return 0
	}
	return d.d.PeekKind()
}

// Token takes one token.
func (d *Decoder) Token() {
	if d.Err == nil {
		_, d.Err = d.d.ReadToken()
	}
}

// Value takes one value as it is written; it holds until the next call.
func (d *Decoder) Value() []byte {
	if d.Err != nil {
		return nil
	}
	var v jsontext.Value
	v, d.Err = d.d.ReadValue()
	return v
}

// Skip takes one value and forgets it.
func (d *Decoder) Skip() {
	if d.Err == nil {
		d.Err = d.d.SkipValue()
	}
}

// Object calls f with the name of each member; f reads the value, and must look at the name before
// it does. Of a list where an object is expected, the objects are read one after the other; all else
// is skipped.
func (d *Decoder) Object(f func(key []byte)) {
	switch d.Kind() {
	case '{':
	case '[':
		d.Array(func() { d.Object(f) })
		return
	default:
		d.Skip()
		return
	}
	d.Token()
	for d.Err == nil && d.Kind() != '}' {
		raw := d.Value()
		if d.Err == nil {
			f(memberName(raw))
		}
	}
	d.Token()
}

// Array calls f for each element; f reads it. What is not a list is skipped.
func (d *Decoder) Array(f func()) {
	if d.Kind() != '[' {
		d.Skip()
		return
	}
	d.Token()
	for d.Err == nil && d.Kind() != ']' {
		f()
	}
	d.Token()
}

// Word reads a scalar as text: a string, or a number or boolean as it is written. It is for short
// things.
func (d *Decoder) Word() string {
	s := d.text(false)
	return s[:border(s, MaxWord)]
}

// Body reads a long text and notes in cut when it was too long.
func (d *Decoder) Body() string { return d.text(true) }

// Aside is body for a text that is rarely used: it stays in a buffer of the decoder's, until the next
// call.
func (d *Decoder) Aside() []byte {
	var s []byte
	if d.Kind() == '"' {
		s = d.unquote(true)
	} else {
		s = []byte(d.text(true))
	}
	d.spare = append(d.spare[:0], s...)
	return d.spare
}

func (d *Decoder) text(note bool) string {
	switch d.Kind() {
	case '"':
		return string(d.unquote(note))
	case '0', 't', 'f':
		return string(d.Value())
	default:
		d.Skip()
		return ""
	}
}

// unquote reads a string. The result holds until the next one. Broken UTF-8 becomes U+FFFD, as does
// what is left of a character in whose middle a long text was cut.
func (d *Decoder) unquote(note bool) []byte {
	raw := d.Value()
	if d.Err != nil {
		return nil
	}
	d.scratch, _ = jsontext.AppendUnquote(d.scratch[:0], raw)
	if len(raw)-2 <= MaxText {
		return d.scratch
	}
	d.Cut = d.Cut || note
	return bytes.TrimRight(d.scratch[:border(d.scratch, MaxText)], string(utf8.RuneError))
}

// border gives the last place at or before n where a character of s begins.
func border[T []byte | string](s T, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// ID reads an identifier; what does not look like one is none. Ids have 64 bits, so they never pass
// through a float.
func (d *Decoder) ID() string {
	if s := d.Author(); Plain(s) {
		return s
	}
	return ""
}

// Author reads an author's id, in whose place a name may stand.
func (d *Decoder) Author() string {
	number := d.Kind() == '0'
	s := strings.TrimSpace(d.Word())
	if number {
		return Integer(s)
	}
	return s
}

// Label reads one of the provider's own words: a type, a status, a channel. Such words are no content, so
// they go out in the clear; what does not look like one may be anything, and stands as "other".
func (d *Decoder) Label() string {
	s := d.Word()
	if s == "" || Plain(s) {
		return s
	}
	return "other"
}

// MediaType reads what a file claims to be. Whoever sent the file said so: it may be anything.
func (d *Decoder) MediaType() string {
	t, _, err := mime.ParseMediaType(d.Word())
	if err != nil || len(t) > 100 || !strings.Contains(t, "/") {
		return ""
	}
	return t
}

var exponentRE = regexp.MustCompile(`^-?\d{1,20}(\.\d{1,20})?[eE]\+?\d{1,2}$`)

// Integer gives the digits of a JSON number that is an integer however it is written: 12, 12.0, 1.2e1.
func Integer(s string) string {
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(frac, "0") == "" {
		s = whole
	}
	if exponentRE.MatchString(s) {
		if r, ok := new(big.Rat).SetString(s); ok && r.IsInt() {
			s = r.Num().String()
		}
	}
	if _, err := strconv.ParseInt(s, 10, 64); err != nil {
		if _, err := strconv.ParseUint(s, 10, 64); err != nil {
			return ""
		}
	}
	return s
}

// Integer reads a whole number, also one written as a string; 0 when it is none.
func (d *Decoder) Integer() int64 {
	n, err := strconv.ParseInt(Integer(strings.TrimSpace(d.Word())), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Seconds reads a duration that may be a number or a string of one.
func (d *Decoder) Seconds() float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(d.Word()), 64)
	if err != nil || f < 0 || f > 1e7 || f != f {
		return 0
	}
	return f
}

// Boolean reads true or false, also as a string or number; otherwise it gives otherwise.
func (d *Decoder) Boolean(otherwise bool) bool {
	switch strings.ToLower(strings.TrimSpace(d.Word())) {
	case "true", "1", "yes":
		return true
	case "false", "0", "no":
		return false
	default:
		return otherwise
	}
}

// timeLayouts are the forms seen: ISO 8601, and that of voice comments ("started_at").
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999 MST", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05",
}

// Time reads a point in time in any of the forms seen; zero when it is none.
func (d *Decoder) Time() time.Time {
	s := strings.TrimSpace(d.Word())
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Words reads a list of scalars, or one scalar as a list of one. Empty ones are left out.
func (d *Decoder) Words() []string {
	var out []string
	kept := 0
	add := func() {
		s := d.Word()
		if kept += len(s); s != "" && len(out) < MaxList && kept <= MaxLists {
			out = append(out, s)
		}
	}
	if d.Kind() == '[' {
		d.Array(add)
	} else {
		add()
	}
	return out
}

// memberName gives the name of a member without its quotes.
func memberName(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	b, _ := jsontext.AppendUnquote(nil, raw)
	return b
}

// Plain tells whether s is an id or a word of the provider's, that may stand in the clear.
func Plain(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_:.", r)
	}) < 0
}
