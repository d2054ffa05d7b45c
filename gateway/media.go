package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
	"github.com/sightglass-gateway/sightglass/records"
)

// mediaCSP: what is opened directly can neither run nor load anything.
const mediaCSP = "default-src 'none'; sandbox; frame-ancestors 'none'"

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
	return &relay{s: s, visit: v, run: &running{principal: who, token: v.Token, peer: v.Peer, action: auth.ActionMedia, link: id},
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
	defer func() {
		if read.done(ctx, err) { // the connection is aborted, so that nobody else says why
			r.s.log.WarnContext(ctx, "media aborted", "code", connectors.CodeOf(err), "provider", r.row.Provider, "cause", cause(err), "request_id", r.visit.ID)
		}
	}()
	m, err := r.openAsked(ctx)
	if err != nil {
		return because(ctx, err)
	}
	a, err := r.answerTo(m)
	if err != nil {
		_ = m.Body.Close()
		setSome(w.Header(), "Content-Range", a.contentRange())
		return err
	}
	src := newSource(r, m, a)
	defer src.close()
	return because(ctx, r.pass(ctx, w, src, m.Header, a, read))
}

// VisitHeadMediaResponse implements api.HeadMediaResponseObject. No byte of the file is sent, so
// there is no audit row.
func (r *relay) VisitHeadMediaResponse(w http.ResponseWriter) error {
	ctx, done, err := r.s.streams.begin(r.visit.Request.Context(), r.run)
	if err != nil {
		return err
	}
	defer done()
	m, err := r.open(ctx, r.asked)
	if err != nil {
		return because(ctx, err)
	}
	_ = m.Body.Close()
	h := w.Header()
	var size int64
	switch part, ok := contentRange(m.Header.Get("Content-Range")); {
	case m.Status == http.StatusPartialContent && ok:
		size = part.size
		h.Set("Accept-Ranges", "bytes")
	case m.Status == http.StatusOK:
		size = lengthOf(m.Header)
		h.Set("Accept-Ranges", rangesBySkipping(size))
	case m.Status == http.StatusRequestedRangeNotSatisfiable: // an empty file has no first byte
		size = 0
	default:
		return &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.head"}
	}
	r.s.mediaHeaders(h, r.handle, r.s.media.kindOf(r))
	setIf(h, m.Header, "Etag", "Last-Modified")
	if size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// open asks the provider, for a part or for the whole.
func (r *relay) open(ctx context.Context, part *connectors.ByteRange) (connectors.Media, error) {
	return r.opener.OpenMedia(ctx, r.handle.Locator, part)
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

// pass sends the header at once and then the bytes as they come. An error after the header leaves
// the handler, and the connection is aborted: a short body never ends cleanly.
func (r *relay) pass(ctx context.Context, w http.ResponseWriter, src *source, from http.Header, a plan, read *mediaRead) error {
	room := newRoom()
	defer room.release()
	n, err := src.fill(ctx, room.bytes(), a.sniffed())
	if err != nil {
		return err
	}
	kind := read.kind(r, a, room.bytes()[:n])
	if kind.nonsense {
		return &connectors.Error{Code: connectors.CodeProviderNonsense, Provider: r.row.Provider, Op: "media.read",
			Err: errors.New("gateway: text in place of a recording")}
	}
	h := w.Header()
	r.s.mediaHeaders(h, r.handle, kind)
	setIf(h, from, "Etag", "Last-Modified")
	a.writeHeader(w)
	out := newMediaWriter(w, r, read)
	before := a.before()
	skip := min(before, int64(n))
	r.skipped(skip)
	if err := out.write(room.bytes()[skip:n], true); err != nil {
		return err
	}
	src.begun, src.waits = true, out.settle
	if before > skip {
		start := src.at
		err := src.drop(ctx, room.bytes(), before-skip)
		r.skipped(src.at - start)
		if err != nil {
			return err
		}
	}
	return out.copy(ctx, src, room)
}

// cut is the error for a body that cannot be had to its end.
func (r *relay) cut(cause error) error {
	return &connectors.Error{Code: connectors.CodeProviderCut, Provider: r.row.Provider, Op: "media.read", Err: cause}
}

// skipped counts what was read for nothing.
func (r *relay) skipped(n int64) {
	if n > 0 {
		r.s.metrics.mediaSkipped.WithLabelValues(r.row.Provider).Add(float64(n))
	}
}

// setIf copies headers that are there; names in their canonical form.
func setIf(to, from http.Header, names ...string) {
	for _, k := range names {
		if v := from[k]; len(v) > 0 && v[0] != "" && len(v[0]) < 512 {
			to[k] = v[:1:1]
		}
	}
}

// setSome sets a header that has something to say.
func setSome(h http.Header, name, v string) {
	if v != "" && len(v) < 512 {
		h.Set(name, v)
	}
}
