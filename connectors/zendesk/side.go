package zendesk

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// archiveAge is how long a closed ticket must have lain untouched before it is worth asking whether it
// is archived. Zendesk archives after about 120 days.
const archiveAge = 100 * 24 * time.Hour

// side is what is asked for beside the comments, so that it holds up none of them: the names of
// custom fields, and whether an old ticket is archived. It starts after the first page, so that it
// does not compete with that either.
type side struct {
	started bool
	done    chan sideAnswer // nil: nothing was asked
}

type sideAnswer struct {
	names    fieldNames
	fields   error
	archived bool
	err      error // a fault of ours
}

// wait returns once nothing of it runs any more. The context must have been cancelled, or the answer
// taken.
func (s *side) wait() {
	if s.done != nil {
		<-s.done
	}
}

// startSide asks, once, for what the ticket makes worth asking.
func (o *opening) startSide(ctx context.Context) {
	t := &o.ticket
	archive := t.status == "closed" && !t.updated.IsZero() && o.c.now().Sub(t.updated) > archiveAge
	if o.side.started || (len(t.fields) == 0 && !archive) {
		o.side.started = true
		return
	}
	o.side.started = true
	done := make(chan sideAnswer, 1)
	o.side.done = done
	ref, fields := o.path("/related"), t.fields
	go func() {
		var a sideAnswer
		defer close(done)
		defer func() {
			if r := recover(); r != nil { // a panic here would end the program; its value may hold content
				a.err = o.c.fail(call{op: "ticket.fields"}, connectors.CodeInternal, "", fmt.Errorf("panic of type %T", r))
			}
			done <- a
		}()
		if len(fields) > 0 {
			a.names, a.fields = o.c.readFieldNames(ctx, fields)
		}
		if archive {
			a.archived = o.c.readArchived(ctx, ref)
		}
	}()
}

// readArchived asks whether a ticket is in the archive. That it cannot be told is no fault.
func (c *connector) readArchived(ctx context.Context, path string) (archived bool) {
	_ = c.read(ctx, call{op: "ticket.related"}, path, url.Values{}, func(d *decoder) {
		d.object(func(key []byte) {
			switch string(key) {
			case "from_archive":
				archived = d.boolean(false)
			case "ticket_related":
				d.object(func(key []byte) {
					if string(key) != "from_archive" {
						d.skip()
						return
					}
					archived = d.boolean(false)
				})
			default:
				d.skip()
			}
		})
	})
	return archived
}

// pollSide hands the answer on if it is there.
func (o *opening) pollSide() error {
	select {
	case a, ok := <-o.side.done:
		return o.putSide(a, ok)
	default:
		return nil
	}
}

// readSide waits for the answer.
func (o *opening) readSide(ctx context.Context) error {
	if o.ticket.more {
		h := o.later()
		h.Truncated = true
		if err := o.emit(h); err != nil {
			return err
		}
	}
	if o.side.done == nil {
		return nil
	}
	select {
	case a, ok := <-o.side.done:
		return o.putSide(a, ok)
	case <-ctx.Done():
		return o.c.classify(ctx, call{op: "ticket.fields"}, ctx.Err(), connectors.CodeInternal)
	}
}

func (o *opening) putSide(a sideAnswer, ok bool) error {
	o.side.done = nil
	switch {
	case !ok:
		return nil
	case a.err != nil:
		return a.err
	}
	o.names = a.names
	h := o.later()
	h.Fields = a.names.name(o.ticket.fields)
	if a.archived && o.ticket.state() == "" {
		h.State = connectors.StateArchived
	}
	if h.Fields != nil || h.State != "" {
		if err := o.emit(h); err != nil {
			return err
		}
	}
	if a.fields == nil {
		return nil
	}
	return o.emit(missingFields(a.fields))
}

// missingFields says why fields are shown by number.
func missingFields(err error) *connectors.Missing {
	m := &connectors.Missing{What: "fields", Reason: connectors.MissingNotReady,
		Say: "Zendesk did not give the names of the custom fields; they are shown by number. Opening the ticket again may help."}
	switch connectors.CodeOf(err) {
	case connectors.CodeMissingScope:
		m.Reason = connectors.MissingNoScope
		m.Say = "This link may not read the names of custom fields; they are shown by number."
	case connectors.CodeNotFound, connectors.CodeNotLicensed:
		m.Reason = connectors.MissingNotOffered
		m.Say = "This account does not offer the names of custom fields; they are shown by number."
	default:
	}
	return m
}
