package talkdesk

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// readTalk looks for what was said or written in an interaction: the Conversations API lists everything of
// the account within a time, so that it is asked page by page until the interaction is there.
func (o *opening) readTalk(ctx context.Context, id, what string, s stretch, emit func(connectors.Part) error) (bool, error) {
	t := &talk{o: o, id: id, what: what, emit: emit, at: call{op: "call.transcript", scope: scopeTranscripts}}
	looking, cancel := context.WithTimeoutCause(ctx, o.c.cfg.transcriptTimeout, errTooLong)
	defer cancel()
	for from := s.from; from.Before(s.to) && !t.found; {
		to := from.Add(o.c.cfg.maxWindow)
		if to.After(s.to) {
			to = s.to
		}
		if err := t.pages(ctx, looking, stretch{from, to}); err != nil {
			return t.found, err
		}
		from = to
	}
	if t.found {
		t.nameAgents(ctx)
	}
	return t.found, nil
}

// talk is one search in the Conversations API.
type talk struct {
	o        *opening
	id, what string
	at       call
	emit     func(connectors.Part) error
	found    bool
	pagesGot int
	agents   []string // of the interaction that was found
}

// pages goes through a window. Of the link to the next page only the cursor is taken: it names a host that
// nobody outside reaches, and no path of the gateway.
func (t *talk) pages(ctx, looking context.Context, s stretch) error {
	c := t.o.c
	path, q := c.cfg.transcriptPath, url.Values{c.cfg.startParam: {c.moment(s.from)}, c.cfg.endParam: {c.moment(s.to)}}
	for seen := map[string]bool{}; ; {
		if t.pagesGot++; t.pagesGot > c.cfg.maxPages {
			return c.fail(t.at, connectors.CodeNotFound, "", errPages)
		}
		if looking.Err() != nil && ctx.Err() == nil {
			return c.fail(t.at, connectors.CodeProviderSlow, "", errTooLong)
		}
		next := ""
		err := c.read(ctx, t.at, path, q, func(d *lenient.Decoder) { next = t.page(d) })
		switch {
		case errors.Is(err, errEnough):
			return nil
		case err != nil:
			return err
		case next == "" || seen[next]:
			return nil
		}
		seen[next] = true
		follow, query := c.follow(path, next)
		if c.cfg.followNext && follow != "" {
			path, q = follow, query
			continue
		}
		cursor := query.Get(c.cfg.cursorParam)
		if cursor == "" {
			return nil
		}
		q.Set(c.cfg.cursorParam, cursor)
	}
}

// moment writes a time as the parameters have it.
func (c *connector) moment(at time.Time) string {
	switch at = at.UTC(); c.cfg.timeLayout {
	case "RFC3339Milli":
		return at.Format("2006-01-02T15:04:05.000Z")
	case "Unix":
		return strconv.FormatInt(at.Unix(), 10)
	default:
		return at.Format(time.RFC3339)
	}
}

// page reads one page and gives the link to the next. errEnough ends it when the interaction was in it.
func (t *talk) page(d *lenient.Decoder) (next string) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "_embedded":
			d.Object(func(key []byte) {
				if string(key) != "interactions" {
					d.Skip()
					return
				}
				d.Array(func() {
					(&exchange{talk: t}).read(d)
					if t.found && d.Err == nil {
						d.Err = errEnough
					}
				})
			})
		case "_links", "links":
			next = nextLink(d)
		default:
			d.Skip()
		}
	})
	return next
}

// nameAgents asks who the agents of a chat are; of a call the recordings say it.
func (t *talk) nameAgents(ctx context.Context) {
	if t.what != whatMessages {
		return
	}
	for _, id := range t.agents {
		if p, err := t.o.c.user(ctx, id); err == nil && p != nil && t.emit(p) != nil {
			return
		}
	}
}

// maxHeld bounds what is kept of an interaction that has not said yet which one it is.
const maxHeld = 1 << 20

