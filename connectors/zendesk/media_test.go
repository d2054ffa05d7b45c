package zendesk_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const (
	oldURL = "https://acme.zendesk.com/attachments/token/old/?name=a.txt"
	newURL = "https://acme.zendesk.com/attachments/token/new/?name=a.txt"
)

// vault serves one file under new, what was asked under old, and what is known about file 71.
type vault struct {
	old      int    // status of the old address; 0: the file
	metadata string // empty: not found
	header   http.Header
	asked    []string
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.asked = append(v.asked, r.URL.Path)
	switch {
	case r.URL.Path == "/api/v2/attachments/71" && v.metadata != "":
		answers{r.URL.Path: v.metadata}.ServeHTTP(w, r)
	case r.URL.Path == "/attachments/token/new/", r.URL.Path == "/attachments/token/old/" && v.old == 0:
		for k, vs := range v.header {
			w.Header()[k] = vs
		}
		http.ServeContent(w, r, "a.txt", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	case r.URL.Path == "/attachments/token/old/":
		w.WriteHeader(v.old)
	default:
		answers{}.ServeHTTP(w, r)
	}
}

func fresh(u string) string {
	return `{"attachment":{"id":71,"file_name":"a.txt","content_url":"` + u + `"}}`
}

func openMedia(t *testing.T, v *vault, at connectors.Locator, r *connectors.ByteRange) (int, string, error) {
	t.Helper()
	m, err := connect(t, v).(connectors.MediaOpener).OpenMedia(t.Context(), at, r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = m.Body.Close() }()
	b, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	return m.Status, string(b), nil
}

func TestMediaComesWithItsRange(t *testing.T) {
	at := connectors.Locator{What: "attachment", ID: "71", URL: oldURL}
	for _, tc := range []struct {
		r      *connectors.ByteRange
		status int
		body   string
	}{
		{nil, 200, "0123456789"},
		{&connectors.ByteRange{}, 206, "0123456789"},
		{&connectors.ByteRange{Header: "bytes=2-4"}, 206, "234"},
		{&connectors.ByteRange{Header: "bytes=2-4", IfRange: `"other"`}, 200, "0123456789"},
		{&connectors.ByteRange{Header: "bytes=99-"}, 416, "invalid range: failed to overlap\n"},
	} {
		status, body, err := openMedia(t, &vault{}, at, tc.r)
		if err != nil || status != tc.status || body != tc.body {
			t.Errorf("%+v: %d %q %v, want %d %q", tc.r, status, body, err, tc.status, tc.body)
		}
	}
}

func TestMediaIsFoundAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		v    vault
		url  string
		want connectors.Code
	}{
		"moved, 404":               {vault{old: 404, metadata: fresh(newURL)}, oldURL, ""},
		"signature dead, 403":      {vault{old: 403, metadata: fresh(newURL)}, oldURL, ""},
		"gone, 410":                {vault{old: 410, metadata: fresh(newURL)}, oldURL, ""},
		"no address kept":          {vault{metadata: fresh(newURL)}, "", ""},
		"still there, still 404":   {vault{old: 404, metadata: fresh(oldURL)}, oldURL, connectors.CodeGone},
		"still there, still 403":   {vault{old: 403, metadata: fresh(oldURL)}, oldURL, connectors.CodeMissingScope},
		"nobody knows it":          {vault{old: 404}, oldURL, connectors.CodeGone},
		"deleted since":            {vault{old: 404, metadata: `{"attachment":{"id":71,"content_url":"` + newURL + `","deleted":true}}`}, oldURL, connectors.CodeGone},
		"infected since":           {vault{old: 404, metadata: `{"attachment":{"id":71,"content_url":"` + newURL + `","malware_scan_result":"malware_found"}}`}, oldURL, connectors.CodeGone},
		"signed out":               {vault{old: 401, metadata: fresh(newURL)}, oldURL, connectors.CodeNeedsReconnect},
		"too many":                 {vault{old: 429}, oldURL, connectors.CodeRateLimited},
		"down":                     {vault{old: 503}, oldURL, connectors.CodeProviderDown},
		"login page":               {vault{header: http.Header{"Content-Type": {"text/html"}}}, oldURL, connectors.CodeProviderNonsense},
		"a file that is HTML":      {vault{header: http.Header{"Content-Type": {"text/html"}, "Content-Disposition": {"attachment"}}}, oldURL, ""},
		"not an address":           {vault{}, "attachments/token/old/", connectors.CodeHostRefused},
		"a name in the address":    {vault{}, "https://acme.zendesk.com@evil.example/x", connectors.CodeHostRefused},
		"an address of a computer": {vault{}, "file:///etc/passwd", connectors.CodeHostRefused},
	} {
		_, body, err := openMedia(t, &tc.v, connectors.Locator{What: "attachment", Ref: ticket, ID: "71", URL: tc.url}, nil)
		if got := connectors.CodeOf(err); got != tc.want {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
		if err == nil && body != "0123456789" {
			t.Errorf("%s: body %q", name, body)
		}
		if len(tc.v.asked) > 3 {
			t.Errorf("%s: %d requests, want at most three: %v", name, len(tc.v.asked), tc.v.asked)
		}
	}
}

func TestRecordingsAreNeverHTML(t *testing.T) {
	v := &vault{header: http.Header{"Content-Type": {"text/html"}, "Content-Disposition": {"attachment"}}}
	_, _, err := openMedia(t, v, connectors.Locator{What: "recording", ID: "331", URL: oldURL}, nil)
	if got := connectors.CodeOf(err); got != connectors.CodeProviderNonsense {
		t.Errorf("error = %v, want provider_nonsense", err)
	}
}

func TestUnknownLocators(t *testing.T) {
	_, _, err := openMedia(t, &vault{}, connectors.Locator{What: "avatar", ID: "1", URL: oldURL}, nil)
	if got := connectors.CodeOf(err); got != connectors.CodeInternal {
		t.Errorf("error = %v, want internal", err)
	}
}
