package talkdesk

import (
	"context"
	"net/url"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// maxNames bounds how many people of one call are asked about.
const maxNames = 20

// namesSource asks who the recordings' participants are. Somebody who has been deleted since has no name;
// that is no fault.
func (o *opening) namesSource() source {
	agents := o.agents
	return source{what: whatNames, at: call{op: "call.names", scope: scopeUsers}, run: func(ctx context.Context, _ window, emit func(connectors.Part) error) (bool, error) {
		var failed error
		for _, a := range agents[:min(len(agents), maxNames)] {
			p, err := o.c.participant(ctx, a)
			if err != nil {
				failed = err
				continue
			}
			if p == nil {
				continue
			}
			if err := emit(p); err != nil {
				return true, err
			}
		}
		return failed == nil, failed
	}}
}

// participant names one of a recording's participants, which stands as its type and its id.
func (c *connector) participant(ctx context.Context, p string) (connectors.Part, error) {
	if id, ok := strings.CutPrefix(p, "AGENT"); ok {
		return c.user(ctx, id)
	}
	if id, ok := strings.CutPrefix(p, "CONTACT"); ok {
		return c.contact(ctx, id)
	}
	return nil, nil
}

// user gives an agent's name; nil: Talkdesk does not know him.
func (c *connector) user(ctx context.Context, id string) (connectors.Part, error) {
	return c.person(ctx, call{op: "user.read", scope: scopeUsers}, "/users/"+url.PathEscape(id), id, connectors.RoleAgent)
}

// contact gives a customer's name. That a CONTACT of a recording is one of the contacts is believed, not
// documented; one that is not found, or may not be seen, has no name.
func (c *connector) contact(ctx context.Context, id string) (connectors.Part, error) {
	p, err := c.person(ctx, call{op: "contact.read", scope: scopeContacts}, "/contacts/"+url.PathEscape(id), id, connectors.RoleCustomer)
	if connectors.CodeOf(err) == connectors.CodeMissingScope {
		return nil, nil
	}
	return p, err
}

func (c *connector) person(ctx context.Context, at call, path, id string, role connectors.PersonRole) (connectors.Part, error) {
	called := ""
	var members func(d *lenient.Decoder)
	members = func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			switch string(key) {
			case "name":
				called = d.Word()
			case "contact", "user": // an envelope
				members(d)
			default:
				d.Skip()
			}
		})
	}
	err := c.read(ctx, at, path, nil, members)
	if notThere(err) {
		return nil, nil
	}
	if err != nil || called == "" {
		return nil, err
	}
	return &connectors.Person{ID: id, Name: connectors.NewText(called), Role: role}, nil
}
