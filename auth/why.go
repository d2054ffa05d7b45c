package auth

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Why is what ended a linking: finer than a code, and a closed set, since it stands in the address
// that an administrator comes back to. Explain puts it into words.
type Why string

// What can end a linking.
const (
	WhyStateUnknown Why = "state_unknown" // no state, or one that we never made
	WhyStateUsed    Why = "state_used"
	WhyStateOld     Why = "state_old"
	WhyOtherBrowser Why = "other_browser"
	WhyOtherPerson  Why = "other_person"
	WhyLinkGone     Why = "link_gone"
	WhyNoRight      Why = "no_right"
	WhyPaused       Why = "paused"

	WhyHostPrivate    Why = "host_private"
	WhyAccountUnknown Why = "account_unknown"
	WhyAccountShut    Why = "account_shut"
	WhyClientUnknown  Why = "client_unknown"
	WhyRedirect       Why = "redirect_unknown"
	WhyScopeRefused   Why = "scope_refused"
	WhyClientRefused  Why = "client_refused"

	WhyDenied   Why = "denied"
	WhyIssuer   Why = "other_issuer"
	WhyNoResult Why = "no_result"

	WhyCodeOld      Why = "code_old"
	WhyCodeRefused  Why = "code_refused"
	WhySecretWrong  Why = "secret_wrong"
	WhyClientGone   Why = "client_gone"
	WhyKindWrong    Why = "kind_wrong"
	WhyNoRefresh    Why = "no_refresh_token"
	WhyScopeMissing Why = "scope_missing"

	WhyDown     Why = "provider_down"
	WhySlow     Why = "provider_slow"
	WhyBusy     Why = "provider_busy"
	WhyNonsense Why = "provider_nonsense"
)

// Error makes a Why the cause of an error.
func (w Why) Error() string { return "linking: " + string(w) }

// WhyOf tells why a linking ended, or "" when err is of another kind.
func WhyOf(err error) Why {
	var w Why
	errors.As(err, &w)
	return w
}

// telling is the code of a Why, and what to do. Doing that, and nothing else, makes the next try work.
// {provider}, {host}, {client}, {redirect}, {scopes} and {missing} are the link's.
type telling struct {
	code connectors.Code
	say  string
}

