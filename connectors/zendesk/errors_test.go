package zendesk_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// canary stands in every error body here and must be in no error.
const canary = "canary-7f3a"

// refusals has a row for each row of Zendesk's errors, and for what stands before Zendesk.
var refusals = []struct {
	name        string
	status      int
	contentType string
	body        string
	first       connectors.Code // as the answer to the first request of an opening
	later       connectors.Code // as the answer to a page of comments
	fix         string          // a piece of the action, for the first request
}{
	{"refresh dead", 400, "application/json", `{"error":"invalid_grant","error_description":"canary-7f3a"}`, connectors.CodeNeedsReconnect, connectors.CodeNeedsReconnect, "reconnect"},
	{"scope not allowed", 400, "application/json", `{"error":"invalid_scope"}`, connectors.CodeMissingScope, connectors.CodeMissingScope, "scope read"},
	{"paging too deep", 400, "application/json", `{"errors":[{"code":"InvalidPaginationDepth","title":"canary-7f3a"}]}`, connectors.CodeInternal, connectors.CodeInternal, "Report"},
	{"parameter missing", 400, "application/json", `{"error":"ParameterMissing","description":"canary-7f3a"}`, connectors.CodeInternal, connectors.CodeInternal, "Report"},
	{"text", 400, "text/plain", `page must be an integer canary-7f3a`, connectors.CodeInternal, connectors.CodeInternal, "Report"},
	{"token invalid", 401, "application/json", `{"error":"invalid_token","error_description":"canary-7f3a"}`, connectors.CodeNeedsReconnect, connectors.CodeNeedsReconnect, "reconnect"},
	{"no credential", 401, "application/json", `{"error":"Couldn't authenticate you"}`, connectors.CodeNeedsReconnect, connectors.CodeNeedsReconnect, "reconnect"},
	{"scope missing", 403, "application/json", `{"error":"Forbidden","description":"You are missing the following required scopes: read"}`, connectors.CodeMissingScope, connectors.CodeMissingScope, "scope read"},
	{"role or plan", 403, "application/json", `{"error":{"title":"Forbidden","message":"canary-7f3a"}}`, connectors.CodeMissingScope, connectors.CodeMissingScope, "role"},
	{"edge", 403, "text/html; charset=utf-8", `<html>canary-7f3a</html>`, connectors.CodeProviderNonsense, connectors.CodeProviderNonsense, "web page"},
	{"not there", 404, "application/json", `{"error":"RecordNotFound","description":"Not found"}`, connectors.CodeNotFound, connectors.CodeNotFound, "number"},
	{"no such feature", 404, "application/json", `{"error":"InvalidEndpoint","description":"Not found"}`, connectors.CodeNotLicensed, connectors.CodeNotLicensed, "feature"},
	{"wrong subdomain", 404, "text/html", `<html>No Help Center canary-7f3a</html>`, connectors.CodeNeedsReconnect, connectors.CodeNotFound, "subdomain"},
	{"wrong subdomain, empty", 404, "", ``, connectors.CodeNeedsReconnect, connectors.CodeNotFound, "subdomain"},
	{"erased", 410, "application/json", `{}`, connectors.CodeGone, connectors.CodeGone, "deleted"},
	{"busy ticket", 409, "application/json", `{"error":"DatabaseConflict","description":"canary-7f3a"}`, connectors.CodeProviderDown, connectors.CodeProviderDown, "again"},
	{"invalid record", 422, "application/json", `{"error":"RecordInvalid","details":{"x":[{"description":"canary-7f3a"}]}}`, connectors.CodeInternal, connectors.CodeInternal, "Report"},
	{"search down", 422, "application/json", `{"error":"unavailable","description":"canary-7f3a"}`, connectors.CodeProviderDown, connectors.CodeProviderDown, "again"},
	{"too many", 429, "application/json", `{"error":"APIRateLimitExceeded","description":"canary-7f3a"}`, connectors.CodeRateLimited, connectors.CodeRateLimited, "again"},
	{"too many, text", 429, "text/plain", `You have exceeded the rate limit canary-7f3a`, connectors.CodeRateLimited, connectors.CodeRateLimited, "again"},
	{"broken", 500, "application/json", `{"status":500,"error":"Internal Server Error"}`, connectors.CodeProviderDown, connectors.CodeProviderDown, "again"},
	{"edge down", 502, "text/html", `<html>canary-7f3a</html>`, connectors.CodeProviderDown, connectors.CodeProviderDown, "again"},
	{"maintenance", 503, "text/html", `<html>canary-7f3a</html>`, connectors.CodeProviderDown, connectors.CodeProviderDown, "again"},
	{"edge slow", 504, "text/html", `<html>canary-7f3a</html>`, connectors.CodeProviderSlow, connectors.CodeProviderSlow, "again"},
	{"login page", 200, "text/html; charset=utf-8", `<html>Sign in canary-7f3a</html>`, connectors.CodeProviderNonsense, connectors.CodeProviderNonsense, "web page"},
	{"moved", 302, "", ``, connectors.CodeProviderNonsense, connectors.CodeProviderNonsense, "subdomain"},
	{"suspended", 402, "application/json", `{"error":"canary-7f3a"}`, connectors.CodeNotLicensed, connectors.CodeNotLicensed, ""},
	{"a form nobody knows", 403, "application/json", `[["canary-7f3a"]]`, connectors.CodeMissingScope, connectors.CodeMissingScope, ""},
	{"JSON that is none", 401, "application/json", `{"error": canary-7f3a`, connectors.CodeNeedsReconnect, connectors.CodeNeedsReconnect, ""},
	{"endless", 400, "application/json", `{"x":"` + strings.Repeat("y", 1<<20), connectors.CodeInternal, connectors.CodeInternal, ""},
}

