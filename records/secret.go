package records

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
)

// Secret is a credential in memory: a token, a client secret, a PKCE verifier. It prints as
// "[secret]" in every way we know and refuses to be marshalled or stored; Reveal is the one way
// out. It holds a pointer, so that fmt cannot reach the text through an outer struct.
type Secret struct{ s *string }

const secretMark = "[secret]"

// ErrSecret is returned by every attempt to marshal or store a Secret.
var ErrSecret = errors.New("records: a secret cannot be marshalled or stored in the clear")

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{&s} }

// Reveal returns the secret text. Each call is a place where it leaves: keep them few.
func (s Secret) Reveal() string {
	if s.s == nil {
		return ""
	}
	return *s.s
}

// IsZero tells whether there is no secret, or an empty one.
func (s Secret) IsZero() bool { return s.s == nil || *s.s == "" }

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(secretMark)) }

// String implements fmt.Stringer.
func (Secret) String() string { return secretMark }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(secretMark) }

// MarshalJSON fails.
func (Secret) MarshalJSON() ([]byte, error) { return nil, ErrSecret }

// MarshalText fails.
func (Secret) MarshalText() ([]byte, error) { return nil, ErrSecret }

// MarshalBinary fails.
func (Secret) MarshalBinary() ([]byte, error) { return nil, ErrSecret }

// GobEncode fails.
func (Secret) GobEncode() ([]byte, error) { return nil, ErrSecret }

// Value fails: a secret reaches a database as Sealed only.
func (Secret) Value() (driver.Value, error) { return nil, ErrSecret }
