package upstream

import (
	"net/http"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// signed sends m with the link's token. A 401 is answered by one renewal and one repetition in the
// whole call: at some providers a refresh elsewhere kills the old access token at once.
func (c *Client) signed(p *pipes, m message, renewed *bool) (*http.Response, error) {
	token, err := c.creds.Token(m.ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.wire.exchange(p, withBearer(m, token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	discard(resp)
	if *renewed || m.body != nil {
		return nil, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
	}
	*renewed = true
	if token, err = c.creds.Renew(m.ctx, token); err != nil {
		return nil, err
	}
	resp, err = c.wire.exchange(p, withBearer(m, token))
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		discard(resp)
		return nil, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
	}
	return resp, err
}

func withBearer(m message, t records.AccessToken) message {
	m.header = m.header.Clone()
	m.header.Set("Authorization", "Bearer "+t.Value.Reveal())
	return m
}

// kept are the header fields of a connector's request that go out. Everything else stays here, above
// all Authorization, Cookie and Referer: nobody but signed adds a credential.
var kept = []string{"Accept", "Accept-Language", "Content-Type", "Range", "If-Range"}

func keptHeader(h http.Header) http.Header {
	out := http.Header{"User-Agent": {userAgent}}
	for _, k := range kept {
		if v := h.Values(k); len(v) > 0 {
			out[k] = v
		}
	}
	return out
}
