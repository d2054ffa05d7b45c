package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Callback is what the browser brought back from the provider, and who the session says is there.
type Callback struct {
	State, Code, Iss, Error string
	// User is the signed-in person, where the request had a session; empty: none. Another person
	// than the one who began is refused.
	User records.UserID
}

// Finish ends a linking: it checks state, browser, person and issuer, trades the code for tokens
// once, and stores the grant. The Authorization tells where to go on; it comes back with an error,
// too, as soon as the state is known. Whatever happens, the state works once.
func (f *Flow) Finish(ctx context.Context, cb Callback, browser string) (records.Authorization, error) {
	st, ok := f.stateOf(cb.State)
	if !ok {
		return records.Authorization{}, f.ended(records.Link{}, WhyStateUnknown)
	}
	a, err := f.cfg.Store.TakeAuthorization(ctx, hash(cb.State), f.cfg.Now())
	if errors.Is(err, records.ErrNotFound) {
		return records.Authorization{}, f.gone(ctx, st)
	}
	if err != nil {
		return records.Authorization{}, fmt.Errorf("auth: finish linking: %w", err)
	}
	// Who is not the one who left learns nothing, not even where it would go.
	if subtle.ConstantTimeCompare(hash(browser), a.BrowserHash) != 1 {
		return records.Authorization{}, f.ended(records.Link{}, WhyOtherBrowser)
	}
	if cb.User != "" && cb.User != a.User {
		return records.Authorization{}, f.ended(records.Link{}, WhyOtherPerson)
	}
	if err := f.stillMay(ctx, a); err != nil {
		return a, err
	}
	row, err := f.cfg.Keeper.read(ctx, a.Link)
	if err != nil {
		return a, err
	}
	if row.State == records.LinkPaused {
		return a, f.ended(row, WhyPaused)
	}
	if err := f.checkIssuer(row, cb.Iss); err != nil {
		return a, err
	}
	if cb.Error != "" || cb.Code == "" {
		return a, f.denied(row, cb.Error)
	}
	return a, f.exchange(ctx, row, a, cb.Code)
}

// stillMay asks the matrix again: the person may have lost the right while at the provider.
func (f *Flow) stillMay(ctx context.Context, a records.Authorization) error {
	u, err := f.cfg.Store.User(ctx, a.User)
	if errors.Is(err, records.ErrNotFound) || err == nil && !u.MayAt(f.cfg.Now()) {
		return f.ended(records.Link{}, WhyNoRight)
	}
	if err != nil {
		return fmt.Errorf("auth: user %s: %w", a.User, err)
	}
	all, err := f.cfg.Store.Memberships(ctx, a.User)
	if err != nil {
		return fmt.Errorf("auth: memberships of %s: %w", a.User, err)
	}
	i := slices.IndexFunc(all, func(m records.Membership) bool { return m.Site == a.Link.Site })
	if i < 0 || !principal(u, all[i], records.Site{}, a.ExpiresAt).May(ActionLinks) {
		return f.ended(records.Link{}, WhyNoRight)
	}
	return nil
}

// checkIssuer refuses an answer of another authorization server than the one that was asked (mix-up,
// RFC 9207). An issuer that is named must be right; one that was promised must be named. The issuer
// is the origin of the authorize page, as the Spec has it or as the link's endpoints do.
func (f *Flow) checkIssuer(row records.Link, iss string) error {
	o, err := f.cfg.Keeper.upstreamOptions(row)
	if err != nil {
		return err
	}
	if iss == "" && !o.Spec.OAuth.PromisesIss {
		return nil
	}
	canonical := o.Spec.Expand(o.Spec.OAuth.AuthorizeURL, row.Settings)
	rebased, err := o.Rebase(canonical)
	if err != nil {
		return fmt.Errorf("auth: link %s: %w", row.ID, err)
	}
	if got := strings.TrimSuffix(iss, "/"); got != "" && (got == originOf(canonical) || got == originOf(rebased)) {
		return nil
	}
	return f.ended(row, WhyIssuer)
}

func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// denied puts the provider's error into words, by its documented name only (RFC 6749 section
// 4.1.2.1): the rest of the query is whatever somebody put there.
func (f *Flow) denied(row records.Link, name string) error {
	why, ok := map[string]Why{
		"access_denied": WhyDenied, "invalid_scope": WhyScopeRefused,
		"unauthorized_client": WhyClientRefused, "unsupported_response_type": WhyClientRefused,
		"invalid_request": WhyClientRefused, "invalid_client": WhyClientRefused,
		"temporarily_unavailable": WhyDown, "server_error": WhyDown,
	}[name]
	if !ok {
		why = WhyNoResult
	}
	return f.ended(row, why)
}

// codeLife is how long a code is good at Zendesk (developer.zendesk.com, oauth grant_type_tokens); RFC
// 6749 section 4.1.2 has ten minutes as the most.
const codeLife = 2 * time.Minute

// exchange trades the code for tokens, once, and stores the grant.
func (f *Flow) exchange(ctx context.Context, row records.Link, a records.Authorization, code string) error {
	verifier, err := f.cfg.Keys.OpenSecret(a.Verifier, verifierPlace(a.Link.Site, a.StateHash))
	if err != nil {
		return fmt.Errorf("auth: finish linking %s: %w", row.ID, err)
	}
	spec, _ := f.cfg.Registry.Spec(row.Provider)
	params := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.RedirectURI},
		"scope": {strings.Join(scopeNames(spec), " ")},
	}
	if spec.OAuth.PKCE {
		params.Set("code_verifier", verifier.Reveal())
	}
	got, err := f.cfg.Keeper.ask(ctx, row, params)
	if err != nil {
		// A code that is refused says nothing about the link's present grant: its state stays.
		late := f.cfg.Now().Sub(a.ExpiresAt.Add(-flowLife)) > codeLife
		return f.exchangeFailed(ctx, row, err, late, true)
	}
	if got.refresh.IsZero() {
		return f.ended(row, WhyNoRefresh)
	}
	if err := f.audit(ctx, row.ID, records.PrincipalUser, string(a.User), "linked"); err != nil {
		return err // unrecorded: the grant is dropped
	}
	missing := missingScopes(spec, got.scopes)
	if err := f.cfg.Keeper.install(ctx, row.ID, got, scopesOf(spec, got), len(missing) > 0); err != nil {
		return err
	}
	if len(missing) > 0 {
		row.Scopes = got.scopes
		return f.ended(row, WhyScopeMissing)
	}
	return nil
}

// missingScopes lists what was asked for, is needed and was not granted. An answer without scopes grants all
// (RFC 6749 section 5.1). Zendesk drops a scope it does not know without a word.
func missingScopes(spec connectors.Spec, granted string) []string {
	if granted == "" {
		return nil
	}
	has, missing := strings.Fields(granted), []string(nil)
	for _, s := range spec.OAuth.Scopes {
		if !s.Optional && !slices.Contains(has, s.Name) {
			missing = append(missing, s.Name)
		}
	}
	return missing
}

func scopesOf(spec connectors.Spec, a answer) string {
	if a.scopes != "" {
		return a.scopes
	}
	return strings.Join(scopeNames(spec), " ")
}
