package zendesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// call says what a request is for, for errors.
type call struct {
	op string // "ticket.open"
	// first: the account has not answered before, so that a 404 without a Zendesk error means that
	// there is no account of this name.
	first bool
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

// read asks for path and gives the answer, while it arrives, to f.
func (c *connector) read(ctx context.Context, at call, path string, q url.Values, f func(*decoder)) error {
	resp, err := c.get(ctx, at, path, q)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	d := newDecoder(resp.Body)
	if d.kind() != '{' {
		d.skip()
		if d.err == nil {
			d.err = errShape
		}
		return c.broken(ctx, at, d.err)
	}
	f(d)
	if d.err != nil {
		return c.broken(ctx, at, d.err)
	}
	return nil
}

// pages is one walk through a list with a cursor.
type pages struct {
	at    call
	path  string
	query url.Values
	list  string                            // the member that holds the items
	item  func(d *decoder) bool             // reads one; tells whether it is new
	other func(d *decoder, key []byte) bool // reads another member, or tells that it did not
	end   func(ctx context.Context) error   // after each page
	more  func()                            // the provider has more that cannot be asked for
}

// maxIdlePages is how many pages in a row may bring nothing new while Zendesk says that more follow.
const maxIdlePages = 3

// pageSize is the most that Zendesk gives.
const pageSize = "100"

// walk reads page after page while meta.has_more says so: links.next is set on the last page, too.
// It takes the cursor, never the link, and does not go round in circles.
func (c *connector) walk(ctx context.Context, p pages) error {
	p.query.Set("page[size]", pageSize)
	seen := map[string]bool{}
	for idle := 0; ; {
		pg := page{}
		err := c.read(ctx, p.at, p.path, p.query, func(d *decoder) { pg.read(d, p) })
		if err != nil {
			return err
		}
		if !pg.listed {
			return c.fail(p.at, connectors.CodeProviderNonsense, "", errShape)
		}
		if p.end != nil {
			if err := p.end(ctx); err != nil {
				return err
			}
		}
		if !pg.more {
			if pg.elsewhere && p.more != nil {
				p.more()
			}
			return nil
		}
		if idle++; pg.fresh > 0 {
			idle = 0
		}
		if pg.cursor == "" || seen[pg.cursor] || idle >= maxIdlePages {
			return c.fail(p.at, connectors.CodeProviderNonsense, "", errors.New("the cursor does not move"))
		}
		seen[pg.cursor] = true
		p.query.Set("page[after]", pg.cursor)
	}
}

// page is what one page says about itself.
type page struct {
	listed    bool
	fresh     int
	more      bool
	cursor    string
	elsewhere bool // an answer without meta, in the older style, that has another page
}

func (g *page) read(d *decoder, p pages) {
	meta := false
	d.object(func(key []byte) {
		switch string(key) {
		case p.list:
			g.listed = true
			d.array(func() {
				if p.item(d) {
					g.fresh++
				}
			})
		case "meta":
			meta = true
			d.object(func(key []byte) { g.metaMember(d, string(key)) })
		case "next_page":
			g.elsewhere = d.word() != ""
		default:
			if p.other == nil || !p.other(d, key) {
				d.skip()
			}
		}
	})
	g.elsewhere = g.elsewhere && !meta
}

func (g *page) metaMember(d *decoder, key string) {
	switch key {
	case "has_more":
		g.more = d.boolean(false)
	case "after_cursor":
		g.cursor = d.word()
	default:
		d.skip()
	}
}

// isHTML tells whether an answer is a web page: a login page with status 200, or the edge's own error.
func isHTML(h http.Header) bool {
	t := strings.ToLower(h.Get("Content-Type"))
	return strings.HasPrefix(t, "text/html") || strings.HasPrefix(t, "application/xhtml")
}
