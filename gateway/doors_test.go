package gateway_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/records"
)

// The addresses of these tests, as a proxy on the loopback tells them.
const (
	office  = "203.0.113.7"
	outside = "198.51.100.9"
)

// behindProxy lets a test say where a request comes from.
func behindProxy(s *setup) {
	s.config = func(c *gateway.Config) { c.TrustedProxies = loopback }
}

func from(address string) []string { return []string{"X-Forwarded-For", address} }

// beside starts a second gateway on the same database, as another replica would be.
func (e *env) beside() *env {
	e.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(e.t, err)
	two := *e
	two.url = "http://" + ln.Addr().String()
	two.server, err = gateway.New(e.cfg, e.deps)
	must(e.t, err)
	two.serve(ln, nil)
	e.t.Cleanup(func() { _ = two.stop() })
	return &two
}

// sessionBy makes a session that came through a door, and gives its cookie.
func (e *env) sessionBy(id records.UserID, via records.Door) string {
	e.t.Helper()
	sum := sha256.Sum256([]byte(string(id) + string(via)))
	token := base64.RawURLEncoding.EncodeToString(sum[:])
	hash := sha256.Sum256([]byte(token))
	now := time.Now()
	must(e.t, e.store.AddSession(context.Background(), records.Session{Hash: hash[:], Site: "main", User: id, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour), Via: via}))
	return "__Host-sightglass=" + token
}

// Every change an administrator makes on one replica ends what it forbids on another within two
// seconds, and nothing else.
func TestChangesEndStreamsOnAnotherReplica(t *testing.T) {
	one := withFake(t, endless(t), behindProxy)
	two := one.beside()
	one.person("ada", records.RoleAdministrator)
	users := map[string]string{}
	for _, name := range []string{"idle", "leaving", "demoted", "roaming", "staying", "passing"} {
		users[name] = "/api/v1/users/" + string(one.person(name, records.RoleAnalyst))
	}
	keys := map[string]string{}
	for _, id := range []string{"revoked", "ending", "bound", "lowered", "kept"} {
		made := decode(t, read(t, one.do("POST", "/api/v1/api-keys", adminKey, fmt.Sprintf(`{"id":%q,"roles":["analyst"]}`, id))))
		keys[id], _ = made["key"].(string)
	}
	streams := map[string]*bufio.Reader{}
	for name := range users {
		streams[name] = two.openStream(ticket, append(from(outside), "Cookie", two.signIn(name))...)
	}
	for id, key := range keys {
		streams[id] = two.openStream(ticket, append(from(outside), "Authorization", "Bearer "+key)...)
	}
	soon := time.Now().Add(300 * time.Millisecond).UTC().Format(time.RFC3339Nano)
	began := time.Now()
	ends := map[string]string{}
	for _, c := range []struct{ who, method, path, body, code string }{
		{"idle", "PATCH", users["idle"], `{"status":"inactive"}`, "unauthenticated"},
		{"leaving", "PATCH", users["leaving"], `{"ends_at":"` + soon + `"}`, "unauthenticated"},
		{"demoted", "PATCH", users["demoted"], `{"roles":["agent"]}`, "not_allowed"},
		{"roaming", "PATCH", users["roaming"], `{"ip_rules":["203.0.113.0/24"]}`, "not_allowed"},
		{"revoked", "DELETE", "/api/v1/api-keys/revoked", "", "unauthenticated"},
		{"ending", "PATCH", "/api/v1/api-keys/ending", `{"ends_at":"` + soon + `"}`, "unauthenticated"},
		{"bound", "PATCH", "/api/v1/api-keys/bound", `{"ip_rules":["203.0.113.0/24"]}`, "not_allowed"},
		{"lowered", "PATCH", "/api/v1/api-keys/lowered", `{"roles":["agent"]}`, "not_allowed"},
	} {
		if resp := one.do(c.method, c.path, adminKey, c.body); resp.StatusCode >= 300 {
			t.Fatalf("%s: %d %s", c.who, resp.StatusCode, read(t, resp))
		}
		ends[c.who] = c.code
	}
	for who, code := range ends {
		endsWith(t, who, streams[who], code, began)
	}
	// The site: whoever is in the office stays.
	inside := two.openStream(ticket, append(from(office), "Cookie", two.signIn("staying"))...)
	began = time.Now()
	if resp := one.do("PATCH", "/api/v1/site", adminKey, `{"ip_rules":["203.0.113.0/24"]}`, from(office)...); resp.StatusCode != 200 {
		t.Fatalf("site: %d %s", resp.StatusCode, read(t, resp))
	}
	for _, who := range []string{"staying", "passing", "kept"} {
		endsWith(t, who, streams[who], "not_allowed", began)
	}
	ada := "u-ada"
	bySSO := two.openStream(ticket, append(from(office), "Cookie", two.sessionBy("u-passing", records.DoorSSO))...)
	began = time.Now()
	must(t, one.store.PutSite(context.Background(), records.Site{ID: "main", Name: "Main", SSOOnly: true, BreakGlass: records.UserID(ada)}))
	endsWith(t, "a password's", inside, "unauthenticated", began)
	must(t, one.store.PutSite(context.Background(), records.Site{ID: "main", Name: "Main", IPRules: mustNetworks(t, "192.0.2.0/24")}))
	endsWith(t, "single sign-on's, by the next rule", bySSO, "not_allowed", began)
}

