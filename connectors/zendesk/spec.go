package zendesk

import (
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	name  = "zendesk"
	title = "Zendesk"

	// subdomainPattern is what an account's name looks like.
	subdomainPattern = `[a-z0-9][a-z0-9-]{1,62}`

	// clientID is the identifier we propose for the OAuth client.
	clientID = "sightglass"

	// tokenLife is the longest life Zendesk gives an access token. It is asked for at every grant,
	// since a client made before 2026-04-30 gets neither an expiry nor a refresh token otherwise
	// (support.zendesk.com, article 9182123625370).
	tokenLife = 172800 * time.Second
)

var subdomainRE = regexp.MustCompile(`^` + subdomainPattern + `$`)

// Spec is Zendesk as data.
func Spec() connectors.Spec {
	return connectors.Spec{
		Name:  name,
		Title: title,
		Kinds: []records.Kind{records.KindTicket},
		Hosts: []connectors.Host{
			{Name: "api", Pattern: "{subdomain}.zendesk.com", Credentials: true},
			// Files are redirected to here with a signature of their own; the host answers 403 when it
			// receives an Authorization header.
			{Name: "media", Pattern: "*.zdusercontent.com"},
		},
		Settings: []connectors.Setting{{
			Name:     "subdomain",
			Title:    "Subdomain",
			Help:     "The first part of your Zendesk address: for https://acme.zendesk.com it is acme. A brand's own address or a mapped one does not work here.",
			Pattern:  subdomainPattern,
			Required: true,
			Example:  "acme",
		}},
		OAuth: connectors.OAuth{
			AuthorizeURL: "https://{subdomain}.zendesk.com/oauth/authorizations/new",
			TokenURL:     "https://{subdomain}.zendesk.com/oauth/tokens",
			// Deleting "current" ends the token it is sent with. The page documents deletion by id only.
			RevokeURL: "https://{subdomain}.zendesk.com/api/v2/oauth/tokens/current.json",
			PKCE:      true,
			Scopes: []connectors.Scope{{
				Name: "read",
				Why:  "To read tickets, comments, files and the history of a ticket. The history is refused to the narrower tickets:read.",
			}},
			TokenLife: tokenLife,
			// Admin Center: Apps and integrations, APIs, OAuth clients, Add OAuth client. The secret is shown
			// once, after Save; the identifier is proposed from the name and may be changed.
			RegisterURL: "https://{subdomain}.zendesk.com/admin/apps-integrations/apis/oauth-clients",
			Register: []connectors.Entry{
				{Label: "Client name", Value: "Sightglass"},
				{Label: "Identifier", Value: clientID},
				{Label: "Client kind", Value: "Confidential"},
				{Label: "Redirect URLs", Value: "{redirect}"},
			},
			ClientID: clientID,
			// A refresh token lives 30 days unless more is asked for (support.zendesk.com, article
			// 9182123625370); each use gives a new one.
			GrantLife:   30 * 24 * time.Hour,
			HowToRevoke: "In Admin Center, Apps and integrations, APIs, OAuth clients: delete the client. That ends every token of it at once.",
			Grants: []records.CredentialKind{
				records.CredentialAuthorizationCode,
				records.CredentialClientCredentials,
				records.CredentialBearer,
			},
		},
		Filters: filters(),
		New:     New,
	}
}

// connector reads one account. It holds no state but this.
type connector struct {
	link, subdomain string
	api, media      *http.Client
	now             func() time.Time
}

var (
	_ connectors.MediaOpener  = (*connector)(nil)
	_ connectors.LinkResolver = (*connector)(nil)
	_ connectors.Searcher     = (*connector)(nil)
	_ connectors.Sampler      = (*connector)(nil)
	_ connectors.Chooser      = (*connector)(nil)
)

// New builds a connector. It does not touch the network.
func New(cfg connectors.Config) (connectors.Connector, error) {
	sub := cfg.Settings["subdomain"]
	if !subdomainRE.MatchString(sub) {
		return nil, fmt.Errorf("zendesk: the setting subdomain does not look like one; an example: acme")
	}
	if cfg.API == nil || cfg.Media == nil {
		return nil, fmt.Errorf("zendesk: both clients are required")
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	return &connector{link: cfg.Link, subdomain: sub, api: cfg.API, media: cfg.Media, now: now}, nil
}

// host is the one host the token may go to.
func (c *connector) host() string { return c.subdomain + ".zendesk.com" }

// ticketURL is the address people know a ticket by.
func (c *connector) ticketURL(id string) string {
	return "https://" + c.host() + "/agent/tickets/" + id
}
