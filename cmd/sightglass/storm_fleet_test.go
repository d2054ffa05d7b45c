package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

const (
	stormLife = 2 * time.Second // of an access token
	tokenTime = 100 * time.Millisecond
)

// storm is a fleet of three under many people.
type storm struct {
	*fleet
	size    size
	tickets []int64
	next    atomic.Int64
	mu      sync.Mutex
	opens   []opened
	from    int // token calls before this weather
	dumping sync.Mutex
}

// opened is one open as its reader saw it.
type opened struct {
	link  int
	at    time.Time
	first time.Duration // until the first line
	err   error
	code  string // of the problem that ended it
	cut   bool   // the connection ended, or there was none
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	n := stormSize()
	p := newProvider(t, sim.Options{PerMinute: -1, TokenLife: stormLife, StrictReuse: true, PageDelay: n.page})
	p.slow = tokenTime
	_, secret := p.Client(false)
	o := fleetOptions{files: map[string]string{"secret.txt": secret, "admin.txt": adminKey}}
	var keys, links strings.Builder
	for i := range keysOf(n) {
		name := fmt.Sprintf("key%d.txt", i)
		o.files[name] = stormKey(i)
		fmt.Fprintf(&keys, "      - {id: k%d, roles: [analyst], key_file: %s}\n", i, name)
	}
	for i := range n.links {
		name := fmt.Sprintf("seed%d.txt", i)
		o.files[name] = p.seed(i)
		fmt.Fprintf(&links, `      - id: zd%d
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: %q, media: %q}
        credential: {kind: authorization_code, client_id: sightglass, client_secret_file: secret.txt, refresh_token_file: %s}
`, i, p.url, p.Endpoints()["media"], name)
	}
	o.sites = "  - id: main\n    api_keys:\n      - {id: ops, roles: [administrator], key_file: admin.txt}\n" + keys.String() + "    links:\n" + links.String()
	s := &storm{fleet: newFleet(t, p, o), size: n}
	for _, id := range p.Tickets() {
		if id != sim.TicketIncident && id != sim.TicketHuge && id != sim.TicketDeleted { // thousands of comments, and none
			s.tickets = append(s.tickets, id)
		}
	}
	s.start(freeAddress(t), freeAddress(t), freeAddress(t))
	return s
}

// keysOf: a key may have 32 streams on one gateway.
func keysOf(n size) int { return max(2, n.clients/16) }

func stormKey(i int) string { return fmt.Sprintf("storm-key-of-more-than-twenty-%03d", i) }

