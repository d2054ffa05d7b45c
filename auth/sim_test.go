package auth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/records"
)

// zendeskWorld is the world with the Zendesk simulator in place of the identity provider.
func zendeskWorld(t *testing.T, o sim.Options, public bool) (*world, *sim.Sim, *auth.Keeper) {
	t.Helper()
	s := sim.New(o)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := newWorld(t, newIDP(t))
	var err error
	w.reg, err = connectors.NewRegistry(zendesk.Spec())
	w.must(err)
	k := w.keeper()
	id, secret := s.Client(public)
	w.must(w.store.AddLink(t.Context(), records.Link{
		ID: linkID, Provider: "zendesk", Title: "Zendesk", Settings: map[string]string{"subdomain": "acme"}, Endpoints: s.Endpoints(),
		CredentialKind: records.CredentialAuthorizationCode, ClientID: id, State: records.LinkNew, CreatedAt: w.clock(), UpdatedAt: w.clock(),
	}))
	if secret != "" {
		w.must(k.PutClientSecret(t.Context(), linkID, records.NewSecret(secret)))
	}
	return w, s, k
}

func local(c *auth.FlowConfig) { c.PublicURL = "http://127.0.0.1:8080" }

// connect walks the flow as an administrator does, in the simulator's own pages.
func (w *world) connect(s *sim.Sim, f *auth.Flow, actor string) error {
	w.t.Helper()
	at, browser := w.begin(f)
	back, err := s.Approve(w.t.Context(), at, actor)
	w.must(err)
	u, err := url.Parse(back)
	w.must(err)
	q := u.Query()
	_, err = f.Finish(w.t.Context(), auth.Callback{State: q.Get("state"), Code: q.Get("code"), Iss: q.Get("iss"), Error: q.Get("error")}, browser)
	return err
}

// client is a signed-in HTTP client of one replica.
func (w *world) client(k *auth.Keeper) *http.Client {
	w.t.Helper()
	row := w.row()
	c, err := upstream.New(upstream.Options{
		Spec: zendesk.Spec(), Link: linkID, Settings: row.Settings, Endpoints: row.Endpoints,
		Credentials: k.Credentials(linkID), Private: loopback,
	})
	w.must(err)
	w.t.Cleanup(c.Close)
	return c.API()
}

func (w *world) read(c *http.Client) error {
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "https://acme.zendesk.com/api/v2/users/me.json", nil)
	if err != nil {
		return err
	}
	resp, err := upstream.Do(c, req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 || strings.Contains(string(body), "Anonymous") {
		w.t.Errorf("users/me: got status %d, error %v, or nobody", resp.StatusCode, err)
	}
	return nil
}

// The whole life of a link: connected, read, expired, renewed by three replicas at once, revoked at
// the provider, connected again, given back.
func TestStoryOfAZendeskLink(t *testing.T) {
	for name, public := range map[string]bool{"confidential client": false, "public client": true} {
		t.Run(name, func(t *testing.T) {
			w, s, k := zendeskWorld(t, sim.Options{StrictReuse: true, Canary: canary}, public)
			f := w.flow(k, local)
			w.must(w.connect(s, f, sim.ActorAdmin))
			replicas := []*http.Client{w.client(k), w.client(w.keeper()), w.client(w.keeper())}
			for round := 1; round <= 4; round++ {
				s.ExpireTokens()
				var all sync.WaitGroup
				for _, c := range replicas {
					for range 20 {
						all.Go(func() {
							if err := w.read(c); err != nil {
								t.Errorf("round %d: got %v", round, err)
							}
						})
					}
				}
				all.Wait()
				if s.ReuseSeen() != 0 || s.Refreshes() != round {
					t.Errorf("round %d: got %d refreshes, %d reuses; want %d and none", round, s.Refreshes(), s.ReuseSeen(), round)
				}
			}
			s.RevokeGrants()
			for range 3 {
				for _, c := range replicas {
					w.wantCode(w.read(c), connectors.CodeNeedsReconnect)
				}
			}
			if len(w.told()) != 1 {
				t.Errorf("administrator: told %v, want once", w.told())
			}
			w.must(w.connect(s, f, sim.ActorAgent))
			time.Sleep(1100 * time.Millisecond) // the other replicas look at the row once a second
			for _, c := range replicas {
				w.must(w.read(c))
			}
			w.must(f.Revoke(t.Context(), linkID))
			if s.LiveGrants() != 0 {
				t.Errorf("after Revoke: got %d live grants, want none", s.LiveGrants())
			}
			w.clean(nil)
		})
	}
}

func TestZendeskDenies(t *testing.T) {
	w, s, k := zendeskWorld(t, sim.Options{}, false)
	f := w.flow(k, local)
	at, browser := w.begin(f)
	back, err := s.Deny(t.Context(), at)
	w.must(err)
	u, err := url.Parse(back)
	w.must(err)
	_, err = f.Finish(t.Context(), auth.Callback{State: u.Query().Get("state"), Error: u.Query().Get("error")}, browser)
	w.wantCode(err, connectors.CodeNeedsReconnect)
}

func TestZendeskClientCredentials(t *testing.T) {
	w, s, k := zendeskWorld(t, sim.Options{}, false)
	row := w.row()
	row.CredentialKind = records.CredentialClientCredentials
	w.must(w.store.UpdateLink(t.Context(), row))
	c := w.client(k)
	for range 3 {
		w.must(w.read(c))
		s.ExpireTokens()
	}
	w.must(w.read(c))
}
