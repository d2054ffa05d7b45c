package zendesk_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	recordings   = "https://acme.zendesk.com/api/v2/channels/voice/calls/"
	oldRecording = recordings + "CAold/twilio/recording"
	newRecording = recordings + "CAnew/twilio/recording"
	atVendor     = "https://media.talkline.example/r/1.mp3?signature=dead"
)

// exchange serves a ticket of three pages of comments, and recordings: what is not named in old is the
// sound.
type exchange struct {
	status  int    // of the old addresses
	address string // recording_url of comment 250, which is on page 3
	at      string // its time
	refuse  int    // of the comments
	asked   []string
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.asked = append(x.asked, r.URL.Path)
	switch {
	case strings.HasSuffix(r.URL.Path, "/comments") && x.refuse == 0:
		x.comments(w, r)
	case strings.HasSuffix(r.URL.Path, "/comments"):
		w.WriteHeader(x.refuse)
	case strings.HasPrefix(r.URL.Path, "/api/v2/attachments/"):
		answers{"/api/v2/attachments/71": `{"attachment":{"id":71,"file_name":"a.mp3","content_url":"` + newRecording + `"}}`}.ServeHTTP(w, r)
	case strings.Contains(r.URL.Path, "CAnew"), x.status == 0:
		w.Header().Set("Content-Type", "audio/mpeg")
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	default:
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(x.status)
	}
}

func (x *exchange) comments(w http.ResponseWriter, r *http.Request) {
	from := map[string]int{"": 1, "p2": 101, "p3": 201, "p4": 301}[r.URL.Query().Get("page[after]")]
	var list []string
	for i := from; i < from+100; i++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"type":"Comment","body":"b"}`, i))
		if i == 250 {
			list[len(list)-1] = fmt.Sprintf(`{"id":250,"type":"VoiceComment","created_at":%q,"data":{"recording_url":%q}}`, x.at, x.address)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"comments":[%s],"meta":{"has_more":%v,"after_cursor":"p%d"}}`, strings.Join(list, ","), from < 301, from/100+2)
}

func TestRecordingIsFoundAgainInItsComment(t *testing.T) {
	long, late := "2026-09-01T10:00:00Z", now.Add(-10*time.Minute).Format(time.RFC3339)
	for name, tc := range map[string]struct {
		x       exchange
		id, url string
		want    connectors.Code
		fix     string
	}{
		"still there":                     {exchange{}, "250", oldRecording, "", ""},
		"404, a new address":              {exchange{status: 404, address: newRecording, at: long}, "250", oldRecording, "", ""},
		"410, a new address":              {exchange{status: 410, address: newRecording, at: long}, "250", oldRecording, "", ""},
		"signature dead, 403":             {exchange{status: 403, address: newRecording, at: long}, "250", atVendor, "", ""},
		"signature dead, 400":             {exchange{status: 400, address: newRecording, at: long}, "250", atVendor, "", ""},
		"signature dead, 401":             {exchange{status: 401, address: newRecording, at: long}, "250", atVendor, "", ""},
		"no address kept":                 {exchange{address: newRecording, at: long}, "250", "", "", ""},
		"a partner's file has moved":      {exchange{status: 404}, "250:71", oldRecording, "", ""},
		"a partner's file is gone":        {exchange{status: 404}, "250:72", oldRecording, connectors.CodeGone, "deleted"},
		"404, the same address":           {exchange{status: 404, address: oldRecording, at: long}, "250", oldRecording, connectors.CodeGone, "recording has been deleted"},
		"410, the same address":           {exchange{status: 410, address: oldRecording, at: long}, "250", oldRecording, connectors.CodeGone, "recording has been deleted"},
		"no permission":                   {exchange{status: 403, address: oldRecording, at: long}, "250", oldRecording, connectors.CodeMissingScope, "hear recordings"},
		"no permission, a call of today":  {exchange{status: 403, address: oldRecording, at: late}, "250", oldRecording, connectors.CodeMissingScope, "hear recordings"},
		"the vendor refuses":              {exchange{status: 403, address: atVendor, at: long}, "250", atVendor, connectors.CodeMissingScope, "outside Zendesk"},
		"not named any more":              {exchange{status: 404, at: long}, "250", oldRecording, connectors.CodeGone, "recording has been deleted"},
		"not there yet":                   {exchange{status: 404, address: oldRecording, at: late}, "250", oldRecording, connectors.CodeProviderSlow, "not there yet"},
		"not named yet":                   {exchange{status: 404, at: late}, "250", oldRecording, connectors.CodeProviderSlow, "not there yet"},
		"202":                             {exchange{status: 202}, "250", oldRecording, connectors.CodeProviderSlow, "not there yet"},
		"the comment is gone":             {exchange{status: 404}, "999", oldRecording, connectors.CodeGone, "recording has been deleted"},
		"the ticket is gone":              {exchange{status: 404, refuse: 404}, "250", oldRecording, connectors.CodeGone, "recording has been deleted"},
		"signed out meanwhile":            {exchange{status: 404, refuse: 401}, "250", oldRecording, connectors.CodeNeedsReconnect, "reconnect"},
		"too many requests":               {exchange{status: 404, refuse: 429}, "250", oldRecording, connectors.CodeRateLimited, "try again"},
		"signed out, told by the account": {exchange{status: 401, address: newRecording, at: long}, "250", oldRecording, connectors.CodeNeedsReconnect, "reconnect"},
	} {
		body, err := hear(t, connect(t, &tc.x), connectors.Locator{What: "recording", Ref: ticket, ID: tc.id, URL: tc.url})
		var e *connectors.Error
		errors.As(err, &e)
		switch {
		case connectors.CodeOf(err) != tc.want:
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		case err == nil && body != "0123456789":
			t.Errorf("%s: body %q", name, body)
		case err != nil && !strings.Contains(e.Action, tc.fix):
			t.Errorf("%s: action %q, want one with %q", name, e.Action, tc.fix)
		}
		if len(tc.x.asked) > 6 {
			t.Errorf("%s: %d requests, want the ticket read once at most: %v", name, len(tc.x.asked), tc.x.asked)
		}
		if s := fmt.Sprintf("%v %+v", err, e); strings.Contains(s, "signature=") || strings.Contains(s, "CAold") {
			t.Errorf("%s: the address is in the error: %s", name, s)
		}
	}
}

// Reading stops at the comment: page 4 is not asked for.
func TestLookingForARecordingStopsAtItsComment(t *testing.T) {
	x := exchange{status: 404, address: newRecording, at: "2026-09-01T10:00:00Z"}
	if _, err := hear(t, connect(t, &x), connectors.Locator{What: "recording", Ref: ticket, ID: "250", URL: oldRecording}); err != nil {
		t.Fatal(err)
	}
	if len(x.asked) != 5 {
		t.Errorf("%d requests %v, want five: the old address, three pages, the new address", len(x.asked), x.asked)
	}
}

// hear reads a recording whole.
func hear(t *testing.T, c connectors.Connector, at connectors.Locator) (string, error) {
	t.Helper()
	m, err := c.(connectors.MediaOpener).OpenMedia(t.Context(), at, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = m.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(m.Body, 64<<20)) //nolint:forbidigo // capped
	if err != nil {
		t.Errorf("%v: after %d bytes: %v", at, len(b), err)
	}
	return string(b), nil
}
