package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/sightglass-gateway/sightglass/records"
)

// Resealed tells what Reseal did.
type Resealed struct {
	Secrets  int              // sealed anew
	Unopened []records.LinkID // hold a secret that no key here opens; left as it is
}

// resealRounds bounds how often the links are gone through: a gateway that has not read the new keys
// yet may seal with the old one meanwhile.
const resealRounds = 5

// Reseal seals every stored secret with the first key, beside running gateways: whoever rotates a token
// in between wins, and that link is looked at again. Linkings in progress are left: they last ten minutes.
func Reseal(ctx context.Context, links records.Links, keys *records.Keyring) (Resealed, error) {
	var done Resealed
	for range resealRounds {
		all, err := links.AllLinks(ctx)
		if err != nil {
			return done, fmt.Errorf("auth: seal anew: %w", err)
		}
		again := false
		done.Unopened = nil
		for _, l := range all {
			n, err := resealLink(ctx, links, keys, l)
			done.Secrets += n
			switch {
			case errors.Is(err, records.ErrStale), errors.Is(err, records.ErrNotFound):
				again = true
			case errors.Is(err, records.ErrSealed):
				done.Unopened = append(done.Unopened, l.ID)
			case err != nil:
				return done, fmt.Errorf("auth: seal link %s anew: %w", l.ID, err)
			}
		}
		if !again {
			break
		}
	}
	return done, nil
}

func resealLink(ctx context.Context, links records.Links, keys *records.Keyring, l records.Link) (n int, err error) {
	secret, changed, err := reseal(keys, l.ClientSecret, clientSecretPlace(l.ID, l.SecretGeneration))
	if err != nil {
		return 0, err
	}
	token, also, err := reseal(keys, l.RefreshToken, refreshTokenPlace(l.ID, l.Generation))
	if err != nil || !changed && !also {
		return 0, err
	}
	if err := links.ResealLink(ctx, l, secret, token); err != nil {
		return 0, err
	}
	for _, c := range []bool{changed, also} {
		if c {
			n++
		}
	}
	return n, nil
}

// reseal gives a value sealed with the first key, and whether it was sealed with another.
func reseal(keys *records.Keyring, s records.Sealed, place records.Place) (records.Sealed, bool, error) {
	if len(s) == 0 || records.KeyOf(s) == keys.IDs()[0] {
		return s, false, nil
	}
	plain, err := keys.OpenSecret(s, place)
	if err != nil {
		return s, false, err
	}
	return keys.SealSecret(plain, place), true, nil
}
