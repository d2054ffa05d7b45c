package upstream

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	// everybody is the weight of who wants to send alone.
	everybody = 1 << 30
	// alonePatience is how long one waits for that; a provider that is slow must not hold up the link.
	alonePatience = 2 * time.Second
)

// signed sends m with the link's token. A 401 is answered by one renewal and one repetition in the
// whole call: at some providers a refresh elsewhere kills the old access token at once. Under load
// that may happen again before the repetition is there. Whose fault it was cannot be known where
// others had the token in use, so the last try is made alone: nobody else of this process sends
// meanwhile. A provider that refuses that, or a renewed token that only this call has shown to it,
// accepts none.
func (c *Client) signed(p *pipes, m message, renewed *bool) (*http.Response, error) {
	token, err := c.creds.Token(m.ctx)
	for n := 1; err == nil; n++ {
		resp, err := c.send(p, m, token, renewed)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		discard(resp)
		if m.body != nil && m.rewind == nil {
			return nil, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
		}
		if n == 2 {
			return c.alone(p, m, token, renewed)
		}
		if token, _, err = c.another(m.ctx, token, renewed); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// send makes one exchange, unless somebody is alone just now: then after him.
func (c *Client) send(p *pipes, m message, token records.AccessToken, call *bool) (*http.Response, error) {
	if err := c.turns.Acquire(m.ctx, 1); err != nil {
		return nil, context.Cause(m.ctx)
	}
	defer c.turns.Release(1)
	return c.exchanged(p, m, token, call)
}

func (c *Client) exchanged(p *pipes, m message, token records.AccessToken, call *bool) (*http.Response, error) {
	c.shown.add(token.Value, call)
	if m.rewind != nil { // what was refused for its token has done nothing: it may be sent again
		var err error
		if m.body, err = m.rewind(); err != nil {
			return nil, c.wire.fail(connectors.CodeInternal, errMethod)
		}
	}
	resp, err := c.wire.exchange(p, withBearer(m, token))
	if err == nil && resp.StatusCode < http.StatusBadRequest {
		c.accepted.add(token.Value)
	}
	return resp, err
}

// another gives a token other than the one that was refused: fresh from the provider, or one that
// somebody else has got meanwhile.
func (c *Client) another(ctx context.Context, refused records.AccessToken, renewed *bool) (t records.AccessToken, fresh bool, err error) {
	now, err := c.creds.Latest(ctx)
	if err != nil || !same(now.Value, refused.Value) {
		return now, false, err
	}
	if *renewed && !c.accepted.has(refused.Value) && !c.shown.byOthers(refused.Value) {
		return now, false, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
	}
	*renewed = true
	t, err = c.creds.Renew(ctx, refused)
	return t, true, err
}

// alone is the last try of a call. What it shows holds for the calls that wait behind it: they do not
// ask for a token each.
func (c *Client) alone(p *pipes, m message, refused records.AccessToken, renewed *bool) (*http.Response, error) {
	weight := int64(everybody)
	wait, cancel := context.WithTimeout(m.ctx, alonePatience)
	defer cancel()
	if c.turns.Acquire(wait, weight) != nil {
		weight = 1
		if err := c.turns.Acquire(m.ctx, weight); err != nil {
			return nil, context.Cause(m.ctx)
		}
	}
	defer c.turns.Release(weight)
	token, fresh, err := c.another(m.ctx, refused, renewed)
	for err == nil && !c.dead.has(token.Value) {
		resp, err := c.exchanged(p, m, token, renewed)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		discard(resp)
		if fresh {
			c.dead.add(token.Value)
			break
		}
		// It came from somebody else: one who waits behind us may have seen it refused and not renewed it yet.
		fresh = true
		if token, err = c.creds.Renew(m.ctx, token); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, c.wire.fail(connectors.CodeNeedsReconnect, errUnauthorized)
}

// lately holds the last tokens that were not refused, or refused to who was alone. More than one: while tokens follow each other
// quickly, an answer to an older one may come after an answer to a newer one.
type lately struct {
	mu     sync.Mutex
	tokens [8]records.Secret
	next   int
}

func (l *lately) add(t records.Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index(l.tokens[:], t) < 0 {
		l.tokens[l.next] = t
		l.next = (l.next + 1) % len(l.tokens)
	}
}

func (l *lately) has(t records.Secret) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return index(l.tokens[:], t) >= 0
}

// shown holds the last tokens that were sent, and whether by more than one call.
type shown struct {
	mu     sync.Mutex
	tokens [8]records.Secret
	by     [8]*bool // the call, by its mark of renewal
	shared [8]bool
	next   int
}

func (s *shown) add(t records.Secret, call *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := index(s.tokens[:], t)
	if i < 0 {
		i = s.next
		s.tokens[i], s.by[i], s.shared[i] = t, call, false
		s.next = (s.next + 1) % len(s.tokens)
	}
	s.shared[i] = s.shared[i] || s.by[i] != call
}

// byOthers tells whether another call than this has sent t.
func (s *shown) byOthers(t records.Secret) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := index(s.tokens[:], t)
	return i < 0 || s.shared[i]
}

func index(in []records.Secret, t records.Secret) int {
	return slices.IndexFunc(in, func(x records.Secret) bool { return same(x, t) })
}

func same(a, b records.Secret) bool { return a.Reveal() == b.Reveal() }

func withBearer(m message, t records.AccessToken) message {
	m.header = maps.Clone(m.header) // the transport may still be reading what went before
	m.header["Authorization"] = []string{"Bearer " + t.Value.Reveal()}
	return m
}

// kept are, in their canonical form, the header fields of a connector's request that go out. Everything else stays here, above
// all Authorization, Cookie and Referer: nobody but signed adds a credential.
var kept = []string{"Accept", "Accept-Language", "Content-Type", "Range", "If-Range"}

func keptHeader(h http.Header) http.Header {
	out := make(http.Header, 8)
	out["User-Agent"] = ourName
	for _, k := range kept {
		if v := h[k]; len(v) > 0 {
			out[k] = v
		}
	}
	return out
}

var ourName = []string{userAgent}
