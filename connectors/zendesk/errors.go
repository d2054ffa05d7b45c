package zendesk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
)

// maxErrorBody is how much of a refusal is looked at.
const maxErrorBody = 64 << 10

// What the reader is told to do. None of it holds a word of the provider's.
const (
	actAgain      = "Try again in a moment."
	actReconnect  = "Ask an administrator to reconnect Zendesk."
	actScope      = "Ask an administrator to reconnect Zendesk and to allow the scope read."
	actRole       = "The Zendesk user this link signs in as may not see this. Ask an administrator to give that user's role access to it in Zendesk."
	actPlan       = "This Zendesk account does not have this feature."
	actNotFound   = "Check the number. The ticket does not exist, was deleted, or is hidden from the user this link signs in as."
	actGone       = "It has been deleted in Zendesk and cannot be brought back."
	actOurs       = "Report this: Sightglass asked Zendesk in a way that it does not accept."
	actWebPage    = "Zendesk sent a web page instead of data. Ask an administrator to test the link: the account may be suspended, or may allow only certain addresses."
	actNonsense   = "Try again. If it happens again, report it: Zendesk sent something that cannot be understood."
	actElsewhere  = "Ask an administrator to check the subdomain of this link: Zendesk answered that the account lives elsewhere."
	actFile       = "Zendesk does not give this file to the user this link signs in as."
	actHost       = "The file lies outside Zendesk. An administrator can add its host to the link's media_hosts."
	actStorage    = "The store that keeps this file outside Zendesk does not give it out. Open the interaction again; if it stays, ask an administrator."
	actFileGone   = "The file has been deleted in Zendesk."
	actSubdomain  = "Ask an administrator to check the subdomain of this link: Zendesk knows no account of that name."
	actProbe      = "Test the link again. If it stays, check in Zendesk that the account is active and that the user this link signs in as may see tickets."
	actFilter     = "Zendesk cannot filter by this. Change or remove a filter."
	actNotATicket = "Zendesk has tickets only, and their ids are numbers."
)

// The same for recordings.
const (
	actRecordingGone   = "The recording has been deleted in Zendesk, by somebody or by the line's own rule, and cannot be brought back."
	actRecordingLate   = "The recording of this call is not there yet. Try again in a few minutes; it may also have been deleted."
	actRecordingDenied = "Zendesk does not let the user this link signs in as hear recordings. Ask an administrator to give that user's role access to them in Zendesk."
	actRecordingHost   = "The recording lies on a host outside Zendesk, and nothing was sent there. An administrator can add the host to the link's media_hosts."
)

func (c *connector) fail(at call, code connectors.Code, action string, cause error) *connectors.Error {
	if action == "" {
		action = actionFor[code]
	}
	return &connectors.Error{Code: code, Provider: name, Op: at.op, Action: action, Err: cause}
}

var actionFor = map[connectors.Code]string{
	connectors.CodeInternal:         actOurs,
	connectors.CodeProviderCut:      actAgain,
	connectors.CodeProviderDown:     actAgain,
	connectors.CodeProviderSlow:     actAgain,
	connectors.CodeProviderNonsense: actNonsense,
	connectors.CodeNotFound:         actNotFound,
	connectors.CodeGone:             actGone,
	connectors.CodeNeedsReconnect:   actReconnect,
	connectors.CodeMissingScope:     actScope,
	connectors.CodeNotLicensed:      actPlan,
	connectors.CodeHostRefused:      actHost,
	connectors.CodeBadRequest:       actNotATicket,
}

// unreached is the error of a request that got no answer. The client's own errors keep their code;
// the URL that net/http puts into its errors is left out, since it may hold a file's name and token.
func (c *connector) unreached(ctx context.Context, at call, err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return c.classify(ctx, at, err, connectors.CodeProviderDown)
}

// broken is the error of an answer that could not be read to its end.
func (c *connector) broken(ctx context.Context, at call, err error) error {
	if errors.Is(err, errStop) {
		return err
	}
	if errors.Is(err, errShape) {
		return c.fail(at, connectors.CodeProviderNonsense, "", err)
	}
	var bad *jsontext.SyntacticError
	if errors.As(err, &bad) && !errors.Is(err, io.ErrUnexpectedEOF) {
		// The error's own text would quote a piece of the answer.
		return c.fail(at, connectors.CodeProviderNonsense, "", fmt.Errorf("malformed JSON near byte %d", bad.ByteOffset))
	}
	if errors.As(err, &bad) {
		err = io.ErrUnexpectedEOF
	}
	return c.classify(ctx, at, err, connectors.CodeProviderCut)
}

// classify keeps the code of typed errors and the end of ctx as it is, and gives all else code. The
// client's errors say what happened to a request; what to do about it is said here.
func (c *connector) classify(ctx context.Context, at call, err error, code connectors.Code) error {
	if e := typed(err); e != nil {
		known := *e
		known.Provider, known.Op = name, at.op
		if known.Action == "" {
			known.Action = advice(e)
		}
		return &known
	}
	if ctx.Err() != nil {
		return fmt.Errorf("zendesk: %s: %w", at.op, context.Cause(ctx))
	}
	return c.fail(at, code, "", err)
}

// advice is what to do about an error that came without.
func advice(e *connectors.Error) string {
	if e.Code == connectors.CodeRateLimited {
		return connectors.TryAgainAfter(e.RetryAfter)
	}
	if a := actionFor[e.Code]; a != "" {
		return a
	}
	return actAgain
}

