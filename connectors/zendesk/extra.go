package zendesk

import (
	"context"
	"net/url"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// archiveAge is how long a closed ticket must have lain untouched before it is worth asking whether it
// is archived. Zendesk archives after about 120 days.
const archiveAge = 100 * 24 * time.Hour

// readExtras asks for what the ticket makes worth asking: the names of custom fields, and whether an
// old ticket is archived. It comes after the comments, since it must hold up none of them; side by
// side with them it would save one request's time and make the order of parts a matter of luck.
func (o *opening) readExtras(ctx context.Context) error {
	h := o.later()
	h.Truncated = o.ticket.more
	fields := o.ticket.fields
	var refused error
	if len(fields) > 0 {
		o.names, refused = o.c.readFieldNames(ctx, fields)
		h.Fields = o.names.name(fields)
	}
	if o.oldAndClosed() && o.c.readArchived(ctx, o.path("/related")) {
		h.State = connectors.StateArchived
	}
	if ctx.Err() != nil {
		return o.c.classify(ctx, call{op: "ticket.fields"}, ctx.Err(), connectors.CodeInternal)
	}
	if h.Fields != nil || h.State != "" || h.Truncated {
		if err := o.emit(h); err != nil {
			return err
		}
	}
	if refused == nil {
		return nil
	}
	if m := missingFields(refused); m != nil {
		return o.emit(m)
	}
	o.incomplete = refused
	return nil
}

func (o *opening) oldAndClosed() bool {
	t := &o.ticket
	return t.status == "closed" && t.state() == "" && !t.updated.IsZero() && o.c.now().Sub(t.updated) > archiveAge
}

// readArchived asks whether a ticket is in the archive. That it cannot be told is no fault.
func (c *connector) readArchived(ctx context.Context, path string) (archived bool) {
	_ = c.read(ctx, call{op: "ticket.related"}, path, url.Values{}, func(d *lenient.Decoder) {
		var member func(key []byte)
		member = func(key []byte) {
			switch string(key) {
			case "from_archive":
				archived = d.Boolean(false)
			case "ticket_related": // an envelope, or not: both have been described
				d.Object(member)
			default:
				d.Skip()
			}
		}
		d.Object(member)
	})
	return archived
}

// missingFields says why fields are shown by number; nil when that is a fault which may pass.
func missingFields(err error) *connectors.Missing {
	switch connectors.CodeOf(err) {
	case connectors.CodeMissingScope:
		return &connectors.Missing{What: "fields", Reason: connectors.MissingNoScope,
			Say: "This link may not read the names of custom fields; they are shown by number."}
	case connectors.CodeNotFound, connectors.CodeNotLicensed:
		return &connectors.Missing{What: "fields", Reason: connectors.MissingNotOffered,
			Say: "This account does not offer the names of custom fields; they are shown by number."}
	default:
		return nil
	}
}
