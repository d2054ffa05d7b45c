package connectors

import (
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Spec is all about a connector that is data. New builds one and never touches the network.
type Spec struct {
	Name     string // "zendesk": in configuration and on the wire
	Title    string // "Zendesk": for people
	Kinds    []records.Kind
	Hosts    []Host
	Settings []Setting
	OAuth    OAuth
	// ReadPosts names the paths of requests that read although they are POSTs: a report is made that
	// way at some providers. Templates take {setting}. All else a connector sends is GET.
	ReadPosts []string
	// CleanUps names the paths of the DELETEs that take away what a read of ours left at the provider,
	// and nothing else: a report's file. Templates take {setting}; a segment "*" is any one segment.
	CleanUps []string
	// LimitsPerPath: a 429 concerns the first segment of the path it came for, not the whole account.
	LimitsPerPath bool
	// RetryAfter names the header that says how long to wait, where that is not Retry-After; a template.
	RetryAfter string
	// Filters says who applies each predicate of a list; what is not in it cannot be asked for. Empty:
	// the connector has no lists.
	Filters map[Predicate]FilteredBy
	New     func(Config) (Connector, error)
}

// Host is a host the connector may speak to. Templates take {setting}.
type Host struct {
	Name string // key in a link's endpoints: "api", "media"
	// Pattern is an exact host name, or "*.domain" for any host below it.
	Pattern string
	// Credentials: requests to this host carry the link's token. Never true with a "*." pattern.
	Credentials bool
}

// Setting is one field of the linking form.
type Setting struct {
	Name     string // key in records.Link.Settings
	Title    string
	Help     string
	Pattern  string // RE2, anchored by the caller
	Required bool
	Example  string
	// Default is what an empty value means. It may name settings that stand before it: "{account}.example.com".
	Default string
	// Options are the only values there are, where there are some.
	Options []Option
	// Advanced settings are for what few accounts need: the form folds them away.
	Advanced bool
}

// Option is one value of a setting that is chosen from a list.
type Option struct {
	Value, Title string
	// Fills are the defaults that other settings take when this one is chosen, by their names.
	Fills map[string]string
}

// OAuth says how an account is linked. URLs are canonical (https, the Spec's hosts); templates take
// {setting}. Empty AuthorizeURL: no authorization code.
type OAuth struct {
	AuthorizeURL string
	TokenURL     string
	RevokeURL    string // DELETE with the bearer; empty: none
	PKCE         bool
	Scopes       []Scope
	// TokenLife is asked for as expires_in at every grant; 0: not asked.
	TokenLife time.Duration
	// Grants the provider has, in the order to offer.
	Grants []records.CredentialKind
	// PromisesIss: the callback must carry iss (RFC 9207).
	PromisesIss bool
	// ClientAuth says how a client proves itself at the token endpoint: a ClientAuth, or a template that
	// gives one. Empty: ClientAuthBody.
	ClientAuth string
	// KeyID is the kid of ClientAuthJWT; a template.
	KeyID string

	// RegisterURL is the provider's screen where an OAuth client is made (a template), and Register what
	// to enter there; {redirect} is our redirect URL.
	RegisterURL string
	Register    []Entry
	// ClientID is the client id that comes of Register, where it can be known.
	ClientID string
	// GrantLife is how long a grant lasts that is not used; 0: not known.
	GrantLife time.Duration
	// HowToRevoke says, for whoever owns the account, how to end the grant there without us.
	HowToRevoke string
}

// Entry is one field of a provider's screen.
type Entry struct{ Label, Value string }

// ClientAuth is how a client proves itself at a token endpoint.
type ClientAuth string

// The ways. With ClientAuthJWT the link's client secret is the private key (RFC 7523, section 2.2; ES256).
const (
	ClientAuthBody  ClientAuth = "body"  // id and secret in the form
	ClientAuthBasic ClientAuth = "basic" // id and secret in an Authorization header
	ClientAuthJWT   ClientAuth = "jwt"   // an assertion that the client signs
)

// Scope is one permission with the reason we ask for it.
type Scope struct {
	Name, Why string
	// Optional: the link works without it, and what it is for is then named as missing.
	Optional bool
}

// Config is what a connector is built from.
type Config struct {
	// Granted gives the scopes that the provider last granted, space-separated; nil or empty: not known.
	Granted  func() string
	Link     string // name of the link, for refs
	Settings map[string]string
	// API is signed in, retries reads before the first byte, keeps the budget and refuses undeclared
	// hosts. Use canonical URLs ("https://acme.zendesk.com/…"): endpoints are rebased below it.
	API *http.Client
	// Media is for bytes: no retry, no total time-out, redirects followed hop by hop with every
	// check. It signs only requests to hosts with Credentials.
	Media *http.Client
	Now   func() time.Time
}
