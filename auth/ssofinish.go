package auth

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Turned says why somebody could not sign in through their provider. Each has words of its own on the
// sign-in page.
type Turned string

// The reasons.
const (
	TurnedBrowser   Turned = "browser"    // no cookie of ours, or another sign-in's
	TurnedLate      Turned = "late"       // 10 minutes are over
	TurnedUsed      Turned = "used"       // this answer was here before
	TurnedDenied    Turned = "denied"     // the person, or the provider's policy, said no
	TurnedClient    Turned = "client"     // client id or secret is not right
	TurnedRequest   Turned = "request"    // the provider does not take the request: redirect URI, scope
	TurnedIssuer    Turned = "issuer"     // another server answered than was asked
	TurnedCode      Turned = "code"       // the provider does not know the code any more
	TurnedDown      Turned = "down"       // it does not answer
	TurnedNonsense  Turned = "nonsense"   // what it sent cannot be checked, or does not hold
	TurnedClock     Turned = "clock"      // its clock and ours differ by more than skew
	TurnedCompany   Turned = "company"    // an account of somebody else's domain, tenant or organization
	TurnedNameless  Turned = "nameless"   // it sends no login to go by
	TurnedUnproven  Turned = "unverified" // a mail address that it has not verified
	TurnedUnknown   Turned = "unknown"    // nobody of that login here
	TurnedOther     Turned = "other"      // the login belongs to another account at this provider
	TurnedInactive  Turned = "inactive"   // deactivated
	TurnedEnded     Turned = "ended"      // the end date is over
	TurnedAddress   Turned = "address"    // an IP rule
	TurnedAudit     Turned = "audit"      // it cannot be recorded
	TurnedElsewhere Turned = "fault"      // ours
)

// Refusal is a sign-in through a provider that failed.
type Refusal struct {
	Why      Turned
	Provider string // id; empty: not known
	Err      error  // for the log; never the provider's text
}

func (r *Refusal) Error() string { return "auth: single sign-on: " + string(r.Why) }

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// skew is how far the provider's clock may be off.
const skew = 2 * time.Minute

// Finish ends a sign-in: it checks browser, state and issuer, trades the code, checks the token, finds
// the person and begins a session. It returns the session's token and where to go on. Every error is a
// *Refusal. Whatever happens, a state works once.
func (s *SSO) Finish(ctx context.Context, cb Callback, cookie string, peer netip.Addr) (token, returnTo string, err error) {
	if s == nil {
		return "", "", &Refusal{Why: TurnedBrowser}
	}
	a, ok := s.attempt(cookie)
	if !ok || len(cb.State) != tokenLength || !sameText(cb.State, a.state()) {
		return "", "", &Refusal{Why: TurnedBrowser}
	}
	p := s.find(a.Site, a.Provider)
	if p == nil {
		return "", "", &Refusal{Why: TurnedBrowser}
	}
	why := func(t Turned, err error) error { return &Refusal{Why: t, Provider: p.ID, Err: err} }
	if s.cfg.Now().Unix() > a.Until {
		return "", "", why(TurnedLate, nil)
	}
	if !s.once(ctx, a.state()) {
		return "", "", why(TurnedUsed, nil)
	}
	claims, t, err := s.answered(ctx, p, a, cb)
	if t != "" {
		return "", "", why(t, err)
	}
	token, t, err = s.admit(ctx, p, claims, peer)
	if t != "" {
		return "", "", why(t, err)
	}
	return token, a.Return, nil
}

