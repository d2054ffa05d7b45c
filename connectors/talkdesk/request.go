package talkdesk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// call says what a request is for, for errors and for what is named as missing.
type call struct {
	op    string // "call.open"
	scope string // without which Talkdesk answers 403
	first bool   // a person waits for it: it does not stand behind other requests
	probe bool   // a self-test
}

// send makes one request of the API and returns its answer, whatever it is; the caller closes its body.
func (c *connector) send(ctx context.Context, at call, method, path string, q url.Values, body []byte) (*http.Response, error) {
	u := url.URL{Scheme: "https", Host: c.cfg.apiHost, RawQuery: q.Encode()}
	var err error
	if u.Path, err = url.PathUnescape(path); err != nil {
		return nil, c.fail(at, connectors.CodeInternal, "", fmt.Errorf("a path that is none"))
	}
	u.RawPath = path
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), r)
	if err != nil {
		return nil, c.fail(at, connectors.CodeInternal, "", fmt.Errorf("the request cannot be made"))
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if at.first {
		c.pace.reserve()
	} else {
		done, err := c.pace.take(ctx)
		if err != nil {
			return nil, c.unreached(ctx, at, err)
		}
		defer done()
	}
	resp, err := c.api.Do(req)
	if err != nil {
		return nil, c.unreached(ctx, at, err)
	}
	return resp, nil
}

// read asks for path and gives the answer, while it arrives, to f.
func (c *connector) read(ctx context.Context, at call, path string, q url.Values, f func(*lenient.Decoder)) error {
	resp, err := c.send(ctx, at, http.MethodGet, path, q, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 || isHTML(resp.Header) {
		return c.refusal(at, resp)
	}
	return c.decode(ctx, at, resp.Body, f)
}

// decode gives a body that is a JSON object to f.
func (c *connector) decode(ctx context.Context, at call, body io.Reader, f func(*lenient.Decoder)) error {
	d := lenient.New(body)
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

// isHTML tells whether an answer is a web page: the edge's own, or a login page with status 200.
func isHTML(h http.Header) bool {
	t := strings.ToLower(h.Get("Content-Type"))
	return strings.HasPrefix(t, "text/html") || strings.HasPrefix(t, "application/xhtml")
}

// filled puts a value into a path template. What it names becomes one segment, whatever is in it.
func filled(template, placeholder, value string) string {
	return strings.ReplaceAll(template, placeholder, url.PathEscape(value))
}

// follow gives path and query of a link in an answer, on the API host: links may be relative, or name a
// host that only Talkdesk reaches. Empty: it is no address.
func (c *connector) follow(from, href string) (path string, q url.Values) {
	base := url.URL{Scheme: "https", Host: c.cfg.apiHost, Path: from}
	u, err := base.Parse(href)
	if err != nil || href == "" || !strings.HasPrefix(u.Path, "/") {
		return "", nil
	}
	return u.EscapedPath(), u.Query()
}

// nextLink reads _links (or links) and gives the href of next.
func nextLink(d *lenient.Decoder) string { return link(d, "next") }

// link reads a member _links and gives one of its hrefs.
func link(d *lenient.Decoder, name string) string {
	href := ""
	d.Object(func(key []byte) {
		if string(key) != name {
			d.Skip()
			return
		}
		d.Object(func(key []byte) {
			if string(key) == "href" {
				href = d.Word()
			} else {
				d.Skip()
			}
		})
	})
	return href
}
