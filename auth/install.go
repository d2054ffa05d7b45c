package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// install stores the grant of a linking. It wins over a refresh of the old grant that is under way:
// a person has just decided so.
func (k *Keeper) install(ctx context.Context, id records.LinkID, a answer, scopes string, lacking bool) error {
	for range rounds {
		row, err := k.read(ctx, id)
		if err != nil {
			return err
		}
		token := a.token(row.Generation + 1)
		err = k.swap(ctx, id, pending{row.Generation, records.Grant{
			RefreshToken: k.SealRefreshToken(id, a.refresh, row.Generation+1), Scopes: scopes, At: k.cfg.Now(),
		}, token})
		if errors.Is(err, errAdopt) {
			continue
		}
		if err != nil {
			return err
		}
		if row, err = k.read(ctx, id); err != nil {
			return err
		}
		if lacking {
			return k.lacking(ctx, row)
		}
		k.saw(ctx, row)
		k.put(ctx, row, token)
		return nil
	}
	return restless(opLink)
}

// lacking marks a fresh grant that does not cover what we asked for.
func (k *Keeper) lacking(ctx context.Context, row records.Link) error {
	_, err := k.cfg.Links.SetState(ctx, row.ID, row.Generation, records.LinkNeedsReconnect, ReasonMissingScope, k.cfg.Now())
	if err != nil && !errors.Is(err, records.ErrStale) {
		return unwritten(row, err)
	}
	k.forgetView(row.ID)
	k.dropTokens(ctx, row.ID)
	return nil
}

// prove gets a token for a link that needs no browser, in any state but paused, and makes it ok.
func (k *Keeper) prove(ctx context.Context, row records.Link) error {
	k.saw(ctx, row)
	if row.CredentialKind == records.CredentialClientCredentials {
		return k.proveClient(ctx, row)
	}
	if _, err := k.fixed(ctx, row); err != nil || row.State == records.LinkOK {
		return err
	}
	_, err := k.cfg.Links.SetState(ctx, row.ID, row.Generation, records.LinkOK, "", k.cfg.Now())
	k.forgetView(row.ID)
	return err
}

func (k *Keeper) proveClient(ctx context.Context, row records.Link) error {
	token, err := k.askAgain(ctx, row, &turn{})
	if errors.Is(err, errAdopt) {
		return restless(opLink)
	}
	if err != nil {
		return err
	}
	k.forgetView(row.ID)
	spec, _ := k.cfg.Registry.Spec(row.Provider)
	missing := missingScopes(spec, token.Scopes)
	if len(missing) == 0 {
		return nil
	}
	if err := k.lacking(ctx, row); err != nil {
		return err
	}
	return WhyScopeMissing
}

// Revoke gives the grant back at the provider, as well as that goes: for before a link is removed.
// A link without a working token has nothing to give back. The token is forgotten in any case.
func (f *Flow) Revoke(ctx context.Context, id records.LinkID) error {
	row, err := f.cfg.Keeper.read(ctx, id)
	if err != nil {
		return err
	}
	err = f.revoke(ctx, row)
	if gone := f.cfg.Keeper.Forget(ctx, id); err == nil {
		err = gone
	}
	return err
}

func (f *Flow) revoke(ctx context.Context, row records.Link) error {
	o, err := f.cfg.Keeper.upstreamOptions(row)
	if err != nil || o.Spec.OAuth.RevokeURL == "" || row.CredentialKind == records.CredentialBearer {
		return err
	}
	token, err := f.cfg.Keeper.Token(ctx, row.ID)
	if connectors.CodeOf(err).Fault() == connectors.FaultAccount {
		return nil
	}
	if err != nil {
		return err
	}
	client, err := upstream.NewTokenClient(o)
	if err != nil {
		return fmt.Errorf("auth: link %s: %w", row.ID, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, o.Spec.Expand(o.Spec.OAuth.RevokeURL, row.Settings), nil)
	if err != nil {
		return fmt.Errorf("auth: link %s: %w", row.ID, err)
	}
	req.Header.Set("Authorization", "Bearer "+token.Value.Reveal())
	resp, err := upstream.Do(client, req)
	if err != nil {
		return fmt.Errorf("auth: revoke link %s: %w", row.ID, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusNotFound {
		return f.cfg.Keeper.provider(row, connectors.CodeProviderDown, fmt.Sprintf("revoke: status %d", resp.StatusCode))
	}
	return nil
}
