package auth_test

import (
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// otherAccount points the link at another account.
func (w *world) otherAccount() {
	w.t.Helper()
	row := w.row()
	row.Settings = map[string]string{"subdomain": "other"}
	w.must(w.store.UpdateLink(w.t.Context(), row))
}

// A grant is for one account: it is not presented where the link leads after a change.
func TestGrantOfAnotherAccountIsNotPresented(t *testing.T) {
	for name, expired := range map[string]bool{"its access token lives": false, "its access token is gone": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			k, _ := w.linked()
			w.good(k.Token(t.Context(), linkID))
			w.otherAccount()
			if w.advance(2 * time.Second); expired {
				w.advance(time.Hour)
			}
			for _, k := range []*auth.Keeper{k, w.keeper()} {
				_, err := k.Token(t.Context(), linkID)
				w.wantCode(err, connectors.CodeNeedsReconnect)
			}
			w.wantRefreshes(1)
			if row := w.row(); row.Reason != auth.ReasonAccountChanged || len(row.RefreshToken) != 0 {
				t.Errorf("row: got reason %q and %d bytes of a token, want account_changed and none", row.Reason, len(row.RefreshToken))
			}
			w.seed(k, w.idp.grant())
			w.good(k.Token(t.Context(), linkID))
		})
	}
}

// The link is changed while the old account's grant is being refreshed: what comes back is dropped.
func TestRefreshUnderWayOfAnotherAccountLoses(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.idp.set(func(p *idp) { p.hook = w.otherAccount })
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	if row := w.row(); row.Reason != auth.ReasonAccountChanged || len(row.RefreshToken) != 0 || len(w.told()) != 0 {
		t.Errorf("row: got reason %q, %d bytes of a token, told %v; want account_changed, none, nobody", row.Reason, len(row.RefreshToken), w.told())
	}
	w.wantRefreshes(1)
}

// A seed that stands in the file beside the new account is read again, also when it is the same.
func TestSeedIsReadAgainForAnotherAccount(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialBearer)
	w.seed(k, "fixed")
	w.otherAccount()
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	w.seed(k, "fixed")
	if got, err := k.Token(t.Context(), linkID); err != nil || got.Value.Reveal() != "fixed" {
		t.Errorf("token: got %v, want the fixed one", err)
	}
}

func TestEveryReasonHasItsWords(t *testing.T) {
	seen := map[string]string{}
	for _, reason := range []string{
		auth.ReasonGrantRefused, auth.ReasonClientRefused, auth.ReasonMissingScope, auth.ReasonSealed, auth.ReasonAccountChanged, "of the future",
	} {
		say := auth.SayReason(reason)
		if say == "" || seen[say] != "" {
			t.Errorf("%s: got %q, as for %q; want words of its own", reason, say, seen[say])
		}
		seen[say] = reason
	}
}

// What a client of its own was granted stands in the row, without a generation of its own.
func TestClientCredentialsNoteTheirScopes(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialClientCredentials)
	for _, scopes := range []string{"read", "read", "read write"} {
		w.idp.set(func(p *idp) { p.scope = scopes })
		w.good(k.Token(t.Context(), linkID))
		if got := w.row(); got.Scopes != scopes || got.Generation != 0 || got.State != records.LinkOK {
			t.Errorf("row: got scopes %q, generation %d, %s; want %q, 0, ok", got.Scopes, got.Generation, got.State, scopes)
		}
		w.advance(time.Hour)
	}
}
