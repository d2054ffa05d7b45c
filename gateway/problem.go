package gateway

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// saying is how a code is told: its status, its title and, unless the error knows better, what to
// do. {provider} is the provider's title.
type saying struct {
	status        int
	title, action string
}

// sayings is the one place for statuses, titles and actions (design section 6).
var sayings = map[connectors.Code]saying{
	connectors.CodeBadRequest:       {400, "The request is not right", "Correct what is named and send it again."},
	connectors.CodeUnauthenticated:  {401, "You are not signed in", "Sign in, then try again."},
	connectors.CodeNotAllowed:       {403, "Your role does not allow this", "Ask an administrator of your site if you need it."},
	connectors.CodeCrossSite:        {403, "The request came from another site", "Open Sightglass at its own address and try there."},
	connectors.CodeNotFound:         {404, "There is nothing here by that name", "Check the link or the id."},
	connectors.CodeHandleExpired:    {410, "This link to the file has expired", "Open the interaction again."},
	connectors.CodeCursorExpired:    {410, "This list has expired", "Load the list again."},
	connectors.CodeBadRange:         {416, "The file does not have those bytes", "Ask for a range within the file."},
	connectors.CodeNotRecognised:    {422, "This is not a link or an id that we know", "Paste the address of the ticket as your browser shows it."},
	connectors.CodeTooMany:          {429, "Too many attempts", "Wait, then try again."},
	connectors.CodeNeedsReconnect:   {409, "{provider} has to be connected again", "Ask an administrator to reconnect {provider}."},
	connectors.CodeMissingScope:     {409, "The connection to {provider} lacks a permission", "Ask an administrator to connect {provider} again with every permission that Sightglass asks for."},
	connectors.CodeNotLicensed:      {409, "The {provider} account does not include this", "Ask an administrator whether the {provider} plan can be extended."},
	connectors.CodePaused:           {409, "The connection to {provider} is paused", "Ask an administrator to resume it."},
	connectors.CodeGone:             {410, "{provider} has erased this", "Nothing can be done: it no longer exists at {provider}."},
	connectors.CodeRateLimited:      {429, "{provider} asks us to wait", "Try again after the time shown."},
	connectors.CodeProviderDown:     {502, "{provider} does not answer", "Try again in a moment."},
	connectors.CodeProviderCut:      {502, "{provider} broke off", "Try again."},
	connectors.CodeProviderNonsense: {502, "{provider} sent something that we cannot read", "Try again; if it stays, quote the request id to your administrator."},
	connectors.CodeHostRefused:      {502, "{provider} pointed to an address that is not allowed", "Quote the request id to your administrator."},
	connectors.CodeProviderSlow:     {504, "{provider} takes too long", "Try again in a moment."},
	connectors.CodeInternal:         {500, "Something went wrong here", "Our fault. Quote the request id to your administrator."},
	connectors.CodeAuditUnavailable: {503, "The record of who looked cannot be written", "Nothing is shown without it. Try again in a moment; if it stays, tell your administrator."},
	connectors.CodeOverloaded:       {503, "Too much is going on", "Try again in a moment."},
	connectors.CodeStopping:         {503, "Sightglass is restarting", "Try again in a moment."},
}

// problem is the body of RFC 9457.
type problem struct {
	Type       string            `json:"type"`
	Status     int               `json:"status"`
	Title      string            `json:"title"`
	Code       connectors.Code   `json:"code"`
	Fault      connectors.Fault  `json:"fault"`
	Action     string            `json:"action"`
	RetryAfter float64           `json:"retry_after,omitzero"`
	RequestID  string            `json:"request_id"`
	Provider   string            `json:"provider,omitzero"`
	Fields     map[string]string `json:"fields,omitzero"`
	Why        auth.Why          `json:"why,omitzero"`
}

// invalid says what is wrong with a request, by field. Its texts are ours: never a value sent.
type invalid struct{ fields map[string]string }

func (e *invalid) Error() string { return "gateway: invalid request" }

func bad(field, what string) error { return &invalid{map[string]string{field: what}} }

// reason makes a typed error with a sentence of its own for what to do.
func reason(code connectors.Code, action string) error {
	return &connectors.Error{Code: code, Action: action}
}

