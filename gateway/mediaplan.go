package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// maxSkip bounds how much of a file is read and dropped to get to the bytes that were asked for, where
// a provider ignores Range. 64 MB hold an hour of MP3 at 128 kbit/s; a provider that sends 10 MB/s has
// skipped them in some seconds.
const maxSkip = 64 << 20

// plan is what the client is told, and where the provider's body begins.
type plan struct {
	status int
	span   span   // the bytes that follow; last and size are -1 when not known
	from   int64  // the first byte of the provider's body: of a range, or 0
	ranges string // Accept-Ranges; empty: not said
}

// openAsked asks for what the client asks for. A provider that knows ranges but not If-Range gives a
// part of whatever version it has now: under a validator that does not match, the whole is due.
func (r *relay) openAsked(ctx context.Context) (connectors.Media, error) {
	m, err := r.open(ctx, r.asked)
	if err != nil || m.Status != http.StatusPartialContent || r.asked == nil || holds(r.asked.IfRange, m.Header, true) {
		return m, err
	}
	_ = m.Body.Close()
	r.asked = nil
	return r.open(ctx, nil)
}

// answerTo decides what to tell the client, and refuses answers that are not what was asked for while
// that can still be said. With an error, what it gives is how long the file is, if that is known.
func (r *relay) answerTo(m connectors.Media) (plan, error) {
	nonsense := &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.read"}
	switch m.Status {
	case http.StatusOK:
		return r.wholeOrSkip(m.Header)
	case http.StatusPartialContent:
		got, ok := contentRange(m.Header.Get("Content-Range"))
		if r.asked != nil && r.asked.Header == "bytes=-0" { // what some servers make of it
			return plan{}, r.badRange()
		}
		if r.asked == nil || !ok || !got.answers(r.asked.Header) || !got.fits(m.Header.Get("Content-Length")) {
			return plan{}, nonsense
		}
		return plan{http.StatusPartialContent, got, got.first, m.Header.Get("Accept-Ranges")}, nil
	case http.StatusRequestedRangeNotSatisfiable:
		return plan{status: m.Status, span: span{size: unsatisfied(m.Header.Get("Content-Range"))}}, r.badRange()
	default:
		return plan{}, nonsense
	}
}

func (r *relay) badRange() error {
	return &connectors.Error{Code: connectors.CodeBadRange, Provider: r.row.Provider, Op: "media.read"}
}

// wholeOrSkip is for a 200. To a request for a part it means that the validator did not match, and the
// whole is due, or that the provider ignores Range: then the part is made here, by skipping.
func (r *relay) wholeOrSkip(h http.Header) (plan, error) {
	size := lengthOf(h)
	whole := plan{http.StatusOK, span{0, size - 1, size}, 0, h.Get("Accept-Ranges")}
	if size < 0 {
		whole.span.last = -1
	}
	if r.asked == nil || !holds(r.asked.IfRange, h, false) {
		return whole, nil
	}
	whole.ranges = "none"
	if size <= 0 { // an empty file has no part: told like a file server does
		return whole, nil
	}
	part, ok := rangeWithin(r.asked.Header, size)
	switch {
	case !ok:
		return plan{status: http.StatusRequestedRangeNotSatisfiable, span: span{size: size}}, r.badRange()
	case part.first > maxSkip, part.first == 0 && part.last == size-1 && size > maxSkip:
		// "bytes=0-" is how a player asks whether it may seek. In a file this long it could not
		// everywhere, and a seek that is answered with the whole ends the playing.
		return whole, nil
	default:
		return plan{http.StatusPartialContent, part, 0, rangesBySkipping(size)}, nil
	}
}

// rangesBySkipping is the Accept-Ranges of a file of which the provider gives no parts.
func rangesBySkipping(size int64) string {
	if size < 0 || size > maxSkip {
		return "none"
	}
	return "bytes"
}

// holds tells whether an If-Range matches what was sent (RFC 9110 section 13.1.5): a strong ETag to
// the byte, or the very date. A provider's part may leave out Last-Modified (section 15.3.7), and the
// provider knows of its own dates how much they say.
func holds(ifRange string, h http.Header, part bool) bool {
	ifRange = strings.TrimSpace(ifRange)
	switch {
	case ifRange == "":
		return true
	case strings.HasPrefix(ifRange, `"`), strings.HasPrefix(ifRange, "W/"):
		return strongTag(h) == ifRange
	}
	date := h.Get("Last-Modified")
	if date == "" {
		return part
	}
	asked, err := http.ParseTime(ifRange)
	is, err2 := http.ParseTime(date)
	return err == nil && err2 == nil && asked.Equal(is) && (part || settled(is, h.Get("Date")))
}

// settled tells whether a file could not have changed again within the second that its date names
// (RFC 9110 section 8.8.2.2).
func settled(modified time.Time, date string) bool {
	now, err := http.ParseTime(date)
	if err != nil {
		now = time.Now()
	}
	return now.Sub(modified) >= time.Second
}

// strongTag is the ETag if it is a strong one: equal tags are then equal bytes.
func strongTag(h http.Header) string {
	tag := h.Get("Etag")
	if len(tag) < 3 || len(tag) > 256 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	return tag
}

// showsKind tells whether the provider's body begins where the file does and is long enough to tell
// what it is.
func (a plan) showsKind() bool {
	whole := a.span.last < 0 || a.span.last+1 == a.span.size
	return a.from == 0 && (whole || a.span.last >= sniffLen-1)
}

// sniffed is how many bytes are waited for before the header goes out: what tells the kind, or one
// that shows that the body comes.
func (a plan) sniffed() int {
	if a.showsKind() {
		return sniffLen
	}
	return 1
}

// before is how many bytes of the provider's body come before those that were asked for.
func (a plan) before() int64 { return a.span.first - a.from }

// contentRange is the header's value: of a part, or of what is to be told with 416; else empty.
func (a plan) contentRange() string {
	switch {
	case a.status == http.StatusPartialContent:
		return a.span.String()
	case a.status == http.StatusRequestedRangeNotSatisfiable && a.span.size >= 0:
		return "bytes */" + strconv.FormatInt(a.span.size, 10)
	default:
		return ""
	}
}

// writeHeader sends status and lengths.
func (a plan) writeHeader(w http.ResponseWriter) {
	h := w.Header()
	setSome(h, "Content-Range", a.contentRange())
	setSome(h, "Accept-Ranges", a.ranges)
	if a.span.last >= 0 || a.span.size == 0 {
		h.Set("Content-Length", strconv.FormatInt(a.span.last-a.span.first+1, 10))
	}
	w.WriteHeader(a.status)
}
