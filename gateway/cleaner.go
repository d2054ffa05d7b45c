package gateway

import (
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// mediaPath is where handles are opened; images in cleaned HTML point there and nowhere else.
const mediaPath = "/api/v1/media/"

// cleaner makes a connector's part fit for the reader: locators become handles, HTML is cleaned.
// The connector's own structs are left as they are.
type cleaner struct {
	o       *opening
	expires int64
}

func (s *Server) cleanerOf(o *opening) *cleaner {
	return &cleaner{o: o, expires: s.now().Add(s.cfg.HandleLife).Unix()}
}

func (c *cleaner) part(p connectors.Part) connectors.Part {
	switch p := p.(type) {
	case *connectors.Message:
		return c.message(p)
	case *connectors.Recording:
		return c.recording(p)
	default:
		return p
	}
}

func (c *cleaner) message(from *connectors.Message) *connectors.Message {
	m := *from
	images := images{}
	m.Attachments = make([]connectors.Attachment, len(from.Attachments))
	for i, a := range from.Attachments {
		a.Handle = ""
		if a.State == connectors.AttachmentOK && !a.At.IsZero() {
			a.Handle = c.handle(handle{Locator: a.At, Type: a.MediaType, Size: a.Size}, a.Name)
			images.add(a.At.URL, a.Handle)
		}
		m.Attachments[i] = a
	}
	m.RemoteImages = 0
	m.HTML = from.HTML.Clean(func(raw string) string {
		clean, remote, cut := cleanHTML(raw, images)
		m.RemoteImages, m.Truncated = remote, m.Truncated || cut
		return clean
	})
	return &m
}

func (c *cleaner) recording(from *connectors.Recording) *connectors.Recording {
	r := *from
	r.Handle, r.Waveform = "", c.o.row.Waveform
	if !r.Locator.IsZero() {
		r.Handle = c.handle(handle{Locator: r.Locator, Type: r.MediaType, Part: r.ID, Seconds: float64(r.Seconds)}, connectors.Text{})
	}
	return &r
}

// handle seals where a file is. Without one it is merely named, which a reader sees.
func (c *cleaner) handle(of handle, name connectors.Text) string {
	var b strings.Builder
	_, _ = name.WriteTo(&b) // into a handle, which is sealed
	of.Locator.Ref, of.Link, of.Name = c.o.ref, c.o.row.ID.Link, cutText(b.String(), 255)
	of.Open, of.Expires = c.o.open, c.expires
	h, err := c.o.s.seal(of, c.o.run.principal)
	if err != nil || len(h) > maxHandle {
		return ""
	}
	return h
}