func TestEveryRefusal(t *testing.T) {
	for _, tc := range refusals {
		answer := func(path string, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != path {
					next.ServeHTTP(w, r)
					return
				}
				w.Header()["Content-Type"] = nil
				if tc.contentType != "" {
					w.Header().Set("Content-Type", tc.contentType)
				}
				w.Header().Set("X-Request-Id", "abc-123")
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
		}
		_, err := collect(t, connect(t, answer("/api/v2/tickets/5012", answers{})), ticket)
		checkError(t, tc.name, err, tc.first, tc.fix)
		parts, err := collect(t, connect(t, answer("/api/v2/tickets/5012/comments", bare(""))), ticket)
		checkError(t, tc.name+", later", err, tc.later, "")
		if len(parts) == 0 {
			t.Errorf("%s: the header was not shown", tc.name)
		}
	}
}

func checkError(t *testing.T, name string, err error, want connectors.Code, fix string) {
	t.Helper()
	var e *connectors.Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: error %v has no code, want %s", name, err, want)
	}
	if e.Code != want || e.Provider != "zendesk" || e.Op == "" {
		t.Errorf("%s: %+v, want code %s, provider and op", name, e, want)
	}
	if e.Action == "" || !strings.Contains(e.Action, fix) {
		t.Errorf("%s: action %q, want one with %q", name, e.Action, fix)
	}
	if s := fmt.Sprintf("%v %+v %s", err, e, e.Action); strings.Contains(s, canary) {
		t.Errorf("%s: the provider's words are in the error: %s", name, s)
	}
}

func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"40": 40 * time.Second, "1": time.Second, "0": 0, "": 0, "-3": 0, "soon": 0, "1e99": 0,
		now.Add(30 * time.Second).Format(http.TimeFormat):  30 * time.Second,
		now.Add(-30 * time.Second).Format(http.TimeFormat): 0,
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if in != "" {
				w.Header().Set("Retry-After", in)
			}
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := collect(t, connect(t, h), ticket)
		var e *connectors.Error
		if !errors.As(err, &e) || e.RetryAfter != want {
			t.Errorf("Retry-After %q: error %+v, want to wait %v", in, e, want)
		}
		if fix := connectors.TryAgainAfter(want); e.Action != fix {
			t.Errorf("Retry-After %q: action = %q, want %q", in, e.Action, fix)
		}
	}
}

// failing is a client whose requests fail in a way that names the URL.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestTheClientsErrorsKeepTheirCode(t *testing.T) {
	cause := &connectors.Error{Code: connectors.CodeHostRefused, Provider: "zendesk", Op: "request", Err: errors.New("private address")}
	for want, err := range map[connectors.Code]error{
		connectors.CodeHostRefused:  cause,
		connectors.CodeRateLimited:  &connectors.Error{Code: connectors.CodeRateLimited, RetryAfter: 40 * time.Second},
		connectors.CodeProviderDown: errors.New("connection refused"),
	} {
		c := newConnector(t, &http.Client{Transport: failing{err}})
		_, got := collect(t, c, ticket)
		checkError(t, string(want), got, want, "")
		if !errors.Is(got, cause.Err) && want == connectors.CodeHostRefused {
			t.Errorf("%v does not keep the cause", got)
		}
	}
}

func TestAddressesAreInNoError(t *testing.T) {
	c := newConnector(t, &http.Client{Transport: failing{errors.New("no route")}})
	secret := "https://acme.zendesk.com/attachments/token/" + canary + "/?name=" + url.QueryEscape("Jane Doe.pdf")
	_, err := c.(connectors.MediaOpener).OpenMedia(t.Context(), connectors.Locator{What: "attachment", ID: "71", URL: secret}, nil)
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), canary) || strings.Contains(err.Error(), "Jane") {
		t.Errorf("error = %v, want one without the address", err)
	}
}