// exchange is one interaction of a page. Its id stands in front of its messages as a rule, so that they go
// out while they arrive; where it stands behind them, or not at all, they are held until it is clear.
type exchange struct {
	*talk
	decided, ours bool
	id            string
	customer      string
	began, ended  time.Time
	direction     string
	held          []utterance
	size          int
	n             int
	headed        bool
	told          *connectors.Header // the first one
	channel       string             // of the first message
}

func (x *exchange) read(d *lenient.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			x.id = d.Word()
			x.decide(x.id != "", same(x.id, x.talk.id))
		case "customer_id":
			x.customer = d.ID()
		case "started_at":
			x.began = d.Time()
		case "ended_at":
			x.ended = d.Time()
		case "direction":
			x.direction = strings.ToLower(d.Label())
		case "messages":
			if x.decided && !x.ours {
				d.Skip()
				return
			}
			d.Array(func() { x.take(d, decodeUtterance(d, x.o)) })
		case "agents":
			x.readAgents(d)
		default:
			d.Skip()
		}
	})
	x.flush(d)
	if x.ours && d.Err == nil {
		// What stood behind the messages; and an interaction in which nothing was said.
		if len(x.o.recs) == 0 && (!x.headed || x.told.CreatedAt != x.began || x.told.UpdatedAt != x.ended) {
			d.Err = x.emit(x.header())
		}
		x.found = true
	}
}

func (x *exchange) readAgents(d *lenient.Decoder) {
	var ids []string
	d.Array(func() {
		d.Object(func(key []byte) {
			if string(key) == "id" && len(ids) < 20 {
				ids = append(ids, d.ID())
			} else {
				d.Skip()
			}
		})
	})
	if x.ours {
		x.agents = ids
	}
}

func (x *exchange) decide(known, ours bool) {
	if known && !x.decided {
		x.decided, x.ours = true, ours
	}
}

// take hands on or holds one utterance. An interaction without an id is ours when what was said in it was
// said in one of our recordings.
func (x *exchange) take(d *lenient.Decoder, u utterance) {
	if d.Err != nil || x.decided && !x.ours {
		return
	}
	if !x.decided && x.id == "" && u.recording != "" {
		if r, _ := x.o.recordingOf(u.recording, -1); r.id != "" {
			x.decide(true, true)
		}
	}
	x.channel = firstWord(x.channel, u.channel)
	if x.size += u.text.Len(); !x.decided && x.size > maxHeld {
		x.held, x.decided = nil, true // too long to wait for an id
		return
	}
	x.held = append(x.held, u)
	x.flush(d)
}

// flush hands on what is held, once it is clear whose it is.
func (x *exchange) flush(d *lenient.Decoder) {
	if x.decided && x.ours {
		for _, u := range x.held {
			x.put(d, x.part(u))
		}
	}
	if x.decided {
		x.held = x.held[:0]
	}
}

// put hands on p, after a header where nothing else says what was found.
func (x *exchange) put(d *lenient.Decoder, p connectors.Part) {
	if !x.headed && d.Err == nil {
		x.headed = true
		if len(x.o.recs) == 0 {
			x.told = x.header()
			d.Err = x.emit(x.told)
		}
	}
	if p != nil && d.Err == nil {
		d.Err = x.emit(p)
	}
}

func (x *exchange) header() *connectors.Header {
	h := &connectors.Header{Ref: x.o.ref, Provider: name, CreatedAt: x.began, UpdatedAt: x.ended, Direction: x.direction, Channel: "chat"}
	if x.what == whatTranscript {
		h.Channel = "voice"
	}
	if x.channel != "" {
		h.Channel = channelName(x.channel)
	}
	if x.ended.After(x.began) && !x.began.IsZero() {
		h.Seconds = connectors.Seconds(x.ended.Sub(x.began).Seconds())
	}
	return h
}
