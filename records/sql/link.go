package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

const linkColumns = `site, link, provider, title, settings, endpoints, media_hosts, credential_kind, client_id,
	client_secret, secret_generation, refresh_token, generation, intent_at, seed_hash,
	state, reason, scopes, account, last_ok_at, created_at, updated_at, provisioned, waveform`

func scanLink(r scanner) (records.Link, error) {
	var l records.Link
	var settings, endpoints, hosts string
	var secret, token []byte
	var intent, ok, created, updated int64
	err := r.Scan(&l.ID.Site, &l.ID.Link, &l.Provider, &l.Title, &settings, &endpoints, &hosts, &l.CredentialKind, &l.ClientID,
		&secret, &l.SecretGeneration, &token, &l.Generation, &intent, &l.SeedHash,
		&l.State, &l.Reason, &l.Scopes, &l.Account, &ok, &created, &updated, &l.Provisioned, &l.Waveform)
	if err != nil {
		return l, err
	}
	l.ClientSecret, l.RefreshToken = secret, token
	l.IntentAt, l.LastOKAt, l.CreatedAt, l.UpdatedAt = instant(intent), instant(ok), instant(created), instant(updated)
	var errs [3]error
	l.Settings, errs[0] = fromJSON[map[string]string](settings)
	l.Endpoints, errs[1] = fromJSON[map[string]string](endpoints)
	l.MediaHosts, errs[2] = fromJSON[[]string](hosts)
	return l, errors.Join(errs[:]...)
}

// Link implements records.Links.
func (s *Store) Link(ctx context.Context, id records.LinkID) (records.Link, error) {
	return one(ctx, s.r, scanLink, `SELECT `+linkColumns+` FROM links WHERE site = $1 AND link = $2`, id.Site, id.Link)
}

// Links implements records.Links.
func (s *Store) Links(ctx context.Context, site records.SiteID) ([]records.Link, error) {
	return list(ctx, s.r, scanLink, `SELECT `+linkColumns+` FROM links WHERE site = $1 ORDER BY link`, site)
}

// AllLinks implements records.Links.
func (s *Store) AllLinks(ctx context.Context) ([]records.Link, error) {
	return list(ctx, s.r, scanLink, `SELECT `+linkColumns+` FROM links ORDER BY site, link`)
}

// forms gives the stored forms of a link's maps and list.
func forms(l records.Link) (settings, endpoints, hosts string, err error) {
	var errs [3]error
	settings, errs[0] = toJSON(l.Settings)
	endpoints, errs[1] = toJSON(l.Endpoints)
	hosts, errs[2] = toJSON(l.MediaHosts)
	return settings, endpoints, hosts, errors.Join(errs[:]...)
}

// AddLink implements records.Links. It stores the link as given; no state means new.
func (s *Store) AddLink(ctx context.Context, l records.Link) error {
	settings, endpoints, hosts, err := forms(l)
	if err != nil {
		return err
	}
	if l.State == "" {
		l.State = records.LinkNew
	}
	if l.CreatedAt.IsZero() {
		l.CreatedAt = s.now()
	}
	if l.UpdatedAt.IsZero() {
		l.UpdatedAt = l.CreatedAt
	}
	return s.changeLink(ctx, l.ID.Site, func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO links (`+linkColumns+`) VALUES
			($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
			l.ID.Site, l.ID.Link, l.Provider, l.Title, settings, endpoints, hosts, l.CredentialKind, l.ClientID,
			blob(l.ClientSecret), l.SecretGeneration, blob(l.RefreshToken), l.Generation, millis(l.IntentAt), blob(l.SeedHash),
			l.State, l.Reason, l.Scopes, l.Account, millis(l.LastOKAt), millis(l.CreatedAt), millis(l.UpdatedAt), l.Provisioned, l.Waveform)
	})
}

// changeLink runs a change of one site's links that others must see.
func (s *Store) changeLink(ctx context.Context, site records.SiteID, f func(tx *sql.Tx) error) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := bump(ctx, tx, site); err != nil {
			return err
		}
		return f(tx)
	})
}

// moved is a new updated_at for a change at the time $1: later than the one before in any case, so
// that whoever compares it sees every change, two within a millisecond or with a clock set back.
const moved = `updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END`

// SetClientSecret implements records.Links.
func (s *Store) SetClientSecret(ctx context.Context, id records.LinkID, from int64, sealed records.Sealed) error {
	return s.removing(ctx, s.changeLink(ctx, id.Site, func(tx *sql.Tx) error {
		return swap(ctx, tx, id, `UPDATE links SET `+moved+`, client_secret = $2, secret_generation = secret_generation + 1
			WHERE site = $3 AND link = $4 AND secret_generation = $5`,
			millis(s.now()), blob(sealed), id.Site, id.Link, from)
	}))
}

// SetAccount implements records.Links.
func (s *Store) SetAccount(ctx context.Context, id records.LinkID, account string) error {
	return s.changeLink(ctx, id.Site, func(tx *sql.Tx) error {
		return execOne(ctx, tx, `UPDATE links SET account = $1 WHERE site = $2 AND link = $3`, account, id.Site, id.Link)
	})
}

// SetScopes implements records.Links.
func (s *Store) SetScopes(ctx context.Context, id records.LinkID, from int64, scopes string, at time.Time) error {
	return s.changeLink(ctx, id.Site, func(tx *sql.Tx) error {
		return swap(ctx, tx, id, `UPDATE links SET `+moved+`, scopes = $2 WHERE site = $3 AND link = $4 AND generation = $5`,
			millis(at), scopes, id.Site, id.Link, from)
	})
}

// ResealLink implements records.Links.
func (s *Store) ResealLink(ctx context.Context, was records.Link, secret, token records.Sealed) error {
	return s.removing(ctx, s.write(ctx, func(tx *sql.Tx) error {
		return swap(ctx, tx, was.ID, `UPDATE links SET client_secret = $1, refresh_token = $2
			WHERE site = $3 AND link = $4 AND secret_generation = $5 AND generation = $6`,
			blob(secret), blob(token), was.ID.Site, was.ID.Link, was.SecretGeneration, was.Generation)
	}))
}

// DeleteLink implements records.Links. Linkings of it that are in progress end.
func (s *Store) DeleteLink(ctx context.Context, id records.LinkID) error {
	return s.removing(ctx, s.changeLink(ctx, id.Site, func(tx *sql.Tx) error {
		if err := exec(ctx, tx, `DELETE FROM authorizations WHERE site = $1 AND link = $2`, id.Site, id.Link); err != nil {
			return err
		}
		return execOne(ctx, tx, `DELETE FROM links WHERE site = $1 AND link = $2`, id.Site, id.Link)
	}))
}

// removing follows a change that removed a secret: it leaves no copy. The change stands, whether or
// not that works at once.
func (s *Store) removing(ctx context.Context, err error) error {
	if err == nil {
		s.scrubNow(context.WithoutCancel(ctx))
	}
	return err
}
