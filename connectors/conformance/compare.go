package conformance

import (
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// difference compares parts with all their content, and shows none of it but "[content]". Sources
// that are read at the same time interleave as they come, so the order counts within a type only, for
// people not at all, and headers count as what they say together. Where a file lies may differ: signed URLs are new each time.
func difference(a, b []connectors.Part) string {
	return cmp.Diff(byType(a), byType(b),
		cmp.Comparer(func(x, y connectors.Text) bool { return read(x) == read(y) }),
		cmp.Comparer(func(x, y connectors.Locator) bool { return x.What == y.What && x.Ref == y.Ref && x.ID == y.ID }))
}

func byType(parts []connectors.Part) map[connectors.PartType][]connectors.Part {
	m := map[connectors.PartType][]connectors.Part{}
	for _, p := range parts {
		m[p.Type()] = append(m[p.Type()], p)
	}
	m[connectors.TypeHeader] = []connectors.Part{folded(m[connectors.TypeHeader])}
	slices.SortStableFunc(m[connectors.TypePerson], func(x, y connectors.Part) int {
		return strings.Compare(x.(*connectors.Person).ID, y.(*connectors.Person).ID)
	})
	return m
}

// folded puts headers together as a reader does: a later one adds or replaces the fields it sets.
func folded(headers []connectors.Part) *connectors.Header {
	all := &connectors.Header{}
	for _, p := range headers {
		from, to := reflect.ValueOf(p).Elem(), reflect.ValueOf(all).Elem()
		for i := range from.NumField() {
			if !from.Field(i).IsZero() {
				to.Field(i).Set(from.Field(i))
			}
		}
	}
	return all
}

// read is the suite's way to look at content.
func read(t connectors.Text) string {
	var b strings.Builder
	_, _ = t.WriteTo(&b)
	return b.String()
}

// content gives every text of a part.
func content(p connectors.Part) []connectors.Text {
	switch p := p.(type) {
	case *connectors.Header:
		ts := append([]connectors.Text{p.Subject, p.Group, p.Brand}, p.Tags...)
		for _, f := range p.Fields {
			ts = append(ts, f.Name, f.Value)
		}
		if p.CSAT != nil {
			ts = append(ts, p.CSAT.Comment)
		}
		return ts
	case *connectors.Person:
		return []connectors.Text{p.Name}
	case *connectors.Message:
		ts := []connectors.Text{p.Text, p.HTML}
		for _, a := range p.Attachments {
			ts = append(ts, a.Name)
		}
		return ts
	case *connectors.Event:
		return []connectors.Text{p.Text}
	case *connectors.Transcript:
		return []connectors.Text{p.Text}
	default:
		return nil
	}
}

func messages(parts []connectors.Part) []*connectors.Message {
	var ms []*connectors.Message
	for _, p := range parts {
		if m, ok := p.(*connectors.Message); ok {
			ms = append(ms, m)
		}
	}
	return ms
}
