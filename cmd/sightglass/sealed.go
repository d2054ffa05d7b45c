package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/sightglass-gateway/sightglass/records"
)

// checkKeys refuses keys that open nothing of what the database holds: they are another
// installation's. Provisioning with them would seal the file's secrets anew and leave all others to
// fail one by one. A single value that does not open is its link's own trouble, and told there.
func checkKeys(ctx context.Context, p *program, keys *records.Keyring) error {
	links, err := p.store.AllLinks(ctx)
	if err != nil {
		return err
	}
	var first string
	for _, l := range links {
		for column, at := range map[string]struct {
			sealed     records.Sealed
			generation int64
		}{"client_secret": {l.ClientSecret, l.SecretGeneration}, "refresh_token": {l.RefreshToken, l.Generation}} {
			if len(at.sealed) == 0 {
				continue
			}
			place := records.Place{Site: l.ID.Site, Table: "links", Row: l.ID.Link, Column: column, Generation: at.generation}
			if _, err := keys.OpenSecret(at.sealed, place); err == nil {
				return nil
			}
			if first == "" {
				first = fmt.Sprintf("that of %s was sealed with key %q", l.ID, records.KeyOf(at.sealed))
			}
		}
	}
	if first == "" {
		return nil
	}
	return fmt.Errorf("the keys open none of the secrets in the database (%s); nothing was changed. Start with the keys it was made with, or, if they are lost, take each link away with `sightglass link remove`", first)
}

// stillNeeded refuses to do without a key that stored secrets are sealed with.
func stillNeeded(ctx context.Context, p *program, next *records.Keyring) error {
	links, err := p.store.AllLinks(ctx)
	if err != nil {
		return err
	}
	had, have := p.keys.IDs(), next.IDs()
	for _, l := range links {
		for _, s := range []records.Sealed{l.ClientSecret, l.RefreshToken} {
			if id := records.KeyOf(s); slices.Contains(had, id) && !slices.Contains(have, id) {
				return fmt.Errorf("the key %q is gone, and a secret of %s is sealed with it; put it back, then run `sightglass keys rotate --reseal`", id, l.ID)
			}
		}
	}
	return nil
}
