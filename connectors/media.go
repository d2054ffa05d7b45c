package connectors

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/sightglass-gateway/sightglass/records"
)

// Locator names a recording or attachment so that it can be found again: the interaction and the
// provider's id. URL is where it was last seen and may have expired since. It travels only sealed,
// inside a handle, and prints without the URL, which holds the file's name and often a signature.
type Locator struct {
	What string      `json:"what"` // "attachment", "recording"
	Ref  records.Ref `json:"ref"`
	ID   string      `json:"id"`
	URL  string      `json:"url,omitempty"`
}

// IsZero tells whether it names nothing.
func (l Locator) IsZero() bool { return l.ID == "" && l.URL == "" }

// Format implements fmt.Formatter for every verb.
func (l Locator) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// String names what, interaction and id.
func (l Locator) String() string {
	return fmt.Sprintf("%s %s of %s/%s/%s", l.What, l.ID, l.Ref.Link, l.Ref.Kind, l.Ref.ID)
}

// LogValue implements slog.LogValuer.
func (l Locator) LogValue() slog.Value { return slog.StringValue(l.String()) }

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
