package zendesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// call says what a request is for, for errors.
type call struct {
	op string // "ticket.open"
	// first: the account has not answered before, so that a 404 without a Zendesk error means that
	// there is no account of this name.
	first bool
	// probe: a self-test, whose reader asked for no ticket.
	probe bool
	// beyond: the page may lie beyond what can be paged to, which is no fault of ours.
	beyond bool
}

// get asks the account for path and returns an answer that is JSON as far as can be told; the caller
// closes its body.
func (c *connector) get(ctx context.Context, at call, path string, q url.Values) (*http.Response, error) {
	u := url.URL{Scheme: "https", Host: c.host(), Path: path, RawQuery: q.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, c.fail(at, connectors.CodeInternal, "", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.api.Do(req)
	if err != nil {
		return nil, c.unreached(ctx, at, err)
	}
	if resp.StatusCode/100 != 2 || isHTML(resp.Header) {
		defer func() { _ = resp.Body.Close() }()
		return nil, c.refusal(at, resp)
	}
	return resp, nil
}

var (
	// errStop ends decoding because nobody reads on. It never leaves the package.
	errStop = errors.New("zendesk: the reader has left")
	// errShape says that an answer is JSON but not what was asked for.
	errShape = errors.New("the answer does not have the expected shape")
)

// read asks for path and gives the answer, while it arrives, to f.
func (c *connector) read(ctx context.Context, at call, path string, q url.Values, f func(*lenient.Decoder)) error {
	resp, err := c.get(ctx, at, path, q)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	d := lenient.New(resp.Body)
	if d.Kind() != '{' {
		d.Skip()
		if d.Err == nil {
			d.Err = errShape
		}
		return c.broken(ctx, at, d.Err)
	}
	f(d)
	if d.Err != nil {
		return c.broken(ctx, at, d.Err)
	}
	return nil
}

// isHTML tells whether an answer is a web page: a login page with status 200, or the edge's own error.
func isHTML(h http.Header) bool {
	t := strings.ToLower(h.Get("Content-Type"))
	return strings.HasPrefix(t, "text/html") || strings.HasPrefix(t, "application/xhtml")
}
