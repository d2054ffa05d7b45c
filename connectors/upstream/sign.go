package upstream

import (
	"context"
	"net/http"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxTokens is how many tokens one request is tried with.
const maxTokens = 3

// signed sends m with the link's token. A 401 is answered by one renewal and one repetition in the
// whole call: at some providers a refresh elsewhere kills the old access token at once. A token that
// somebody else has renewed meanwhile is tried without a renewal of our own.
func (c *Client) signed(p *pipes, m message, renewed *bool) (*http.Response, error) {
	token, err := c.creds.Token(m.ctx)
	for n := 1; err == nil; n++ {
		resp, err := c.wire.exchange(p, withBearer(m, token))
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		discard(resp)
		if m.body != nil || n == maxTokens {
			return nil, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
		}
		if token, err = c.another(m.ctx, token, renewed); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// another gives a token other than the one that was refused.
func (c *Client) another(ctx context.Context, refused records.AccessToken, renewed *bool) (records.AccessToken, error) {
	now, err := c.creds.Token(ctx)
	if err != nil || now.Value.Reveal() != refused.Value.Reveal() {
		return now, err
	}
	if *renewed {
		return now, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
	}
	*renewed = true
	return c.creds.Renew(ctx, refused)
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
