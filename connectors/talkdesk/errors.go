package talkdesk

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

var (
	// errLeft ends decoding because nobody reads on, errEnough because what was looked for has been found.
	// Neither leaves the package.
	errLeft   = errors.New("talkdesk: the reader has left")
	errEnough = errors.New("talkdesk: found")
	// errShape says that an answer is JSON but not what was asked for.
	errShape = errors.New("the answer does not have the expected shape")

	errJobFailed = errors.New("the report failed")
	errJobSlow   = errors.New("the report was not ready in time")
	errTooLong   = errors.New("not found in time")
	errPages     = errors.New("not among the pages that are looked through")
)

// What the reader is told to do. None of it holds a word of the provider's.
const (
	actAgain      = "Try again in a moment."
	actReconnect  = "Ask an administrator to test the link: Talkdesk does not accept its client any more, or allows only certain addresses."
	actNotFound   = "Check the id. If the conversation is older than a week, or has no recording, paste the id and its date: id 2026-03-04."
	actGone       = "It is not available any more, or not yet: Talkdesk keeps recordings for six months unless the account says otherwise."
	actOurs       = "Report this: Sightglass asked Talkdesk in a way that it does not accept."
	actWebPage    = "Talkdesk sent a web page instead of data. Ask an administrator to test the link: its region may be wrong."
	actNonsense   = "Try again. If it happens again, report it: Talkdesk sent something that cannot be understood."
	actHost       = "The file lies on a host that nobody declared, and nothing was sent there. An administrator can add the host to the link's media_hosts."
	actStorage    = "The store that keeps this file does not give it out. Open the interaction again; if it stays, ask an administrator."
	actFileGone   = "The file is not there any more."
	actNoSuchKind = "Talkdesk has calls, chats and mails."
)

func actScope(scope string) string {
	if scope == "" {
		return "Ask an administrator to test the link: Talkdesk does not allow this to its client."
	}
	return "Ask an administrator to allow the scope " + scope + " for the link's client in Talkdesk, and to check that the account allows this address."
}

func (c *connector) fail(at call, code connectors.Code, action string, cause error) *connectors.Error {
	if action == "" {
		action = actionFor[code]
	}
	if action == "" && code == connectors.CodeMissingScope {
		action, cause = actScope(at.scope), lacking{at.scope, cause}
	}
	return &connectors.Error{Code: code, Provider: name, Op: at.op, Action: action, Err: cause}
}

// lacking remembers which scope a request was refused for: a report needs two.
type lacking struct {
	scope string
	error
}

func (l lacking) Unwrap() error { return l.error }

var actionFor = map[connectors.Code]string{
	connectors.CodeInternal:         actOurs,
	connectors.CodeProviderCut:      actAgain,
	connectors.CodeProviderDown:     actAgain,
	connectors.CodeProviderSlow:     actAgain,
	connectors.CodeProviderNonsense: actNonsense,
	connectors.CodeNotFound:         actNotFound,
	connectors.CodeGone:             actGone,
	connectors.CodeNeedsReconnect:   actReconnect,
	connectors.CodeHostRefused:      actHost,
	connectors.CodeBadRequest:       actNoSuchKind,
}

// unreached is the error of a request that got no answer. The client's own errors keep their code; the
// URL that net/http puts into its errors is left out.
func (c *connector) unreached(ctx context.Context, at call, err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return c.classify(ctx, at, err, connectors.CodeProviderDown)
}

