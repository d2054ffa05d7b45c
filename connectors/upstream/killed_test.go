package upstream_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/records"
)

// killer is a provider and its keeper at once. The first request of every call kills the token that it
// came with, whoever else has it in use.
type killer struct {
	mu      sync.Mutex
	current int // the token that is alive; 0: none
	issued  int
	seen    map[string]bool
}

func (k *killer) token() records.AccessToken {
	return records.AccessToken{Value: records.NewSecret(fmt.Sprint("t", k.issued))}
}

func (k *killer) Token(context.Context) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.token(), nil
}

func (k *killer) Latest(ctx context.Context) (records.AccessToken, error) { return k.Token(ctx) }

func (k *killer) Renew(_ context.Context, refused records.AccessToken) (records.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if refused.Value.Reveal() == k.token().Value.Reveal() {
		k.issued++
		k.current = k.issued
	}
	return k.token(), nil
}

func (k *killer) answer(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	mine := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	good := k.current > 0 && mine == fmt.Sprint("t", k.current)
	if !k.seen[r.URL.Path] {
		if k.seen[r.URL.Path] = true; good {
			k.current, good = 0, false
		}
	}
	if !good {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// A token that is killed on its first use in every one of many calls at once: the grant is good, so no
// call may end with needs_reconnect.
func TestTokensKilledByOthersFailNoCall(t *testing.T) {
	k := &killer{current: 1, issued: 1, seen: map[string]bool{}}
	f := link(t, k.answer, func(o *upstream.Options) { o.Credentials = k })
	var all sync.WaitGroup
	for c := range 32 {
		all.Go(func() {
			for n := range 10 {
				resp, err := f.get(t, fmt.Sprintf("/call-%d-%d", c, n))
				if err != nil {
					t.Errorf("call %d of client %d: %v, want the answer", n, c, connectors.CodeOf(err))
					continue
				}
				_ = resp.Body.Close()
			}
		})
	}
	all.Wait()
	if k.issued < 2 {
		t.Errorf("%d tokens were issued: none was killed", k.issued)
	}
}
