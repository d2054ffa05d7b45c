package records

import (
	"context"
	"time"
)

// LinkState says whether a link works.
type LinkState string

// The states of a link.
const (
	LinkNew            LinkState = "new"             // no credential yet
	LinkOK             LinkState = "ok"              // last refresh worked
	LinkNeedsReconnect LinkState = "needs_reconnect" // the provider refused the grant: a person must act
	LinkPaused         LinkState = "paused"          // switched off by an administrator, or gone from the file
)

// Waveform says how much of a recording the page may read to draw its waveform: some providers meter
// downloads, and the whole waveform costs the whole file once more.
type Waveform string

// The waveforms.
const (
	WaveformFull  Waveform = "full"  // all of it, read once more beside the playing; the default
	WaveformHeard Waveform = "heard" // what was played, as it was played
	WaveformOff   Waveform = "off"
)

// Valid tells whether w is one of them.
func (w Waveform) Valid() bool {
	return w == WaveformFull || w == WaveformHeard || w == WaveformOff
}

// AccountChanged is the Reason of a link whose grant was dropped since it was for another account.
const AccountChanged = "account_changed"

// CredentialKind is how a link signs in at its provider.
type CredentialKind string

// The kinds of credential.
const (
	CredentialAuthorizationCode CredentialKind = "authorization_code"
	CredentialClientCredentials CredentialKind = "client_credentials"
	CredentialBearer            CredentialKind = "bearer" // a fixed token, sealed like a refresh token
)

// Sealed is ciphertext made by a Keyring: the only form in which a secret is stored.
type Sealed []byte

// Link is one site's connection to one provider account.
//
// The truth of a link's tokens is this row with its Generation: whoever rotates the refresh token
// writes the new one by compare-and-swap on Generation before the new access token is used.
type Link struct {
	ID         LinkID
	Provider   string            // name of the connector's Spec
	Title      string            // what people call it; defaults to the provider's title
	Settings   map[string]string // the Spec's form fields, e.g. subdomain
	Endpoints  map[string]string // replaces hosts of the Spec, by the name they have there; for sandboxes
	MediaHosts []string          // further hosts for bytes, never with credentials
	Waveform   Waveform          // empty: WaveformFull

	CredentialKind CredentialKind
	ClientID       string
	// ClientSecret and RefreshToken are sealed at Place{Site, "links", Link, column, generation}:
	// ClientSecret with SecretGeneration, RefreshToken with Generation. For CredentialBearer the
	// fixed token is kept as RefreshToken.
	ClientSecret     Sealed
	SecretGeneration int64
	RefreshToken     Sealed
	Generation       int64     // counts grants and rotations; 0: never linked
	IntentAt         time.Time // a refresh of this Generation was begun then; zero: none under way
	SeedHash         []byte    // SHA-256 of the refresh_token_file that seeded it, if one did

	State     LinkState
	Reason    string // an error code (never text of the provider) when State is not ok
	Scopes    string // as granted, space-separated
	Account   string // the account's own name for itself, e.g. "acme"; from the last self-test
	LastOKAt  time.Time
	CreatedAt time.Time
	UpdatedAt time.Time // of settings, credential or state: connectors are rebuilt when it moves

	Provisioned bool
}

// Grant is what a linking or a refresh changes in a link's row.
type Grant struct {
	RefreshToken Sealed // sealed for generation from+1; nil: none is kept, since the stored one would no longer open
	Scopes       string
	SeedHash     []byte // nil: unchanged
	At           time.Time
}

// Links stores links. Every change that others must see moves the site's rights version.
type Links interface {
	Link(ctx context.Context, id LinkID) (Link, error)
	Links(ctx context.Context, site SiteID) ([]Link, error)
	AllLinks(ctx context.Context) ([]Link, error)
	// AddLink fails with ErrExists when the name is taken in the site.
	AddLink(ctx context.Context, l Link) error
	// UpdateLink replaces title, settings, endpoints, media hosts, waveform, credential kind, client id
	// and Provisioned. Secrets, generation and state have calls of their own, with one exception: where
	// settings, credential kind or client id become others, the link is another account's. The grant
	// must not reach that one's host: it is dropped with all that was known of the old account, the
	// generation moves, so that a refresh under way loses, linkings in progress end, and a link that
	// had a grant needs_reconnect, with AccountChanged.
	UpdateLink(ctx context.Context, l Link) error
	// SetClientSecret stores it with SecretGeneration = from+1, or ErrStale.
	SetClientSecret(ctx context.Context, id LinkID, from int64, sealed Sealed) error
	// BeginRefresh writes the intent at in place of the one that the caller saw (zero: none): of all
	// who saw the same, one may ask the provider. ErrStale when generation or intent are no longer
	// those, or the link is paused or needs a person.
	BeginRefresh(ctx context.Context, id LinkID, from int64, seen, at time.Time) error
	// SwapGrant writes g with Generation = from+1, State ok, no intent, only if Generation is still
	// from; else ErrStale and nothing changes.
	SwapGrant(ctx context.Context, id LinkID, from int64, g Grant) error
	// EndRefresh clears the caller's intent after a refresh that changed nothing (the provider did
	// not rotate, or was not reached); ok moves LastOKAt. ErrStale when generation or intent are no
	// longer those: who was overtaken does not end another's refresh.
	EndRefresh(ctx context.Context, id LinkID, from int64, intent time.Time, ok bool, at time.Time) error
	// SetState sets state and reason only if Generation is still from; else ErrStale. The boolean
	// tells whether the state was another before: who gets true tells the administrator, once.
	SetState(ctx context.Context, id LinkID, from int64, s LinkState, reason string, at time.Time) (bool, error)
	SetAccount(ctx context.Context, id LinkID, account string) error
	// SetScopes notes what the provider granted along with a token that left the generation as it is.
	// ErrStale when that is no longer from.
	SetScopes(ctx context.Context, id LinkID, from int64, scopes string, at time.Time) error
	// ResealLink replaces the client secret and the refresh token by the same values, sealed with another
	// key, only if both generations are still those of was; else ErrStale. Nothing else moves, and no copy
	// of the old ciphertext is left in the file.
	ResealLink(ctx context.Context, was Link, secret, token Sealed) error
	// DeleteLink removes it and every secret of it, and leaves no copy in the file (checkpoint).
	DeleteLink(ctx context.Context, id LinkID) error
}

// AccessToken is what a provider gave us to read with. It lives in the cache and in memory only.
type AccessToken struct {
	Value      Secret
	Generation int64     // of the link's row when it was got
	ExpiresAt  time.Time // zero: the provider gave none
	Scopes     string
}

// Authorization is a linking in progress: one row, ten minutes, one use.
type Authorization struct {
	StateHash   []byte // SHA-256 of state
	Link        LinkID
	User        UserID
	BrowserHash []byte // SHA-256 of the cookie that holds the browser's half
	Verifier    Sealed // PKCE; sealed at Place{Site, "authorizations", hex(StateHash), "verifier", 0}
	RedirectURI string
	ReturnTo    string // path in the UI
	ExpiresAt   time.Time
}

// Authorizations stores linkings in progress.
type Authorizations interface {
	AddAuthorization(ctx context.Context, a Authorization) error
	// TakeAuthorization removes and returns it. ErrNotFound when unknown, used or past.
	TakeAuthorization(ctx context.Context, stateHash []byte, now time.Time) (Authorization, error)
}
