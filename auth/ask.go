package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// askPatience bounds one call of the token endpoint. It is long: a refresh that is given up may
// have happened all the same, and its new token would be lost.
const askPatience = 60 * time.Second

// answer is what a token endpoint gave.
type answer struct {
	access, refresh records.Secret
	scopes          string    // empty: as asked
	until           time.Time // when the access token is no longer used
}

func (a answer) token(generation int64) records.AccessToken {
	return records.AccessToken{Value: a.access, Generation: generation, ExpiresAt: a.until, Scopes: a.scopes}
}

// refusal is an answer of the provider that is an error. err never holds the provider's text.
type refusal struct {
	reason string // of the link's state; empty: the link is as it was
	err    *connectors.Error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refreshParams(old records.Secret) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Reveal()}}
}

// ask makes one call to the link's token endpoint; nil params ask with client credentials. Nothing
// is retried. clientcredentials.Config does every grant, since it lets grant_type be overridden.
func (k *Keeper) ask(ctx context.Context, row records.Link, params url.Values) (answer, error) {
	o, err := k.upstreamOptions(row)
	if err != nil {
		return answer{}, err
	}
	secret, err := k.clientSecret(row)
	if err != nil {
		return answer{}, k.unopened(ctx, row, row.ClientSecret)
	}
	client, err := upstream.NewTokenClient(o)
	if err != nil {
		return answer{}, fmt.Errorf("auth: link %s: %w", row.ID, err)
	}
	c := clientcredentials.Config{
		ClientID: row.ClientID, TokenURL: o.Spec.Expand(o.Spec.OAuth.TokenURL, row.Settings),
		AuthStyle: oauth2.AuthStyleInParams, // detecting it would send a failed request twice
	}
	c.EndpointParams = url.Values{}
	for name, v := range params {
		c.EndpointParams[name] = v
	}
	if err := k.identify(&c, o.Spec, row, secret); err != nil {
		return answer{}, err
	}
	if params == nil {
		c.Scopes = scopeNames(o.Spec)
	}
	if life := o.Spec.OAuth.TokenLife; life > 0 {
		c.EndpointParams.Set("expires_in", strconv.Itoa(int(life/time.Second)))
	}
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	sent := k.cfg.Now()
	strict := *client
	strict.Transport = &tokenTransport{below: client.Transport}
	token, err := c.Token(context.WithValue(ctx, oauth2.HTTPClient, &strict))
	if err != nil {
		return answer{}, k.refusal(ctx, row, err)
	}
	return answered(token, sent), nil
}

func answered(t *oauth2.Token, sent time.Time) answer {
	seconds, _ := t.Extra("expires_in").(float64) // made whole by tokenTransport
	scopes, _ := t.Extra("scope").(string)
	refresh, _ := t.Extra("refresh_token").(string) // t.RefreshToken may be the old one, put back
	return answer{
		access: records.NewSecret(t.AccessToken), refresh: records.NewSecret(refresh), scopes: scopes,
		until: sent.Add(useful(time.Duration(seconds) * time.Second)),
	}
}

// useful is how long a token of that life is used: until 60 s or a tenth of it before the end.
func useful(life time.Duration) time.Duration { return life - min(time.Minute, life/10) }

// upstreamOptions are those of the client for the link's token endpoint.
func (k *Keeper) upstreamOptions(row records.Link) (upstream.Options, error) {
	spec, ok := k.cfg.Registry.Spec(row.Provider)
	if !ok {
		return upstream.Options{}, fmt.Errorf("auth: link %s: there is no connector %q", row.ID, row.Provider)
	}
	return upstream.Options{
		Spec: spec, Link: row.ID, Settings: row.Settings, Endpoints: row.Endpoints, MediaHosts: row.MediaHosts,
		Private: k.cfg.Private, RootCAs: k.cfg.RootCAs, Log: k.cfg.Log, Now: k.cfg.Now,
	}, nil
}

