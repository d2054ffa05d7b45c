package records

import (
	"context"
	"time"
)

// Site is a partition: users, links and audit belong to exactly one.
type Site struct {
	ID          SiteID
	Name        string
	Provisioned bool // belongs to the configuration file: changed only there
	CreatedAt   time.Time
	// IPRules is where its people and programs may come from.
	IPRules Networks
	// SSOOnly closes every door for people but the site's OpenID providers. BreakGlass is the one
	// administrator who may come in by password all the same, for the day the provider is down.
	SSOOnly    bool
	BreakGlass UserID
}

// Sites stores sites.
type Sites interface {
	Site(ctx context.Context, id SiteID) (Site, error)
	Sites(ctx context.Context) ([]Site, error)
	// PutSite fails with ErrBreakGlass when SSOOnly is set and BreakGlass is not an active
	// administrator of the site with a password and without an end date.
	PutSite(ctx context.Context, s Site) error
	// RightsVersion changes whenever who may do what in the site changes: users, memberships,
	// sessions, API keys, links. Replicas read it once a second; nothing is looked up per range.
	RightsVersion(ctx context.Context, id SiteID) (int64, error)
}