// broken is the error of an answer that could not be read to its end.
func (c *connector) broken(ctx context.Context, at call, err error) error {
	if errors.Is(err, errLeft) || errors.Is(err, errEnough) {
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

// classify keeps the code of typed errors and the end of ctx as it is, and gives all else code.
func (c *connector) classify(ctx context.Context, at call, err error, code connectors.Code) error {
	var e *connectors.Error
	if errors.As(err, &e) {
		known := *e
		known.Provider, known.Op = name, at.op
		if known.Action == "" {
			known.Action = advice(e)
		}
		return &known
	}
	if ctx.Err() != nil {
		return fmt.Errorf("talkdesk: %s: %w", at.op, context.Cause(ctx))
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

// refusal turns an answer that is not the data asked for into an error, by its status alone: nobody has
// listed the codes in Talkdesk's errors, and the texts may be anything. The caller closes the body.
func (c *connector) refusal(at call, resp *http.Response) *connectors.Error {
	code, action := verdict(resp)
	e := c.fail(at, code, action, cause(resp))
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			e.RetryAfter = min(time.Duration(s)*time.Second, 24*time.Hour)
		}
	}
	if code == connectors.CodeRateLimited {
		e.Action = connectors.TryAgainAfter(e.RetryAfter)
	}
	return e
}

func verdict(resp *http.Response) (connectors.Code, string) {
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return connectors.CodeNeedsReconnect, ""
	case isHTML(resp.Header) && status < 500:
		return connectors.CodeProviderNonsense, actWebPage
	case status == http.StatusForbidden:
		return connectors.CodeMissingScope, ""
	case status == http.StatusNotFound:
		return connectors.CodeNotFound, ""
	case status == http.StatusGone:
		return connectors.CodeGone, ""
	case status == http.StatusTooManyRequests:
		return connectors.CodeRateLimited, ""
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return connectors.CodeProviderSlow, ""
	case status >= 500 || status == http.StatusConflict:
		return connectors.CodeProviderDown, ""
	case status >= 400:
		return connectors.CodeInternal, ""
	default: // a redirect where none is expected, or a success without what was asked for
		return connectors.CodeProviderNonsense, ""
	}
}

// cause is for logs: status, and the id that Talkdesk's support asks for.
func cause(resp *http.Response) error {
	s := "status " + strconv.Itoa(resp.StatusCode)
	for _, h := range []string{"Platform-Tid", "X-Request-Id"} {
		if id := resp.Header.Get(h); lenient.Plain(id) {
			s += ", provider request " + id
			break
		}
	}
	return errors.New(s)
}

// missing says why a part that is not a person's first wish cannot be had. what stands in the sentence:
// "The transcript …".
func (c *connector) missing(what string, at call, err error) *connectors.Missing {
	m := &connectors.Missing{What: what, Reason: connectors.MissingNotReady}
	var e *connectors.Error
	if !errors.As(err, &e) {
		e = &connectors.Error{Code: connectors.CodeInternal}
	}
	var l lacking
	if errors.As(err, &l) {
		at.scope = l.scope
	}
	switch {
	case errors.Is(err, errJobFailed):
		m.Reason, m.Say = connectors.MissingNotOffered, "Talkdesk could not make the report with the "+what+": it says that the report failed."
	case errors.Is(err, errJobSlow):
		m.Say = "Talkdesk had not finished the report with the " + what + " after " + c.cfg.reportTimeout.String() + ". Open the interaction again."
	case errors.Is(err, errTooLong):
		m.Say = "The " + what + " could not be found within " + c.cfg.transcriptTimeout.String() + ". Open the interaction again."
	case errors.Is(err, errPages):
		m.Reason, m.Say = connectors.MissingNotFound, fmt.Sprintf("The %s is not among the first %d pages of that time.", what, c.cfg.maxPages)
	case e.Code == connectors.CodeMissingScope:
		m.Reason, m.Say = c.denied(what, at)
	case e.Code == connectors.CodeNotFound || e.Code == connectors.CodeGone:
		m.Reason, m.Say = connectors.MissingNotFound, "Talkdesk does not find the "+what+"."
	case e.Code == connectors.CodeRateLimited && e.RetryAfter > 0:
		m.Say = fmt.Sprintf("Talkdesk asks us to wait %d s before it gives the %s (too many requests).", int((e.RetryAfter+time.Second-1)/time.Second), what)
	case e.Code == connectors.CodeRateLimited:
		m.Say = "Talkdesk gives the " + what + " later: too many requests at the moment."
	case e.Code == connectors.CodeInternal:
		m.Reason, m.Say = connectors.MissingNotOffered, "Talkdesk does not accept how we ask for the "+what+". Report this."
	default:
		m.Say = "Talkdesk did not answer as it should when asked for the " + what + ". Open the interaction again."
	}
	return m
}

// denied tells a scope from a licence, as far as that can be told: Talkdesk answers 403 to both.
func (c *connector) denied(what string, at call) (connectors.MissingReason, string) {
	granted := c.granted()
	lacks := granted != "" && !hasWord(granted, at.scope)
	switch {
	case at.scope == scopeTranscripts && granted != "" && !lacks:
		return connectors.MissingNotLicensed, "Talkdesk refuses the " + what + " although the scope " + at.scope + " is granted: the account lacks the product (Customer Experience Analytics or Virtual Agent)."
	case at.scope == scopeTranscripts && !lacks:
		return connectors.MissingNotLicensed, "Talkdesk refuses the " + what + ": the account lacks the product (Customer Experience Analytics or Virtual Agent), or the link's client the scope " + at.scope + "."
	case lacks:
		return connectors.MissingNoScope, "The link's client in Talkdesk lacks the scope " + at.scope + ", which the " + what + " needs."
	default:
		return connectors.MissingNoScope, "Talkdesk refuses the " + what + ": the link's client lacks the scope " + at.scope + ", or the account does not have this."
	}
}

// notThere tells whether Talkdesk does not know what was asked for, or not any more.
func notThere(err error) bool {
	code := connectors.CodeOf(err)
	return code == connectors.CodeNotFound || code == connectors.CodeGone
}

func hasWord(list, word string) bool {
	for _, w := range strings.Fields(list) {
		if w == word {
			return true
		}
	}
	return false
}
