package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Reasons why a link is in needs_reconnect, as they stand in records.Link.Reason.
const (
	ReasonGrantRefused  = "grant_refused"  // the provider takes the refresh token no longer
	ReasonClientRefused = "client_refused" // it does not take the client id or secret
	ReasonMissingScope  = "missing_scope"  // it did not grant what we asked for
	ReasonSealed        = "sealed"         // a stored secret does not open: altered or misplaced

	// ReasonAccountChanged: the link leads to another account than the grant was for.
	ReasonAccountChanged = records.AccountChanged
)

// SayReason puts a link's reason into words for administrators.
func SayReason(reason string) string {
	switch reason {
	case "":
		return ""
	case ReasonGrantRefused:
		return "The provider no longer accepts the grant: it was revoked, expired or used elsewhere. Connect again."
	case ReasonClientRefused:
		return "The provider does not accept the client id or secret. Check both, then connect again."
	case ReasonMissingScope:
		return "The provider did not grant every permission we asked for. Allow them for the OAuth client, then connect again."
	case ReasonSealed:
		return "The stored credential was altered or belongs elsewhere, and does not open. Connect again."
	case ReasonAccountChanged:
		return "The account, the client or the kind of credential was changed, so the permission of the old account was dropped here. Connect again."
	default:
		return "The link does not work. Connect again."
	}
}

// of returns the memory of a link; k.mu is held.
func (k *Keeper) of(id records.LinkID) *memory {
	m := k.links[id]
	if m == nil {
		m = &memory{}
		k.links[id] = m
	}
	return m
}

// view returns what the link's row says, read within the last second. When records cannot be read
// an earlier view serves on: whoever opens needs an audit row anyway, and running streams are cut
// by the gateway.
func (k *Keeper) view(ctx context.Context, id records.LinkID) (view, error) {
	k.mu.Lock()
	v := k.of(id).row
	k.mu.Unlock()
	if age := k.cfg.Now().Sub(v.at); !v.at.IsZero() && age >= 0 && age < viewLife {
		return v, nil
	}
	row, err := k.read(ctx, id)
	switch {
	case err == nil:
		return k.saw(ctx, row), nil
	case connectors.CodeOf(err) == connectors.CodeInternal && v.identity != "" && ctx.Err() == nil:
		return v, nil
	default:
		return view{}, err
	}
}

// read reads a link's row. An unknown link is not_found.
func (k *Keeper) read(ctx context.Context, id records.LinkID) (records.Link, error) {
	row, err := k.cfg.Links.Link(ctx, id)
	if errors.Is(err, records.ErrNotFound) {
		k.mu.Lock()
		delete(k.links, id)
		k.mu.Unlock()
		return row, &connectors.Error{Code: connectors.CodeNotFound, Op: opToken, Action: "There is no such link.", Err: err}
	}
	if err != nil {
		return row, fmt.Errorf("auth: link %s: %w", id, err)
	}
	return row, nil
}

// saw remembers what a row says. When the link has become another account or client since, tokens
// of the old one are dropped: they must not reach the new one's host.
func (k *Keeper) saw(ctx context.Context, row records.Link) view {
	v := view{
		generation: row.Generation, state: row.State, reason: row.Reason, provider: row.Provider,
		identity: identity(row), at: k.cfg.Now(),
	}
	k.mu.Lock()
	m := k.of(row.ID)
	changed := m.row.identity != "" && m.row.identity != v.identity
	if changed {
		m.token, m.held = records.AccessToken{}, nil
	}
	if k.news(m, row) {
		m.movedAt = time.Now()
	}
	m.row = v
	k.mu.Unlock()
	if changed {
		ctx, cancel := context.WithTimeout(ctx, cachePatience)
		defer cancel()
		_ = k.cfg.Tokens.Delete(ctx, row.ID) // a cache that is down loses it by time
	}
	return v
}

