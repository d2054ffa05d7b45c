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
}

// Sites stores sites.
type Sites interface {
	Site(ctx context.Context, id SiteID) (Site, error)
	Sites(ctx context.Context) ([]Site, error)
	PutSite(ctx context.Context, s Site) error
	// RightsVersion changes whenever who may do what in the site changes: users, memberships,
	// sessions, API keys, links. Replicas read it once a second; nothing is looked up per range.
	RightsVersion(ctx context.Context, id SiteID) (int64, error)
}
