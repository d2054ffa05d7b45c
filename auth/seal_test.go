package auth_test

import (
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func TestSeedIsReadOnceAndWhenTheFileChanges(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialAuthorizationCode)
	for _, step := range []struct {
		file string
		read bool
		gen  int64
	}{{"one\n", true, 1}, {"one\n", false, 1}, {"two", true, 2}, {"two", false, 2}} {
		read, err := k.Seed(t.Context(), linkID, []byte(step.file))
		if row := w.row(); err != nil || read != step.read || row.Generation != step.gen || row.State != records.LinkOK {
			t.Errorf("file %q: got read %v, generation %d, %s, error %v; want %v, %d, ok", step.file, read, row.Generation, row.State, err, step.read, step.gen)
		}
	}
	if _, err := k.Seed(t.Context(), linkID, []byte(" \n")); err == nil {
		t.Error("empty file: got no error")
	}
}

// A rotation does not make the file newer than the row.
func TestSeedStaysUsedAfterARotation(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, refresh := w.linked()
	w.good(k.Token(t.Context(), linkID))
	if read, err := k.Seed(t.Context(), linkID, []byte(refresh+"\n")); err != nil || read {
		t.Errorf("the same file after a rotation: got read %v, %v; want it left alone", read, err)
	}
}

func TestClientSecretIsStoredOnce(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	w.must(k.PutClientSecret(t.Context(), linkID, records.NewSecret("hush")))
	if got := w.row().SecretGeneration; got != 1 {
		t.Errorf("same secret again: got generation %d, want 1", got)
	}
	w.must(k.PutClientSecret(t.Context(), linkID, records.NewSecret("other")))
	if got := w.row().SecretGeneration; got != 2 {
		t.Errorf("another secret: got generation %d, want 2", got)
	}
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	if got := w.row().Reason; got != auth.ReasonClientRefused {
		t.Errorf("reason: got %q, want %q", got, auth.ReasonClientRefused)
	}
}

// Threat T36: a row copied from another link, or an old generation put back, does not open, and is
// told; a key that is missing changes nothing.
func TestSealedValuesAreBoundToTheirPlace(t *testing.T) {
	elsewhere := records.LinkID{Site: "main", Link: "other"}
	for name, c := range map[string]struct {
		id  records.LinkID
		gen int64
	}{"another link's": {elsewhere, 2}, "an old generation's": {linkID, 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			k, refresh := w.linked()
			w.must(w.store.SwapGrant(t.Context(), linkID, 1, records.Grant{
				RefreshToken: k.SealRefreshToken(c.id, records.NewSecret(refresh), c.gen), At: time.Now(),
			}))
			_, err := k.Token(t.Context(), linkID)
			w.wantCode(err, connectors.CodeNeedsReconnect)
			if calls, _, _ := w.idp.count(); calls != 0 || len(w.told()) != 1 || w.told()[0] != auth.ReasonSealed {
				t.Errorf("got %d calls, told %v; want none, and sealed told once", calls, w.told())
			}
		})
	}
	t.Run("missing key", func(t *testing.T) {
		w := newWorld(t, newIDP(t))
		w.linked()
		other, err := records.ParseKeys(records.NewKey("k2"))
		w.must(err)
		k := w.keeper(func(c *auth.KeeperConfig) { c.Keys = other })
		_, err = k.Token(t.Context(), linkID)
		w.wantCode(err, connectors.CodeInternal)
		if got := w.row(); got.State != records.LinkOK || len(w.told()) != 0 {
			t.Errorf("got %s, told %v; want the link unchanged", got.State, w.told())
		}
	})
}

func TestKeeperSaysEverythingItLacks(t *testing.T) {
	_, err := auth.NewKeeper(auth.KeeperConfig{})
	if err == nil {
		t.Fatal("NewKeeper of nothing: got no error")
	}
}
