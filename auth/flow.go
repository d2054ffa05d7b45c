package auth

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// FlowConfig is what a Flow is built from. PublicURL is where browsers reach Sightglass; the
// callback is PublicURL + CallbackPath.
type FlowConfig struct {
	Store     records.Store
	Keeper    *Keeper
	Keys      *records.Keyring
	Registry  *connectors.Registry
	PublicURL string
	Private   []netip.Prefix
	RootCAs   *x509.CertPool
	Log       *slog.Logger
	Now       func() time.Time
}

// CallbackPath is the one redirect URI of all links.
const CallbackPath = "/oauth/callback"

// flowLife is how long a linking may take at the provider.
const flowLife = 10 * time.Minute

// opLink is the operation in the errors of linking.
const opLink = "link.authorize"

// Flow links accounts: the authorization code flow with PKCE, state and iss, and for links without
// a browser the proof that their credential works. It is safe for concurrent use.
type Flow struct {
	cfg      FlowConfig
	redirect string
}

// NewFlow reports every mistake in c at once.
func NewFlow(c FlowConfig) (*Flow, error) {
	var bad []error
	if c.Store == nil || c.Keeper == nil || c.Keys == nil || c.Registry == nil {
		bad = append(bad, errors.New("auth: the flow needs Store, Keeper, Keys and Registry"))
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		bad = append(bad, errors.New("auth: the flow needs PublicURL, an absolute URL"))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	c.Log, c.Now = orLog(c.Log), orNow(c.Now)
	return &Flow{cfg: c, redirect: strings.TrimSuffix(c.PublicURL, "/") + CallbackPath}, nil
}

// RedirectURI is what administrators register at the provider.
func (f *Flow) RedirectURI() string { return f.redirect }

// Begin starts linking. It returns where to send the browser, and the browser's half of the secret,
// which goes into a cookie that only the callback gets. Links with client credentials or a fixed
// token need no browser: Begin gets a token as proof, and the URL is empty.
func (f *Flow) Begin(ctx context.Context, p Principal, id records.LinkID, returnTo string) (authorizeURL, browser string, err error) {
	if !p.May(ActionLinks) {
		return "", "", notAllowed("Only administrators connect accounts.")
	}
	if p.Site != id.Site {
		return "", "", noLink()
	}
	row, err := f.cfg.Keeper.read(ctx, id)
	if err != nil {
		return "", "", err
	}
	if row.State == records.LinkPaused {
		return "", "", f.ended(row, WhyPaused)
	}
	if row.CredentialKind != records.CredentialAuthorizationCode {
		return "", "", f.prove(ctx, p, row)
	}
	if p.Kind != records.PrincipalUser {
		return "", "", notAllowed("Connecting needs a person in a browser: sign in and press Connect.")
	}
	return f.authorize(ctx, p, row, returnTo)
}

// authorize writes the row of the linking and builds the URL of the provider's page.
func (f *Flow) authorize(ctx context.Context, p Principal, row records.Link, returnTo string) (string, string, error) {
	o, err := f.cfg.Keeper.upstreamOptions(row)
	if err != nil {
		return "", "", err
	}
	if o.Spec.OAuth.AuthorizeURL == "" {
		return "", "", notAllowed(o.Spec.Title + " has no page to connect by. Use client credentials.")
	}
	if err := f.look(ctx, row); err != nil {
		return "", "", err
	}
	state, err := f.newState(row.ID)
	if err != nil {
		return "", "", fmt.Errorf("auth: begin linking %s: %w", row.ID, err)
	}
	browser, verifier := randomToken(), oauth2.GenerateVerifier()
	stateHash := hash(state)
	err = f.cfg.Store.AddAuthorization(ctx, records.Authorization{
		StateHash: stateHash, Link: row.ID, User: records.UserID(p.ID), BrowserHash: hash(browser),
		Verifier:    f.cfg.Keys.SealSecret(records.NewSecret(verifier), verifierPlace(row.ID.Site, stateHash)),
		RedirectURI: f.redirect, ReturnTo: localPath(returnTo), ExpiresAt: f.cfg.Now().Add(flowLife),
	})
	if err != nil {
		return "", "", fmt.Errorf("auth: begin linking %s: %w", row.ID, err)
	}
	u, err := f.page(row, o, state, verifier)
	return u, browser, err
}

// page is the address of the provider's page, through the link's endpoints.
func (f *Flow) page(row records.Link, o upstream.Options, state, verifier string) (string, error) {
	oauth := o.Spec.OAuth
	c := oauth2.Config{
		ClientID: row.ClientID, RedirectURL: f.redirect, Scopes: scopeNames(o.Spec),
		Endpoint: oauth2.Endpoint{AuthURL: o.Spec.Expand(oauth.AuthorizeURL, row.Settings)},
	}
	var options []oauth2.AuthCodeOption
	if oauth.PKCE {
		options = append(options, oauth2.S256ChallengeOption(verifier))
	}
	u, err := o.Rebase(c.AuthCodeURL(state, options...))
	if err != nil {
		return "", fmt.Errorf("auth: link %s: %w", row.ID, err)
	}
	return u, nil
}

// prove gets a token for a link that needs no browser, whatever state it is in.
func (f *Flow) prove(ctx context.Context, p Principal, row records.Link) error {
	if err := f.cfg.Keeper.prove(ctx, row); err != nil {
		return f.unproven(ctx, row, err)
	}
	return f.audit(ctx, row.ID, p.Kind, p.ID, "linked")
}

// unproven says why client credentials gave no token, or not the one that was asked for.
func (f *Flow) unproven(ctx context.Context, row records.Link, err error) error {
	if row.CredentialKind != records.CredentialClientCredentials {
		return err
	}
	if errors.Is(err, WhyScopeMissing) {
		if now, err := f.cfg.Keeper.read(ctx, row.ID); err == nil {
			row = now // with the scopes that were granted
		}
		return f.ended(row, WhyScopeMissing)
	}
	return f.exchangeFailed(ctx, row, err, false, false)
}

func (f *Flow) audit(ctx context.Context, id records.LinkID, kind records.PrincipalKind, who, what string) error {
	_, err := f.cfg.Store.Append(ctx, records.AuditEntry{
		Site: id.Site, At: f.cfg.Now(), Event: records.AuditLinkChanged, PrincipalKind: kind, Principal: who,
		Ref: records.Ref{Link: id.Link}, Detail: what,
	})
	if err != nil {
		return &connectors.Error{
			Code: connectors.CodeAuditUnavailable, Op: opLink,
			Action: "Nothing can be connected while the audit log cannot be written. Try again in a moment.", Err: err,
		}
	}
	return nil
}

// verifierPlace is where records.Authorization says the PKCE verifier is sealed.
func verifierPlace(site records.SiteID, stateHash []byte) records.Place {
	return records.Place{Site: site, Table: "authorizations", Row: hex.EncodeToString(stateHash), Column: "verifier"}
}

// localPath lets only paths of our own UI through (no scheme, no host, no backslash, no control
// character: browsers read some of those as another origin); all else becomes the home page.
func localPath(p string) string {
	u, err := url.Parse(p)
	bad := strings.ContainsFunc(p, func(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f })
	if err != nil || bad || u.IsAbs() || u.Host != "" || u.Opaque != "" ||
		!strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsAny(u.Path, "\\\t\r\n") {
		return "/"
	}
	return p
}

func notAllowed(say string) error {
	return &connectors.Error{Code: connectors.CodeNotAllowed, Op: opLink, Action: say}
}

func noLink() error {
	return &connectors.Error{Code: connectors.CodeNotFound, Op: opLink, Action: "There is no such link."}
}
