package zendesk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// recording serves answers in the shapes that were recorded, with all that real ones have: nulls,
// missing keys, numbers as strings, thumbnails listed again, links elsewhere, fields nobody documented.
func recording(t testing.TB) answers {
	return answers{
		"/api/v2/tickets/5012":                       recorded(t, "ticket.json"),
		"/api/v2/tickets/5012/comments":              recorded(t, "comments.json"),
		"/api/v2/tickets/5012/comments#eyJvIjoiMSJ9": recorded(t, "comments_2.json"),
		"/api/v2/ticket_fields":                      recorded(t, "ticket_fields.json"),
		"/api/v2/tickets/5012/audits":                recorded(t, "audits.json"),
		"/api/v2/groups/99":                          `{"group":{"id":99,"name":"Escalations"}}`,
	}
}

func TestRecordedTicket(t *testing.T) {
	parts, err := collect(t, connect(t, recording(t)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if parts[0].Type() != connectors.TypeHeader {
		t.Errorf("first part = %s, want a header", parts[0].Type())
	}
	golden(t, "recorded.parts", lines(t, parts))
}

func TestEveryCommentOnceInOrder(t *testing.T) {
	parts, err := collect(t, connect(t, recording(t)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"331", "332", "333", "334", "335", "9007199254740995", "337", "338", "339", "340"}
	if diff := cmp.Diff(want, messageIDs(parts)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestPeopleAreNamedOnce(t *testing.T) {
	parts, err := collect(t, connect(t, recording(t)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, p := range only[*connectors.Person](parts) {
		seen[p.ID]++
	}
	want := map[string]int{"9007199254740993": 1, "4100": 1, "4101": 1}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
}

func TestPeopleBeforeTheirTicket(t *testing.T) {
	a := bare(`{"comments":[]}`)
	a["/api/v2/tickets/5012"] = `{"users":[{"id":801,"name":"P","role":"end-user"}],"brands":[{"id":11,"name":"B"}],"groups":[],"ticket":{"id":5012,"status":"open","brand_id":11}}`
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 3 || parts[0].Type() != connectors.TypeHeader || parts[1].Type() != connectors.TypePerson || parts[2].(*connectors.Header).Brand.IsZero() {
		t.Errorf("parts = %s, want a header, then the person, then the brand", lines(t, parts))
	}
}

func TestFieldsRefused(t *testing.T) {
	a := recording(t)
	delete(a, "/api/v2/ticket_fields")
	parts, err := collect(t, connect(t, refusing(a, "/api/v2/ticket_fields", 403, `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`)), ticket)
	if err != nil {
		t.Fatal(err)
	}
	missing := only[*connectors.Missing](parts)
	i := slices.IndexFunc(missing, func(m *connectors.Missing) bool { return m.What == "fields" })
	if i < 0 || missing[i].Reason != connectors.MissingNoScope {
		t.Errorf("missing = %+v, want fields with no_scope", missing)
	}
	if got := len(messageIDs(parts)); got != 10 {
		t.Errorf("%d messages, want 10", got)
	}
	if s := lines(t, parts); !strings.Contains(s, `{"name":"26364","value":"A-1"}`) {
		t.Errorf("fields are not shown by number: %s", s)
	}
}

func TestAuditsRefused(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		reason connectors.MissingReason
	}{
		{403, `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`, connectors.MissingNoScope},
		{403, `{"error":{"title":"Forbidden","message":"You do not have access to this page."}}`, connectors.MissingNoScope},
		{404, `{"error":"RecordNotFound","description":"Not found"}`, connectors.MissingNotFound},
	} {
		parts, err := collect(t, connect(t, refusing(recording(t), "/api/v2/tickets/5012/audits", tc.status, tc.body)), ticket)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := parts[len(parts)-1].(*connectors.Missing)
		if !ok || m.What != "events" || m.Reason != tc.reason {
			t.Errorf("%d: last part = %+v, want missing events, %s", tc.status, parts[len(parts)-1], tc.reason)
		}
	}
}

func TestMergedTicket(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"body":"merged","via":{"channel":"system","source":{"rel":"merge","from":{"ticket_ids":["5012",6001]}}}}]}`)
	a["/api/v2/tickets/5012"] = `{"ticket":{"id":5012,"status":"closed","updated_at":"2026-09-02T00:00:00Z","tags":["closed_by_merge"]}}`
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	heads := only[*connectors.Header](parts)
	if len(heads) != 2 || heads[0].State != connectors.StateMerged || heads[1].MergedInto != "6001" {
		t.Errorf("headers = %+v, want merged, then merged into 6001", heads)
	}
}

func TestSurvivorOfAMergeIsNotMerged(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"body":"merged","via":{"channel":"system","source":{"rel":"merge","from":{"ticket_id":6001}}}}]}`)
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range only[*connectors.Header](parts) {
		if h.State != "" || h.MergedInto != "" {
			t.Errorf("header = %+v, want no state", h)
		}
	}
}

func TestArchivedIsAskedForOldClosedTicketsOnly(t *testing.T) {
	for _, tc := range []struct {
		updated, related string
		want             connectors.State
	}{
		{"2026-01-01T00:00:00Z", `{"ticket_related":{"from_archive":true}}`, connectors.StateArchived},
		{"2026-01-01T00:00:00Z", `{"from_archive":true}`, connectors.StateArchived},
		{"2026-01-01T00:00:00Z", `{"ticket_related":{"from_archive":false}}`, ""},
		{"2026-01-01T00:00:00Z", `[]`, ""},
		{"2026-09-01T00:00:00Z", `{"ticket_related":{"from_archive":true}}`, ""},
	} {
		a := bare(`{"comments":[]}`)
		a["/api/v2/tickets/5012"] = `{"ticket":{"id":5012,"status":"closed","updated_at":"` + tc.updated + `"}}`
		a["/api/v2/tickets/5012/related"] = tc.related
		parts, err := collect(t, connect(t, a), ticket)
		if err != nil {
			t.Fatal(err)
		}
		var got connectors.State
		for _, h := range only[*connectors.Header](parts) {
			got = h.State
		}
		if got != tc.want {
			t.Errorf("updated %s, related %s: state = %q, want %q", tc.updated, tc.related, got, tc.want)
		}
	}
}

func TestChannels(t *testing.T) {
	for _, tc := range []struct{ ticket, want string }{
		{`{"id":1,"via":{"channel":"email"}}`, "email"},
		{`{"id":1,"via":{"channel":"native_messaging"}}`, "messaging"},
		{`{"id":1,"via":{"channel":"whatsapp"}}`, "messaging"},
		{`{"id":1,"via":{"channel":"web"},"from_messaging_channel":true}`, "messaging"},
		{`{"id":1,"via":{"channel":"chat"}}`, "chat"},
		{`{"id":1,"via":{"channel":"voice"}}`, "voice"},
		{`{"id":1,"via":{"channel":"phone"}}`, "voice"},
		{`{"id":1,"via":{"channel":"carrier_pigeon"}}`, "carrier_pigeon"},
		{`{"id":1,"via":null}`, ""},
	} {
		a := bare(`{"comments":[]}`)
		a["/api/v2/tickets/5012"] = `{"ticket":` + tc.ticket + `}`
		parts, err := collect(t, connect(t, a), ticket)
		if err != nil {
			t.Fatal(err)
		}
		if h := parts[0].(*connectors.Header); h.Channel != tc.want {
			t.Errorf("%s: channel = %q, want %q", tc.ticket, h.Channel, tc.want)
		}
	}
}

func TestSatisfaction(t *testing.T) {
	for in, want := range map[string]string{
		`null`:                                "",
		`{"score":"unoffered"}`:               "",
		`{}`:                                  "",
		`[]`:                                  "",
		`"good"`:                              "",
		`{"score":"offered"}`:                 "offered",
		`{"id":1,"score":"bad","comment":""}`: "bad",
		`{"score":4}`:                         "4",
	} {
		a := bare(`{"comments":[]}`)
		a["/api/v2/tickets/5012"] = `{"ticket":{"id":5012,"satisfaction_rating":` + in + `}}`
		parts, err := collect(t, connect(t, a), ticket)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if c := parts[0].(*connectors.Header).CSAT; c != nil {
			got = c.Score
		}
		if got != want {
			t.Errorf("%s: score = %q, want %q", in, got, want)
		}
	}
}

func TestRefsThatAreNoTickets(t *testing.T) {
	c := connect(t, answers{})
	for _, ref := range []records.Ref{
		{Link: "zd", Kind: records.KindCall, ID: "5012"},
		{Link: "zd", Kind: records.KindTicket, ID: "../users/1"},
		{Link: "zd", Kind: records.KindTicket, ID: "0"},
		{Link: "zd", Kind: records.KindTicket, ID: ""},
		{Link: "zd", Kind: records.KindTicket, ID: "99999999999999999999"},
	} {
		_, err := collect(t, c, ref)
		if got := connectors.CodeOf(err); got != connectors.CodeBadRequest {
			t.Errorf("%+v: code = %q, want bad_request", ref, got)
		}
	}
}

func TestFaultAtTheFieldsIsToldLast(t *testing.T) {
	parts, err := collect(t, connect(t, refusing(recording(t), "/api/v2/ticket_fields", 500, `{}`)), ticket)
	if got := connectors.CodeOf(err); got != connectors.CodeProviderDown {
		t.Errorf("error = %v, want provider_down", err)
	}
	if len(messageIDs(parts)) != 10 || len(only[*connectors.Event](parts)) == 0 {
		t.Errorf("%d messages and %d events, want all of both", len(messageIDs(parts)), len(only[*connectors.Event](parts)))
	}
	if s := lines(t, parts); !strings.Contains(s, `{"name":"26364","value":"A-1"}`) {
		t.Errorf("fields are not shown by number: %s", s)
	}
}
