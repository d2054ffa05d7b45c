package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func bareServer(t testing.TB) *Server {
	t.Helper()
	reg, err := connectors.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics("")
	return &Server{cfg: Config{PublicURL: "https://review.acme.example"}.withDefaults(), deps: Deps{Registry: reg}, log: slog.New(slog.DiscardHandler), metrics: m, now: time.Now, streams: newStreams(8, m)}
}

// One row per code: what design section 6 says.
func TestEveryCodeHasItsStatusAndFault(t *testing.T) {
	want := map[connectors.Code]struct {
		status int
		fault  string
	}{
		"bad_request": {400, "request"}, "unauthenticated": {401, "request"}, "not_allowed": {403, "request"}, "cross_site": {403, "request"},
		"not_found": {404, "request"}, "handle_expired": {410, "request"}, "cursor_expired": {410, "request"}, "bad_range": {416, "request"},
		"not_recognised": {422, "request"}, "too_many": {429, "request"},
		"needs_reconnect": {409, "account"}, "missing_scope": {409, "account"}, "not_licensed": {409, "account"}, "paused": {409, "account"},
		"gone": {410, "provider"}, "rate_limited": {429, "provider"}, "provider_down": {502, "provider"}, "provider_cut": {502, "provider"},
		"provider_nonsense": {502, "provider"}, "host_refused": {502, "provider"}, "provider_slow": {504, "provider"},
		"internal": {500, "gateway"}, "audit_unavailable": {503, "gateway"}, "overloaded": {503, "gateway"}, "stopping": {503, "gateway"},
	}
	if len(want) != len(connectors.Codes()) {
		t.Fatalf("%d rows for %d codes", len(want), len(connectors.Codes()))
	}
	s := bareServer(t)
	for _, code := range connectors.Codes() {
		status, body, h := answered(t, s, &connectors.Error{Code: code, Provider: "zendesk", Op: "x", Err: errors.New("SECRET")})
		w := want[code]
		if status != w.status || body["status"] != float64(w.status) || body["fault"] != w.fault || body["code"] != string(code) {
			t.Errorf("%s: got %d %v, want %+v", code, status, body, w)
		}
		if body["type"] != "https://review.acme.example/problems/"+string(code) || body["title"] == "" || body["action"] == "" || strings.Contains(fmt.Sprint(body), "{provider}") {
			t.Errorf("%s: got %v", code, body)
		}
		if strings.Contains(fmt.Sprint(body, h), "SECRET") {
			t.Errorf("%s: the cause is told", code)
		}
	}
}

func answered(t testing.TB, s *Server, err error) (int, map[string]any, http.Header) {
	t.Helper()
	rec := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), rec)
	s.fail(err, c)
	body := map[string]any{}
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	return rec.Code, body, rec.Header()
}

func TestOtherErrorsBecomeProblems(t *testing.T) {
	s := bareServer(t)
	for _, tc := range []struct {
		err    error
		status int
		code   string
	}{
		{errors.New("anything"), 500, "internal"},
		{&connectors.Error{Code: "invented"}, 500, "internal"},
		{fmt.Errorf("x: %w", records.ErrNotFound), 404, "not_found"},
		{fmt.Errorf("x: %w", &connectors.Error{Code: connectors.CodeGone}), 410, "gone"},
		{bad("text", "required"), 400, "bad_request"},
		{&http.MaxBytesError{}, 400, "bad_request"},
		{echo.ErrNotFound, 404, "not_found"},
		{echo.ErrMethodNotAllowed, 400, "bad_request"},
		{echo.NewHTTPError(http.StatusBadRequest, "SECRET"), 400, "bad_request"},
		{echo.NewHTTPError(http.StatusInternalServerError, "SECRET"), 500, "internal"},
	} {
		status, body, _ := answered(t, s, tc.err)
		if status != tc.status || body["code"] != tc.code || strings.Contains(fmt.Sprint(body), "SECRET") {
			t.Errorf("%v: got %d %v, want %d %s", tc.err, status, body, tc.status, tc.code)
		}
	}
}

