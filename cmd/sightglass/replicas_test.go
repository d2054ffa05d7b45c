package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

const adminKey = "an-administrators-key-of-twenty-and-more"

// longTicket has several pages of comments.
const longTicket = "/api/v1/links/zd/interactions/ticket/5091"

// Two real processes on one Redis and one PostgreSQL behind a real nginx and a real HAProxy, with the
// files of deploy/. One fleet for all stories: starting it is what costs.
func TestReplicas(t *testing.T) {
	p := newProvider(t, sim.Options{PerMinute: -1})
	front := freeAddress(t)
	_, secret := p.Client(false)
	f := newFleet(t, p, fleetOptions{
		publicURL: "https://" + front,
		files:     map[string]string{"key.txt": testKey, "admin.txt": adminKey, "secret.txt": secret},
		sites: fmt.Sprintf(`
  - id: main
    api_keys:
      - {id: ci, roles: [analyst], key_file: key.txt}
      - {id: ops, roles: [administrator], key_file: admin.txt}
    links:
      - id: zd
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: %q, media: %q}
        credential: {kind: authorization_code, client_id: sightglass, client_secret_file: secret.txt}
`, p.url, p.Endpoints()["media"]),
	})
	p.AllowRedirect("https://" + front + "/oauth/callback")
	gateways := [2]string{freeAddress(t), freeAddress(t)}
	byNginx := startProxy(t, "nginx", front, gateways)
	byHAProxy := startProxy(t, "haproxy", freeAddress(t), gateways)
	f.start(gateways[:]...)

	admin := f.person(byNginx, "ada", "administrator")
	ana := f.person(byNginx, "ana", "analyst")
	linkAcross(t, f, admin)
	worksAcross(t, f, ana)
	for name, proxy := range map[string]*proxy{"nginx": byNginx, "haproxy": byHAProxy} {
		t.Run("LineByLineThrough_"+name, func(t *testing.T) { lineByLine(t, p, proxy) })
	}
	t.Run("KeysRotate", func(t *testing.T) { keysRotated(t, f, ana) })
	t.Run("DeactivationEndsStreamsOnBoth", func(t *testing.T) { deactivated(t, f, ana) })
	t.Run("RollingRestart", func(t *testing.T) { rollingRestart(t, f, byNginx, byHAProxy) })
}

// person is somebody signed in.
type person struct{ id, cookie string }

