package zendesk

import (
	"context"
	"net/url"
	"strings"
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
			if p.names.has(h.o, id) || integerText(id) == "" || h.asked[id] {
				continue
			}
			h.asked[id] = true
			if p.names == namesGroups {
				groups = append(groups, id)
			} else {
				people = append(people, id)
			}
		}
	}
	return groups, people
}

func (o *opening) lookUpGroup(ctx context.Context, id string) {
	_ = o.c.read(ctx, call{op: "group.read"}, "/api/v2/groups/"+id, url.Values{}, func(d *decoder) {
		d.object(func(key []byte) {
			if string(key) != "group" {
				d.skip()
				return
			}
			if g := decodePerson(d); g.name != "" {
				o.groups[id] = g.name
			}
		})
	})
}

func (o *opening) lookUpPeople(ctx context.Context, ids []string) {
	_ = o.c.read(ctx, call{op: "users.read"}, "/api/v2/users/show_many", url.Values{"ids": {strings.Join(ids, ",")}}, func(d *decoder) {
		d.object(func(key []byte) {
			if string(key) != "users" {
				d.skip()
				return
			}
			o.readPeople(d)
		})
	})
}
