package zendesk

import (
	"context"
	"net/url"
	"slices"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// Choices implements connectors.Chooser. Each list is one of an account's few; what may not be read is
// left out.
func (c *connector) Choices(ctx context.Context) (connectors.Choices, error) {
	out := connectors.Choices{
		Statuses: []string{"new", "open", "pending", "hold", "solved", "closed"},
		Channels: []string{"email", "web", channelChat, channelMessaging, channelVoice, "api"},
		CSAT:     []string{"good", "bad", "offered"},
	}
	at := call{op: "tickets.choices"}
	name := func(into *[]connectors.Choice) func(d *lenient.Decoder) bool {
		return func(d *lenient.Decoder) bool {
			p := decodePerson(d)
			if p.id == "" || p.name == "" || len(*into) >= lenient.MaxList || slices.ContainsFunc(*into, func(c connectors.Choice) bool { return c.ID == p.id }) {
				return false
			}
			*into = append(*into, connectors.Choice{ID: p.id, Name: connectors.NewText(p.name)})
			return true
		}
	}
	for _, p := range []pages{
		{path: "/api/v2/users", query: url.Values{"role[]": {"agent", "admin"}}, list: "users", item: name(&out.Agents)},
		{path: "/api/v2/groups", query: url.Values{}, list: "groups", item: name(&out.Groups)},
		{path: "/api/v2/ticket_fields", query: url.Values{}, list: "ticket_fields", item: fieldChoice(&out.Fields)},
	} {
		p.at = at
		switch err := c.walk(ctx, p); connectors.CodeOf(err) {
		case "", connectors.CodeMissingScope, connectors.CodeNotFound, connectors.CodeNotLicensed:
		default:
			return connectors.Choices{}, err
		}
	}
	return out, nil
}

// fieldChoice reads the custom fields that have a fixed list of values.
func fieldChoice(into *[]connectors.FieldChoice) func(d *lenient.Decoder) bool {
	return func(d *lenient.Decoder) bool {
		id, title, options := decodeFieldName(d, nil)
		if id == "" || title == "" || len(options) == 0 || len(*into) >= lenient.MaxList {
			return id != ""
		}
		f := connectors.FieldChoice{Choice: connectors.Choice{ID: id, Name: connectors.NewText(title)}}
		for value, label := range options {
			f.Values = append(f.Values, connectors.Choice{ID: value, Name: connectors.NewText(label)})
		}
		slices.SortFunc(f.Values, func(a, b connectors.Choice) int {
			if a.ID < b.ID {
				return -1
			}
			return 1
		})
		*into = append(*into, f)
		return true
	}
}