// person makes a user on one replica and signs in through a proxy.
func (f *fleet) person(via *proxy, login, role string) person {
	f.t.Helper()
	const password = "Correct-horse-battery-9"
	b := f.text(f.client, "POST", "http://"+f.replicas[0].addr+"/api/v1/users", adminKey,
		fmt.Sprintf(`{"login":%q,"name":"N","roles":[%q],"password":%q}`, login, role, password), http.StatusCreated)
	var u struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(b), &u); err != nil {
		f.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(f.t.Context(), "POST", via.url+"/api/v1/session", strings.NewReader(fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", f.publicURL)
	resp, err := via.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	for _, c := range resp.Cookies() {
		if c.Name == "__Host-sightglass" && resp.StatusCode == http.StatusOK {
			return person{u.ID, c.Name + "=" + c.Value}
		}
	}
	body, _ := io.ReadAll(resp.Body)
	f.t.Fatalf("sign-in of %s through the proxy: %s %s, want 200 and the cookie", login, resp.Status, body)
	return person{}
}

// ask makes a request as a person, straight to a replica.
func (f *fleet) ask(ctx context.Context, who person, method, replica, path, cookies string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+replica+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", strings.TrimPrefix(cookies+"; "+who.cookie, "; "))
	req.Header.Set("Origin", f.publicURL)
	return (&http.Client{Transport: f.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
}

// linkAcross begins a linking on one replica and ends it on the other.
func linkAcross(t *testing.T, f *fleet, admin person) {
	t.Helper()
	resp, err := f.ask(t.Context(), admin, "POST", f.replicas[0].addr, "/api/v1/links/zd/authorize", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var to struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&to); err != nil || to.URL == "" || len(resp.Cookies()) == 0 {
		t.Fatalf("authorize: %s, %v, want a URL and the browser's half", resp.Status, err)
	}
	callback, err := f.provider.Approve(t.Context(), to.URL, sim.ActorAdmin)
	if err != nil {
		t.Fatal(err)
	}
	half := resp.Cookies()[0]
	back, err := f.ask(t.Context(), admin, "GET", f.replicas[1].addr, strings.TrimPrefix(callback, f.publicURL), half.Name+"="+half.Value)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = back.Body.Close() }()
	if back.StatusCode != http.StatusSeeOther || strings.Contains(back.Header.Get("Location"), "problem") {
		t.Fatalf("callback on the other replica: %s to %q, want 303 and no problem", back.Status, back.Header.Get("Location"))
	}
}

// worksAcross: a session of one replica, and a handle given out by it, are good on the other.
func worksAcross(t *testing.T, f *fleet, who person) {
	t.Helper()
	for i, r := range f.replicas {
		other := f.replicas[1-i]
		f.media(t, who, other, f.handle(t, who, r))
	}
	if got := len(f.provider.tokenCalls()); got > 1 {
		t.Errorf("%d refreshes for a fresh grant, want at most one for both replicas", got)
	}
}

// partsOf reads a stream to its end.
func partsOf(t *testing.T, resp *http.Response) []part {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	l := newLines(resp)
	for {
		if _, err := l.next(); err != nil {
			if !errors.Is(err, io.EOF) || len(l.parts) == 0 {
				t.Fatalf("%s: after %d parts: %v", resp.Status, len(l.parts), err)
			}
			return l.parts
		}
	}
}

// lines reads a stream part by part.
type lines struct {
	r     *bufio.Reader
	parts []part
}

func newLines(resp *http.Response) *lines { return &lines{r: bufio.NewReaderSize(resp.Body, 64<<10)} }

func (l *lines) next() (part, error) {
	b, err := l.r.ReadBytes('\n')
	if err != nil {
		return part{}, err
	}
	var p part
	if err := json.Unmarshal(b, &p); err != nil {
		return p, err
	}
	l.parts = append(l.parts, p)
	return p, nil
}

// until reads on to the first part of that type.
func (l *lines) until(kind string) error {
	for {
		p, err := l.next()
		if err != nil || p.Type == kind {
			return err
		}
	}
}

// gateSecondPages holds every page of comments but the first until open is called.
func gateSecondPages(t *testing.T, p *provider) (asked *atomic.Int64, open func()) {
	t.Helper()
	released := make(chan struct{})
	asked = new(atomic.Int64)
	p.hold(func(r *http.Request) {
		if strings.Contains(r.URL.Path, "/comments") && r.URL.Query().Get("page[after]") != "" {
			asked.Add(1)
			select {
			case <-released:
			case <-r.Context().Done():
			}
		}
	})
	open = sync.OnceFunc(func() { close(released); p.hold(nil) })
	t.Cleanup(open)
	return asked, open
}

// lineByLine: the first message is with the reader while the provider still holds the second page.
func lineByLine(t *testing.T, p *provider, via *proxy) {
	_, open := gateSecondPages(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	resp, err := do(ctx, via.client, "GET", via.url+longTicket, testKey, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.ProtoMajor != 2 || resp.Header.Get("Content-Encoding") != "" {
		t.Errorf("got HTTP/%d, encoding %q; want HTTP/2 to the browser and none", resp.ProtoMajor, resp.Header.Get("Content-Encoding"))
	}
	l := newLines(resp)
	if err := l.until("message"); err != nil {
		t.Fatalf("no message while the second page is held: %v after %d parts", err, len(l.parts))
	}
	open()
	if err := l.until("end"); err != nil {
		t.Fatalf("the rest: %v after %d parts", err, len(l.parts))
	}
}

// deactivated: a user's streams on both replicas end soon after one of them is told.
func deactivated(t *testing.T, f *fleet, who person) {
	_, open := gateSecondPages(t, f.provider)
	defer open()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var streams []*lines
	for _, r := range f.replicas {
		resp, err := f.ask(ctx, who, "GET", r.addr, longTicket, "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		l := newLines(resp)
		if err := l.until("message"); err != nil {
			t.Fatal(err)
		}
		streams = append(streams, l)
	}
	f.text(f.client, "PATCH", "http://"+f.replicas[0].addr+"/api/v1/users/"+who.id, adminKey, `{"status":"inactive"}`, http.StatusOK)
	told := time.Now()
	for i, l := range streams {
		if err := l.until("problem"); err != nil {
			t.Errorf("replica %d: the stream ended with %v, want a problem line", i, err)
			continue
		}
		// 2 s is what is promised; the rest is for a busy machine.
		if took := time.Since(told); took > 2*time.Second+slack {
			t.Errorf("replica %d: the stream ended %v after the deactivation, want 2 s at most", i, took)
		}
		resp, err := f.ask(ctx, who, "GET", f.replicas[i].addr, "/api/v1/session", "")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("replica %d: a request of the deactivated user: %s, want 401", i, resp.Status)
		}
	}
	t.Logf("both streams ended within %v", time.Since(told).Round(time.Millisecond))
}

// slack is for machines that do other things as well.
const slack = 3 * time.Second

// rollingRestart restarts one replica after the other, with streams running through each and new
// opens all the time. A stream that can be finished is finished; no open fails.
func rollingRestart(t *testing.T, f *fleet, proxies ...*proxy) {
	stop := make(chan struct{})
	var opens sync.WaitGroup
	var done atomic.Int64
	for _, via := range proxies {
		opens.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := whole(t.Context(), via, "/api/v1/links/zd/interactions/ticket/5012"); err != nil {
					t.Errorf("open %d during the restart: %v", i, err)
					return
				}
				done.Add(1)
			}
		})
	}
	for i, r := range f.replicas {
		restart(t, f, r, proxies[i%len(proxies)])
	}
	close(stop)
	opens.Wait()
	if done.Load() < 4 {
		t.Errorf("%d opens during the restart: too few to show anything", done.Load())
	}
	t.Logf("%d opens while both replicas were restarted", done.Load())
}

func restart(t *testing.T, f *fleet, r *replica, via *proxy) {
	t.Helper()
	_, open := gateSecondPages(t, f.provider)
	defer open()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var running []*lines
	for range 2 { // one on either replica
		resp, err := do(ctx, via.client, "GET", via.url+longTicket, testKey, "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		l := newLines(resp)
		if err := l.until("message"); err != nil {
			t.Fatalf("%s: %v", resp.Status, err)
		}
		running = append(running, l)
	}
	r.terminate()
	refused(t, r)
	open()
	for i, l := range running {
		if err := l.until("end"); err != nil {
			t.Errorf("stream %d that could be finished: %v after %d parts", i, err, len(l.parts))
		}
	}
	r.waitEnded(40 * time.Second)
	r.start()
	r.waitReady()
}

// refused waits until a replica that stops takes no connection any more.
func refused(t *testing.T, r *replica) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get("http://" + r.addr + "/readyz")
		if err != nil {
			return
		}
		_ = resp.Body.Close()
	}
	t.Errorf("replica %s still answers 20 s after SIGTERM", r.addr)
}

// whole opens through a proxy and reads to the end.
func whole(ctx context.Context, via *proxy, path string) error {
	resp, err := do(ctx, via.client, "GET", via.url+path, testKey, "")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return fmt.Errorf("%s: %s", resp.Status, b)
	}
	l := newLines(resp)
	if err := l.until("end"); err != nil {
		return fmt.Errorf("after %d parts: %w", len(l.parts), err)
	}
	return nil
}
