package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// mediaCSP: what is opened directly can neither run nor load anything.
const mediaCSP = "default-src 'none'; sandbox; frame-ancestors 'none'"

// buffers are the only memory a byte of media passes through here. 16 KB is one TLS record.
var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// GetMedia implements api.StrictServerInterface.
func (s *Server) GetMedia(ctx context.Context, q api.GetMediaRequestObject) (api.GetMediaResponseObject, error) {
	if use := q.Params.Use; use != nil && !use.Valid() {
		return nil, bad("use", "want peaks, or nothing")
	}
	r, err := s.relayOf(ctx, q.Handle, rangeOf(q.Params.Range, q.Params.IfRange))
	if err != nil {
		return nil, err
	}
	r.peaks = q.Params.Use != nil
	return r, nil
}

// HeadMedia implements api.StrictServerInterface. Providers sign URLs for GET only, so it asks for
// the first byte (design section 3.3); a range means nothing for HEAD.
func (s *Server) HeadMedia(ctx context.Context, q api.HeadMediaRequestObject) (api.HeadMediaResponseObject, error) {
	return s.relayOf(ctx, q.Handle, &connectors.ByteRange{Header: "bytes=0-0"})
}

// relayOf checks everything that needs no provider: the handle (404, 410), the link (404), the
// right (403), the link's state (409).
func (s *Server) relayOf(ctx context.Context, text string, r *connectors.ByteRange) (*relay, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	h, err := s.unseal(text, who)
	if err != nil {
		return nil, err
	}
	id := records.LinkID{Site: who.Site, Link: h.Link}
	row, conn, _, err := s.linker.Connect(ctx, id)
	if err != nil {
		return nil, err
	}
	if !who.May(auth.ActionMedia) {
		return nil, &connectors.Error{Code: connectors.CodeNotAllowed, Op: "media.read"}
	}
	if _, err := s.linker.openable(ctx, id); err != nil {
		return nil, err
	}
	opener, ok := conn.(connectors.MediaOpener)
	if !ok {
		return nil, &connectors.Error{Code: connectors.CodeNotFound, Op: "media.read"}
	}
	if s.stopping.Load() {
		return nil, &connectors.Error{Code: connectors.CodeStopping}
	}
	v := visitOf(ctx)
	return &relay{s: s, visit: v, run: &running{principal: who, token: v.Token, action: auth.ActionMedia, link: id},
		row: row, opener: opener, handle: h, asked: r}, nil
}

// relay is the answer of GetMedia and HeadMedia: a response type of its own, since the generated
// ones copy with another buffer, flush late and end short bodies cleanly.
type relay struct {
	s      *Server
	visit  *visit
	run    *running
	row    records.Link
	opener connectors.MediaOpener
	handle handle
	asked  *connectors.ByteRange
	peaks  bool
}

// VisitGetMediaResponse implements api.GetMediaResponseObject.
func (r *relay) VisitGetMediaResponse(w http.ResponseWriter) (err error) {
	boundWrites(r.visit.Request.Context())
	ctx, done, err := r.s.streams.begin(r.visit.Request.Context(), r.run)
	if err != nil {
		return err
	}
	defer done()
	read, err := r.s.media.begin(ctx, r)
	if err != nil {
		return err
	}
	defer func() { read.done(ctx, err) }()
	m, err := r.opener.OpenMedia(ctx, r.handle.Locator, r.asked)
	if err != nil {
		return because(ctx, err)
	}
	defer func() { _ = m.Body.Close() }()
	if err := r.check(m); err != nil {
		setIf(w.Header(), m.Header, "Content-Range")
		return err
	}
	return because(ctx, r.pass(w, m, read))
}

