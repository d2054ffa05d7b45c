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
	// ReadPosts names requests that read although they are POSTs; all else a connector sends is GET.
	ReadPosts []string
	New       func(Config) (Connector, error)
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
}

// Scope is one permission with the reason we ask for it.
type Scope struct {
	Name, Why string
}

// Config is what a connector is built from.
type Config struct {
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
