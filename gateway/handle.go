package gateway

import (
	"cmp"
	"encoding/base64"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// handlePrefix says which form a handle has, so that a later one can be told from it.
const handlePrefix = "h1."

// maxHandle bounds what is even looked at.
const maxHandle = 4096

// handle names a recording or an attachment for one person. It is sealed for the site and the
// principal, so that anybody else's does not open; it says nothing to who reads it.
type handle struct {
	Link    string             `json:"l"`
	Locator connectors.Locator `json:"a"`
	Name    string             `json:"n,omitzero"` // the file's name: content, and sealed for that reason
	Type    string             `json:"t,omitzero"` // as the provider claims
	Size    int64              `json:"s,omitzero"`
	Open    string             `json:"o"`
	Part    string             `json:"p,omitzero"` // a recording: the id of its part
	Seconds float64            `json:"d,omitzero"` // and how long it is, where that is known
	Expires int64              `json:"e"`          // Unix seconds
}

// thing is what the audit log calls it.
func (h handle) thing() string { return cmp.Or(h.Part, h.Locator.ID) }

// key tells the files of one open apart: a recording by its part, as the player names it.
func (h handle) key() string {
	if h.Part != "" {
		return recordingKey(h.Part)
	}
	return h.Locator.What + ":" + h.Locator.ID
}

func recordingKey(part string) string { return "recording part:" + part }

func handlePlace(p auth.Principal) records.Place {
	return records.Place{Site: p.Site, Table: "handle", Row: string(p.Kind) + ":" + p.ID}
}

// seal makes the text that stands in a URL: one segment, no slash.
func (s *Server) seal(h handle, p auth.Principal) (string, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	return handlePrefix + base64.RawURLEncoding.EncodeToString(s.deps.Keys.Seal(b, handlePlace(p))), nil
}

// unseal opens a handle of p. Forged, altered, another's, another site's: all the same 404, since
// none of them opens.
func (s *Server) unseal(text string, p auth.Principal) (handle, error) {
	b64, ok := strings.CutPrefix(text, handlePrefix)
	if !ok || len(text) > maxHandle {
		return handle{}, noHandle()
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(b64)
	if err != nil {
		return handle{}, noHandle()
	}
	plain, err := s.deps.Keys.Open(b, handlePlace(p))
	if err != nil {
		return handle{}, noHandle()
	}
	var h handle
	if err := json.Unmarshal(plain, &h); err != nil {
		return handle{}, noHandle()
	}
	if !s.now().Before(time.Unix(h.Expires, 0)) {
		return handle{}, &connectors.Error{Code: connectors.CodeHandleExpired, Op: "media.handle"}
	}
	return h, nil
}

func noHandle() error {
	return &connectors.Error{Code: connectors.CodeNotFound, Op: "media.handle", Action: "Open the interaction again and take the file from there."}
}
