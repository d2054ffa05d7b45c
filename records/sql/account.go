package sql

import (
	"context"
	"database/sql"
	"maps"

	"github.com/sightglass-gateway/sightglass/records"
)

// UpdateLink implements records.Links.
func (s *Store) UpdateLink(ctx context.Context, l records.Link) error {
	settings, endpoints, hosts, err := forms(l)
	if err != nil {
		return err
	}
	dropped := false
	err = s.changeLink(ctx, l.ID.Site, func(tx *sql.Tx) error {
		before, err := one(ctx, tx, scanLink, `SELECT `+linkColumns+` FROM links WHERE site = $1 AND link = $2`, l.ID.Site, l.ID.Link)
		if err != nil {
			return err
		}
		if !sameAccount(before, l) {
			dropped = len(before.RefreshToken) > 0
			if err := leaveAccount(ctx, tx, before, l.CredentialKind); err != nil {
				return err
			}
		}
		return exec(ctx, tx, `UPDATE links SET `+moved+`, title = $2, settings = $3, endpoints = $4, media_hosts = $5,
			credential_kind = $6, client_id = $7, provisioned = $8, waveform = $9 WHERE site = $10 AND link = $11`,
			millis(s.now()), l.Title, settings, endpoints, hosts, l.CredentialKind, l.ClientID, l.Provisioned, l.Waveform, l.ID.Site, l.ID.Link)
	})
	if dropped {
		err = s.removing(ctx, err)
	}
	return err
}

// sameAccount tells whether a grant of one link may be presented where the other leads.
func sameAccount(a, b records.Link) bool {
	return maps.Equal(a.Settings, b.Settings) && a.CredentialKind == b.CredentialKind && a.ClientID == b.ClientID
}

// leaveAccount drops what a link has of an account that it will no longer be of.
func leaveAccount(ctx context.Context, tx *sql.Tx, l records.Link, next records.CredentialKind) error {
	if err := exec(ctx, tx, `DELETE FROM authorizations WHERE site = $1 AND link = $2`, l.ID.Site, l.ID.Link); err != nil {
		return err
	}
	had := l.Generation > 0 || l.CredentialKind == records.CredentialClientCredentials
	state, reason := leftState(l, next, had)
	generation := l.Generation
	if had {
		generation++
	}
	return exec(ctx, tx, `UPDATE links SET refresh_token = NULL, seed_hash = NULL, generation = $1, intent_at = 0,
		scopes = '', account = '', state = $2, reason = $3 WHERE site = $4 AND link = $5`,
		generation, state, reason, l.ID.Site, l.ID.Link)
}

// leftState is the state of a link between two accounts. A client of its own needs no person, so
// whatever was wrong with the one before says nothing.
func leftState(l records.Link, next records.CredentialKind, had bool) (records.LinkState, string) {
	switch {
	case l.State == records.LinkPaused:
		return l.State, l.Reason
	case next == records.CredentialClientCredentials, !had:
		return records.LinkNew, ""
	default:
		return records.LinkNeedsReconnect, records.AccountChanged
	}
}
