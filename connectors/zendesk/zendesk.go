package zendesk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

var ticketIDRE = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// Open implements connectors.Connector. The order is: the ticket with its people, the comments page
// by page, the names of custom fields, then what the audits tell.
func (c *connector) Open(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
	return func(yield func(connectors.Part, error) bool) {
		o := newOpening(c, ref, yield)
		if err := o.run(ctx); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// opening is one reading of one ticket.
type opening struct {
	c     *connector
	ref   records.Ref
	yield func(connectors.Part, error) bool

	ticket ticket
	people map[string]person // who has been named so far, by id
	groups map[string]string // names by id
	brands map[string]string
	calls  ids        // whose recording has been named
	names  fieldNames // of custom fields, once known

	comments ids             // that have been shown
	unnamed  []string        // authors whom no page had named then
	asked    map[string]bool // people whose names were asked for, once
	left     bool            // nobody reads on

	// incomplete is a fault that cost something on the way but did not stop the stream: it is told at
	// the end, so that trying again is offered when all that can be had is shown.
	incomplete error
}

func newOpening(c *connector, ref records.Ref, yield func(connectors.Part, error) bool) *opening {
	return &opening{
		c: c, ref: ref, yield: yield, people: map[string]person{}, groups: map[string]string{}, brands: map[string]string{},
		calls: ids{}, comments: ids{}, asked: map[string]bool{},
	}
}

func (o *opening) run(ctx context.Context) error {
	if o.ref.Kind != records.KindTicket || !ticketIDRE.MatchString(o.ref.ID) {
		return o.c.fail(call{op: "ticket.open"}, connectors.CodeBadRequest, "", fmt.Errorf("no ticket has kind %q and this id", o.ref.Kind))
	}
	for _, step := range []func(context.Context) error{o.readTicket, o.readComments, o.readAuthors, o.readExtras, o.readAudits} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return o.incomplete
}

// path is an address below the ticket's own.
func (o *opening) path(below string) string { return "/api/v2/tickets/" + o.ref.ID + below }

// emit hands p to the reader. errStop means that nobody reads on.
func (o *opening) emit(p connectors.Part) error {
	o.left = o.left || !o.yield(p, nil)
	if o.left {
		return errStop
	}
	return nil
}

// put is emit for use while decoding.
func (o *opening) put(d *lenient.Decoder, p connectors.Part) {
	if d.Err == nil {
		d.Err = o.emit(p)
	}
}

// later is a header that adds to the first one.
func (o *opening) later() *connectors.Header {
	return &connectors.Header{Ref: o.ref, Provider: name}
}