// fail is Echo's HTTPErrorHandler: the one place where an error becomes an answer. When an answer
// has begun, the connection is aborted, so that nobody takes a part for the whole.
func (s *Server) fail(err error, c echo.Context) {
	ctx := c.Request().Context()
	v := visitOf(ctx)
	if c.Response().Committed {
		panic(http.ErrAbortHandler)
	}
	if ctx.Err() != nil {
		panic(http.ErrAbortHandler) // the client left; who only half-closed must not see an empty 200
	}
	p := s.problemOf(ctx, err)
	v.Code = string(p.Code)
	s.logProblem(ctx, p, err)
	h := c.Response().Header()
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
	for _, k := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Accept-Ranges", "Etag", "Last-Modified"} {
		h.Del(k)
	}
	if p.Status != http.StatusRequestedRangeNotSatisfiable {
		h.Del("Content-Range") // with 416 it says how long the file is
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Security-Policy", apiCSP)
	h.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="sightglass"`)
	}
	if wantsPage(c) {
		_ = c.HTML(p.Status, problemPage(explanation{p.Code, p.Status, p.Fault, p.Title, p.Action}, p.RequestID))
		return
	}
	b, merr := json.Marshal(p, json.Deterministic(true))
	if merr != nil {
		b = []byte(`{"code":"internal"}`) // every field is a string or a number: it cannot happen
	}
	h.Set("Content-Length", strconv.Itoa(len(b)))
	c.Response().WriteHeader(p.Status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(b)
	}
}

// problemOf turns any error into the body. Unknown errors are ours.
func (s *Server) problemOf(ctx context.Context, err error) problem {
	e := typed(err)
	say := sayings[e.Code]
	p := problem{Status: say.status, Title: say.title, Code: e.Code, Fault: e.Fault(), Action: say.action,
		RetryAfter: retryAfter(e), RequestID: visitOf(ctx).ID, Why: auth.WhyOf(err), Type: s.cfg.PublicURL + "/problems/" + string(e.Code)}
	if e.Action != "" {
		p.Action = e.Action
	} else if p.Code == connectors.CodeRateLimited {
		p.Action = connectors.TryAgainAfter(e.RetryAfter)
	} else if p.Fault == connectors.FaultAccount {
		p.Action = s.whoHelps(ctx, p.Action)
	}
	title := "The provider"
	if spec, ok := s.deps.Registry.Spec(e.Provider); ok {
		title, p.Provider = spec.Title, spec.Title
	}
	p.Title, p.Action = fill(p.Title, title), fill(p.Action, title)
	var wrong *invalid
	if errors.As(err, &wrong) {
		p.Fields = wrong.fields
	}
	return p
}

func fill(s, title string) string { return strings.ReplaceAll(s, "{provider}", title) }

func retryAfter(e *connectors.Error) float64 {
	d := e.RetryAfter
	if d <= 0 {
		switch e.Code {
		case connectors.CodeAuditUnavailable, connectors.CodeOverloaded, connectors.CodeStopping:
			d = 2 * time.Second
		default:
		}
	}
	return math.Round(d.Seconds()*10) / 10
}

// typed gives every error a code.
func typed(err error) *connectors.Error {
	var e *connectors.Error
	var he *echo.HTTPError
	var wrong *invalid
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		if _, known := sayings[e.Code]; known {
			return e
		}
		return &connectors.Error{Code: connectors.CodeInternal, Err: err}
	case errors.As(err, &wrong), errors.As(err, &tooLong):
		return &connectors.Error{Code: connectors.CodeBadRequest, Err: err}
	case errors.As(err, &he):
		return &connectors.Error{Code: codeOfStatus(he.Code)}
	case errors.Is(err, records.ErrNotFound):
		return &connectors.Error{Code: connectors.CodeNotFound, Err: err}
	default:
		return &connectors.Error{Code: connectors.CodeInternal, Err: err}
	}
}

// codeOfStatus maps what Echo and the generated binding refuse by themselves.
func codeOfStatus(status int) connectors.Code {
	switch {
	case status == http.StatusNotFound:
		return connectors.CodeNotFound
	case status == http.StatusUnauthorized:
		return connectors.CodeUnauthenticated
	case status >= 400 && status < 500:
		return connectors.CodeBadRequest
	default:
		return connectors.CodeInternal
	}
}

// logProblem logs what an operator may have to act on. Causes are ours or the standard library's:
// a connector never wraps a provider's text.
func (s *Server) logProblem(ctx context.Context, p problem, err error) {
	switch p.Fault {
	case connectors.FaultRequest:
		return
	case connectors.FaultGateway:
		s.log.ErrorContext(ctx, "problem", "code", p.Code, "fault", p.Fault, "cause", cause(err), "request_id", p.RequestID)
	default:
		s.log.WarnContext(ctx, "problem", "code", p.Code, "fault", p.Fault, "provider", p.Provider, "cause", cause(err), "request_id", p.RequestID)
	}
}

// line is the same problem as the last part of a stream.
func (p problem) line() problemPart {
	return problemPart{connectors.TypeProblem, p.Status, p.Code, p.Fault, p.Title, p.Action, p.RetryAfter, p.RequestID, p.Provider}
}
