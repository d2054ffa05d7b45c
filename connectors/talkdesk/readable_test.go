package talkdesk_test

import (
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

var stamps = regexp.MustCompile(`"\d{4}-\d{2}-\d{2}T[0-9:.]+Z"|\d{4}-\d{2}-\d{2} \d{2}:\d{2}`)

// readable turns a part into maps, with the contents of its texts and without what is empty.
func readable(v any) any {
	switch v := v.(type) {
	case connectors.Text:
		return plain(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case connectors.Locator:
		return v.String()
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return nil
		}
		return readable(r.Elem().Interface())
	case reflect.Struct:
		m := map[string]any{}
		for i := range r.NumField() {
			if !r.Field(i).IsZero() {
				m[strings.ToLower(r.Type().Field(i).Name)] = readable(r.Field(i).Interface())
			}
		}
		return m
	case reflect.Slice:
		var all []any
		for i := range r.Len() {
			all = append(all, readable(r.Index(i).Interface()))
		}
		return all
	default:
		return v
	}
}
