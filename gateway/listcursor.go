package gateway

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// cursorLife is how long a list can be read on (design section 4).
const cursorLife = time.Hour

const cursorPrefix = "c1."

// cursor is a place in a list. It is sealed for one person and one link, and holds of the filter only
// what tells that it is the same: the words that somebody typed come with each request anew.
type cursor struct {
	Filter  string `json:"f"`
	From    int64  `json:"a"` // Unix milliseconds; the dates of the first page, also where none were given
	To      int64  `json:"b"`
	After   string `json:"p"`
	Scanned int    `json:"n"`
	Expires int64  `json:"e"` // Unix seconds
}

func cursorPlace(p auth.Principal, link string) records.Place {
	return records.Place{Site: p.Site, Table: "cursor", Row: string(p.Kind) + ":" + p.ID, Column: link}
}

func fingerprint(f connectors.Filter) string {
	sum := f.Fingerprint()
	return hex.EncodeToString(sum[:])
}

func (s *Server) sealCursor(c cursor, p auth.Principal, link string) (string, error) {
	c.Expires = s.now().Add(cursorLife).Unix()
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return cursorPrefix + base64.RawURLEncoding.EncodeToString(s.deps.Keys.Seal(b, cursorPlace(p, link))), nil
}

// openCursor reads a cursor of p's for this link and the filter as it was asked for. One that does not
// open was made for somebody else, elsewhere, or by nobody: 400, since it never worked.
func (s *Server) openCursor(text string, f connectors.Filter, p auth.Principal, link string) (cursor, error) {
	wrong := bad("cursor", "not one of this list; load the list again")
	b64, ok := strings.CutPrefix(text, cursorPrefix)
	if !ok || len(text) > maxHandle {
		return cursor{}, wrong
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(b64)
	if err != nil {
		return cursor{}, wrong
	}
	plain, err := s.deps.Keys.Open(b, cursorPlace(p, link))
	if err != nil {
		return cursor{}, wrong
	}
	var c cursor
	if err := json.Unmarshal(plain, &c); err != nil {
		return cursor{}, wrong
	}
	if !s.now().Before(time.Unix(c.Expires, 0)) {
		return cursor{}, &connectors.Error{Code: connectors.CodeCursorExpired, Op: "list.cursor"}
	}
	if c.Filter != fingerprint(f) {
		return cursor{}, bad("cursor", "made with another filter; load the list again")
	}
	return c, nil
}