// answered turns the provider's answer into claims that were checked.
func (s *SSO) answered(ctx context.Context, p *openID, a attemptAt, cb Callback) (map[string]any, Turned, error) {
	ctx = s.context(ctx)
	provider, says, err := p.discover(ctx, s.cfg.Now())
	if err != nil {
		return nil, TurnedDown, errors.New("discovery")
	}
	if cb.Iss != p.Issuer && (cb.Iss != "" || says.PromisesIss) {
		return nil, TurnedIssuer, nil
	}
	if cb.Error != "" || cb.Code == "" {
		return nil, turnedThere(cb.Error), nil
	}
	got, err := s.client(p, provider, says).Exchange(ctx, cb.Code, oauth2.VerifierOption(a.verifier()))
	if err != nil {
		t, err := turnedAtExchange(err)
		return nil, t, err
	}
	raw, _ := got.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, SkipExpiryCheck: true}).Verify(ctx, raw)
	if err != nil {
		return nil, TurnedNonsense, errors.New("the ID token does not hold")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil || !sameText(id.Nonce, a.nonce()) || id.Subject == "" {
		return nil, TurnedNonsense, errors.New("the ID token is not this sign-in's")
	}
	if azp := claim(claims, "azp"); azp != "" && azp != p.ClientID || azp == "" && len(id.Audience) > 1 {
		return nil, TurnedNonsense, errors.New("the ID token is for somebody else, too")
	}
	if now := s.cfg.Now(); now.After(id.Expiry.Add(skew)) || now.Before(id.IssuedAt.Add(-skew)) || now.After(id.IssuedAt.Add(flowLife)) {
		return nil, TurnedClock, nil
	}
	return s.complete(ctx, p, provider, got, claims), "", nil
}

// complete asks for the login where the ID token is a thin one (Okta and Salesforce send some claims at
// the user info endpoint only). What the token says counts more.
func (s *SSO) complete(ctx context.Context, p *openID, provider *oidc.Provider, t *oauth2.Token, claims map[string]any) map[string]any {
	if claim(claims, p.LoginClaim) != "" || provider.UserInfoEndpoint() == "" {
		return claims
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(t))
	more := map[string]any{}
	if err != nil || info.Subject != claim(claims, "sub") || info.Claims(&more) != nil {
		return claims
	}
	for name, value := range claims {
		more[name] = value
	}
	return more
}

// turnedThere reads the provider's error by its documented name only (RFC 6749 section 4.1.2.1,
// OpenID Connect Core section 3.1.2.6).
func turnedThere(name string) Turned {
	switch name {
	case "access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required":
		return TurnedDenied
	case "unauthorized_client", "invalid_client":
		return TurnedClient
	case "invalid_request", "invalid_scope", "unsupported_response_type", "request_not_supported":
		return TurnedRequest
	case "temporarily_unavailable", "server_error":
		return TurnedDown
	default:
		return TurnedNonsense
	}
}

func turnedAtExchange(err error) (Turned, error) {
	var r *oauth2.RetrieveError // holds the provider's body: never passed on
	if !errors.As(err, &r) {
		return TurnedDown, errors.New("token endpoint: " + causeOfSSO(err))
	}
	switch {
	case r.ErrorCode == "invalid_grant":
		return TurnedCode, nil
	case r.ErrorCode == "invalid_client" || r.ErrorCode == "unauthorized_client" || r.Response.StatusCode == 401:
		return TurnedClient, nil
	case r.ErrorCode == "invalid_request" || r.ErrorCode == "invalid_scope":
		return TurnedRequest, nil
	case r.Response.StatusCode >= 500:
		return TurnedDown, nil
	default:
		return TurnedNonsense, errors.New("token endpoint")
	}
}

// causeOfSSO names what went wrong on the network without its text, which may quote an answer.
func causeOfSSO(err error) string {
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return "its discovery document names another issuer"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the browser left"
	default:
		return "unreachable, or not an OpenID provider"
	}
}

