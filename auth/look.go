package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// look asks for the provider's page before a person is sent there, without credentials and with a state
// of its own: a person who is stuck on a provider's error page comes back with nothing. Zendesk shows
// one for an unknown client or redirect URL, and none of its pages says what to do here.
//
// A page that refuses is believed only where the token endpoint agrees: some providers keep programs
// from their pages (a 403 of the edge), which says nothing about people. Redirects other than to us
// lead to a sign-in, and are as good as the page.
func (f *Flow) look(ctx context.Context, row records.Link) error {
	o, err := f.cfg.Keeper.upstreamOptions(row)
	if err != nil {
		return err
	}
	page, err := f.page(row, o, "look", oauth2.GenerateVerifier())
	if err != nil {
		return err
	}
	status, location, err := f.visit(ctx, o, page)
	if err != nil {
		return f.unreached(row, err)
	}
	switch {
	case status < 300:
		return nil
	case status < 400:
		return f.sentBack(row, location)
	case status == http.StatusTooManyRequests:
		return f.ended(row, WhyBusy)
	case status >= 500:
		return f.ended(row, WhyDown)
	}
	why := f.client(ctx, row)
	switch {
	case why == "" && status == http.StatusBadRequest:
		return f.ended(row, WhyRedirect)
	case why == "":
		return nil
	case why == WhySecretWrong:
		why = WhyClientUnknown // who is not known on the page, either
	}
	return f.ended(row, why)
}

// visit fetches a page and says where it leads.
func (f *Flow) visit(ctx context.Context, o upstream.Options, page string) (status int, location string, err error) {
	client, err := upstream.NewPageClient(o)
	if err != nil {
		return 0, "", fmt.Errorf("auth: link %s: %w", o.Link, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return 0, "", fmt.Errorf("auth: link %s: %w", o.Link, err)
	}
	resp, err := upstream.Do(client, req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // of no interest
	return resp.StatusCode, resp.Header.Get("Location"), nil
}

// sentBack reads the error of a page that sends the browser straight back to us.
func (f *Flow) sentBack(row records.Link, location string) error {
	u, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, f.redirect+"?") || u.Query().Get("error") == "" {
		return nil
	}
	return f.denied(row, u.Query().Get("error"))
}

// client asks the token endpoint whether it accepts the client, with a refresh token that nobody has:
// the client is authenticated before the grant is looked at (RFC 6749 section 6), so invalid_grant means
// that the client is good. "" is good.
func (f *Flow) client(ctx context.Context, row records.Link) Why {
	_, err := f.cfg.Keeper.ask(ctx, row, refreshParams(records.NewSecret("sightglass-asks-about-the-client")))
	var r *refusal
	switch {
	case err == nil, errors.As(err, &r) && r.reason == ReasonGrantRefused:
		return ""
	case errors.As(err, &r) && r.reason == ReasonClientRefused:
		return WhySecretWrong
	default:
		return f.whyUnreached(err)
	}
}

// unreached is the error of a call that brought no usable answer.
func (f *Flow) unreached(row records.Link, err error) error {
	w := f.whyUnreached(err)
	if w == "" {
		return err
	}
	e := f.ended(row, w)
	var typed *connectors.Error
	if errors.As(err, &typed) {
		e.RetryAfter = typed.RetryAfter
		e.Err = fmt.Errorf("%w: %w", w, err)
	}
	return e
}

func (f *Flow) whyUnreached(err error) Why {
	var status statusError
	if errors.As(err, &status) {
		switch int(status) {
		case http.StatusNotFound, http.StatusGone:
			return WhyAccountUnknown
		case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
			return WhyAccountShut
		}
	}
	switch connectors.CodeOf(err) {
	case connectors.CodeHostRefused:
		return WhyHostPrivate
	case connectors.CodeProviderDown, connectors.CodeProviderCut:
		return WhyDown
	case connectors.CodeProviderSlow:
		return WhySlow
	case connectors.CodeRateLimited:
		return WhyBusy
	case connectors.CodeProviderNonsense:
		return WhyNonsense
	case connectors.CodeMissingScope:
		return WhyScopeRefused
	case connectors.CodeNotFound:
		return WhyLinkGone
	default:
		return ""
	}
}

// exchangeFailed says why no grant came of a code, or no token of client credentials (code is false).
func (f *Flow) exchangeFailed(ctx context.Context, row records.Link, err error, late, code bool) error {
	switch {
	case errors.Is(err, errGrantRefused) && late:
		return f.ended(row, WhyCodeOld)
	case errors.Is(err, errGrantRefused):
		return f.ended(row, WhyCodeRefused)
	case errors.Is(err, errMissingScope):
		return f.ended(row, WhyScopeRefused)
	case errors.Is(err, errClientRefused) && code && WhyOf(f.look(ctx, row)) == WhyClientUnknown:
		return f.ended(row, WhyClientGone) // it was known when we began
	case errors.Is(err, errClientRefused) && !code && f.client(ctx, row) == "":
		return f.ended(row, WhyKindWrong)
	case errors.Is(err, errClientRefused):
		return f.ended(row, WhySecretWrong)
	default:
		return f.unreached(row, err)
	}
}
