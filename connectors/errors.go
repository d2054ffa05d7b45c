package connectors

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Fault says whose an error is.
type Fault string

// The faults.
const (
	FaultRequest  Fault = "request"  // what was asked for
	FaultAccount  Fault = "account"  // the linked account: an administrator must act
	FaultProvider Fault = "provider" // the other side
	FaultGateway  Fault = "gateway"  // ours
)

// Code is stable, for alerts and for the UI. It is a closed set (design section 6).
type Code string

// The codes.
const (
	CodeBadRequest       Code = "bad_request"
	CodeUnauthenticated  Code = "unauthenticated"
	CodeNotAllowed       Code = "not_allowed"
	CodeCrossSite        Code = "cross_site"
	CodeNotFound         Code = "not_found"
	CodeHandleExpired    Code = "handle_expired"
	CodeCursorExpired    Code = "cursor_expired"
	CodeBadRange         Code = "bad_range"
	CodeNotRecognised    Code = "not_recognised"
	CodeTooMany          Code = "too_many"
	CodeNeedsReconnect   Code = "needs_reconnect"
	CodeMissingScope     Code = "missing_scope"
	CodeNotLicensed      Code = "not_licensed"
	CodePaused           Code = "paused"
	CodeGone             Code = "gone"
	CodeRateLimited      Code = "rate_limited"
	CodeProviderDown     Code = "provider_down"
	CodeProviderCut      Code = "provider_cut"
	CodeProviderNonsense Code = "provider_nonsense"
	CodeHostRefused      Code = "host_refused"
	CodeProviderSlow     Code = "provider_slow"
	CodeInternal         Code = "internal"
	CodeAuditUnavailable Code = "audit_unavailable"
	CodeOverloaded       Code = "overloaded"
	CodeStopping         Code = "stopping"
)

// Codes lists every code.
func Codes() []Code {
	return []Code{
		CodeBadRequest, CodeUnauthenticated, CodeNotAllowed, CodeCrossSite, CodeNotFound, CodeHandleExpired,
		CodeCursorExpired, CodeBadRange, CodeNotRecognised, CodeTooMany, CodeNeedsReconnect, CodeMissingScope,
		CodeNotLicensed, CodePaused, CodeGone, CodeRateLimited, CodeProviderDown, CodeProviderCut,
		CodeProviderNonsense, CodeHostRefused, CodeProviderSlow, CodeInternal, CodeAuditUnavailable,
		CodeOverloaded, CodeStopping,
	}
}

// Fault says whose fault an error with this code is. Unknown codes are the gateway's.
func (c Code) Fault() Fault {
	switch c {
	case CodeBadRequest, CodeUnauthenticated, CodeNotAllowed, CodeCrossSite, CodeNotFound, CodeHandleExpired,
		CodeCursorExpired, CodeBadRange, CodeNotRecognised, CodeTooMany:
		return FaultRequest
	case CodeNeedsReconnect, CodeMissingScope, CodeNotLicensed, CodePaused:
		return FaultAccount
	case CodeGone, CodeRateLimited, CodeProviderDown, CodeProviderCut, CodeProviderNonsense, CodeHostRefused,
		CodeProviderSlow:
		return FaultProvider
	default:
		return FaultGateway
	}
}

// Error is the one error type that crosses package borders. It never holds a provider's text: Err is
// a cause of ours or of the standard library's.
type Error struct {
	Code       Code
	Provider   string        // "zendesk"; empty when no provider is concerned
	Op         string        // "ticket.open", "recording.open"
	Action     string        // one sentence for the reader: what to do
	RetryAfter time.Duration // 0: the provider gave none
	Err        error         // cause, for logs
}

// Error says provider, op, code and cause.
func (e *Error) Error() string {
	var b strings.Builder
	for _, s := range []string{e.Provider, e.Op} {
		if s != "" {
			fmt.Fprintf(&b, "%s: ", s)
		}
	}
	b.WriteString(string(e.Code))
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fault says whose it is.
func (e *Error) Fault() Fault { return e.Code.Fault() }

// TryAgainAfter is the action of CodeRateLimited, as it reads after "The provider asks us to wait". It
// is as true when the time is over as before; what counts down stands beside it.
func TryAgainAfter(d time.Duration) string {
	if d <= 0 {
		return "It does not say for how long: try again in a minute."
	}
	return fmt.Sprintf("Try again after %d s.", int(math.Ceil(d.Seconds())))
}

// CodeOf returns err's code, or CodeInternal when it has none, or "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
