package records

import (
	"context"
	"time"
)

// Identity binds a user to an account at an OpenID provider, by the provider's own name for it: a
// mail address is given to the next person one day, a subject is not. It is made at the first
// sign-in through the provider, and lives as long as the user or until an administrator releases it.
type Identity struct {
	Site      SiteID
	Issuer    string
	Subject   string // as the preset makes it, e.g. the provider's sub
	User      UserID
	CreatedAt time.Time
}

// Identities stores which account at an OpenID provider is whose.
type Identities interface {
	Identity(ctx context.Context, site SiteID, issuer, subject string) (Identity, error)
	IdentitiesOf(ctx context.Context, user UserID) ([]Identity, error)
	// AddIdentity fails with ErrExists when the account is somebody's already, or the user has
	// another at this issuer.
	AddIdentity(ctx context.Context, i Identity) error
	// DeleteIdentities releases a user's accounts: the next sign-in binds anew. The sessions that
	// they began end.
	DeleteIdentities(ctx context.Context, user UserID) error
}
