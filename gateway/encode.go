package gateway

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// maxLine bounds one part on the wire (design section 3.2).
const maxLine = 2 << 20

// The gateway's own parts. They hold no content.
type (
	waitPart struct {
		Type connectors.PartType `json:"type"`
		For  string              `json:"for"`
	}
	problemPart struct {
		Type       connectors.PartType `json:"type"`
		Status     int                 `json:"status"`
		Code       connectors.Code     `json:"code"`
		Fault      connectors.Fault    `json:"fault"`
		Title      string              `json:"title"`
		Action     string              `json:"action"`
		RetryAfter float64             `json:"retry_after,omitzero"`
		RequestID  string              `json:"request_id"`
		Provider   string              `json:"provider,omitzero"`
	}
	endPart struct {
		Type             connectors.PartType `json:"type"`
		Parts            int                 `json:"parts"`
		ProviderRequests int                 `json:"provider_requests"`
		FirstMessageMS   *int64              `json:"first_message_ms,omitzero"`
	}
)

// tagged puts the type in front of a part's own keys.
type tagged[T any] struct {
	Type connectors.PartType `json:"type"`
	Part *T                  `json:",embed"`
}

// wire is how content and times are written, here and nowhere else: Text refuses to be marshalled
// by any other encoder.
var wire = json.WithMarshalers(json.JoinMarshalers(
	json.MarshalToFunc(func(e *jsontext.Encoder, t connectors.Text) error {
		return e.WriteToken(jsontext.String(connectors.Wire(t)))
	}),
	json.MarshalToFunc(func(e *jsontext.Encoder, t time.Time) error {
		var b [32]byte
		return e.WriteValue(t.UTC().AppendFormat(b[:0], `"2006-01-02T15:04:05.000Z"`))
	}),
))

// encoder writes parts into a buffer of its own, one at a time: what fails half-way, or is too
// long, never reaches the response.
type encoder struct {
	buf bytes.Buffer
	enc *jsontext.Encoder
}

func newEncoder() *encoder {
	e := &encoder{}
	// Providers send text that is not UTF-8; it arrives with U+FFFD rather than not at all.
	e.enc = jsontext.NewEncoder(&e.buf, wire, jsontext.AllowInvalidUTF8(true), jsonv1.OmitEmptyWithLegacySemantics(true))
	return e
}

// line gives p as one line with its line feed. The bytes are valid until the next call.
func (e *encoder) line(p connectors.Part) ([]byte, error) {
	b, err := e.part(p)
	if err != nil || len(b) <= maxLine {
		return b, err
	}
	m, ok := p.(*connectors.Message)
	if !ok {
		return nil, fmt.Errorf("gateway: a %s part is longer than %d bytes", p.Type(), maxLine)
	}
	return e.part(cut(m))
}

// cut makes an over-long message fit: plain text says as much as HTML, and escaping can make a byte
// six.
func cut(m *connectors.Message) *connectors.Message {
	short := *m
	short.Truncated, short.HTML = true, connectors.Text{}
	if short.Text.IsZero() {
		short.Text = m.HTML.Clean(plainText)
	}
	short.Text = short.Text.Clean(func(s string) string { return cutText(s, maxLine/8) })
	if len(short.Attachments) > 500 {
		short.Attachments = short.Attachments[:500]
	}
	return &short
}

func (e *encoder) part(p connectors.Part) ([]byte, error) {
	switch p := p.(type) {
	case *connectors.Header:
		return e.value(tagged[connectors.Header]{p.Type(), p})
	case *connectors.Person:
		return e.value(tagged[connectors.Person]{p.Type(), p})
	case *connectors.Message:
		return e.value(tagged[connectors.Message]{p.Type(), p})
	case *connectors.Event:
		return e.value(tagged[connectors.Event]{p.Type(), p})
	case *connectors.Recording:
		return e.value(tagged[connectors.Recording]{p.Type(), p})
	case *connectors.Transcript:
		return e.value(tagged[connectors.Transcript]{p.Type(), p})
	case *connectors.Missing:
		return e.value(tagged[connectors.Missing]{p.Type(), p})
	default:
		return nil, fmt.Errorf("gateway: no encoding for %T", p)
	}
}

func (e *encoder) value(v any) ([]byte, error) {
	e.buf.Reset()
	if e.buf.Cap() > maxLine {
		e.buf = bytes.Buffer{}
	}
	e.enc.Reset(&e.buf, wire, jsontext.AllowInvalidUTF8(true), jsonv1.OmitEmptyWithLegacySemantics(true))
	if err := json.MarshalEncode(e.enc, v); err != nil {
		return nil, fmt.Errorf("gateway: encode: %w", err)
	}
	return e.buf.Bytes(), nil
}
