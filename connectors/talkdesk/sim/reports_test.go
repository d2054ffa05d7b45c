package sim_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func order(format string, from, to time.Time) string {
	return fmt.Sprintf(`{"name":"t","timezone":"UTC","format":%q,"timespan":{"from":%q,"to":%q}}`, format, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
}

// report makes one, waits for it and gives the answer of its file.
func (a *account) report(kind, order string) (file string, got answer) {
	a.Helper()
	made := a.api("POST", "/data/reports/"+kind+"/jobs", order)
	a.wantStatus(made, 202, kind)
	id := text(made.object(a.T), "job", "id")
	for range 5 {
		if job := a.api("GET", "/data/reports/"+kind+"/jobs/"+id); job.status == 303 {
			file = strings.TrimPrefix(job.header.Get("Location"), "https://api.talkdeskapp.com")
			return file, a.stored(a.api("GET", file).header.Get("Location"))
		}
	}
	a.Fatalf("%s: the job never ends", kind)
	return "", answer{}
}

func TestReports(t *testing.T) {
	now := time.Now()
	a := start(t, sim.Options{Start: now})
	day := order("json", now.Add(-48*time.Hour), now)
	file, got := a.report("calls", day)
	rows := got.object(t)
	found := 0
	for n := range count(rows, "entries") {
		if row := at(rows, "entries", n); text(row, "call_id") == sim.CallTransfer {
			found++
			if text(row, "user_name") != "Dana Okafor" || text(row, "handling_user_name") != "Ines Valk" || at(row, "is_transfer") != true {
				t.Errorf("got %v, want the two agents of a transfer", row)
			}
		}
	}
	if found != 1 || text(rows, "type") != "calls" {
		t.Errorf("the call is listed %d times in %v rows", found, rows["total"])
	}
	if n := a.OpenReportFiles(); n != 1 {
		t.Errorf("%d files are left, want 1", n)
	}
	a.wantStatus(a.api("DELETE", file), 204, "deleting the file")
	a.wantStatus(a.api("DELETE", file), 403, "deleting it again")
	a.wantStatus(a.api("GET", file), 404, "reading it then")
	if a.OpenReportFiles() != 0 || len(a.Writes()) != 0 {
		t.Errorf("%d files are left, other writes: %v", a.OpenReportFiles(), a.Writes())
	}
	if _, legs := a.report("contacts", day); strings.Count(string(legs.body), sim.CallTransfer) != 2 {
		t.Error("the transferred call has not two legs")
	}
	_, digital := a.report("messaging_contacts", day)
	for _, want := range []string{sim.MailBooking, sim.ChatSocial, `"wrap-up_duration"`, "0d 0h", "/atlas/apps/conversation-history/CHAT/" + sim.ChatHandoff} {
		if !strings.Contains(string(digital.body), want) {
			t.Errorf("the digital report has no %s", want)
		}
	}
	_, table := a.report("calls", order("csv", now.Add(-48*time.Hour), now))
	lines, err := csv.NewReader(strings.NewReader(string(table.body))).ReadAll()
	if err != nil || lines[0][0] != "Call Id" || len(lines) != count(rows, "entries")+1 {
		t.Errorf("got %v, %d lines (%v), want titles and the same rows", lines[0][:2], len(lines), err)
	}
	for _, kind := range []string{"explore_calls", "user_status"} {
		if _, r := a.report(kind, day); r.status != 200 {
			t.Errorf("%s: got %d", kind, r.status)
		}
	}
}

func TestReportRowsAreChosenByTheirEnd(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	a := start(t, sim.Options{Start: now})
	_, all := a.report("calls", order("json", now.Add(-48*time.Hour), now))
	row := all.object(t)
	end := time.Time{}
	for n := range count(row, "entries") {
		if text(row, "entries", n, "call_id") == sim.CallTransfer {
			end, _ = time.Parse(time.RFC3339, text(row, "entries", n, "end_at"))
		}
	}
	for name, c := range map[string]struct {
		from, to time.Time
		want     bool
	}{
		"from the end on":  {end, end.Add(time.Hour), true},
		"up to the end":    {end.Add(-time.Hour), end, false},
		"from just after":  {end.Add(time.Second), end.Add(time.Hour), false},
		"to just after it": {end.Add(-time.Minute), end.Add(time.Second), true},
	} {
		_, got := a.report("calls", order("json", c.from, c.to))
		if strings.Contains(string(got.body), sim.CallTransfer) != c.want {
			t.Errorf("%s: there %v, want %v", name, !c.want, c.want)
		}
	}
	for name, body := range map[string]string{
		"longer than a month": order("json", now.Add(-32*24*time.Hour), now), "the wrong way round": order("json", now, now.Add(-time.Hour)),
		"no format": order("xml", now.Add(-time.Hour), now), "no JSON": "x",
	} {
		a.wantStatus(a.api("POST", "/data/reports/calls/jobs", body), 400, name)
	}
}

func TestJobsThatDoNotGetDone(t *testing.T) {
	now := time.Now()
	a := start(t, sim.Options{})
	day := order("json", now.Add(-24*time.Hour), now)
	for outcome, want := range map[string][]string{
		sim.JobNever: {"200 processing", "200 uploading", "200 processing"}, sim.JobFailed: {"200 processing", "200 uploading", "200 failed"},
		sim.JobSilent: {"204 <nil>", "204 <nil>", "303 done"}, sim.JobFlat: {"200 processing", "200 uploading", "303 done"},
	} {
		a.Switch(func(s *sim.Switches) { s.Jobs["calls"] = outcome; s.JobPolls = 3 })
		made := a.api("POST", "/data/reports/calls/jobs", day).object(t)
		id := text(made, "job", "id")
		if outcome == sim.JobFlat {
			id = text(made, "id")
		}
		for n, want := range want {
			got := a.api("GET", "/data/reports/calls/jobs/"+id)
			body := map[string]any{}
			if len(got.body) > 0 {
				body = got.object(t)
			}
			status := at(body, "job", "status")
			if outcome == sim.JobFlat {
				status = body["status"]
			}
			if s := fmt.Sprint(got.status, " ", status); s != want {
				t.Errorf("%s, question %d: got %s, want %s", outcome, n, s, want)
			}
		}
	}
}

func TestConversations(t *testing.T) {
	now := time.Now()
	a := start(t, sim.Options{Start: now})
	path := func(from, to time.Duration, cursor string) string {
		q := url.Values{"interaction_started": {now.Add(-from).UTC().Format(time.RFC3339)}, "interaction_ended": {now.Add(-to).UTC().Format(time.RFC3339)}, "cursor": {cursor}}
		return "/conversations/interactions?" + q.Encode()
	}
	a.Switch(func(s *sim.Switches) { s.PageSize = 4 })
	seen, cursor, nameless := map[string]bool{}, "", 0
	for {
		page := a.api("GET", path(48*time.Hour, 0, cursor)).object(t)
		for n := range count(page, "_embedded", "interactions") {
			if id := text(page, "_embedded", "interactions", n, "id"); id == "<nil>" {
				nameless++
			} else {
				seen[strings.ReplaceAll(id, "-", "")] = true
			}
		}
		next, _ := at(page, "_links", "next", "href").(string)
		if next == "" {
			break
		}
		u, err := url.Parse(next)
		if err != nil || u.Host != "conversations.talkdesk.com" || u.Query().Get("cursor") == cursor {
			t.Fatalf("the next page is %q, want another cursor on a host of the inside", next)
		}
		cursor = u.Query().Get("cursor")
	}
	if !seen[sim.CallTransfer] || !seen[sim.ChatLong] || !seen[sim.ChatSMS] || seen[sim.MailBooking] || seen[sim.CallTextPurged] || nameless == 0 {
		t.Errorf("got %d conversations and %d without an id; want calls and chats, no mail, nothing whose text is gone, some without id", len(seen), nameless)
	}
	a.wantStatus(a.api("GET", path(8*24*time.Hour, 0, "")), 400, "eight days")
	a.Switch(func(s *sim.Switches) { s.NotLicensed = true })
	a.wantStatus(a.api("GET", path(time.Hour, 0, "")), 403, "without the product")
	a.wantStatus(a.api("GET", "/cds/messages?interaction_id="+sim.ChatHandoff), 404, "the inner source")
	a.Switch(func(s *sim.Switches) { s.Internal = true })
	if got := a.api("GET", "/cds/messages?interaction_id="+sim.ChatHandoff).object(t); count(got, "_embedded", "message") != 10 {
		t.Errorf("got %v, want 10 messages", got)
	}
}

func TestPeopleAndFiles(t *testing.T) {
	a := start(t, sim.Options{})
	list := a.api("GET", "/calls/"+sim.CallTextPurged+"/recordings").object(t)
	a.wantStatus(a.api("GET", "/users/"+text(list, "_embedded", "recordings", 0, "agents", "channel_1", 0, "participant_id")), 404, "a deleted user")
	users := a.api("GET", "/users").object(t)
	one := a.api("GET", "/users/"+text(users, "_embedded", "users", 0, "id")).object(t)
	if one["name"] == nil {
		t.Errorf("got %v, want a user", one)
	}
	if at(users, "_embedded", "users", 0, "extension") != nil && at(users, "_embedded", "users", 1, "extension") != nil {
		t.Error("every user has an extension, want null for one")
	}
	contact := text(a.api("GET", "/calls/"+sim.CallTransfer+"/recordings").object(t), "_embedded", "recordings", 0, "agents", "channel_2", 0, "participant_id")
	if got := a.api("GET", "/contacts/"+contact).object(t); text(got, "contact", "name") != "Leo Brandt" {
		t.Errorf("got %v, want the customer", got)
	}
	if got := a.api("GET", "/account").object(t); text(got, "name") != "harborline" {
		t.Errorf("got %v, want the account", got)
	}
	a.wantStatus(a.api("GET", "/users/me"), 404, "a client is nobody")
	link := a.api("GET", "/attachments/2023-03/"+sim.AttachmentPhoto+"/download-link").object(t)
	if got := a.stored(text(link, "url")); got.status != 200 || !strings.HasPrefix(string(got.body), "\x89PNG") {
		t.Errorf("got %d, want the picture", got.status)
	}
	a.wantStatus(a.api("GET", "/attachments/2023-03/"+sim.AttachmentLost), 404, "a lost file")
}

func TestFaultsAndLog(t *testing.T) {
	a := start(t, sim.Options{Canary: "Kanarie"})
	for kind, want := range map[simhost.FaultKind]int{
		simhost.FaultRate: 429, simhost.FaultUnauthorized: 401, simhost.FaultForbidden: 403, simhost.FaultServerError: 500, simhost.FaultHTML502: 502, simhost.FaultHTML503: 503, simhost.FaultHTML200: 200,
	} {
		a.Set(simhost.Fault{Kind: kind, Host: sim.HostAPI, Path: "/users", RetryAfter: "7", Times: 1})
		got := a.api("GET", "/users")
		a.wantStatus(got, want, string(kind))
		if (want == 429 || want == 503) && got.header.Get("Retry-After") != "7" {
			t.Errorf("%s: Retry-After is %q", kind, got.header.Get("Retry-After"))
		}
		a.wantStatus(a.api("GET", "/users"), 200, "after "+string(kind))
	}
	a.api("POST", "/users")
	a.api("DELETE", "/calls/1")
	if got := a.Writes(); len(got) != 2 || got[0].Method != "POST" || got[1].Path != "/calls/1" {
		t.Errorf("the writes are %v, want those two", got)
	}
}
