package zendesk

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

const (
	// maxGroupLookups bounds the requests for single groups of one opening.
	maxGroupLookups = 10
	// maxShowMany is how many users Zendesk gives at once.
	maxShowMany = 100
)

// lookUp asks for names that the page did not bring along: whether audits sideload groups is not
// documented. A name that cannot be had is shown as a number; that is no fault.
func (h *history) lookUp(ctx context.Context) {
	groups, people := h.unknownNames()
	for _, id := range groups {
		if h.lookups++; h.lookups > maxGroupLookups {
			break
		}
		h.o.lookUpGroup(ctx, id)
	}
	if len(people) > 0 {
		h.o.lookUpPeople(ctx, people[:min(len(people), maxShowMany)])
	}
}

func (h *history) unknownNames() (groups, people []string) {
	for _, p := range h.waiting {
		for _, id := range []string{p.from, p.to} {
			if p.names.has(h.o, id) || lenient.Integer(id) == "" {
				continue
			}
			if p.names == namesPeople {
				people = h.o.ask(people, id)
			} else if !h.asked[id] {
				h.asked[id] = true
				groups = append(groups, id)
			}
		}
	}
	return groups, people
}

// ask adds id to those to ask for, unless that was done before.
func (o *opening) ask(people []string, id string) []string {
	if o.asked[id] {
		return people
	}
	o.asked[id] = true
	return append(people, id)
}

// noteAuthor remembers an author whom no page has named yet.
func (o *opening) noteAuthor(c comment) {
	if _, known := o.people[c.author]; known || c.authorName != "" || c.author == systemID || lenient.Integer(c.author) == "" {
		return
	}
	if len(o.unnamed) < maxShowMany {
		o.unnamed = o.ask(o.unnamed, c.author)
	}
}

// readAuthors asks for the authors whom no page brought along. It comes after the comments and takes
// only what the account's allowance has to spare; a name that cannot be had is no fault.
func (o *opening) readAuthors(ctx context.Context) error {
	var people []string
	for _, id := range o.unnamed {
		if _, known := o.people[id]; !known {
			people = append(people, id)
		}
	}
	if len(people) > 0 {
		o.lookUpPeople(connectors.Background(ctx), people)
	}
	if o.left {
		return errStop
	}
	return nil
}

// afterCut is how long the telling of a cut may wait for names.
const afterCut = 2 * time.Second

// nameShown asks for the authors of what was shown before the stream broke off. Zendesk puts the users
// of a page after its comments, so that a cut within a page takes their names away.
func (o *opening) nameShown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, afterCut)
	defer cancel()
	_ = o.readAuthors(ctx) // names that cannot be had, or nobody to read them: the cut is what is told
}

func (o *opening) lookUpGroup(ctx context.Context, id string) {
	_ = o.c.read(ctx, call{op: "group.read"}, "/api/v2/groups/"+id, url.Values{}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "group" {
				d.Skip()
				return
			}
			if g := decodePerson(d); g.name != "" {
				o.groups[id] = g.name
			}
		})
	})
}

func (o *opening) lookUpPeople(ctx context.Context, ids []string) {
	_ = o.c.read(ctx, call{op: "users.read"}, "/api/v2/users/show_many", url.Values{"ids": {strings.Join(ids, ",")}}, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "users" {
				d.Skip()
				return
			}
			o.readPeople(d)
		})
	})
}
