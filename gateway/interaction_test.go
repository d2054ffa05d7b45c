package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

const ticket = "/api/v1/links/fd/interactions/ticket/5012"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOpenStreamsPartsAndEnds(t *testing.T) {
	e := withFake(t, &fake{open: parts(&connectors.Person{ID: "801", Name: connectors.NewText("Pia"), Role: connectors.RoleCustomer}, message("1", "Where is it?"), message("2", "On its way."))})
	resp := e.do("GET", ticket+"?reason=pasted", analystKey, "")
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "application/x-ndjson" {
		t.Fatalf("got %d %s", resp.StatusCode, got)
	}
	got := e.lines(resp)
	var types []string
	for _, l := range got {
		types = append(types, l["type"].(string))
	}
	if diff := cmp.Diff([]string{"header", "person", "message", "message", "end"}, types); diff != "" {
		t.Fatalf("types (-want +got):\n%s", diff)
	}
	if got[0]["subject"] != "Parcel late" || got[2]["text"] != "Where is it?" || got[2]["at"] != "2026-11-24T12:00:00.000Z" {
		t.Errorf("header %v, message %v", got[0], got[2])
	}
	if got[4]["parts"] != 4.0 || got[4]["first_message_ms"] == nil {
		t.Errorf("end: %v", got[4])
	}
	within(t, time.Second, "two audit rows", func() bool { return len(e.audit()) == 2 })
	closed, opened := e.audit()[0], e.audit()[1]
	if opened.Event != records.AuditOpened || opened.Reason != records.ReasonPasted || opened.Ref.ID != "5012" || opened.Principal != "analyst" || opened.Open != got[0]["open"] {
		t.Errorf("opened row: %+v", opened)
	}
	if closed.Event != records.AuditClosed || closed.Outcome != records.OutcomeComplete || closed.Parts["message"] != 2 || closed.Bytes == 0 || closed.Open != opened.Open {
		t.Errorf("closed row: %+v", closed)
	}
}

func TestOpenAsArrayWhereAcceptPrefersIt(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	for accept, want := range map[string]string{
		"":                                       "application/x-ndjson",
		"*/*":                                    "application/x-ndjson",
		"application/json":                       "application/json",
		"application/json, text/plain, */*":      "application/json",
		"application/json;q=0.5, */*;q=0.9":      "application/x-ndjson",
		"application/x-ndjson":                   "application/x-ndjson",
		"application/json, application/x-ndjson": "application/x-ndjson",
	} {
		resp := e.do("GET", ticket, analystKey, "", "Accept", accept)
		body := read(t, resp)
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q: got %s, want %s", accept, got, want)
		}
		if want == "application/json" && (!strings.HasPrefix(body, "[{") || !strings.HasSuffix(body, "]\n") || strings.Count(body, `"type"`) != 3) {
			t.Errorf("Accept %q: not an array of 3: %s", accept, body)
		}
	}
}

// The first line and the first message are out before the connector is asked for more.
func TestFirstLinesAreFlushedAtOnce(t *testing.T) {
	more := make(chan struct{})
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			_ = yield(header(ref), nil) && yield(message("1", "first"), nil) && yield(message("2", "second"), nil)
			select {
			case <-more:
			case <-ctx.Done():
				yield(nil, ctx.Err())
			}
		}
	}})
	resp := e.do("GET", ticket, analystKey, "")
	r := bufio.NewReader(resp.Body)
	for _, want := range []string{`"header"`, `"first"`, `"second"`} { // the third waits for company, 10 ms at most
		line, err := r.ReadString('\n')
		if err != nil || !strings.Contains(line, want) {
			t.Fatalf("got %q, %v; want %s", line, err, want)
		}
	}
	close(more)
	if rest, err := io.ReadAll(r); err != nil || !strings.Contains(string(rest), `"end"`) {
		t.Fatalf("rest %q, %v", rest, err)
	}
}

func TestSilenceSaysThatWeWait(t *testing.T) {
	more := make(chan struct{})
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if yield(header(ref), nil) {
				<-more
			}
		}
	}}, func(s *setup) { s.config = func(c *gateway.Config) { c.WaitAfter = 30 * time.Millisecond } })
	resp := e.do("GET", ticket, analystKey, "")
	r := bufio.NewReader(resp.Body)
	_, _ = r.ReadString('\n')
	if line, err := r.ReadString('\n'); err != nil || line != `{"type":"wait","for":"provider"}`+"\n" {
		t.Errorf("got %q, %v", line, err)
	}
	close(more)
	_, _ = io.Copy(io.Discard, r)
}