// seed makes a grant, as a person linking the account does, and gives its refresh token.
func (p *provider) seed(family int) string {
	p.t.Helper()
	id, secret := p.Client(false)
	const back = "http://127.0.0.1/oauth/callback"
	base := p.HostURL(sim.HostAPI)
	ask := url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {back}, "scope": {"read"}, "state": {"s"}}
	to, err := p.Approve(p.t.Context(), base+"/oauth/authorizations/new?"+ask.Encode(), sim.ActorAdmin)
	if err != nil {
		p.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("code") == "" {
		p.t.Fatalf("seed: got %q, %v, want a code", to, err)
	}
	resp, err := http.PostForm(base+"/oauth/tokens", url.Values{
		"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "client_id": {id}, "client_secret": {secret}, "redirect_uri": {back},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Refresh string `json:"refresh_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Refresh == "" {
		p.t.Fatalf("seed: %s, %v, want a refresh token", resp.Status, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.family[got.Refresh] = family
	return got.Refresh
}

// weather begins another part of a storm, counted for itself.
func (s *storm) weather(t *testing.T) {
	before := s.t
	s.t = t
	t.Cleanup(func() { s.t = before })
	s.opens, s.from = nil, len(s.provider.tokenCalls())
}

// calls are the token calls of this weather.
func (s *storm) calls() []tokenCall { return s.provider.tokenCalls()[s.from:] }

// blow opens until over says so.
func (s *storm) blow(over func() bool) {
	var people sync.WaitGroup
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Minute)
	defer cancel()
	for c := range s.size.clients {
		people.Go(func() {
			for !over() && ctx.Err() == nil {
				n := int(s.next.Add(1))
				o := s.open(ctx, n%s.size.links, s.tickets[n%len(s.tickets)], stormKey(c%keysOf(s.size)))
				s.mu.Lock()
				s.opens = append(s.opens, o)
				s.mu.Unlock()
			}
		})
	}
	people.Wait()
}

// enough is when a storm may end.
func (s *storm) enough() bool {
	s.mu.Lock()
	n := len(s.opens)
	s.mu.Unlock()
	return n >= s.size.opens && len(s.calls()) >= s.size.expiries+s.size.links
}

func (s *storm) open(ctx context.Context, link int, ticket int64, key string) (o opened) {
	r := s.replicas[rand.IntN(len(s.replicas))]
	o = opened{link: link, at: time.Now()}
	to := fmt.Sprintf("http://%s/api/v1/links/zd%d/interactions/ticket/%d", r.addr, link, ticket)
	resp, err := do(ctx, s.client, "GET", to, key, "")
	if err != nil {
		o.err, o.cut = err, true
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReaderSize(resp.Body, 64<<10)
	for n := 0; ; n++ {
		line, err := body.ReadBytes('\n')
		if n == 0 {
			o.first = time.Since(o.at)
		}
		switch {
		case err != nil && resp.StatusCode == http.StatusOK:
			o.err, o.cut = fmt.Errorf("cut after %d parts: %w", n, err), true
			return o
		case resp.StatusCode != http.StatusOK, bytes.HasPrefix(line, []byte(`{"type":"problem"`)):
			var p part
			err := json.Unmarshal(line, &p)
			o.code, o.err = p.Code, errors.Join(fmt.Errorf("%d after some parts: %t: %s", resp.StatusCode, n > 0, p.Code), err)
			return o
		case bytes.HasPrefix(line, []byte(`{"type":"end"`)):
			return o
		}
	}
}

// broken counts the links that need a person, as the administrator sees them.
func (s *storm) broken() int {
	b := s.text(s.client, "GET", "http://"+s.replicas[0].addr+"/api/v1/links", adminKey, "", http.StatusOK)
	return strings.Count(b, `"needs_reconnect"`)
}

// saysDegraded: without Redis a gateway is ready, says so in words, and its metrics do.
func (s *storm) saysDegraded() {
	s.t.Helper()
	r := s.replicas[0]
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ready := s.text(s.client, "GET", "http://"+r.addr+"/readyz", "", "", http.StatusOK)
		metrics := s.text(s.client, "GET", "http://"+r.metrics+"/metrics", "", "", http.StatusOK)
		if strings.Contains(ready, "Degraded: the cache") && strings.Contains(metrics, "sightglass_cache_up 0") {
			return
		}
	}
	s.t.Error("Redis stands still: /readyz and the metrics do not say so")
}

// afterRefreshes waits for n further refreshes.
func (s *storm) afterRefreshes(n int) {
	s.t.Helper()
	want := len(s.provider.tokenCalls()) + max(1, n)
	for deadline := time.Now().Add(2 * time.Minute); len(s.provider.tokenCalls()) < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d refreshes within two minutes, want %d", len(s.provider.tokenCalls()), want)
		}
	}
}

// inTheMiddleOfARefresh waits until the provider works on one.
func (s *storm) inTheMiddleOfARefresh() {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s.provider.asked.Load() > 0 {
			return
		}
	}
	s.t.Fatal("no refresh within two minutes")
}

// kill ends the process as a power cut does.
func (r *replica) kill() {
	r.f.t.Helper()
	if err := r.cmd.Process.Kill(); err != nil {
		r.f.t.Fatal(err)
	}
	<-r.ended
}
