package records

import (
	"encoding/base64"
	"errors"
	"strings"
)

// SiteID names a site: a partition of users, links and audit. Nothing crosses sites.
type SiteID string

// UserID names a user for ever; the login may change, this does not.
type UserID string

// LinkID names a link in the whole installation: a link's short name is unique in its site only.
type LinkID struct {
	Site SiteID
	Link string
}

// String gives "site/link", for logs.
func (id LinkID) String() string { return string(id.Site) + "/" + id.Link }

// Kind is what a provider holds. A connector's Spec lists its own.
type Kind string

// The kinds of interaction (design section 1).
const (
	KindTicket Kind = "ticket"
	KindChat   Kind = "chat"
	KindCall   Kind = "call"
	KindEmail  Kind = "email"
)

// Valid tells whether k is one of the known kinds.
func (k Kind) Valid() bool {
	switch k {
	case KindTicket, KindChat, KindCall, KindEmail:
		return true
	default:
		return false
	}
}

// Ref names an interaction: link + kind + the provider's id. Within a site it is unique. It is all
// that is ever kept of an interaction.
type Ref struct {
	Link string `json:"link"`
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

// maxRefID bounds an id, in bytes after decoding (design section 4).
const maxRefID = 200

// ErrRefID says that an id has a form that no interaction has.
var ErrRefID = errors.New("records: not an interaction id")

// DecodeRefID checks an id as it stands in a path (percent-decoded once) and returns the provider's
// id. Ids made of other characters than [A-Za-z0-9._:~-] travel as "~" + base64url without padding.
func DecodeRefID(s string) (string, error) {
	if s == "" || len(s) > maxRefID || !plainID(s) || s == "." || s == ".." {
		return "", ErrRefID
	}
	if s[0] != '~' {
		return s, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s[1:])
	if err != nil || len(b) == 0 {
		return "", ErrRefID
	}
	return string(b), nil
}

// EncodeRefID is the inverse of DecodeRefID.
func EncodeRefID(id string) string {
	if id != "" && id[0] != '~' && id != "." && id != ".." && plainID(id) {
		return id
	}
	return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
}

func plainID(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._:~-", r)
	}) < 0
}