func TestErrorBeforeTheFirstPartIsAnHTTPError(t *testing.T) {
	e := withFake(t, &fake{open: func(context.Context, records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			yield(nil, &connectors.Error{Code: connectors.CodeRateLimited, Provider: "fake", Op: "ticket.open", RetryAfter: 40 * time.Second})
		}
	}})
	resp := e.do("GET", ticket, analystKey, "")
	p := problemOf(t, resp)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "40" || p["code"] != "rate_limited" || p["fault"] != "provider" ||
		p["title"] != "Fakedesk asks us to wait" || p["provider"] != "Fakedesk" || p["retry_after"] != 40.0 ||
		p["action"] != "Try again after 40 s." {
		t.Errorf("got %d, Retry-After %q, %v", resp.StatusCode, resp.Header.Get("Retry-After"), p)
	}
	within(t, time.Second, "a closing row", func() bool { return len(e.audit()) == 2 })
	if row := e.audit()[0]; row.Outcome != records.OutcomeProblem || row.Detail != "rate_limited" {
		t.Errorf("closed row: %+v", row)
	}
}

func TestErrorAfterTheFirstPartIsTheLastLine(t *testing.T) {
	e := withFake(t, &fake{open: func(_ context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			_ = yield(header(ref), nil) && yield(message("1", "shown"), nil) &&
				yield(nil, &connectors.Error{Code: connectors.CodeProviderCut, Provider: "fake", Op: "ticket.open"})
		}
	}})
	got := e.lines(e.do("GET", ticket, analystKey, "", "X-Request-Id", "request-of-the-test"))
	last := got[len(got)-1]
	if len(got) != 3 || last["type"] != "problem" || last["code"] != "provider_cut" || last["fault"] != "provider" || last["status"] != 502.0 || last["request_id"] != "request-of-the-test" {
		t.Errorf("got %v", got)
	}
}

func TestConnectorWithoutPartsIsNonsense(t *testing.T) {
	e := withFake(t, &fake{open: func(context.Context, records.Ref) iter.Seq2[connectors.Part, error] {
		return func(func(connectors.Part, error) bool) {}
	}})
	if p := problemOf(t, e.do("GET", ticket, analystKey, "")); p["code"] != "provider_nonsense" {
		t.Errorf("got %v", p)
	}
}

func TestPanicInAConnectorAbortsAndClosesTheRow(t *testing.T) {
	e := withFake(t, &fake{open: func(_ context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			yield(header(ref), nil)
			panic("SECRET-CONTENT")
		}
	}})
	resp := e.do("GET", ticket, analystKey, "")
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the body ended cleanly")
	}
	within(t, time.Second, "a closing row", func() bool { return len(e.audit()) == 2 })
	if strings.Contains(e.log.String(), "SECRET-CONTENT") || !strings.Contains(e.log.String(), "panic in a handler") {
		t.Error("the panic's value is logged, or the panic is not")
	}
}

func TestReaderLeavesAndTheConnectorEnds(t *testing.T) {
	ended := make(chan error, 1)
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			defer func() { ended <- ctx.Err() }()
			if yield(header(ref), nil) {
				<-ctx.Done()
				yield(nil, ctx.Err())
			}
		}
	}})
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := e.try(ctx, "GET", ticket, analystKey, "")
	must(t, err)
	_, _ = bufio.NewReader(resp.Body).ReadString('\n')
	cancel()
	_ = resp.Body.Close()
	select {
	case <-ended:
	case <-time.After(time.Second):
		t.Fatal("the connector still runs one second after the reader left")
	}
	within(t, time.Second, "a closing row", func() bool { return len(e.audit()) == 2 })
	if row := e.audit()[0]; row.Outcome != records.OutcomeLeft {
		t.Errorf("closed row: %+v", row)
	}
}

