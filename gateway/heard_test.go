package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// withCall is a ticket with one recording of a minute; it opens it for a key.
func withCall(t testing.TB) (*env, func(key string) (open, handle string)) {
	return withCallFrom(t, (&file{data: pcm}).serve)
}

func withCallFrom(t testing.TB, media mediaFunc) (*env, func(key string) (open, handle string)) {
	rec := &connectors.Recording{ID: "171", Seconds: 60, Locator: connectors.Locator{What: "recording", ID: "9", URL: "https://acme.fake.example/r/9"}}
	e := withFake(t, &fake{open: parts(message("1", "a call"), rec), media: media}, func(s *setup) {
		s.config = func(c *gateway.Config) { c.MediaIdle, c.RightsEvery = 300*time.Millisecond, 50*time.Millisecond }
	})
	return e, func(key string) (string, string) {
		got := e.lines(e.do("GET", ticket, key, ""))
		return got[0]["open"].(string), "/api/v1/media/" + got[2]["handle"].(string)
	}
}

func heard(open string) string { return "/api/v1/opens/" + open + "/heard" }

// closings waits for n rows that close the use of a file, oldest first.
func (e *env) closings(t testing.TB, n int) []records.AuditRow {
	t.Helper()
	var rows []records.AuditRow
	within(t, 5*time.Second, fmt.Sprint(n, " media_closed rows"), func() bool {
		rows = slices.DeleteFunc(e.audit(), func(r records.AuditRow) bool { return r.Event != records.AuditMediaClosed })
		return len(rows) == n
	})
	slices.Reverse(rows)
	return rows
}

func TestHeardIsClippedAndKeptWithTheClosingRow(t *testing.T) {
	e, open := withCall(t)
	id, path := open(analystKey)
	tenth := len(pcm) / 10
	_ = read(t, e.do("GET", path, analystKey, "", "Range", fmt.Sprintf("bytes=0-%d", tenth-1)))
	_ = read(t, e.do("GET", path+"?use=peaks", analystKey, "")) // bytes, not listening
	for _, spans := range []string{`[[0,3.0004],[3.1,4]]`, `[[4,50]]`, `[[2,2.5]]`} {
		resp := e.do("POST", heard(id), analystKey, `{"recording":"171","spans":`+spans+`}`)
		if _ = read(t, resp); resp.StatusCode != http.StatusNoContent {
			t.Fatalf("spans %s: got %d, want 204", spans, resp.StatusCode)
		}
	}
	row := e.closings(t, 1)[0]
	// A tenth of a minute was served: 6 s, and 3.2 s of slack.
	if len(row.Heard) != 1 || row.Heard[0].From != 0 || row.Heard[0].To < 9 || row.Heard[0].To > 9.3 {
		t.Errorf("heard %v, want one span of 0 to 9.2", row.Heard)
	}
	if row.Thing != "171" || row.Bytes != int64(tenth+len(pcm)) {
		t.Errorf("row %+v, want thing 171 and %d bytes", row, tenth+len(pcm))
	}
}

// The browser holds a short call whole: it is played, paused and played again long after its last byte.
func TestHeardAfterTheRowWasClosedHasRowsOfItsOwn(t *testing.T) {
	e, open := withCall(t)
	id, path := open(analystKey)
	_ = read(t, e.do("GET", path, analystKey, ""))
	e.closings(t, 1)
	if resp := e.do("POST", heard(id), analystKey, `{"recording":"171","spans":[[0,12]]}`); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("got %d: %s, want 204", resp.StatusCode, read(t, resp))
	}
	rows := e.closings(t, 2)
	if got := rows[1].Heard; len(got) != 1 || got[0] != (records.Span{From: 0, To: 12}) {
		t.Errorf("heard %v, want 0 to 12", got)
	}
	opened := 0
	for _, r := range e.audit() {
		if r.Event == records.AuditMediaOpened {
			opened++
		}
	}
	if opened != 2 {
		t.Errorf("%d media_opened rows, want 2", opened)
	}
	report, err := e.store.VerifyAudit(t.Context(), rows[0].Site)
	if err != nil || report.BadSeq != 0 {
		t.Errorf("the chain: %+v, %v", report, err)
	}
}

func TestHeardIsRefused(t *testing.T) {
	e, open := withCall(t)
	id, path := open(analystKey)
	_ = read(t, e.do("GET", path, analystKey, "", "Range", "bytes=0-9"))
	many, _ := json.Marshal(slices.Repeat([][2]int{{0, 1}}, 501))
	for _, tc := range []struct {
		what, open, key, body string
		status                int
	}{
		{"nobody", id, "", `{"recording":"171","spans":[[0,1]]}`, 401},
		{"another person", id, bothKey, `{"recording":"171","spans":[[0,1]]}`, 404},
		{"another open", "01J", analystKey, `{"recording":"171","spans":[[0,1]]}`, 404},
		{"a recording that was not asked for", id, analystKey, `{"recording":"172","spans":[[0,1]]}`, 404},
		{"an open that is none", strings.Repeat("a", 65), analystKey, `{"recording":"171","spans":[[0,1]]}`, 400},
		{"no spans", id, analystKey, `{"recording":"171","spans":[]}`, 400},
		{"no recording", id, analystKey, `{"spans":[[0,1]]}`, 400},
		{"backwards", id, analystKey, `{"recording":"171","spans":[[2,1]]}`, 400},
		{"before the beginning", id, analystKey, `{"recording":"171","spans":[[-1,1]]}`, 400},
		{"longer than a day", id, analystKey, `{"recording":"171","spans":[[0,86401]]}`, 400},
		{"one number", id, analystKey, `{"recording":"171","spans":[[0]]}`, 400},
		{"too many", id, analystKey, `{"recording":"171","spans":` + string(many) + `}`, 400},
		{"not JSON", id, analystKey, `{`, 400},
	} {
		resp := e.do("POST", heard(tc.open), tc.key, tc.body)
		if p := problemOf(t, resp); resp.StatusCode != tc.status || p["action"] == "" {
			t.Errorf("%s: got %d %v, want %d", tc.what, resp.StatusCode, p, tc.status)
		}
	}
}
