package connectors

import (
	"database/sql/driver"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Text is customer content: what somebody wrote or said, their name, the name of their file. It
// prints as "[content]" in every way we know and refuses to be marshalled, encoded or stored. It
// holds a pointer, so that fmt cannot reach the text through an outer struct.
//
// There are three ways out, each of whose call sites a test lists: Wire, the function that only the
// gateway gives to its encoder; Clean, for the HTML cleaner; and WriteTo.
type Text struct{ s *string }

const contentMark = "[content]"

// ErrContent is returned by every attempt to marshal or store a Text.
var ErrContent = errors.New("connectors: customer content cannot be marshalled or stored")

// NewText wraps s. The empty string gives the zero Text, which is left out on the wire.
func NewText(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{&s}
}

// IsZero tells whether there is no text; the encoder leaves such fields out.
func (t Text) IsZero() bool { return t.s == nil }

// Len is the length in bytes.
func (t Text) Len() int {
	if t.s == nil {
		return 0
	}
	return len(*t.s)
}

// Clean returns what f makes of the text. It is for the HTML cleaner.
func (t Text) Clean(f func(string) string) Text {
	if t.s == nil {
		return t
	}
	return NewText(f(*t.s))
}

// WriteTo writes the text to w.
func (t Text) WriteTo(w io.Writer) (int64, error) {
	if t.s == nil {
		return 0, nil
	}
	n, err := io.WriteString(w, *t.s)
	return int64(n), err
}

// Wire returns the text for the encoder of the response body. Only the gateway may name it.
func Wire(t Text) string {
	if t.s == nil {
		return ""
	}
	return *t.s
}

// Format implements fmt.Formatter for every verb.
func (Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(contentMark)) }

// String implements fmt.Stringer.
func (Text) String() string { return contentMark }

// LogValue implements slog.LogValuer.
func (Text) LogValue() slog.Value { return slog.StringValue(contentMark) }

// MarshalJSON fails.
func (Text) MarshalJSON() ([]byte, error) { return nil, ErrContent }

// MarshalText fails.
func (Text) MarshalText() ([]byte, error) { return nil, ErrContent }

// MarshalBinary fails.
func (Text) MarshalBinary() ([]byte, error) { return nil, ErrContent }

// GobEncode fails.
func (Text) GobEncode() ([]byte, error) { return nil, ErrContent }

// MarshalXML fails.
func (Text) MarshalXML(*xml.Encoder, xml.StartElement) error { return ErrContent }

// Value fails: no database takes it.
func (Text) Value() (driver.Value, error) { return nil, ErrContent }