func TestRetryAfterIsToldInBothPlaces(t *testing.T) {
	_, body, h := answered(t, bareServer(t), &connectors.Error{Code: connectors.CodeRateLimited, RetryAfter: 1300 * time.Millisecond})
	if body["retry_after"] != 1.3 || h.Get("Retry-After") != "2" {
		t.Errorf("got %v, %q", body["retry_after"], h.Get("Retry-After"))
	}
}

func TestCausesAreNeverQuoted(t *testing.T) {
	secret := "SECRET-TOKEN"
	for _, err := range []error{
		&connectors.Error{Code: connectors.CodeProviderDown, Provider: "zendesk", Op: "file.open", Err: &url.Error{Op: "Get", URL: "https://acme.zendesk.com/attachments/token/" + secret, Err: errors.New(secret)}},
		fmt.Errorf("%s: %w", secret, records.ErrStale),
		errors.Join(errors.New(secret), errors.New(secret)),
	} {
		if got := cause(err); strings.Contains(got, secret) || got == "" {
			t.Errorf("%T: got %q", err, got)
		}
	}
	if got := cause(fmt.Errorf("x: %w", records.ErrStale)); !strings.Contains(got, records.ErrStale.Error()) {
		t.Errorf("a harmless leaf is not named: %q", got)
	}
}

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tc := range []struct {
		peer    string
		forward []string
		trusted []netip.Prefix
		want    string
	}{
		{"203.0.113.9:1", nil, nil, "203.0.113.9"},
		{"203.0.113.9:1", []string{"1.2.3.4"}, nil, "203.0.113.9"},
		{"203.0.113.9:1", []string{"1.2.3.4"}, proxies, "203.0.113.9"},
		{"10.0.0.1:1", []string{"1.2.3.4"}, proxies, "1.2.3.4"},
		{"10.0.0.1:1", []string{"6.6.6.6, 1.2.3.4"}, proxies, "1.2.3.4"},
		{"10.0.0.1:1", []string{"6.6.6.6", "1.2.3.4, 10.0.0.2"}, proxies, "1.2.3.4"},
		{"10.0.0.1:1", []string{"1.2.3.4, nonsense"}, proxies, "10.0.0.1"},
		{"10.0.0.1:1", []string{"1.2.3.4, 10.0.0.7:99"}, proxies, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", []string{"::ffff:1.2.3.4"}, proxies, "1.2.3.4"},
		{"[fd00::1%eth0]:1", []string{"[2001:db8::1]"}, proxies, "2001:db8::1"},
		{"10.0.0.1:1", nil, proxies, "10.0.0.1"},
		{"10.0.0.1:1", []string{strings.Repeat("10.0.0.3,", 200) + "10.0.0.4"}, proxies, "10.0.0.3"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tc.peer
		r.Header["X-Forwarded-For"] = tc.forward
		if got := clientAddr(r, tc.trusted).String(); got != tc.want {
			t.Errorf("peer %s, forwarded %.60v: got %s, want %s", tc.peer, tc.forward, got, tc.want)
		}
	}
}

func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=-1", "bytes=5-4", "bytes=-17208,-9223372036854758792", "bytes=9223372036854775807-", "bytes=+1-2", "bytes= 1-2", "BYTES=1-2", "bytes=1-2,3-4", "-0"} {
		f.Add(s, "bytes 1-2/3")
	}
	f.Fuzz(func(t *testing.T, rng, content string) {
		r := rangeOf(&rng, nil)
		if r != nil {
			first, last, ok := oneRange(r.Header)
			if !ok || strings.ContainsAny(r.Header, ", \r\n") || first == "" && last == "" {
				t.Fatalf("%q gave %q", rng, r.Header)
			}
		}
		if s, ok := contentRange(content); ok && (s.first < 0 || s.last < s.first || s.size >= 0 && s.last >= s.size) {
			t.Fatalf("%q gave %+v", content, s)
		}
	})
}
