package sim

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// column is one value of a row, by its key in JSON.
type column struct {
	key   string
	value any
}

type row []column

func (r row) object() map[string]any {
	m := map[string]any{}
	for _, c := range r {
		m[c.key] = c.value
	}
	return m
}

// csvOf writes rows with the titles that the page shows, not the keys of JSON.
func csvOf(rows []row) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for n, r := range rows {
		var titles, values []string
		for _, c := range r {
			titles = append(titles, titleOf(c.key))
			if c.value == nil {
				c.value = ""
			}
			values = append(values, fmt.Sprint(c.value))
		}
		if n == 0 {
			_ = w.Write(titles) // to memory
		}
		_ = w.Write(values)
	}
	w.Flush()
	return b.Bytes()
}

func titleOf(key string) string {
	words := strings.Fields(strings.ReplaceAll(key, "_", " "))
	for n, w := range words {
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		words[n] = string(r)
	}
	return strings.Join(words, " ")
}

// rows gives a report's rows: what ended from j.from on and before j.to.
func (s *Sim) rows(j *job) []row {
	var list []row
	for _, i := range s.data.list {
		if i.noReport {
			continue
		}
		switch {
		case j.kind == "user_status":
			return []row{{{"user_id", idOf(24, "user", "Dana Okafor")}, {"status_label", "Available"}, {"status_start_at", s.data.start.Format(time.RFC3339)}}}
		case j.kind == "calls" && i.channel == "VOICE" && within(j, i.ended):
			list = append(list, s.callRow(i))
		case j.kind == "explore_calls" && i.channel == "VOICE" && within(j, i.ended):
			list = append(list, s.exploreRow(i))
		case j.kind == "contacts" && i.channel == "VOICE", j.kind == "messaging_contacts" && i.channel != "VOICE":
			for n, l := range i.legs {
				if !within(j, l.ended) {
					continue
				}
				if l.id = idOf(32, i.id, "leg", n); j.kind == "contacts" {
					list = append(list, legRow(i, l, n == len(i.legs)-1))
				} else {
					list = append(list, s.digitalRow(i, l))
				}
			}
		}
	}
	return list
}

func within(j *job, t time.Time) bool { return !t.Before(j.from) && t.Before(j.to) }

// callRow has the fields in force since 2026-05-11.
func (s *Sim) callRow(i *interaction) row {
	first, last := i.people()
	talk, total := 0, seconds(i.ended.Sub(i.began))
	for _, r := range i.recs {
		talk += int(r.sound.Seconds)
	}
	if talk == 0 && first != nil && i.kind == "inbound" {
		talk = max(0, total-21)
	}
	r := row{
		{"call_id", i.id}, {"callsid", "CA" + i.id}, {"type", i.kind}, {"start_at", i.began.Format(time.RFC3339)}, {"end_at", i.ended.Format(time.RFC3339)},
		{"talkdesk_phone_number", "+12025550143"}, {"talkdesk_phone_display_name", i.queue}, {"contact_phone_number", i.who.phone},
	}
	r = append(r, named("user", first)...)
	r = append(r,
		column{"total_time", total}, column{"talk_time", talk}, column{"wait_time", 21}, column{"hold_time", i.hold}, column{"abandon_time", 0}, column{"total_ringing_time", 8},
		column{"disposition_code", orNull(i.disposition)}, column{"notes", orNull(i.notes)}, column{"user_voice_rating", 0}, column{"ring_groups", i.queue}, column{"ivr_options", "1,3"},
		column{"is_in_business_hours", true}, column{"is_callback_from_queue", false}, column{"is_transfer", len(i.legs) > 1},
	)
	r = append(r, named("handling_user", last)...)
	return append(r,
		column{"recording_url", "https://" + apiName + "/calls/" + i.id + "/recordings"}, column{"is_external_transfer", false}, column{"is_if_no_answer", false},
		column{"is_call_forwarding", false}, column{"csat_score", orNull(i.csat)}, column{"csat_survey_time", ""}, column{"team_id", idOf(24, "team")}, column{"team_name", "Bookings A"},
		column{"rating_reason", ""}, column{"agent_disconnected", "No"}, column{"data_status", "Valid"}, column{"disposition_set", "Default"}, column{"nested_disposition", nil},
		column{"int_custom_field_n1", nil}, column{"text_custom_field_n1", orNull(map[bool]string{true: "H-7731"}[i.id == CallTransfer])},
	)
}

// people are who took it first and who had it last.
func (i *interaction) people() (first, last *user) {
	for _, l := range i.legs {
		if l.by != nil {
			if first == nil {
				first = l.by
			}
			last = l.by
		}
	}
	return first, last
}

