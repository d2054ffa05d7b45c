package zendesk

import (
	"bytes"
	"errors"
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
	// maxText bounds one text of an item in its raw form. Zendesk itself cuts bodies at 64 kB.
	maxText = 384 << 10
	// maxLists bounds the bytes that each of an item's lists (files, tags, values) keeps, maxList their
	// number.
	maxLists = 256 << 10
	maxList  = 1000
	// maxWord bounds names, tags, addresses and the like; what is longer is cut.
	maxWord = 8 << 10
)

var (
	// errStop ends decoding because nobody reads on. It never leaves the package.
	errStop = errors.New("zendesk: the reader has left")
	// errShape says that an answer is JSON but not what was asked for.
	errShape = errors.New("the answer does not have the expected shape")
)

// decoder reads JSON by token, leniently: each reader takes exactly one value of whatever shape and
// gives the zero value for what it cannot use. The first error stays in err and makes all later
// calls do nothing, so that callers look at it once.
type decoder struct {
	err error
	cut bool // a text was longer than maxText; callers reset it

	d              *jsontext.Decoder
	scratch, spare []byte
}

func newDecoder(r io.Reader) *decoder {
	// Repeated names and broken UTF-8 are not worth losing a conversation over.
	return &decoder{d: jsontext.NewDecoder(&capReader{r: &unmarked{r: r}, max: maxText + 1},
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

func (d *decoder) kind() jsontext.Kind {
	if d.err != nil {
		return 0
	}
	return d.d.PeekKind()
}

func (d *decoder) token() {
	if d.err == nil {
		_, d.err = d.d.ReadToken()
	}
}

func (d *decoder) value() []byte {
	if d.err != nil {
		return nil
	}
	var v jsontext.Value
	v, d.err = d.d.ReadValue()
	return v
}

func (d *decoder) skip() {
	if d.err == nil {
		d.err = d.d.SkipValue()
	}
}

// object calls f with the name of each member; f reads the value, and must look at the name before
// it does. Of a list where an object is expected, the objects are read one after the other; all else
// is skipped.
func (d *decoder) object(f func(key []byte)) {
	switch d.kind() {
	case '{':
	case '[':
		d.array(func() { d.object(f) })
		return
	default:
		d.skip()
		return
	}
	d.token()
	for d.err == nil && d.kind() != '}' {
		raw := d.value()
		if d.err == nil {
			f(memberName(raw))
		}
	}
	d.token()
}

// array calls f for each element; f reads it. What is not a list is skipped.
func (d *decoder) array(f func()) {
	if d.kind() != '[' {
		d.skip()
		return
	}
	d.token()
	for d.err == nil && d.kind() != ']' {
		f()
	}
	d.token()
}

// word reads a scalar as text: a string, or a number or boolean as it is written. It is for short
// things.
func (d *decoder) word() string {
	s := d.text(false)
	return s[:border(s, maxWord)]
}

// body reads a long text and notes in cut when it was too long.
func (d *decoder) body() string { return d.text(true) }

// aside is body for a text that is rarely used: it stays in a buffer of the decoder's, until the next
// call.
func (d *decoder) aside() []byte {
	var s []byte
	if d.kind() == '"' {
		s = d.unquote(true)
	} else {
		s = []byte(d.text(true))
	}
	d.spare = append(d.spare[:0], s...)
	return d.spare
}

func (d *decoder) text(note bool) string {
	switch d.kind() {
	case '"':
		return string(d.unquote(note))
	case '0', 't', 'f':
		return string(d.value())
	default:
		d.skip()
		return ""
	}
}

// unquote reads a string. The result holds until the next one. Broken UTF-8 becomes U+FFFD, as does
// what is left of a character in whose middle a long text was cut.
func (d *decoder) unquote(note bool) []byte {
	raw := d.value()
	if d.err != nil {
		return nil
	}
	d.scratch, _ = jsontext.AppendUnquote(d.scratch[:0], raw)
	if len(raw)-2 <= maxText {
		return d.scratch
	}
	d.cut = d.cut || note
	return bytes.TrimRight(d.scratch[:border(d.scratch, maxText)], string(utf8.RuneError))
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

// id reads an identifier; what does not look like one is none. Ids have 64 bits, so they never pass
// through a float.
func (d *decoder) id() string {
	if s := d.author(); plain(s) {
		return s
	}
	return ""
}

// author reads an author's id, in whose place a name may stand.
func (d *decoder) author() string {
	number := d.kind() == '0'
	s := strings.TrimSpace(d.word())
	if number {
		return integerText(s)
	}
	return s
}

// label reads one of Zendesk's own words: a type, a status, a channel. Such words are no content, so
// they go out in the clear; what does not look like one may be anything, and stands as "other".
func (d *decoder) label() string {
	s := d.word()
	if s == "" || plain(s) {
		return s
	}
	return "other"
}

// mediaType reads what a file claims to be. Whoever sent the file said so: it may be anything.
func (d *decoder) mediaType() string {
	t, _, err := mime.ParseMediaType(d.word())
	if err != nil || len(t) > 100 || !strings.Contains(t, "/") {
		return ""
	}
	return t
}

var exponentRE = regexp.MustCompile(`^-?\d{1,20}(\.\d{1,20})?[eE]\+?\d{1,2}$`)

// integerText gives the digits of a JSON number that is an integer however it is written: 12, 12.0, 1.2e1.
func integerText(s string) string {
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

// integer reads a whole number, also one written as a string; 0 when it is none.
func (d *decoder) integer() int64 {
	n, err := strconv.ParseInt(integerText(strings.TrimSpace(d.word())), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// seconds reads a duration that may be a number or a string of one.
func (d *decoder) seconds() float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(d.word()), 64)
	if err != nil || f < 0 || f > 1e7 || f != f {
		return 0
	}
	return f
}

// boolean reads true or false, also as a string or number; otherwise it gives otherwise.
func (d *decoder) boolean(otherwise bool) bool {
	switch strings.ToLower(strings.TrimSpace(d.word())) {
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

// time reads a point in time in any of the forms seen; zero when it is none.
func (d *decoder) time() time.Time {
	s := strings.TrimSpace(d.word())
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// words reads a list of scalars, or one scalar as a list of one. Empty ones are left out.
func (d *decoder) words() []string {
	var out []string
	kept := 0
	add := func() {
		s := d.word()
		if kept += len(s); s != "" && len(out) < maxList && kept <= maxLists {
			out = append(out, s)
		}
	}
	if d.kind() == '[' {
		d.array(add)
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
