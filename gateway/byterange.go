package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// rangeOf takes the client's Range as it goes upstream: exactly one range of bytes. Several, or
// anything else, is answered whole (RFC 9110 section 14.2 lets a server pass over a Range).
func rangeOf(header, ifRange *string) *connectors.ByteRange {
	if header == nil {
		return nil
	}
	first, last, ok := oneRange(*header)
	if !ok {
		return nil
	}
	r := &connectors.ByteRange{Header: "bytes=" + first + "-" + last}
	if ifRange != nil {
		r.IfRange = *ifRange
	}
	if len(r.IfRange) >= 256 {
		return nil // no validator of ours: it cannot match, so that the whole is due
	}
	return r
}

// oneRange splits "bytes=a-b" into its numbers, of which one may be missing.
func oneRange(h string) (first, last string, ok bool) {
	spec, found := strings.CutPrefix(strings.TrimSpace(strings.ToLower(h)), "bytes=")
	if !found || strings.Contains(spec, ",") {
		return "", "", false
	}
	first, last, found = strings.Cut(strings.TrimSpace(spec), "-")
	if !found || first == "" && last == "" || first != "" && !isDigits(first) || last != "" && !isDigits(last) {
		return "", "", false
	}
	if first != "" && last != "" && number(first) > number(last) {
		return "", "", false
	}
	return first, last, true
}

// isDigits wants what fits an int64, since more is no offset of any file.
func isDigits(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && s[0] != '+' && n <= 1<<63-1
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// rangeWithin gives what a range means in a file of size bytes; false: no byte of it.
func rangeWithin(asked string, size int64) (span, bool) {
	first, last, ok := oneRange(asked)
	s := span{0, size - 1, size}
	switch {
	case !ok || size <= 0:
		return s, false
	case first == "": // the last n bytes
		s.first = max(0, size-number(last))
	case last == "":
		s.first = number(first)
	default:
		s.first, s.last = number(first), min(number(last), size-1)
	}
	return s, s.first <= s.last
}

// span is a Content-Range: first to last of size, which is -1 when not known.
type span struct{ first, last, size int64 }

func contentRange(h string) (span, bool) {
	spec, ok := strings.CutPrefix(h, "bytes ")
	if !ok {
		return span{size: -1}, false
	}
	part, size, ok := strings.Cut(spec, "/")
	first, last, ok2 := strings.Cut(part, "-")
	if !ok || !ok2 || !isDigits(orZero(first)) || !isDigits(orZero(last)) {
		return span{size: -1}, false
	}
	s := span{number(first), number(last), -1}
	if size != "*" {
		if !isDigits(orZero(size)) {
			return span{size: -1}, false
		}
		s.size = number(size)
	}
	return s, s.first <= s.last && (s.size < 0 || s.last < s.size)
}

// unsatisfied gives the size in the Content-Range of a 416, or -1.
func unsatisfied(h string) int64 {
	size, ok := strings.CutPrefix(h, "bytes */")
	if !ok || !isDigits(orZero(size)) {
		return -1
	}
	return number(size)
}

func orZero(s string) string {
	if s == "" {
		return "x"
	}
	return s
}

// answers tells whether the provider's span is an answer to the range that was asked for.
func (s span) answers(asked string) bool {
	first, last, ok := oneRange(asked)
	switch {
	case !ok:
		return false
	case first == "": // the last n bytes
		return s.size < 0 || s.last == s.size-1
	case last == "":
		return s.first == number(first)
	default:
		return s.first == number(first) && s.last <= number(last)
	}
}

// fits tells whether a Content-Length, if there is one, is the span's.
func (s span) fits(length string) bool {
	return length == "" || isDigits(length) && number(length) == s.last-s.first+1
}

// String is the Content-Range.
func (s span) String() string {
	size := "*"
	if s.size >= 0 {
		size = strconv.FormatInt(s.size, 10)
	}
	return "bytes " + strconv.FormatInt(s.first, 10) + "-" + strconv.FormatInt(s.last, 10) + "/" + size
}

// lengthOf is the Content-Length, or -1.
func lengthOf(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