// VisitHeadMediaResponse implements api.HeadMediaResponseObject. No byte of the file is sent, so
// there is no audit row.
func (r *relay) VisitHeadMediaResponse(w http.ResponseWriter) error {
	ctx, done, err := r.s.streams.begin(r.visit.Request.Context(), r.run)
	if err != nil {
		return err
	}
	defer done()
	m, err := r.opener.OpenMedia(ctx, r.handle.Locator, r.asked)
	if err != nil {
		return because(ctx, err)
	}
	_ = m.Body.Close()
	h := w.Header()
	length := m.Header.Get("Content-Length")
	switch total, _ := contentRange(m.Header.Get("Content-Range")); {
	case m.Status == http.StatusPartialContent && total.size >= 0:
		length = strconv.FormatInt(total.size, 10)
		h.Set("Accept-Ranges", "bytes")
	case m.Status == http.StatusOK:
		h.Set("Accept-Ranges", "none")
	case m.Status == http.StatusRequestedRangeNotSatisfiable: // an empty file has no first byte
		length = "0"
	default:
		return &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.head"}
	}
	r.s.mediaHeaders(h, r.handle, r.s.media.kindOf(r))
	setIf(h, m.Header, "Etag", "Last-Modified")
	if isNumber(length) {
		h.Set("Content-Length", length)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// because prefers our own reason for an ended context to the error it caused.
func because(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ours := endedBy(ctx); ours != nil {
		return ours
	}
	return err
}

// check refuses answers that are not what was asked for, while that can still be said.
func (r *relay) check(m connectors.Media) error {
	nonsense := &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.read"}
	switch m.Status {
	case http.StatusOK:
		return nil
	case http.StatusPartialContent:
		got, ok := contentRange(m.Header.Get("Content-Range"))
		if r.asked == nil || !ok || !got.answers(r.asked.Header) || !got.fits(m.Header.Get("Content-Length")) {
			return nonsense
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		return &connectors.Error{Code: connectors.CodeBadRange, Provider: r.row.Provider, Op: "media.read"}
	default:
		return nonsense
	}
}

// pass sends the header at once and then the bytes as they come. An error after the header leaves
// the handler, and the connection is aborted: a short body never ends cleanly.
func (r *relay) pass(w http.ResponseWriter, m connectors.Media, read *mediaRead) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	n, err := io.ReadAtLeast(m.Body, *buf, sniffLen)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && upstreamEnded(m, n)
	if err != nil && !ended {
		return err
	}
	kind := read.kind(r, m, (*buf)[:n])
	if kind.nonsense {
		return &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.read",
			Err: errors.New("gateway: text in place of a recording")}
	}
	h := w.Header()
	r.s.mediaHeaders(h, r.handle, kind)
	setIf(h, m.Header, "Content-Range", "Etag", "Last-Modified", "Accept-Ranges")
	if length := m.Header.Get("Content-Length"); isNumber(length) {
		h.Set("Content-Length", length)
	}
	if m.Status == http.StatusOK && r.asked != nil && r.asked.IfRange == "" {
		h.Set("Accept-Ranges", "none") // the provider passed over the range: the whole follows
	}
	w.WriteHeader(m.Status)
	out := &mediaWriter{w: struct{ io.Writer }{w}, rc: http.NewResponseController(w), timeout: r.s.cfg.WriteTimeout, read: read}
	if err := out.write((*buf)[:n], true); err != nil || ended {
		return err
	}
	return out.copy(m.Body, *buf)
}

// upstreamEnded tells whether a body shorter than the sniffed stretch is all there is.
func upstreamEnded(m connectors.Media, n int) bool {
	length, err := strconv.ParseInt(m.Header.Get("Content-Length"), 10, 64)
	return err != nil || int64(n) >= length
}

// mediaWriter writes with a deadline that rolls, and counts.
type mediaWriter struct {
	w       io.Writer
	rc      *http.ResponseController
	timeout time.Duration
	read    *mediaRead
}

func (o *mediaWriter) write(b []byte, flush bool) error {
	_ = o.rc.SetWriteDeadline(time.Now().Add(o.timeout))
	n, err := o.w.Write(b)
	o.read.add(n)
	if err == nil && flush {
		err = o.rc.Flush()
	}
	return err
}

// copy moves what comes through buf. Small reads are flushed: a provider that trickles is passed on
// as it trickles.
func (o *mediaWriter) copy(from io.Reader, buf []byte) error {
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if werr := o.write(buf[:n], n < 4096); werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// setIf copies headers that are there.
func setIf(to, from http.Header, names ...string) {
	for _, k := range names {
		if v := from.Get(k); v != "" && len(v) < 512 {
			to.Set(k, v)
		}
	}
}

func isNumber(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 0
}