func mustNetworks(t testing.TB, texts ...string) records.Networks {
	t.Helper()
	n, err := records.ParseNetworks(texts)
	must(t, err)
	return n
}

func endsWith(t *testing.T, who string, r *bufio.Reader, code string, began time.Time) {
	t.Helper()
	line, err := r.ReadString('\n')
	if took := time.Since(began); err != nil || !strings.Contains(line, `"`+code+`"`) || took > 4*time.Second {
		t.Errorf("%s: after %s got %q, %v, want a problem %s", who, took, line, err, code)
	}
}

func TestAnAddressOutsideIsRefusedAndRecordedOnce(t *testing.T) {
	e := withFake(t, endless(t), behindProxy)
	e.person("quinn", records.RoleAnalyst)
	cookie := e.signIn("quinn")
	must(t, e.store.PutSite(context.Background(), records.Site{ID: "main", Name: "Main", IPRules: mustNetworks(t, "203.0.113.0/24", "127.0.0.1")}))
	within(t, 5*time.Second, "the rule is seen", func() bool {
		return e.do("GET", "/api/v1/session", "", "", append(from(outside), "Cookie", cookie)...).StatusCode == 403
	})
	for range 3 {
		for _, headers := range [][]string{{"Cookie", cookie}, {"Authorization", "Bearer " + analystKey}} {
			resp := e.do("GET", ticket, "", "", append(from(outside), headers...)...)
			if p := problemOf(t, resp); resp.StatusCode != 403 || !strings.Contains(fmt.Sprint(p["action"]), outside) {
				t.Errorf("from outside: %d %v, want 403 that names the address", resp.StatusCode, p)
			}
		}
	}
	for name, address := range map[string]string{"from the office": office, "by IPv6 for the same": "::ffff:" + office} {
		if resp := e.do("GET", "/api/v1/session", analystKey, "", from(address)...); resp.StatusCode != 200 {
			t.Errorf("%s: %d, want 200", name, resp.StatusCode)
		}
	}
	var who []string
	for _, row := range e.audit() {
		if row.Event == records.AuditAddressRefused {
			who = append(who, row.Principal+" "+row.Thing)
		}
	}
	slices.Sort(who)
	if got, want := strings.Join(who, ", "), "analyst "+outside+", u-quinn "+outside; got != want {
		t.Errorf("audit: got %q, want %q, once each", got, want)
	}
	// What a stranger claims of an address is not believed when no proxy is trusted.
	for header, value := range map[string]string{"X-Real-Ip": office, "Forwarded": "for=" + office, "X-Forwarded-For": outside + ", garbage"} {
		if resp := e.do("GET", "/api/v1/session", analystKey, "", "X-Forwarded-For", outside, header, value); resp.StatusCode != 403 && header != "X-Forwarded-For" {
			t.Errorf("%s: %d, want 403", header, resp.StatusCode)
		}
	}
}

func TestSigningInFromOutsideIsRefusedOnlyAfterTheRightPassword(t *testing.T) {
	e := withFake(t, &fake{open: parts()}, behindProxy)
	e.person("quinn", records.RoleAnalyst)
	must(t, e.store.PutSite(context.Background(), records.Site{ID: "main", Name: "Main", IPRules: mustNetworks(t, office)}))
	signIn := func(word, address string) *http.Response {
		return e.do("POST", "/api/v1/session", "", fmt.Sprintf(`{"login":"quinn","password":%q}`, word), from(address)...)
	}
	if resp := signIn("not-Quinns-password-1", outside); resp.StatusCode != 401 {
		t.Errorf("a wrong password: %d, want 401: nothing is told about the rule", resp.StatusCode)
	}
	if p := problemOf(t, signIn(password, outside)); p["code"] != "not_allowed" || !strings.Contains(fmt.Sprint(p["action"]), outside) {
		t.Errorf("the right one, from outside: %v", p)
	}
	if row := e.audit()[0]; row.Event != records.AuditSignInRefused || row.Detail != "address" || row.Principal != "u-quinn" {
		t.Errorf("audit: %+v", row)
	}
	if resp := signIn(password, office); resp.StatusCode != 200 {
		t.Errorf("from the office: %d, want 200", resp.StatusCode)
	}
}

