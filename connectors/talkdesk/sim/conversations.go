package sim

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxWindow is the longest interval of the Conversations API, and sinceWhen the first day it has.
const maxWindow = 7 * 24 * time.Hour

var sinceWhen = time.Date(2023, 5, 1, 0, 0, 0, 0, time.UTC)

// listConversations is GET /conversations/interactions: everything of the account within an interval,
// a page at a time.
func (s *Sim) listConversations(w http.ResponseWriter, r *http.Request) {
	set, q := s.set(), r.URL.Query()
	if set.NotLicensed {
		s.problem(w, http.StatusForbidden, "1560105", "Forbidden")
		return
	}
	from, err1 := time.Parse(time.RFC3339, q.Get("interaction_started"))
	to, err2 := time.Parse(time.RFC3339, q.Get("interaction_ended"))
	at := 0
	cursor, err3 := base64.RawURLEncoding.DecodeString(q.Get("cursor"))
	if len(cursor) > 0 {
		at = atoi(string(cursor))
	}
	if err1 != nil || err2 != nil || err3 != nil || !from.Before(to) || to.Sub(from) > maxWindow || from.Before(sinceWhen) || at < 0 {
		s.problem(w, http.StatusBadRequest, "1560402", "The interval is not valid")
		return
	}
	var all []*interaction
	for _, i := range s.data.list {
		if len(i.said) > 0 && !i.began.Before(from) && !i.ended.After(to) {
			all = append(all, i)
		}
	}
	end := min(at+set.PageSize, len(all))
	items := []any{}
	for _, i := range all[min(at, len(all)):end] {
		items = append(items, conversation(i))
	}
	links := map[string]any{}
	if end < len(all) {
		next := base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
		// A host of the inside, and no path of the gateway: only the cursor is of use.
		links["next"] = map[string]any{"href": "https://" + innerName + "/interactions?" + url.Values{"cursor": {next}}.Encode()}
	}
	s.reply(w, http.StatusOK, map[string]any{"_embedded": map[string]any{"interactions": items}, "_links": links})
}

func conversation(i *interaction) map[string]any {
	c := map[string]any{
		"customer_id": i.who.id, "started_at": i.began.Format(time.RFC3339Nano), "ended_at": i.ended.Format(time.RFC3339Nano), "direction": map[bool]string{true: "OUTBOUND", false: "INBOUND"}[i.outbound],
		"ring_groups": []string{i.queue}, "queues": []string{i.queue},
	}
	if !i.nameless {
		c["id"] = dashed(i.id)
	}
	messages, agents, seen := []any{}, []any{}, map[string]bool{}
	for n, m := range i.said {
		messages = append(messages, utterance(n, m))
		if m.agent != "" && !seen[m.agent] {
			seen[m.agent] = true
			agents = append(agents, map[string]any{"id": m.agent})
		}
	}
	c["messages"], c["agents"] = messages, agents
	return c
}

func utterance(n int, m message) map[string]any {
	u := map[string]any{
		"message_id": m.id, "text": m.text, "channel": m.channel, "participant": m.participant, "sentiment": "NEUTRAL", "source_system": m.source, "message_index": n,
	}
	if m.source == "STT" {
		u["start_time"], u["end_time"], u["transcription_type"] = m.from, m.to, "POST_CALL"
		if m.rec != nil {
			u["recording_index"] = m.rec.index
			if !m.noRec {
				u["recording_id"] = m.rec.id
			}
		}
	}
	if m.timed {
		u["message_start_at"] = m.at.Format(time.RFC3339Nano)
	}
	if m.agent != "" {
		u["agent_id"] = m.agent
	}
	return u
}

// listMessages is the web app's own GET /cds/messages, which an API client may not have: only "direction"
// and "content" have been seen.
func (s *Sim) listMessages(w http.ResponseWriter, r *http.Request) {
	i := s.data.byID[r.URL.Query().Get("interaction_id")]
	if !s.set().Internal || i == nil || i.channel == "VOICE" {
		s.notFound(w, r)
		return
	}
	items := []any{}
	for _, m := range i.said {
		one := map[string]any{"id": m.id, "content": m.text, "direction": "OUTBOUND", "occur_at": m.at.Format(time.RFC3339)}
		if m.participant == "CUSTOMER" || m.participant == "CONTACT" {
			one["direction"] = "INBOUND"
		}
		if i.id == ChatHandoff && m.id == "c-006" {
			one["attachments"] = []any{map[string]any{"id": AttachmentPhoto}, map[string]any{"id": AttachmentLost}}
		}
		items = append(items, one)
	}
	s.reply(w, http.StatusOK, map[string]any{"_embedded": map[string]any{"message": items}})
}
