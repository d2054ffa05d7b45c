package upstream

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxTokens is how many tokens one request is tried with.
const maxTokens = 4

// signed sends m with the link's token. A 401 is answered by one renewal and one repetition in the
// whole call: at some providers a refresh elsewhere kills the old access token at once. Under load
// that may happen again before the repetition is there, so a token that somebody has renewed
// meanwhile is tried as well, and one that was good for others is renewed again; a provider that
// accepts none is not asked again.
func (c *Client) signed(p *pipes, m message, renewed *bool) (*http.Response, error) {
	token, err := c.creds.Token(m.ctx)
	for n := 1; err == nil; n++ {
		resp, err := c.wire.exchange(p, withBearer(m, token))
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized {
			if resp.StatusCode < http.StatusBadRequest {
				c.accepted.add(token.Value)
			}
			return resp, nil
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
	if err != nil || !same(now.Value, refused.Value) {
		return now, err
	}
	if *renewed && !c.accepted.has(refused.Value) {
		return now, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
	}
	*renewed = true
	return c.creds.Renew(ctx, refused)
}

// lately holds the last tokens that were not refused. More than one: while tokens follow each other
// quickly, an answer to an older one may come after an answer to a newer one.
type lately struct {
	mu     sync.Mutex
	tokens [8]records.Secret
	next   int
}

func (l *lately) add(t records.Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds(t) {
		l.tokens[l.next] = t
		l.next = (l.next + 1) % len(l.tokens)
	}
}

func (l *lately) has(t records.Secret) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holds(t)
}

func (l *lately) holds(t records.Secret) bool {
	return slices.ContainsFunc(l.tokens[:], func(x records.Secret) bool { return same(x, t) })
}

func same(a, b records.Secret) bool { return a.Reveal() == b.Reveal() }

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
