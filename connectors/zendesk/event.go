package zendesk

import (
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// What happened, as it stands on the wire.
const (
	eventCreated      = "created"
	eventStatus       = "status"
	eventTransfer     = "transfer" // to another group
	eventAssigned     = "assigned" // to another agent
	eventPriority     = "priority"
	eventTags         = "tags"
	eventField        = "field"
	eventNotification = "notification"
	eventMacro        = "macro"
	eventRating       = "rating"
	eventRedacted     = "redacted"
	eventVisibility   = "visibility"
	eventChatStarted  = "chat_started"
	eventChatEnded    = "chat_ended"
)

// arrow stands between what was and what is.
const arrow = " → "

// nobody stands for no group or agent.
const nobody = "–"

// pending is an event whose text may need names of people or groups.
type pending struct {
	event    *connectors.Event
	names    nameKind
	from, to string // ids
}

// nameKind says whose names a pending event needs.
type nameKind int

const (
	namesNone nameKind = iota
	namesGroups
	namesPeople
)

// unknown tells whether a name is not known yet.
func (p pending) unknown(o *opening) bool {
	return p.names != namesNone && (!p.names.has(o, p.from) || !p.names.has(o, p.to))
}

func (k nameKind) has(o *opening, id string) bool { return id == "" || k.of(o, id) != "" }

func (k nameKind) of(o *opening, id string) string {
	if k == namesGroups {
		return o.groups[id]
	}
	return o.people[id].name
}

func (k nameKind) show(o *opening, id string) string {
	if id == "" {
		return nobody
	}
	if s := k.of(o, id); s != "" {
		return s
	}
	return "#" + id
}

// finish gives the event with the names known by now.
func (p pending) finish(o *opening) *connectors.Event {
	if p.names != namesNone {
		p.event.Text = connectors.NewText(p.names.show(o, p.from) + arrow + p.names.show(o, p.to))
	}
	return p.event
}

// event maps one event of an audit. Comments are left out: they have been shown as messages. What is
// not known becomes an event "other" that names Zendesk's own type.
func (h *history) event(a audit, e change) (pending, bool) {
	by := e.via
	if by.channel == "" { // an event carries its own only where it differs
		by = a.via
	}
	ev := &connectors.Event{ID: e.id, At: a.at, Event: connectors.EventOther, Native: e.kind}
	switch {
	case by.channel == "rule": // a trigger or automation did it, whoever set it off
		ev.Actor = &connectors.Who{Role: connectors.RoleSystem}
	case a.author != "":
		ev.Actor = h.o.who(a.author, by.channel)
	}
	p := pending{event: ev}
	known := func(event, text string) (pending, bool) {
		ev.Event, ev.Text, ev.Native = event, connectors.NewText(text), ""
		return p, true
	}
	switch e.kind {
	case typeComment, typeVoice, typeTPEVoice:
		return p, false
	case "Create":
		return known(eventCreated, "")
	case "Change":
		return h.changed(p, e)
	case "Notification", "NotificationWithCcs":
		return known(eventNotification, by.title)
	case "AgentMacroReference":
		return known(eventMacro, e.title)
	case "SatisfactionRating":
		return known(eventRating, e.score)
	case "CommentRedactionEvent", "AttachmentRedactionEvent":
		return known(eventRedacted, "")
	case "CommentPrivacyChange":
		return known(eventVisibility, e.visibility())
	case "ChatStartedEvent":
		return known(eventChatStarted, "")
	case "ChatEndedEvent":
		return known(eventChatEnded, "")
	default: // of whatever type, a comment has its message's id
		return p, !h.o.comments.has(e.id)
	}
}

func (e change) visibility() string {
	switch {
	case !e.publicKnow:
		return ""
	case e.public:
		return string(connectors.VisibilityPublic)
	default:
		return string(connectors.VisibilityInternal)
	}
}

// changed maps a Change by the field that changed.
func (h *history) changed(p pending, e change) (pending, bool) {
	p.event.Native = ""
	switch e.field {
	case "status", "priority":
		p.event.Event = e.field
		p.event.Text = connectors.NewText(step(e.previous, e.value))
	case "group_id":
		p.event.Event = eventTransfer
		p.names, p.from, p.to = namesGroups, first(e.previous), first(e.value)
	case "assignee_id":
		p.event.Event = eventAssigned
		p.names, p.from, p.to = namesPeople, first(e.previous), first(e.value)
	case "requester_id":
		p.event.Event, p.event.Native = connectors.EventOther, "Change:requester_id"
		p.names, p.from, p.to = namesPeople, first(e.previous), first(e.value)
	case "tags", "current_tags":
		p.event.Event = eventTags
		p.event.Text = connectors.NewText(difference(e.previous, e.value))
	default:
		p.event.Event = eventField
		p.event.Text = connectors.NewText(h.o.names.title(e.field) + ": " +
			arrowed(h.o.names.show(e.field, e.previous), h.o.names.show(e.field, e.value)))
	}
	return p, true
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

func step(from, to []string) string { return arrowed(strings.Join(from, ", "), strings.Join(to, ", ")) }

func arrowed(from, to string) string {
	if from == "" {
		from = nobody
	}
	if to == "" {
		to = nobody
	}
	return from + arrow + to
}

// difference says which tags came and went. Zendesk gives lists, or one string with blanks between.
func difference(from, to []string) string {
	from, to = split(from), split(to)
	var out []string
	for _, t := range to {
		if !slices.Contains(from, t) {
			out = append(out, "+"+t)
		}
	}
	for _, t := range from {
		if !slices.Contains(to, t) {
			out = append(out, "−"+t)
		}
	}
	return strings.Join(out, " ")
}

func split(s []string) []string {
	if len(s) == 1 {
		return strings.Fields(s[0])
	}
	return s
}