// news tells whether row shows a rotation by somebody else that this process had not seen. Of a row it
// has never seen only the other's clock can tell; k.mu is held.
func (k *Keeper) news(m *memory, row records.Link) bool {
	switch {
	case row.Generation <= max(1, m.token.Generation):
		return false
	case m.row.generation > 0:
		return row.Generation > m.row.generation
	default:
		return k.cfg.Now().Sub(row.LastOKAt).Abs() < adoptPatience
	}
}

// lastView is what was last read of the row, however long ago.
func (k *Keeper) lastView(id records.LinkID) view {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of(id).row
}

// identity is whatever makes a token of the link useless or misdirected when it changes.
func identity(l records.Link) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %d", l.Provider, l.CredentialKind, l.ClientID, l.SecretGeneration)
	for _, m := range []map[string]string{l.Settings, l.Endpoints} {
		b.WriteByte('|')
		for _, name := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "%q=%q ", name, m[name])
		}
	}
	return b.String()
}

// forgetView makes the next look at the link read its row.
func (k *Keeper) forgetView(id records.LinkID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of(id).row.at = time.Time{}
}

// remember keeps a token in this process; an older generation never replaces a newer one.
func (k *Keeper) remember(id records.LinkID, identity string, t records.AccessToken) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.of(id)
	if m.identity == identity && m.token.Generation > t.Generation {
		return
	}
	m.token, m.identity = t, identity
}

// usable says why a link in this state gives no token, or nil.
func (k *Keeper) usable(v view) error {
	title := k.title(v.provider)
	switch v.state {
	case records.LinkPaused:
		return &connectors.Error{
			Code: connectors.CodePaused, Provider: v.provider, Op: opToken,
			Action: fmt.Sprintf("This %s account is switched off. Ask an administrator to switch it on.", title),
		}
	case records.LinkNeedsReconnect:
		return k.broken(v.provider, v.reason)
	case records.LinkNew, records.LinkOK:
		return nil
	default:
		return k.broken(v.provider, "")
	}
}

// Causes, by reason.
var (
	errGrantRefused  = errors.New("the provider refused the grant")
	errClientRefused = errors.New("the provider refused the client")
	errMissingScope  = errors.New("the provider did not grant every scope")
	errSealed        = errors.New("the stored credential does not open")
	errOtherAccount  = errors.New("the link is another account's now")
)

func causeOf(reason string) error {
	return map[string]error{
		ReasonGrantRefused: errGrantRefused, ReasonClientRefused: errClientRefused,
		ReasonMissingScope: errMissingScope, ReasonSealed: errSealed, ReasonAccountChanged: errOtherAccount,
	}[reason]
}

// broken is the error of a link that a person has to connect again.
func (k *Keeper) broken(provider, reason string) *connectors.Error {
	e := &connectors.Error{Code: connectors.CodeNeedsReconnect, Provider: provider, Op: opToken, Err: causeOf(reason)}
	title := k.title(provider)
	switch reason {
	case ReasonMissingScope:
		e.Code = connectors.CodeMissingScope
		e.Action = fmt.Sprintf("Ask an administrator to allow every permission for %s and to connect it again.", title)
	case ReasonClientRefused:
		e.Action = fmt.Sprintf("Ask an administrator to check the client id and secret of %s and to connect it again.", title)
	default:
		e.Action = fmt.Sprintf("Ask an administrator to reconnect %s.", title)
	}
	return e
}

func (k *Keeper) slow(id records.LinkID) error {
	k.mu.Lock()
	provider := k.of(id).row.provider
	k.mu.Unlock()
	return &connectors.Error{
		Code: connectors.CodeProviderSlow, Provider: provider, Op: opToken,
		Action: fmt.Sprintf("%s takes long to sign us in. Try again in a moment.", k.title(provider)),
	}
}

func stopping() error {
	return &connectors.Error{
		Code: connectors.CodeStopping, Op: opToken, Action: "Sightglass is being restarted. Try again in a moment.",
	}
}

// title is what people call the provider.
func (k *Keeper) title(provider string) string {
	if spec, ok := k.cfg.Registry.Spec(provider); ok {
		return spec.Title
	}
	return "the account"
}

// opToken is the operation in the keeper's errors.
const opToken = "token"
