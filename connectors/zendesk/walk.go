package zendesk

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// pages is one walk through a list with a cursor.
type pages struct {
	at    call
	path  string
	query url.Values
	list  string                                    // the member that holds the items
	item  func(d *lenient.Decoder) bool             // reads one; tells whether it is new
	other func(d *lenient.Decoder, key []byte) bool // reads another member, or tells that it did not
	end   func(ctx context.Context) error           // after each page
	more  func()                                    // the provider has more that cannot be asked for
}

const (
	// maxIdlePages is how many pages in a row may bring nothing new while Zendesk says that more follow.
	maxIdlePages = 3
	// maxNumber is the last page that can be asked for by its number (Zendesk's page "Pagination",
	// read 2026-11: offset pagination ends after 100 pages).
	maxNumber = 100
	// pageSize is the most that Zendesk gives.
	pageSize = "100"
)

var errIdle = errors.New("the cursor does not move")

// walk reads page after page while meta.has_more says so: links.next is set on the last page, too.
// It takes the cursor, never the link, and does not go round in circles. An answer without meta is in
// the older style, and is followed by the number of its next page.
func (c *connector) walk(ctx context.Context, p pages) error {
	p.query.Set("page[size]", pageSize)
	seen := map[string]bool{}
	for idle, number := 0, 1; ; {
		pg := page{}
		err := c.read(ctx, p.at, p.path, p.query, func(d *lenient.Decoder) { pg.read(d, p) })
		if code := connectors.CodeOf(err); number > 1 && (code == connectors.CodeNotFound || code == connectors.CodeBadRequest) {
			return p.incomplete() // beyond what can be had by number
		}
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
		if idle++; pg.fresh > 0 {
			idle = 0
		}
		switch {
		case pg.numbered():
			if number++; idle > 0 || number > maxNumber {
				return p.incomplete()
			}
			p.turn(pg.next, number)
		case !pg.more:
			return nil
		case pg.cursor == "" || seen[pg.cursor] || idle >= maxIdlePages:
			return c.fail(p.at, connectors.CodeProviderNonsense, "", errIdle)
		default:
			seen[pg.cursor] = true
			p.query.Set("page[after]", pg.cursor)
		}
	}
}

// incomplete notes that there is more than can be had.
func (p pages) incomplete() error {
	if p.more != nil {
		p.more()
	}
	return nil
}

// turn asks for a page by number. Of the link only the size of a page is taken: the numbers count in
// it.
func (p pages) turn(next string, number int) {
	p.query.Del("page[size]")
	p.query.Set("page", strconv.Itoa(number))
	if u, err := url.Parse(next); err == nil {
		if size, err := strconv.ParseUint(u.Query().Get("per_page"), 10, 16); err == nil && size > 0 {
			p.query.Set("per_page", strconv.FormatUint(size, 10))
		}
	}
}

// page is what one page says about itself.
type page struct {
	listed bool
	fresh  int
	meta   bool // it has the cursor's envelope
	more   bool
	cursor string
	next   string // the older envelope's link to the next page
}

// numbered tells whether another page follows in the older style.
func (g *page) numbered() bool { return !g.meta && g.next != "" }

func (g *page) read(d *lenient.Decoder, p pages) {
	d.Object(func(key []byte) {
		switch string(key) {
		case p.list:
			g.listed = true
			d.Array(func() {
				if k := d.Kind(); k != '{' && k != '[' {
					d.Skip() // a null among the items says nothing that could be shown
					return
				}
				if p.item(d) {
					g.fresh++
				}
			})
		case "meta":
			g.meta = d.Kind() == '{'
			d.Object(func(key []byte) { g.metaMember(d, string(key)) })
		case "next_page":
			g.next = d.Word()
		default:
			if p.other == nil || !p.other(d, key) {
				d.Skip()
			}
		}
	})
}

func (g *page) metaMember(d *lenient.Decoder, key string) {
	switch key {
	case "has_more":
		g.more = d.Boolean(false)
	case "after_cursor":
		g.cursor = d.Word()
	default:
		d.Skip()
	}
}