var tellings = map[Why]telling{
	WhyStateUnknown: {connectors.CodeBadRequest, "This address belongs to no connection that was begun here. Open Links and connect from there."},
	WhyStateUsed:    {connectors.CodeBadRequest, "This answer was used already, or the link was changed since. Open Links; unless it says that the link works, connect again."},
	WhyStateOld:     {connectors.CodeBadRequest, "More than ten minutes passed between leaving and coming back. Open Links, connect again, and finish within ten minutes."},
	WhyOtherBrowser: {connectors.CodeBadRequest, "This connection was begun in another browser, or in another profile or private window of this one. Connect again, and stay in one window."},
	WhyOtherPerson:  {connectors.CodeBadRequest, "Somebody else began this connection than is signed in here. Connect again as yourself."},
	WhyLinkGone:     {connectors.CodeNotFound, "The link was removed while somebody was at the provider. Add it again, then connect it."},
	WhyNoRight:      {connectors.CodeNotAllowed, "Only administrators connect accounts. Have an administrator give you that role, then connect again."},
	WhyPaused:       {connectors.CodePaused, "The link is paused, so nothing was connected. Resume it, then connect again."},

	WhyHostPrivate:    {connectors.CodeHostRefused, "{host} leads to an address that links may not reach: a private one, or none of {provider}'s. Correct the link's address, or allow its network in security.private_upstreams; then connect again."},
	WhyAccountUnknown: {connectors.CodeNeedsReconnect, "There is no {provider} account at {host}. Correct the name of the account in the link's settings, then connect again."},
	WhyAccountShut:    {connectors.CodeNeedsReconnect, "{provider} lets nobody into {host}: the account is suspended, its trial is over, or it is barred to our network. Have its owner open it, then connect again."},
	WhyClientUnknown:  {connectors.CodeNeedsReconnect, "{provider} knows no OAuth client “{client}” with that secret. Copy the client's id and secret from there into the link's settings, then connect again."},
	WhyRedirect:       {connectors.CodeNeedsReconnect, "{provider} knows the OAuth client, but not our redirect URL. Enter {redirect} there, exactly so, then connect again."},
	WhyScopeRefused:   {connectors.CodeMissingScope, "The OAuth client at {provider} may not ask for {scopes}. Allow it for the client there, then connect again."},
	WhyClientRefused:  {connectors.CodeNeedsReconnect, "{provider} refused the OAuth client without saying why. Check its kind there, and that it is enabled, then connect again."},

	WhyDenied:   {connectors.CodeNeedsReconnect, "Access was not allowed on {provider}'s page. Connect again and press Allow."},
	WhyIssuer:   {connectors.CodeBadRequest, "The answer came from another server than {host}, which was asked. Nothing was connected. Connect again, and use no page but the one that opens."},
	WhyNoResult: {connectors.CodeProviderNonsense, "{provider} sent you back without a result. Connect again."},

	WhyCodeOld:      {connectors.CodeNeedsReconnect, "{provider} no longer took its own answer: that is good for two minutes. Connect again and come straight back."},
	WhyCodeRefused:  {connectors.CodeNeedsReconnect, "{provider} did not take its own answer: it was used before, or belongs to another attempt. Connect again, once, in one window."},
	WhySecretWrong:  {connectors.CodeNeedsReconnect, "{provider} does not accept the client secret. Enter it anew in the link's settings (make a new one there if it was not kept), then connect again."},
	WhyClientGone:   {connectors.CodeNeedsReconnect, "The OAuth client “{client}” was deleted or switched off at {provider} meanwhile. Bring it back there, then connect again."},
	WhyKindWrong:    {connectors.CodeNeedsReconnect, "{provider} knows the OAuth client, but gives it no token without a person: it is a public one. Make it confidential there and enter its secret, or use one that is; then connect again."},
	WhyNoRefresh:    {connectors.CodeNeedsReconnect, "{provider} gave no refresh token, so the link would end with its first token. Let the OAuth client issue refresh tokens, then connect again."},
	WhyScopeMissing: {connectors.CodeMissingScope, "{provider} did not grant {missing}. Allow it for the OAuth client there, then connect again."},

	WhyDown:     {connectors.CodeProviderDown, "{provider} cannot be reached, or is out of order. Wait until it answers, then connect again."},
	WhySlow:     {connectors.CodeProviderSlow, "{provider} did not answer in time. Connect again in a moment."},
	WhyBusy:     {connectors.CodeRateLimited, "{provider} wants a pause before anybody signs in. Connect again when it is over."},
	WhyNonsense: {connectors.CodeProviderNonsense, "{host} answered something that is not {provider}'s. Check the link's settings, then connect again."},
}

// Code is the code of an error that ended for w.
func (w Why) Code() connectors.Code { return tellings[w].code }

// Whys lists all.
func Whys() []Why {
	list := make([]Why, 0, len(tellings))
	for w := range tellings {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

// Explain puts a Why into words for this link; "" for what is none.
func (f *Flow) Explain(row records.Link, w Why) string {
	spec, _ := f.cfg.Registry.Spec(row.Provider)
	title := f.cfg.Keeper.title(row.Provider)
	host := title
	if u, err := url.Parse(spec.Expand(spec.OAuth.TokenURL, row.Settings)); err == nil && u.Host != "" {
		host = u.Host
	}
	missing := strings.Join(missingScopes(spec, row.Scopes), ", ")
	if missing == "" { // the grant has changed since
		missing = "all that was asked for"
	}
	return strings.NewReplacer(
		"{provider}", title, "{host}", host, "{client}", row.ClientID, "{redirect}", f.redirect,
		"{scopes}", strings.Join(scopeNames(spec), ", "), "{missing}", missing,
	).Replace(tellings[w].say)
}

// ended makes the error of a linking that ended for w.
func (f *Flow) ended(row records.Link, w Why) *connectors.Error {
	return &connectors.Error{
		Code: tellings[w].code, Provider: row.Provider, Op: opLink, Action: f.Explain(row, w), Err: w,
	}
}