// typed gives the typed error in err, or nil.
func typed(err error) *connectors.Error {
	var e *connectors.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// envelope is what a refusal says, in any of Zendesk's forms: error as a string or an object, errors
// as a list.
type envelope struct {
	json   bool
	name   string // "RecordNotFound", "invalid_token" …
	object bool   // error was an object: the form that means role or plan
}

// refusal turns an answer that is not the data asked for into an error, by its status and documented
// error name. The body is read up to a cap and never kept. The caller closes it.
func (c *connector) refusal(at call, resp *http.Response) *connectors.Error {
	env := readEnvelope(resp)
	code, action := verdict(at, resp, env)
	e := c.fail(at, code, action, cause(resp, env))
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		e.RetryAfter = retryAfter(resp.Header, c.now())
	}
	if code == connectors.CodeRateLimited {
		e.Action = connectors.TryAgainAfter(e.RetryAfter)
	}
	return e
}

func readEnvelope(resp *http.Response) envelope {
	if isHTML(resp.Header) {
		return envelope{}
	}
	d := lenient.New(io.LimitReader(resp.Body, maxErrorBody))
	if d.Kind() != '{' {
		return envelope{}
	}
	env := envelope{json: true}
	d.Object(func(key []byte) {
		switch string(key) {
		case "error":
			env.object = d.Kind() == '{'
			if !env.object {
				env.name = documented(d.Word())
				return
			}
			d.Object(func(key []byte) { env.take(d, key, "title") })
		case "errors":
			d.Object(func(key []byte) { env.take(d, key, "code") })
		default:
			d.Skip()
		}
	})
	return env
}

func (e *envelope) take(d *lenient.Decoder, key []byte, wanted string) {
	if string(key) != wanted || e.name != "" {
		d.Skip()
		return
	}
	e.name = documented(d.Word())
}

// errorNames are those that Zendesk documents or that were recorded. Only these are ever repeated in
// an error of ours.
var errorNames = map[string]bool{
	"invalid_grant": true, "invalid_scope": true, "invalid_token": true, "invalid_client": true,
	"InvalidPaginationDepth": true, "InvalidPaginationParameter": true, "ParameterMissing": true,
	"Couldn't authenticate you": true, "Forbidden": true, "RecordNotFound": true, "InvalidEndpoint": true,
	"DatabaseConflict": true, "RecordInvalid": true, "APIRateLimitExceeded": true, "unavailable": true,
	"Internal Server Error": true,
}

func documented(s string) string {
	if errorNames[s] {
		return s
	}
	return ""
}

// verdict says whose fault a refusal is. Each row of the facts' table of errors has one here.
func verdict(at call, resp *http.Response, env envelope) (connectors.Code, string) {
	html := isHTML(resp.Header)
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized || env.name == "invalid_token" || env.name == "invalid_grant":
		return connectors.CodeNeedsReconnect, ""
	case env.name == "invalid_scope":
		return connectors.CodeMissingScope, ""
	case env.name == "unavailable":
		return connectors.CodeProviderDown, ""
	case status == http.StatusForbidden && html:
		return connectors.CodeProviderNonsense, actWebPage
	case status == http.StatusForbidden && env.name == "Forbidden" && !env.object:
		return connectors.CodeMissingScope, ""
	case status == http.StatusForbidden:
		return connectors.CodeMissingScope, actRole
	case status == http.StatusPaymentRequired:
		return connectors.CodeNotLicensed, ""
	case status == http.StatusNotFound && env.name == "InvalidEndpoint":
		return connectors.CodeNotLicensed, ""
	case status == http.StatusNotFound && !env.json && at.first:
		return connectors.CodeNeedsReconnect, actSubdomain
	case status == http.StatusNotFound && at.probe:
		return connectors.CodeNotFound, actProbe
	case status == http.StatusNotFound:
		return connectors.CodeNotFound, ""
	case status == http.StatusGone:
		return connectors.CodeGone, ""
	case status == http.StatusConflict:
		return connectors.CodeProviderDown, ""
	case status == http.StatusTooManyRequests:
		return connectors.CodeRateLimited, ""
	case status == http.StatusGatewayTimeout || status == http.StatusRequestTimeout:
		return connectors.CodeProviderSlow, ""
	case status >= 500:
		return connectors.CodeProviderDown, ""
	case status == http.StatusUnprocessableEntity && at.beyond:
		return connectors.CodeBadRequest, ""
	case status >= 400:
		return connectors.CodeInternal, ""
	case status >= 300:
		return connectors.CodeProviderNonsense, actElsewhere
	default: // 2xx with a web page: what follows a redirect to the login page
		return connectors.CodeProviderNonsense, actWebPage
	}
}

// cause is for logs: status, documented error name, and the id that Zendesk's support asks for.
func cause(resp *http.Response, env envelope) error {
	s := "status " + strconv.Itoa(resp.StatusCode)
	if env.name != "" {
		s += ", " + env.name
	}
	if id := resp.Header.Get("X-Request-Id"); lenient.Plain(id) {
		s += ", provider request " + id
	}
	return errors.New(s)
}

// retryAfter reads seconds or an HTTP date; 0, empty and nonsense give 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if s <= 0 || s > 86400 {
			return 0
		}
		return time.Duration(s * float64(time.Second))
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return min(t.Sub(now), 24*time.Hour)
	}
	return 0
}
