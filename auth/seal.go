package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// refreshTokenPlace and clientSecretPlace are where records.Link says its secrets are sealed.
func refreshTokenPlace(id records.LinkID, generation int64) records.Place {
	return records.Place{Site: id.Site, Table: "links", Row: id.Link, Column: "refresh_token", Generation: generation}
}

func clientSecretPlace(id records.LinkID, generation int64) records.Place {
	return records.Place{Site: id.Site, Table: "links", Row: id.Link, Column: "client_secret", Generation: generation}
}

// SealRefreshToken seals a refresh token (or a fixed bearer token) for the generation it will stand
// under: SwapGrant from g needs it sealed for g+1.
func (k *Keeper) SealRefreshToken(id records.LinkID, token records.Secret, generation int64) records.Sealed {
	return k.cfg.Keys.SealSecret(token, refreshTokenPlace(id, generation))
}

// SealClientSecret seals a client secret for its generation: SetClientSecret from g needs g+1.
func (k *Keeper) SealClientSecret(id records.LinkID, secret records.Secret, generation int64) records.Sealed {
	return k.cfg.Keys.SealSecret(secret, clientSecretPlace(id, generation))
}

// PutClientSecret stores a client secret unless it is the stored one already.
func (k *Keeper) PutClientSecret(ctx context.Context, id records.LinkID, secret records.Secret) error {
	for range rounds {
		row, err := k.read(ctx, id)
		if err != nil {
			return err
		}
		if had, err := k.clientSecret(row); err == nil && had.Reveal() == secret.Reveal() {
			return nil
		}
		next := row.SecretGeneration + 1
		err = k.cfg.Links.SetClientSecret(ctx, id, row.SecretGeneration, k.SealClientSecret(id, secret, next))
		if !errors.Is(err, records.ErrStale) {
			k.forgetView(id)
			return err
		}
	}
	return records.ErrStale
}

// Seed brings an existing grant along: the content of a refresh_token_file, or of a bearer link's
// token_file. It is read only while the link has no generation or when the file's SHA-256 differs
// from the stored one; after that the row is the truth. It tells whether it was read.
func (k *Keeper) Seed(ctx context.Context, id records.LinkID, file []byte) (bool, error) {
	token := records.NewSecret(string(bytes.TrimSpace(file)))
	if token.IsZero() {
		return false, fmt.Errorf("auth: link %s: the token file is empty", id)
	}
	sum := sha256.Sum256(file)
	for range rounds {
		row, err := k.read(ctx, id)
		if err != nil {
			return false, err
		}
		if row.Generation > 0 && bytes.Equal(row.SeedHash, sum[:]) {
			return false, nil
		}
		err = k.cfg.Links.SwapGrant(ctx, id, row.Generation, records.Grant{
			RefreshToken: k.SealRefreshToken(id, token, row.Generation+1),
			Scopes:       row.Scopes, SeedHash: sum[:], At: k.cfg.Now(),
		})
		if !errors.Is(err, records.ErrStale) {
			k.forgetView(id)
			return err == nil, err
		}
	}
	return false, records.ErrStale
}

// clientSecret opens the link's client secret; a public client has none.
func (k *Keeper) clientSecret(row records.Link) (records.Secret, error) {
	if len(row.ClientSecret) == 0 {
		return records.Secret{}, nil
	}
	return k.cfg.Keys.OpenSecret(row.ClientSecret, clientSecretPlace(row.ID, row.SecretGeneration))
}

// openGrant opens the refresh token or fixed token of the row.
func (k *Keeper) openGrant(ctx context.Context, row records.Link) (records.Secret, error) {
	if row.Generation == 0 || len(row.RefreshToken) == 0 {
		e := k.broken(row.Provider, "")
		e.Action = fmt.Sprintf("%s is not connected yet. Ask an administrator to connect it.", k.title(row.Provider))
		return records.Secret{}, e
	}
	s, err := k.cfg.Keys.OpenSecret(row.RefreshToken, refreshTokenPlace(row.ID, row.Generation))
	if err != nil {
		return s, k.unopened(ctx, row, row.RefreshToken)
	}
	return s, nil
}

// unopened tells a key that is not here (put it back: nothing is lost) from a value that was altered
// or moved, which makes the link unusable and is worth an alarm.
func (k *Keeper) unopened(ctx context.Context, row records.Link, sealed records.Sealed) error {
	if key := records.KeyOf(sealed); key != "" && !slices.Contains(k.cfg.Keys.IDs(), key) {
		return &connectors.Error{
			Code: connectors.CodeInternal, Provider: row.Provider, Op: opToken,
			Action: "The key that this link's credential was sealed with is missing from SIGHTGLASS_KEYS. Tell an administrator.",
			Err:    fmt.Errorf("auth: link %s: key %q is not in the key ring: %w", row.ID, key, records.ErrSealed),
		}
	}
	k.cfg.Log.ErrorContext(ctx, "stored credential does not open", "op", opToken, "link", row.ID.String())
	return k.markBroken(ctx, row, ReasonSealed)
}
