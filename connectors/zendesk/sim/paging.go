package sim

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

// maxPage is the largest page; what is asked beyond is cut to it.
const maxPage = 100

// page is a part of a list and the way to its neighbours, in one of the two styles.
type page[T any] struct {
	items []T
	meta  *pageMeta // cursor style
	links *pageLinks
	next  *string // offset style
	prev  *string
	count int
}

type pageMeta struct {
	HasMore      bool   `json:"has_more"`
	AfterCursor  string `json:"after_cursor"`
	BeforeCursor string `json:"before_cursor"`
}

type pageLinks struct {
	Prev string `json:"prev"`
	Next string `json:"next"`
}

// pageFail is why a list cannot be paged that way.
type pageFail struct{ code, title string }

// paged cuts a list as the query asks: page[size], page[after], page[before], or page and per_page.
// path is the list's own, for the links. id names an item for cursors, which stay right when items
// are added.
func paged[T any](s *Sim, q url.Values, path string, all []T, id func(T) int64) (page[T], *pageFail) {
	if q.Has("page[size]") || q.Has("page[after]") || q.Has("page[before]") {
		return cursorPage(s, q, path, all, id)
	}
	return offsetPage(s, q, path, all)
}

func cursorPage[T any](s *Sim, q url.Values, path string, all []T, id func(T) int64) (page[T], *pageFail) {
	size, ok := pageSize(q.Get("page[size]"))
	if !ok {
		return page[T]{}, &pageFail{"InvalidPaginationParameter", "page[size] must be an integer between 1 and 100"}
	}
	first, last := 0, 0
	switch after, before := q.Get("page[after]"), q.Get("page[before]"); {
	case before != "":
		at, ok := find(all, before, id)
		if !ok {
			return page[T]{}, &pageFail{"InvalidCursor", "The cursor is invalid or has expired"}
		}
		first, last = max(0, at-size), at
	case after != "":
		at, ok := find(all, after, id)
		if !ok {
			return page[T]{}, &pageFail{"InvalidCursor", "The cursor is invalid or has expired"}
		}
		first, last = at+1, min(len(all), at+1+size)
	default:
		last = min(len(all), size)
	}
	p := page[T]{items: all[first:last], meta: &pageMeta{HasMore: last < len(all)}}
	if q.Get("page[before]") != "" {
		p.meta.HasMore = first > 0
	}
	if first < last {
		p.meta.AfterCursor, p.meta.BeforeCursor = cursor(id(all[last-1])), cursor(id(all[first]))
	}
	// links.next is set on the last page too (recorded by zenpy): has_more is all a client may trust.
	p.links = &pageLinks{
		Prev: pageURL(s, path, q, "page[before]", p.meta.BeforeCursor),
		Next: pageURL(s, path, q, "page[after]", p.meta.AfterCursor),
	}
	return p, nil
}

func pageSize(v string) (int, bool) {
	if v == "" {
		return maxPage, true
	}
	n, err := strconv.Atoi(v)
	return min(n, maxPage), err == nil && n > 0
}

// cursor is opaque to clients; it names the item it stands at.
func cursor(id int64) string {
	return base64.StdEncoding.EncodeToString([]byte(`{"o":"id","v":"` + strconv.FormatInt(id, 10) + `"}`))
}

// find gives the index of the item a cursor stands at.
func find[T any](all []T, cur string, id func(T) int64) (int, bool) {
	b, err := base64.StdEncoding.DecodeString(cur)
	v, ok := strings.CutPrefix(string(b), `{"o":"id","v":"`)
	if err != nil || !ok {
		return 0, false
	}
	want, err := strconv.ParseInt(strings.TrimSuffix(v, `"}`), 10, 64)
	if err != nil {
		return 0, false
	}
	for i := range all {
		if id(all[i]) == want {
			return i, true
		}
	}
	return 0, false
}

func offsetPage[T any](s *Sim, q url.Values, path string, all []T) (page[T], *pageFail) {
	size, ok := pageSize(q.Get("per_page"))
	if !ok {
		size = maxPage
	}
	n := 1
	if v := q.Get("page"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 {
			return page[T]{}, &pageFail{"InvalidPaginationParameter", "page must be an integer"}
		}
	}
	if n > 100 || n*size > 10000 {
		return page[T]{}, &pageFail{"InvalidPaginationDepth", "Offset pagination is limited to 100 pages and 10000 records; use cursor pagination"}
	}
	first, last := min(len(all), (n-1)*size), min(len(all), n*size)
	p := page[T]{items: all[first:last], count: len(all)}
	if last < len(all) {
		p.next = ptr(pageURL(s, path, q, "page", strconv.Itoa(n+1)))
	}
	if n > 1 {
		p.prev = ptr(pageURL(s, path, q, "page", strconv.Itoa(n-1)))
	}
	return p, nil
}

// pageURL repeats the query with another position.
func pageURL(s *Sim, path string, q url.Values, name, value string) string {
	out := url.Values{}
	for k, v := range q {
		if k != "page[after]" && k != "page[before]" && k != "page" {
			out[k] = v
		}
	}
	out.Set(name, value)
	return s.canonical(path + ".json?" + out.Encode())
}
