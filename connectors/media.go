package connectors

import (
	"io"
	"net/http"

	"github.com/sightglass-gateway/sightglass/records"
)

// Locator names a recording or attachment so that it can be found again: the interaction and the
// provider's id. URL is where it was last seen and may have expired since. It travels only sealed,
// inside a handle.
type Locator struct {
	What string      `json:"what"` // "attachment", "recording"
	Ref  records.Ref `json:"ref"`
	ID   string      `json:"id"`
	URL  string      `json:"url,omitempty"`
}

// IsZero tells whether it names nothing.
func (l Locator) IsZero() bool { return l.ID == "" && l.URL == "" }

// ByteRange is one HTTP byte range with the validator it depends on. Its zero value is "bytes=0-".
type ByteRange struct {
	Header  string // the Range header as it goes upstream, e.g. "bytes=0-1023"
	IfRange string // the If-Range header; empty: none
}

// Media is an answer of the provider with a body: 200, 206 or 416. Header holds what the provider
// sent; the relay lets an allow-list of it through. The caller closes Body.
type Media struct {
	Status int
	Header http.Header
	Body   io.ReadCloser
}