// admit finds the person of an account and begins their session.
func (s *SSO) admit(ctx context.Context, p *openID, claims map[string]any, peer netip.Addr) (string, Turned, error) {
	subject, ours := presets[p.Preset].subject(&p.OpenIDProvider, claims)
	if !ours {
		return "", TurnedCompany, nil
	}
	if subject == "" {
		return "", TurnedNonsense, errors.New("no subject")
	}
	u, t, err := s.person(ctx, p, subject, claims)
	if t != "" || err != nil {
		return "", orFault(t), err
	}
	if why := gone(u, s.cfg.Now()); why != "" {
		return "", why, s.cfg.Sessions.turnAway(ctx, u, p.Site, string(why), nil)
	}
	token, _, err := s.cfg.Sessions.signInBy(ctx, p.Site, u.ID, records.DoorSSO, peer)
	switch connectors.CodeOf(err) {
	case "":
		return token, "", nil
	case connectors.CodeNotAllowed:
		return "", TurnedAddress, nil
	case connectors.CodeAuditUnavailable:
		return "", TurnedAudit, err
	case connectors.CodeUnauthenticated: // went in this moment
		return "", TurnedUnknown, nil
	default:
		return "", TurnedElsewhere, err
	}
}

func orFault(t Turned) Turned {
	if t == "" {
		return TurnedElsewhere
	}
	return t
}

func gone(u records.User, now time.Time) Turned {
	switch {
	case u.Status != records.UserActive:
		return TurnedInactive
	case !u.MayAt(now):
		return TurnedEnded
	default:
		return ""
	}
}

// person gives the user an account belongs to: the one it was bound to, else the member of the site
// with its login, who is bound to it now. Nobody is made.
func (s *SSO) person(ctx context.Context, p *openID, subject string, claims map[string]any) (records.User, Turned, error) {
	store := s.cfg.Sessions.store
	known, err := store.Identity(ctx, p.Site, p.Issuer, subject)
	if err == nil {
		u, err := store.User(ctx, known.User)
		return u, "", err
	}
	if !errors.Is(err, records.ErrNotFound) {
		return records.User{}, "", err
	}
	login, verified := p.loginOf(claims)
	switch {
	case login == "":
		return records.User{}, TurnedNameless, nil
	case !verified:
		return records.User{}, TurnedUnproven, nil
	}
	u, err := store.UserByLogin(ctx, FoldLogin(login))
	if errors.Is(err, records.ErrNotFound) {
		return u, TurnedUnknown, nil
	}
	if err != nil {
		return u, "", err
	}
	in, err := s.cfg.Sessions.sitesOf(ctx, u.ID)
	if err != nil {
		return u, "", err
	}
	if !slices.ContainsFunc(in, func(m records.Membership) bool { return m.Site == p.Site }) {
		return u, TurnedUnknown, nil // whoever is somewhere else only is nobody here
	}
	return s.bind(ctx, p, subject, u)
}

// bind keeps whose account it is. Only somebody who may come in is bound: a login that was left and
// given to the next person takes nobody's account along.
func (s *SSO) bind(ctx context.Context, p *openID, subject string, u records.User) (records.User, Turned, error) {
	if why := gone(u, s.cfg.Now()); why != "" {
		return u, why, s.cfg.Sessions.turnAway(ctx, u, p.Site, string(why), nil)
	}
	row := s.cfg.Sessions.entry(records.AuditUserChanged, u, p.Site)
	row.Thing, row.Detail = string(u.ID), "sso_bound"
	if _, err := s.cfg.Sessions.store.Append(ctx, row); err != nil {
		return u, TurnedAudit, err
	}
	err := s.cfg.Sessions.store.AddIdentity(ctx, records.Identity{Site: p.Site, Issuer: p.Issuer, Subject: subject, User: u.ID})
	if !errors.Is(err, records.ErrExists) {
		return u, "", err
	}
	// Two sign-ins of one person at the same time bind once; another's account is refused.
	if known, err := s.cfg.Sessions.store.Identity(ctx, p.Site, p.Issuer, subject); err == nil && known.User == u.ID {
		return u, "", nil
	}
	return u, TurnedOther, s.cfg.Sessions.turnAway(ctx, u, p.Site, string(TurnedOther), nil)
}
