package zendesk

import "github.com/sightglass-gateway/sightglass/connectors/lenient"

import "github.com/sightglass-gateway/sightglass/connectors"

// systemID is the author of what Zendesk's own rules and bots write.
const systemID = "-1"

// person is what is known of somebody while a ticket is read.
type person struct {
	id, name string
	role     connectors.PersonRole
}

// decodePerson reads a user as sideloads and lists give it.
func decodePerson(d *lenient.Decoder) person {
	p := person{role: connectors.RoleUnknown}
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			p.id = d.ID()
		case "name":
			p.name = d.Word()
		case "role":
			p.role = userRole(d.Word())
		default:
			d.Skip()
		}
	})
	return p
}

func userRole(s string) connectors.PersonRole {
	switch s {
	case "end-user", "end_user":
		return connectors.RoleCustomer
	case "agent", "admin", "owner":
		return connectors.RoleAgent
	default:
		return connectors.RoleUnknown
	}
}

// meet remembers p and returns the part that tells the reader, or nil when the reader knows already:
// the same people are sideloaded with every page.
func (o *opening) meet(p person) *connectors.Person {
	if p.id == "" {
		return nil
	}
	if old, ok := o.people[p.id]; ok && (old == p || p.name == "") {
		return nil
	}
	o.people[p.id] = p
	return &connectors.Person{ID: p.id, Name: connectors.NewText(p.name), Role: p.role}
}

// readPeople reads a sideloaded list of users.
func (o *opening) readPeople(d *lenient.Decoder) {
	d.Array(func() {
		if p := o.meet(decodePerson(d)); p != nil {
			o.put(d, p)
		}
	})
}

// who refers to an author. Zendesk gives -1 for its own rules and bots, null for nobody, and the name
// or address of an author who was deleted.
func (o *opening) who(id, via string) *connectors.Who {
	switch {
	case id == "":
		return &connectors.Who{Role: connectors.RoleUnknown}
	case id == systemID && messagingChannel(via):
		return &connectors.Who{ID: &id, Role: connectors.RoleBot}
	case id == systemID:
		return &connectors.Who{ID: &id, Role: connectors.RoleSystem}
	case lenient.Integer(id) == "":
		return &connectors.Who{Name: connectors.NewText(id), Role: connectors.RoleUnknown}
	}
	w := &connectors.Who{ID: &id}
	if p, ok := o.people[id]; ok {
		w.Role = p.role
	}
	return w
}