func TestNoAuditRowNoContent(t *testing.T) {
	asked := false
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		asked = true
		return parts(message("1", "never shown"))(ctx, ref)
	}})
	e.store.fail(errors.New("disk full"), nil)
	resp := e.do("GET", ticket, analystKey, "")
	if p := problemOf(t, resp); resp.StatusCode != 503 || p["code"] != "audit_unavailable" || asked {
		t.Errorf("got %d %v, provider asked: %v", resp.StatusCode, p, asked)
	}
}

func TestClosingRowRefusedEndsOtherStreams(t *testing.T) {
	e := withFake(t, &fake{open: func(ctx context.Context, ref records.Ref) iter.Seq2[connectors.Part, error] {
		return func(yield func(connectors.Part, error) bool) {
			if yield(header(ref), nil) && ref.ID == "long" {
				<-ctx.Done()
				yield(nil, ctx.Err())
			}
		}
	}})
	long := e.do("GET", "/api/v1/links/fd/interactions/ticket/long", analystKey, "")
	r := bufio.NewReader(long.Body)
	_, _ = r.ReadString('\n')
	short, err := e.try(context.Background(), "GET", ticket, analystKey, "")
	must(t, err)
	e.store.fail(errors.New("disk full"), nil)
	_ = short.Body.Close()
	// A third begins and ends: its rows are refused, nothing opens; the long one is ended by a close.
	e.server.Close()
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, `"problem"`) {
		t.Errorf("got %q, %v", line, err)
	}
}

func TestBadRefs(t *testing.T) {
	e := withFake(t, &fake{open: parts()})
	for path, want := range map[string]int{
		"/api/v1/links/fd/interactions/nokind/1":                           400,
		"/api/v1/links/fd/interactions/email/1":                            404, // a kind that Fakedesk has not
		"/api/v1/links/fd/interactions/ticket/a%20b":                       400,
		"/api/v1/links/fd/interactions/ticket/5%3Fx=1%23f":                 400,
		"/api/v1/links/fd/interactions/ticket/..%2f..%2fadmin":             400,
		"/api/v1/links/fd/interactions/ticket/a/b":                         404,
		"/api/v1/links/fd/interactions/ticket/" + strings.Repeat("9", 201): 400,
		"/api/v1/links/fd/interactions/ticket/~!":                          400,
		"/api/v1/links/FD/interactions/ticket/1":                           404,
		"/api/v1/links/none/interactions/ticket/1":                         404,
		ticket + "?reason=because":                                         400,
	} {
		if resp := e.do("GET", path, analystKey, ""); resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d: %s", path, resp.StatusCode, want, read(t, resp))
		}
	}
	if len(e.audit()) != 0 {
		t.Errorf("audit rows for what never opened: %v", e.audit())
	}
}

func TestAnotherSitesLinkIsAsUnknown(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	id := []string{"X-Request-Id", "the-same-request"}
	foreign := read(t, e.do("GET", ticket, otherKey, "", id...))
	unknown := read(t, e.do("GET", "/api/v1/links/zz/interactions/ticket/5012", otherKey, "", id...))
	if foreign != unknown || !strings.Contains(foreign, `"not_found"`) {
		t.Errorf("foreign %s\nunknown %s", foreign, unknown)
	}
}

func TestAdministratorSeesNoContent(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	if p := problemOf(t, e.do("GET", ticket, adminKey, "")); p["code"] != "not_allowed" {
		t.Errorf("got %v", p)
	}
}

func TestStateOfTheLinkIsToldBeforeTheProviderIsAsked(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	e.person("ana", records.RoleAdministrator)
	id := records.LinkID{Site: "main", Link: "fd"}
	for state, want := range map[records.LinkState]string{records.LinkPaused: "paused", records.LinkNeedsReconnect: "needs_reconnect"} {
		row, err := e.store.Link(context.Background(), id)
		must(t, err)
		_, err = e.store.SetState(context.Background(), id, row.Generation, state, "grant_refused", time.Now())
		must(t, err)
		var p map[string]any
		within(t, 2*time.Second, string(state), func() bool {
			resp := e.do("GET", ticket, analystKey, "")
			if resp.StatusCode != 409 {
				return false
			}
			p = problemOf(t, resp)
			return p["code"] == want
		})
		if p["code"] != want || p["fault"] != "account" || !strings.Contains(p["action"].(string), "Ana (administrator)") {
			t.Errorf("state %s: got %v", state, p)
		}
	}
}