func named(prefix string, u *user) row {
	if u == nil {
		return row{{prefix + "_id", nil}, {prefix + "_name", nil}, {prefix + "_email", nil}}
	}
	return row{{prefix + "_id", u.id}, {prefix + "_name", u.name}, {prefix + "_email", u.email}}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// exploreRow is the older shape: fractions of a day, and words for booleans.
func (s *Sim) exploreRow(i *interaction) row {
	first, _ := i.people()
	name := any(nil)
	if first != nil {
		name = first.name
	}
	return row{
		{"interaction_id", i.id}, {"call_type", i.kind}, {"start_time", i.began.Format(time.DateTime)}, {"end_time", i.ended.Format(time.DateTime)},
		{"customer_phone_number", i.who.phone}, {"talk_time", i.ended.Sub(i.began).Hours() / 24}, {"in_business_hours?", "TRUE"}, {"transfer?", "No"}, {"agent_name", name},
	}
}

// legRow has the snake case of the titles of the contacts report.
func legRow(i *interaction, l leg, last bool) row {
	talk := 0
	if l.by != nil && l.kind == "answered" {
		talk = max(0, seconds(l.ended.Sub(l.began))-i.hold)
	}
	r := row{
		{"interaction_id", i.id}, {"contact_id", l.id}, {"company_number", "+12025550143"}, {"phone_display_name", i.queue}, {"contact_person_number", i.who.phone},
		{"direction", direction(i)}, {"contact_type", l.kind}, {"started_at", l.began.Format(time.DateTime)}, {"finished_at", l.ended.Format(time.DateTime)},
		{"talk_time", talk}, {"hold_time", map[bool]int{true: i.hold}[l.by != nil && l.out]}, {"wait_time", 21}, {"ring_time", 8}, {"after_call_work_time", 30},
		{"duration", seconds(l.ended.Sub(l.began))}, {"transfer_out", yes(l.out)}, {"transfer_in", yes(l.in)}, {"callback", "No"}, {"ring_groups", l.queue},
		{"handling_ring_groups", l.queue}, {"disconnected_by_agent", "No"}, {"last_contact", yes(last)}, {"data_status", "Valid"},
	}
	if l.by == nil {
		return append(r, column{"user_id", nil}, column{"user_name", nil})
	}
	return append(r, column{"user_id", l.by.id}, column{"user_name", l.by.name})
}

func direction(i *interaction) string {
	if i.outbound {
		return "Outbound"
	}
	return "Inbound"
}

func yes(b bool) string { return map[bool]string{true: "Yes", false: "No"}[b] }

// digitalRow is one of messaging_contacts, with its mixture of units.
func (s *Sim) digitalRow(i *interaction, l leg) row {
	day := func(d time.Duration) float64 { return d.Hours() / 24 }
	r := row{
		{"interaction_id", i.id}, {"contact_id", dashed(l.id)}, {"channel_type", i.channel}, {"direction", direction(i)}, {"interaction_status", "CLOSED"},
		{"interaction_started_at", i.began.Format(time.DateTime)}, {"interaction_finished_at", i.ended.Format(time.DateTime)},
		{"interaction_duration", day(i.ended.Sub(i.began))}, {"interaction_handle_time", span(i.ended.Sub(i.began))},
		{"contact_started_at", l.began.Format(time.DateTime)}, {"contact_assigned_at", l.began.Add(20 * time.Second).Format(time.DateTime)},
		{"contact_finished_at", l.ended.Format(time.DateTime)}, {"contact_finished_reason", l.kind}, {"contact_duration", day(l.ended.Sub(l.began))},
		{"contact_handle_time", span(l.ended.Sub(l.began))}, {"first_response_time", "0d 0h 1m 12s"}, {"wrap-up_duration", 0.00011574074},
		{"contact_person_id", i.who.id}, {"contact_person_name", i.who.name}, {"contact_person_channel_identifier", i.who.phone},
		{"touchpoint_identifier", "+12025550143"}, {"touchpoint_name", "Support " + i.channel}, {"queues", "billing + " + l.queue}, {"handling_queues", l.queue},
		{"transfer_out", yes(l.out)}, {"is_virtual_agent", strings.ToUpper(yes(l.by == nil))}, {"disposition_name", orNull(i.disposition)}, {"notes", orNull(i.notes)},
		{"conversation", conversationURL(s.o.Account, i)},
	}
	if l.by == nil {
		return append(r, column{"user_id", nil}, column{"user_name", nil}, column{"virtual_agent_id", "va-1"}, column{"virtual_agent_name", "Skipper"})
	}
	return append(r, column{"user_id", l.by.id}, column{"user_name", l.by.name}, column{"virtual_agent_id", nil}, column{"virtual_agent_name", nil})
}

// span is a duration as the report writes handle times: "0d 0h 12m 5s".
func span(d time.Duration) string {
	n := seconds(d)
	return fmt.Sprintf("%dd %dh %dm %ds", n/86400, n/3600%24, n/60%60, n%60)
}
