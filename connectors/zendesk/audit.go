package zendesk

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// audit is one change of a ticket, with what it consisted of.
type audit struct {
	id, author string
	at         time.Time
	via        via
	events     []change
}

// readAudits walks the ticket's history. It comes after the comments, since it is what an analyst
// reads last, and is left out with a word when the token may not read it.
func (o *opening) readAudits(ctx context.Context) error {
	h := history{o: o, seen: ids{}, asked: map[string]bool{}}
	err := o.c.walk(ctx, h.pages())
	if err == nil {
		return h.end()
	}
	if m := missingEvents(err); m != nil {
		return o.emit(m)
	}
	return err
}

func (h *history) pages() pages {
	o := h.o
	return pages{
		at:    call{op: "ticket.audits"},
		path:  o.path("/audits"),
		query: url.Values{"include": {"users,groups"}},
		list:  "audits",
		item:  h.read,
		other: func(d *lenient.Decoder, key []byte) bool {
			switch string(key) {
			case "users":
				o.readPeople(d)
			case "groups":
				readNames(d, o.groups)
			default:
				return false
			}
			return true
		},
		end: h.flush,
	}
}

func missingEvents(err error) *connectors.Missing {
	switch connectors.CodeOf(err) {
	case connectors.CodeMissingScope:
		return &connectors.Missing{What: "events", Reason: connectors.MissingNoScope,
			Say: "This link may not read the history of tickets. It needs the scope read, and a user who may see it."}
	case connectors.CodeNotFound, connectors.CodeNotLicensed:
		return &connectors.Missing{What: "events", Reason: connectors.MissingNotFound,
			Say: "Zendesk has no history of this ticket."}
	default:
		return nil
	}
}

// history turns audits into events.
type history struct {
	o       *opening
	seen    ids
	waiting []pending
	chats   bool            // there were chats, whose text is not in the comments
	asked   map[string]bool // groups whose names were asked for, once
	lookups int             // of groups
}

// read reads one audit and hands its events on. Those that need a name that follows in the page wait.
func (h *history) read(d *lenient.Decoder) bool {
	a := decodeAudit(d)
	if d.Err != nil || (a.id != "" && !h.seen.add(a.id)) {
		return false
	}
	created := false
	for i, e := range a.events {
		if e.id == "" {
			e.id = a.id + ":" + strconv.Itoa(i+1)
		}
		if e.kind == "Create" {
			if created {
				continue // one line says that the ticket was made; the header has its values
			}
			created = true
		}
		h.put(d, a, e)
	}
	return true
}

func (h *history) put(d *lenient.Decoder, a audit, e change) {
	p, ok := h.event(a, e)
	if !ok {
		return
	}
	if e.chat() {
		h.chats = true
		h.channel(d, e)
	}
	if p.unknown(h.o) && len(h.waiting) < lenient.MaxList {
		h.waiting = append(h.waiting, p)
		return
	}
	h.o.put(d, p.finish(h.o))
}

// channel corrects the ticket's channel: a chat with a conversation is messaging, one without is a
// chat of the older product.
func (h *history) channel(d *lenient.Decoder, e change) {
	ch := channelChat
	if e.conversation != "" {
		ch = channelMessaging
	}
	t := &h.o.ticket
	if t.channel == channelVoice || t.channel == channelMessaging || t.channel == ch {
		return
	}
	t.channel = ch
	head := h.o.later()
	head.Channel = ch
	h.o.put(d, head)
}

// flush hands on what waited for the names of its page, after asking for those that did not come.
func (h *history) flush(ctx context.Context) error {
	h.lookUp(ctx)
	for _, p := range h.waiting {
		if err := h.o.emit(p.finish(h.o)); err != nil {
			return err
		}
	}
	h.waiting = h.waiting[:0]
	return nil
}

// end says what the history has but is not shown.
func (h *history) end() error {
	if !h.chats {
		return nil
	}
	return h.o.emit(&connectors.Missing{What: "chat", Reason: connectors.MissingNotOffered,
		Say: "The chat's own messages are not read from Zendesk; open the ticket there to see them."})
}

func decodeAudit(d *lenient.Decoder) audit {
	var a audit
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			a.id = d.ID()
		case "author_id":
			a.author = d.Author()
		case "created_at":
			a.at = d.Time()
		case "via":
			a.via = decodeVia(d)
		case "events":
			d.Array(func() {
				if e := decodeChange(d); e.kind+e.id != "" && len(a.events) < lenient.MaxList {
					a.events = append(a.events, e)
				}
			})
		default:
			d.Skip()
		}
	})
	return a
}

// change is one event of an audit.
type change struct {
	id, kind, field    string
	value, previous    []string
	via                via
	title              string // of a macro, subject of a notification
	score              string
	conversation       string
	public, publicKnow bool
}

// chat tells whether the event holds a chat's own messages.
func (e change) chat() bool { return e.kind == "ChatStartedEvent" || e.kind == "ChatEndedEvent" }

func decodeChange(d *lenient.Decoder) change {
	var e change
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			e.id = d.ID()
		case "type":
			e.kind = d.Label()
		case "field_name":
			e.field = d.Word()
		case "value":
			e.decodeValue(d)
		case "previous_value":
			e.previous = d.Words()
		case "via":
			e.via = decodeVia(d)
		case "macro_title":
			e.title = d.Word()
		case "score":
			e.score = d.Word()
		case "public":
			e.publicKnow = d.Kind() == 't' || d.Kind() == 'f'
			e.public = d.Boolean(false)
		default: // bodies of notifications and comments are not read
			d.Skip()
		}
	})
	return e
}

// decodeValue reads what a field became; of a chat only whether it belongs to a conversation.
func (e *change) decodeValue(d *lenient.Decoder) {
	if d.Kind() != '{' {
		e.value = d.Words()
		return
	}
	d.Object(func(key []byte) {
		if string(key) == "conversation_id" {
			e.conversation = d.Word()
			return
		}
		d.Skip()
	})
}
