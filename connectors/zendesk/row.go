package zendesk

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// result is one ticket of a search. Subject, description and requester are in the answer and are
// passed over.
type result struct {
	connectors.Row
	id     string
	at     time.Time
	fields map[string][]string
}

// decodeResult reads one; false for what is no ticket.
func (c *connector) decodeResult(d *lenient.Decoder) (result, bool) {
	var r result
	var t ticket
	kind := "ticket"
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			r.id = d.ID()
		case "result_type":
			kind = d.Label()
		case "created_at":
			r.at = d.Time()
		case "status":
			r.Status = d.Label()
		case "assignee_id":
			if id := d.ID(); id != "" {
				r.Agent = connectors.WhoID(id)
				r.Agent.Role = connectors.RoleAgent
			}
		case "group_id":
			r.Group = d.ID()
		case "via":
			t.via = decodeVia(d)
		case "from_messaging_channel":
			t.messaging = d.Boolean(false)
		case "tags":
			for _, tag := range d.Words() {
				r.Tags = append(r.Tags, connectors.NewText(tag))
			}
		case "custom_fields":
			for _, f := range decodeFields(d) {
				if r.fields == nil {
					r.fields = map[string][]string{}
				}
				r.fields[f.id] = f.values
			}
		case "satisfaction_rating":
			if rated := decodeCSAT(d); rated != nil {
				r.CSAT = rated.Score
			}
		default:
			d.Skip()
		}
	})
	if d.Err != nil || kind != "ticket" || !ticketIDRE.MatchString(r.id) {
		return r, false
	}
	r.Ref = records.Ref{Link: c.link, Kind: records.KindTicket, ID: r.id}
	r.Channel, r.At, r.ProviderURL = t.channelNow(), r.at, c.ticketURL(r.id)
	if r.Channel == channelVoice {
		r.Direction = direction(t.via.rel)
	}
	return r, true
}

// found is one page of a search.
type found struct {
	count int64
	last  bool // no page follows
	rows  int
}

// searchPage asks for one page and gives its tickets, as they are decoded, to f.
func (c *connector) searchPage(ctx context.Context, at call, q url.Values, f func(result) error) (found, error) {
	page := found{last: true}
	listed := false
	err := c.read(ctx, at, "/api/v2/search", q, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			switch string(key) {
			case "results":
				listed = true
				d.Array(func() {
					if d.Kind() != '{' {
						d.Skip()
						return
					}
					page.rows++
					if r, ok := c.decodeResult(d); ok && d.Err == nil {
						d.Err = f(r)
					}
				})
			case "count":
				page.count = d.Integer()
			case "next_page":
				page.last = d.Word() == ""
			default:
				d.Skip()
			}
		})
	})
	if err == nil && !listed {
		err = c.fail(at, connectors.CodeProviderNonsense, "", errShape)
	}
	return page, err
}

// staff names the agents of a list: an id at a time is met, names are asked for in batches. What
// cannot be named is shown by number. Only assignees are asked for, who are never customers.
type staff struct {
	c     *connector
	known map[string]bool
	asks  []string
}

func (s *staff) meet(w *connectors.Who) {
	if w != nil && w.ID != nil && !s.known[*w.ID] && len(s.asks) < maxShowMany {
		s.known[*w.ID] = true
		s.asks = append(s.asks, *w.ID)
	}
}

// name yields what is newly known.
func (s *staff) name(ctx context.Context, yield func(connectors.Listed) error) error {
	if len(s.asks) == 0 {
		return nil
	}
	q := url.Values{"ids": {strings.Join(s.asks, ",")}}
	s.asks = s.asks[:0]
	var stop error
	_ = s.c.read(ctx, call{op: "users.read"}, "/api/v2/users/show_many", q, func(d *lenient.Decoder) {
		d.Object(func(key []byte) {
			if string(key) != "users" {
				d.Skip()
				return
			}
			d.Array(func() {
				p := decodePerson(d)
				if p.id == "" || p.name == "" || stop != nil || !s.known[p.id] {
					return
				}
				if stop = yield(&connectors.Person{ID: p.id, Name: connectors.NewText(p.name), Role: connectors.RoleAgent}); stop != nil {
					d.Err = stop
				}
			})
		})
	})
	return stop
}
