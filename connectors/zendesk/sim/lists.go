package sim

import (
	"bytes"
	"net/http"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// list is the answer of a paged list: {"<name>": […], "users": […], then the style's own fields}.
type list[T any] struct {
	name  string
	page  page[T]
	users []user
}

func envelope[T any](name string, p page[T], users []user) *list[T] {
	return &list[T]{name, p, users}
}

// MarshalJSONTo writes the members in Zendesk's order.
func (l *list[T]) MarshalJSONTo(e *jsontext.Encoder) error {
	tail, err := json.Marshal(l.tail())
	if err != nil {
		return err
	}
	items := l.page.items
	if items == nil {
		items = []T{}
	}
	body, err := json.Marshal(items, json.Deterministic(true))
	if err != nil {
		return err
	}
	head := append([]byte(`{"`+l.name+`":`), body...)
	head = append(append(head, ','), bytes.TrimPrefix(tail, []byte("{"))...)
	return e.WriteValue(head)
}

// tail are the members behind the items.
func (l *list[T]) tail() any {
	if l.page.meta != nil {
		return struct {
			Users []user     `json:"users,omitzero"`
			Meta  *pageMeta  `json:"meta"`
			Links *pageLinks `json:"links"`
		}{l.users, l.page.meta, l.page.links}
	}
	return struct {
		Users []user  `json:"users,omitzero"`
		Next  *string `json:"next_page"`
		Prev  *string `json:"previous_page"`
		Count int     `json:"count"`
	}{l.users, l.page.next, l.page.prev, l.page.count}
}

// stream writes a list item by item, so that a fault can cut between two of them, and a slow page is
// slow item by item.
func stream[T any](s *Sim, w *response, l *list[T]) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`{"` + l.name + `":[`))
	for i, item := range l.page.items {
		w.item()
		if i > 0 {
			_, _ = w.Write([]byte(","))
		}
		b, err := json.Marshal(item, json.Deterministic(true))
		if err != nil {
			w.cut() // a mistake of the data; never half an answer that looks whole
		}
		if _, err = w.Write(b); err != nil {
			return // the client has gone
		}
	}
	tail, err := json.Marshal(l.tail())
	if err != nil {
		w.cut()
	}
	_, _ = w.Write(append([]byte("],"), bytes.TrimPrefix(tail, []byte("{"))...))
}