// refusal turns what went wrong at the token endpoint into a typed error, from the documented error
// name and the status. The cause of the library is dropped: it quotes the provider.
func (k *Keeper) refusal(ctx context.Context, row records.Link, err error) error {
	var typed *connectors.Error
	var got *oauth2.RetrieveError
	switch {
	case errors.As(err, &typed): // of the client below: not reached, refused, slow
		e := *typed
		e.Op = opToken
		if e.Action == "" {
			e.Action = k.unreached(row, e.Code)
		}
		return &refusal{err: &e}
	case errors.As(err, &got):
		return k.refused(row, got)
	case ctx.Err() != nil:
		return &refusal{err: k.provider(row, connectors.CodeProviderSlow, "")}
	default:
		return &refusal{err: k.provider(row, connectors.CodeProviderNonsense, "the answer is no token")}
	}
}

// refused reads an error answer of RFC 6749 section 5.2, or a bare status. Only a documented name
// makes a link need a person: a 401 without one may be anybody's on the way.
func (k *Keeper) refused(row records.Link, got *oauth2.RetrieveError) error {
	status, name := got.Response.StatusCode, got.ErrorCode
	switch {
	case status == http.StatusTooManyRequests:
		e := k.provider(row, connectors.CodeRateLimited, "status 429")
		e.RetryAfter = retryAfter(got.Response.Header, k.cfg.Now())
		return &refusal{err: e}
	case status >= 500:
		e := k.provider(row, connectors.CodeProviderDown, fmt.Sprintf("status %d", status))
		e.RetryAfter = retryAfter(got.Response.Header, k.cfg.Now())
		return &refusal{err: e}
	case name == "invalid_grant":
		return k.refusedFor(row, ReasonGrantRefused)
	case name == "invalid_scope":
		return k.refusedFor(row, ReasonMissingScope)
	case name == "invalid_client", name == "unauthorized_client":
		return k.refusedFor(row, ReasonClientRefused)
	case name == "temporarily_unavailable", name == "server_error", name == "slow_down":
		return &refusal{err: k.provider(row, connectors.CodeProviderDown, name)}
	default:
		e := k.provider(row, connectors.CodeProviderNonsense, "")
		e.Err = statusError(status)
		return &refusal{err: e}
	}
}

// statusError is the status of an answer that names no error.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("token endpoint: status %d", int(s)) }

func (k *Keeper) refusedFor(row records.Link, reason string) error {
	return &refusal{reason: reason, err: k.broken(row.Provider, reason)}
}

// provider is an error of the provider's. cause is of ours, never the provider's words.
func (k *Keeper) provider(row records.Link, code connectors.Code, cause string) *connectors.Error {
	e := &connectors.Error{Code: code, Provider: row.Provider, Op: opToken, Action: k.unreached(row, code)}
	if cause != "" {
		e.Err = errors.New("token endpoint: " + cause)
	}
	return e
}

func (k *Keeper) unreached(row records.Link, code connectors.Code) string {
	title := k.title(row.Provider)
	switch code {
	case connectors.CodeRateLimited:
		return title + " wants a pause before we sign in again. Try again when it is over."
	case connectors.CodeProviderSlow:
		return title + " takes long to sign us in. Try again in a moment."
	case connectors.CodeHostRefused:
		return "The link leads to a host that is not allowed. Ask an administrator to check its settings."
	case connectors.CodeProviderNonsense:
		return title + " answered something that is no token. Ask an administrator to check the link's settings."
	default:
		return title + " cannot be reached to sign in. Try again in a moment."
	}
}

// retryAfter reads seconds or a date; what makes no sense is 0. A day is the most.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	var wait time.Duration
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
}

func scopeNames(s connectors.Spec) []string {
	names := make([]string, len(s.OAuth.Scopes))
	for i, scope := range s.OAuth.Scopes {
		names[i] = scope.Name
	}
	return names
}
