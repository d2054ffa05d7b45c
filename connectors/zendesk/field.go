package zendesk

import (
	"context"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// customField is a custom field of a ticket that has a value. The ticket knows it by number only.
type customField struct {
	id     string
	values []string
}

// decodeFields reads custom fields. Those without a value are left out: every ticket lists every field
// of its form.
func decodeFields(d *lenient.Decoder) []customField {
	var out []customField
	kept := 0
	d.Array(func() {
		var f customField
		d.Object(func(key []byte) {
			switch string(key) {
			case "id":
				f.id = d.ID()
			case "value":
				f.values = d.Words()
			default:
				d.Skip()
			}
		})
		for _, v := range f.values {
			kept += len(v)
		}
		if f.id != "" && len(f.values) > 0 && len(out) < lenient.MaxList && kept <= lenient.MaxLists {
			out = append(out, f)
		}
	})
	return out
}

// fieldNames says what fields and their options are called.
type fieldNames struct {
	titles  map[string]string            // by field id
	options map[string]map[string]string // by field id, then value
}

// maxFields bounds how many fields of an account are looked at.
const maxFields = 5000

// readFieldNames asks for the names of all fields; those of options are kept only for values in use.
func (c *connector) readFieldNames(ctx context.Context, used []customField) (fieldNames, error) {
	n := fieldNames{titles: map[string]string{}, options: map[string]map[string]string{}}
	values := map[string]bool{}
	for _, f := range used {
		for _, v := range f.values {
			values[v] = true
		}
	}
	err := c.walk(ctx, pages{
		at:    call{op: "ticket.fields"},
		path:  "/api/v2/ticket_fields",
		query: url.Values{},
		list:  "ticket_fields",
		item: func(d *lenient.Decoder) bool {
			id, title, options := decodeFieldName(d, values)
			if id == "" || n.titles[id] != "" || len(n.titles) >= maxFields {
				return false
			}
			n.titles[id], n.options[id] = title, options
			return true
		},
	})
	return n, err
}

// decodeFieldName reads one; of its options those with a value in values, or all when that is nil.
func decodeFieldName(d *lenient.Decoder, values map[string]bool) (id, title string, options map[string]string) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			id = d.ID()
		case "title":
			title = d.Word()
		case "custom_field_options":
			d.Array(func() {
				var label, value string
				d.Object(func(key []byte) {
					switch string(key) {
					case "name":
						label = d.Word()
					case "value":
						value = d.Word()
					default:
						d.Skip()
					}
				})
				if (values == nil || values[value]) && label != "" && len(options) < lenient.MaxList {
					if options == nil {
						options = map[string]string{}
					}
					options[value] = label
				}
			})
		default:
			d.Skip()
		}
	})
	return id, title, options
}

// title is a field's name, or its number when there is none.
func (n fieldNames) title(id string) string {
	if t := n.titles[id]; t != "" {
		return t
	}
	return id
}

// show gives values as people see them.
func (n fieldNames) show(id string, values []string) string {
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = v
		if label := n.options[id][v]; label != "" {
			shown[i] = label
		}
	}
	return strings.Join(shown, ", ")
}

// name puts names to fields, in the ticket's order.
func (n fieldNames) name(fields []customField) []connectors.Field {
	var out []connectors.Field
	for _, f := range fields {
		out = append(out, connectors.Field{
			Name:  connectors.NewText(n.title(f.id)),
			Value: connectors.NewText(n.show(f.id, f.values)),
		})
	}
	return out
}
