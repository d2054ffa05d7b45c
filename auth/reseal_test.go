package auth_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

// twoKeys makes the world's key ring seal with a new key, and tells its id.
func (w *world) twoKeys() string {
	w.t.Helper()
	w.must(w.keys.Replace(w.ring(w.newKey, w.oldKey)))
	return w.keys.IDs()[0]
}

func (w *world) ring(lines ...string) *records.Keyring {
	w.t.Helper()
	var text string
	for _, l := range lines {
		text += l + "\n"
	}
	k, err := records.ParseKeys(text)
	w.must(err)
	return k
}

// While a replica refreshes all the time everything is sealed with another key: no token is lost, and
// nothing is left sealed with the old one.
func TestResealBesideRefreshes(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	stop := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		for last := w.good(k.Token(t.Context(), linkID)); ; last = w.good(k.Renew(t.Context(), linkID, last)) {
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for before := w.row().Generation; w.row().Generation < before+2; time.Sleep(time.Millisecond) {
	}
	id := w.twoKeys()
	done, err := auth.Reseal(t.Context(), w.store, w.keys)
	if err != nil || done.Secrets == 0 || len(done.Unopened) != 0 {
		t.Errorf("got %+v, %v, want at least the client secret sealed anew", done, err)
	}
	for before := w.row().Generation; w.row().Generation < before+2; time.Sleep(time.Millisecond) {
	}
	close(stop)
	serving.Wait()
	row := w.row()
	if a, b := records.KeyOf(row.ClientSecret), records.KeyOf(row.RefreshToken); a != id || b != id {
		t.Errorf("client secret sealed with %q, refresh token with %q, want %q", a, b, id)
	}
	// The old key may go: what is stored opens without it.
	w.must(w.keys.Replace(w.ring(w.newKey)))
	w.good(w.keeper(withKeys(w.ring(w.newKey))).Renew(t.Context(), linkID, records.AccessToken{}))
	if _, _, reused := w.idp.count(); reused != 0 || len(w.told()) != 0 {
		t.Errorf("got %d reuses, told %v; want none and nobody", reused, w.told())
	}
}

func withKeys(k *records.Keyring) func(*auth.KeeperConfig) {
	return func(c *auth.KeeperConfig) { c.Keys = k }
}

// A secret whose key is not here is named and left as it is.
func TestResealLeavesWhatDoesNotOpen(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	before := w.row()
	done, err := auth.Reseal(t.Context(), w.store, w.ring(w.newKey))
	if err != nil || done.Secrets != 0 || len(done.Unopened) != 1 || done.Unopened[0] != linkID {
		t.Errorf("got %+v, %v, want the link named and nothing done", done, err)
	}
	if now := w.row(); string(now.RefreshToken) != string(before.RefreshToken) {
		t.Error("the stored token changed")
	}
}

// The answer to a swap is lost and the row is sealed anew before it is looked at: it is ours all the same.
func TestSwapThatWasSealedAnewIsRecognised(t *testing.T) {
	w := newWorld(t, newIDP(t))
	w.linked()
	lost := true
	l := &links{Store: w.store, afterSwap: func() error {
		if !lost {
			return nil
		}
		lost = false
		w.twoKeys()
		if done, err := auth.Reseal(t.Context(), w.store, w.keys); err != nil || done.Secrets != 2 {
			t.Errorf("got %+v, %v, want two secrets sealed anew", done, err)
		}
		return errors.New("connection reset")
	}}
	w.good(w.keeper(withLinks(l)).Token(t.Context(), linkID))
	w.wantRefreshes(1)
}
