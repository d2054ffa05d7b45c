package connectors_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

func TestEveryCodeHasAFault(t *testing.T) {
	want := map[connectors.Fault][]connectors.Code{
		connectors.FaultRequest:  {"bad_request", "unauthenticated", "not_allowed", "cross_site", "not_found", "handle_expired", "cursor_expired", "bad_range", "not_recognised", "too_many"},
		connectors.FaultAccount:  {"needs_reconnect", "missing_scope", "not_licensed", "paused"},
		connectors.FaultProvider: {"gone", "rate_limited", "provider_down", "provider_cut", "provider_nonsense", "host_refused", "provider_slow"},
		connectors.FaultGateway:  {"internal", "audit_unavailable", "overloaded", "stopping"},
	}
	n := 0
	for fault, codes := range want {
		for _, c := range codes {
			n++
			if c.Fault() != fault || !slices.Contains(connectors.Codes(), c) {
				t.Errorf("%s: fault %s, listed %v; want %s, true", c, c.Fault(), slices.Contains(connectors.Codes(), c), fault)
			}
		}
	}
	if len(connectors.Codes()) != n {
		t.Errorf("%d codes, want %d", len(connectors.Codes()), n)
	}
	if got := connectors.Code("never heard of").Fault(); got != connectors.FaultGateway {
		t.Errorf("an unknown code is the fault of %s, want the gateway's", got)
	}
}

func TestCodeOf(t *testing.T) {
	gone := &connectors.Error{Code: connectors.CodeGone}
	for _, c := range []struct {
		err  error
		want connectors.Code
	}{
		{nil, ""}, {gone, connectors.CodeGone}, {fmt.Errorf("ticket 5: %w", gone), connectors.CodeGone},
		{errors.Join(io.EOF, gone), connectors.CodeGone}, {io.EOF, connectors.CodeInternal},
		{&connectors.Error{Code: connectors.CodeProviderCut, Err: gone}, connectors.CodeProviderCut},
	} {
		if got := connectors.CodeOf(c.err); got != c.want {
			t.Errorf("CodeOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestErrorSaysWhereAndWhy(t *testing.T) {
	for _, c := range []struct {
		err  connectors.Error
		want string
	}{
		{connectors.Error{Code: connectors.CodeGone}, "gone"},
		{connectors.Error{Code: connectors.CodeProviderCut, Provider: "zendesk", Op: "ticket.open", Err: io.ErrUnexpectedEOF, Action: "Try again."},
			"zendesk: ticket.open: provider_cut: unexpected EOF"},
		{connectors.Error{Code: connectors.CodeInternal, Op: "open"}, "open: internal"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		if !errors.Is(&c.err, c.err.Err) && c.err.Err != nil {
			t.Errorf("%v does not unwrap to its cause", &c.err)
		}
		if c.err.Fault() != c.err.Code.Fault() {
			t.Errorf("%v: fault %s, want its code's", &c.err, c.err.Fault())
		}
	}
}

func TestTryAgainAfter(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "It does not say for how long: try again in a minute.", -time.Second: "It does not say for how long: try again in a minute.",
		40 * time.Second: "Try again after 40 s.", 1200 * time.Millisecond: "Try again after 2 s.", time.Second: "Try again after 1 s.",
	} {
		if got := connectors.TryAgainAfter(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
