package auth

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxAnswer = 64 << 10

	// Lives that make no sense, or none, are taken for 5 minutes; above 48 hours for 48 hours.
	absurdLife = 5 * time.Minute
	maxLife    = 48 * time.Hour
)

// tokenTransport reads a token endpoint's answer and hands the OAuth library a clean one with the
// fields of RFC 6749 only. Two reasons: the library gives up on an expires_in it cannot parse, and a
// rotated refresh token would be lost with it; and its errors quote the body, which then has
// nothing in it to quote.
type tokenTransport struct{ below http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.below.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) //nolint:forbidigo // capped just here
	if err != nil {
		return nil, err
	}
	clean := cleanAnswer(body)
	resp.Header.Set("Content-Type", "application/json")
	resp.Header.Del("Content-Length")
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(clean)), int64(len(clean))
	return resp, nil
}

// cleanAnswer keeps the known fields, in the known forms. What is no JSON object becomes an empty
// one, which holds no token and names no error.
func cleanAnswer(body []byte) []byte {
	var in map[string]jsontext.Value
	if json.Unmarshal(body, &in) != nil {
		return []byte("{}")
	}
	out := map[string]any{}
	for _, name := range []string{"access_token", "token_type", "refresh_token", "error"} {
		if s, ok := text(in[name]); ok {
			out[name] = s
		}
	}
	if s, ok := text(in["scope"]); ok {
		out["scope"] = s
	} else if list := []string(nil); json.Unmarshal(in["scope"], &list) == nil {
		out["scope"] = strings.Join(list, " ")
	}
	out["expires_in"] = int64(lifeOf(in["expires_in"]) / time.Second)
	clean, err := json.Marshal(out)
	if err != nil {
		return []byte("{}")
	}
	return clean
}

func text(v jsontext.Value) (string, bool) {
	var s string
	if v.Kind() != '"' || json.Unmarshal(v, &s) != nil {
		return "", false
	}
	return s, true
}

// lifeOf reads expires_in as a number or a number in a string, whole or not. One second and more is
// obeyed.
func lifeOf(v jsontext.Value) time.Duration {
	s, ok := text(v)
	if !ok {
		s = string(v)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	switch {
	case err != nil && !math.IsInf(seconds, 1), math.IsNaN(seconds), seconds < 1:
		return absurdLife
	case seconds > maxLife.Seconds():
		return maxLife
	default:
		return time.Duration(seconds) * time.Second
	}
}