func TestARuleThatShutsOutItsMakerIsRefused(t *testing.T) {
	e := withFake(t, &fake{open: parts()}, behindProxy)
	ada := e.person("ada", records.RoleAdministrator)
	made := decode(t, read(t, e.do("POST", "/api/v1/api-keys", adminKey, `{"id":"ops","roles":["administrator"]}`)))
	ops, _ := made["key"].(string)
	cookie := []string{"Cookie", e.signIn("ada"), "Origin", e.url, "X-Forwarded-For", outside}
	for _, c := range []struct {
		what, key, path string
		headers         []string
	}{
		{"the site's", "", "/api/v1/site", cookie},
		{"one's own", "", "/api/v1/users/" + string(ada), cookie},
		{"the key's own", ops, "/api/v1/api-keys/ops", from(outside)},
	} {
		p := problemOf(t, e.do("PATCH", c.path, c.key, `{"ip_rules":["203.0.113.0/24"]}`, c.headers...))
		if fields, _ := p["fields"].(map[string]any); !strings.Contains(fmt.Sprint(fields["ip_rules"]), "shut you out") || !strings.Contains(fmt.Sprint(fields["ip_rules"]), outside) {
			t.Errorf("%s: got %v, want a word on the lock-out with the address", c.what, p)
		}
		if resp := e.do("PATCH", c.path, c.key, `{"ip_rules":["203.0.113.0/24","198.51.100.9"]}`, c.headers...); resp.StatusCode != 200 {
			t.Errorf("%s with one's own address: %d %s", c.what, resp.StatusCode, read(t, resp))
		}
		if p := problemOf(t, e.do("PATCH", c.path, c.key, `{"ip_rules":["the office"]}`, c.headers...)); p["code"] != "bad_request" {
			t.Errorf("%s: %v, want bad_request", c.what, p)
		}
	}
	site := decode(t, read(t, e.do("GET", "/api/v1/site", "", "", cookie...)))
	if site["your_address"] != outside || fmt.Sprint(site["ip_rules"]) != "[198.51.100.9 203.0.113.0/24]" {
		t.Errorf("site: %v", site)
	}
}

func TestAPIKeys(t *testing.T) {
	e := withFake(t, &fake{open: parts(message("1", "a"))})
	resp := e.do("POST", "/api/v1/api-keys", adminKey, `{"id":"ci","roles":["analyst"],"ip_rules":["127.0.0.1"]}`)
	made := decode(t, read(t, resp))
	key, _ := made["key"].(string)
	if resp.StatusCode != 201 || !strings.HasPrefix(key, "sgk_") {
		t.Fatalf("create: %d", resp.StatusCode)
	}
	if resp := e.do("GET", ticket, key, ""); resp.StatusCode != 200 {
		t.Errorf("open with it: %d", resp.StatusCode)
	}
	list := read(t, e.do("GET", "/api/v1/api-keys", adminKey, ""))
	if strings.Contains(list, key) || strings.Contains(list, "sgk_") || !strings.Contains(list, `"id":"ci"`) {
		t.Errorf("the list: %s, want ci and no key", list)
	}
	for body, field := range map[string]string{
		`{"id":"ci","roles":["analyst"]}`:                                     "id",
		`{"id":"Ci","roles":["analyst"]}`:                                     "id",
		`{"id":"x","roles":[]}`:                                               "roles",
		`{"id":"x","roles":["analyst"],"ends_at":"2999-01-01T00:00:00Z"}`:     "ends_at",
		`{"id":"x","roles":["analyst"],"ends_at":""}`:                         "ends_at",
		`{"id":"x","roles":["analyst"],"ip_rules":["203.0.113.0/24","home"]}`: "ip_rules",
	} {
		p := problemOf(t, e.do("POST", "/api/v1/api-keys", adminKey, body))
		if fields, _ := p["fields"].(map[string]any); fields[field] == nil {
			t.Errorf("%s: got %v, want a word on %s", body, p, field)
		}
	}
	if p := problemOf(t, e.do("PATCH", "/api/v1/api-keys/ci", key, `{"roles":["administrator"]}`)); p["code"] != "not_allowed" {
		t.Errorf("a key without the right raises itself: %v", p)
	}
	if p := problemOf(t, e.do("PATCH", "/api/v1/api-keys/admin", adminKey, `{"roles":["analyst"]}`)); p["code"] != "not_allowed" {
		t.Errorf("a key changes its own roles: %v", p)
	}
	id := []string{"X-Request-Id", "the-same-request"}
	if foreign, unknown := read(t, e.do("DELETE", "/api/v1/api-keys/ci", otherKey, "", id...)), read(t, e.do("DELETE", "/api/v1/api-keys/none", otherKey, "", id...)); foreign != unknown {
		t.Errorf("another site's key: %s, unknown: %s", foreign, unknown)
	}
	if resp := e.do("DELETE", "/api/v1/api-keys/ci", adminKey, ""); resp.StatusCode != 204 {
		t.Errorf("revoke: %d", resp.StatusCode)
	}
	if resp := e.do("GET", ticket, key, ""); resp.StatusCode != 401 {
		t.Errorf("open with the revoked key: %d, want 401", resp.StatusCode)
	}
	var details []string
	for _, row := range e.audit() {
		if row.Event == records.AuditKeyChanged {
			details = append(details, row.Thing+" "+row.Detail)
		}
	}
	if got, want := strings.Join(details, ", "), "ci revoked, ci refused, ci created, ci created"; got != want {
		t.Errorf("audit, newest first: got %q, want %q", got, want)
	}
}
