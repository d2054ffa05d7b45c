package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// forger is an OpenID provider that signs whatever a test wants, under whatever issuer.
type forger struct {
	issuer string
	key    *ecdsa.PrivateKey
	srv    *httptest.Server

	mu    sync.Mutex
	token string // the next ID token
	fails int    // status of the token endpoint, 0: none
	code  string // its error
	calls int
}

func newForger(t *testing.T, issuer string) *forger {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{issuer: issuer, key: key}
	honest := &oidctest.Server{Algorithms: []string{oidc.ES256}, PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.ES256}}}
	honest.SetIssuer(issuer)
	f.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/" + r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] // an issuer may have a path
		switch r.URL.Path {
		case "/openid-configuration":
			r.URL.Path = "/.well-known/openid-configuration"
			honest.ServeHTTP(w, r)
		case "/token":
			f.answer(w)
		default:
			honest.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(f.srv.Close)
	return f
}

func (f *forger) answer(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	w.Header().Set("Content-Type", "application/json")
	if f.fails != 0 {
		w.WriteHeader(f.fails)
		_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"SECRET"}`, f.code)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"a","token_type":"Bearer","id_token":%q}`, f.token)
}

// RoundTrip sends every request to the forger, whatever host it is for.
func (f *forger) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := url.Parse(f.srv.URL)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Close = to.Scheme, to.Host, true
	return f.srv.Client().Transport.RoundTrip(r)
}

func (f *forger) set(token string, fails int, code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.token, f.fails, f.code = token, fails, code
}

// sso makes single sign-on with one provider.
func (w *world) sso(p auth.OpenIDProvider, via http.RoundTripper) *auth.SSO {
	w.t.Helper()
	p.Site, p.ID, p.ClientID, p.Secret = "main", "idp", "sightglass", records.NewSecret("hush")
	s, err := auth.NewSSO(auth.SSOConfig{Sessions: w.sessions(), Counters: w.tokens, Keys: w.keys, PublicURL: "https://review.example",
		Providers: []auth.OpenIDProvider{p}, Client: &http.Client{Transport: via}, Now: w.clock,
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	w.must(err)
	return s
}

// begun is a sign-in that waits for the provider's answer.
type begun struct {
	cookie string
	page   url.Values // parameters of the provider's page
}

func (w *world) begun(s *auth.SSO) begun {
	w.t.Helper()
	to, cookie, err := s.Begin(w.t.Context(), "main", "idp", "/i/zd/ticket/5012")
	w.must(err)
	u, err := url.Parse(to)
	w.must(err)
	return begun{cookie, u.Query()}
}

func (b begun) back() auth.Callback { return auth.Callback{State: b.page.Get("state"), Code: "code"} }

// claims are what an honest provider sends for Rin.
func (f *forger) claims(b begun, now time.Time) map[string]any {
	return map[string]any{"iss": f.issuer, "aud": "sightglass", "sub": "00u1", "nonce": b.page.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "Rin@acme.example", "email_verified": true, "preferred_username": "rin@acme.example"}
}

func (f *forger) sign(claims map[string]any) string {
	b, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return oidctest.SignIDToken(f.key, "k", oidc.ES256, string(b))
}

func actionOf(err error) string {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Action
}

func wantTurned(t *testing.T, what string, err error, want auth.Turned) {
	t.Helper()
	var r *auth.Refusal
	if !errors.As(err, &r) || r.Why != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

func TestAForgedAnswerSignsNobodyIn(t *testing.T) {
	w := newWorld(t, nil)
	w.user("u-rin", "rin@acme.example", records.RoleAnalyst)
	f := newForger(t, "https://id.acme.example")
	other := newForger(t, "https://id.acme.example")
	s := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: f.issuer}, f)
	now := w.clock()
	unsigned := func(c map[string]any) string {
		b, _ := json.Marshal(c)
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
	}
	for what, c := range map[string]struct {
		change map[string]any // of the claims; nil removes
		sign   func(map[string]any) string
		back   func(*auth.Callback)
		want   auth.Turned
	}{
		"another sign-in's nonce":     {change: map[string]any{"nonce": "other"}, want: auth.TurnedNonsense},
		"no nonce":                    {change: map[string]any{"nonce": nil}, want: auth.TurnedNonsense},
		"another audience":            {change: map[string]any{"aud": "somebody"}, want: auth.TurnedNonsense},
		"two audiences, no party":     {change: map[string]any{"aud": []string{"sightglass", "somebody"}}, want: auth.TurnedNonsense},
		"made for another party":      {change: map[string]any{"aud": []string{"sightglass", "x"}, "azp": "x"}, want: auth.TurnedNonsense},
		"another issuer":              {change: map[string]any{"iss": "https://evil.example"}, want: auth.TurnedNonsense},
		"no subject":                  {change: map[string]any{"sub": nil}, want: auth.TurnedNonsense},
		"another key":                 {sign: other.sign, want: auth.TurnedNonsense},
		"no signature":                {sign: unsigned, want: auth.TurnedNonsense},
		"no token":                    {sign: func(map[string]any) string { return "" }, want: auth.TurnedNonsense},
		"expired":                     {change: map[string]any{"exp": now.Add(-5 * time.Minute).Unix()}, want: auth.TurnedClock},
		"of the future":               {change: map[string]any{"iat": now.Add(10 * time.Minute).Unix()}, want: auth.TurnedClock},
		"of yesterday":                {change: map[string]any{"iat": now.Add(-24 * time.Hour).Unix()}, want: auth.TurnedClock},
		"a mail that is not verified": {change: map[string]any{"email_verified": false}, want: auth.TurnedUnproven},
		"nothing of being verified":   {change: map[string]any{"email_verified": nil}, want: auth.TurnedUnproven},
		"no mail":                     {change: map[string]any{"email": nil}, want: auth.TurnedNameless},
		"nobody's mail":               {change: map[string]any{"email": "eve@acme.example"}, want: auth.TurnedUnknown},
		"another server's answer":     {back: func(c *auth.Callback) { c.Iss = "https://evil.example" }, want: auth.TurnedIssuer},
		"another state":               {back: func(c *auth.Callback) { c.State = strings.Repeat("x", 43) }, want: auth.TurnedBrowser},
		"no state":                    {back: func(c *auth.Callback) { c.State = "" }, want: auth.TurnedBrowser},
		"denied there":                {back: func(c *auth.Callback) { c.Error = "access_denied" }, want: auth.TurnedDenied},
		"a scope it does not know":    {back: func(c *auth.Callback) { c.Error = "invalid_scope" }, want: auth.TurnedRequest},
		"a client it does not know":   {back: func(c *auth.Callback) { c.Error = "unauthorized_client" }, want: auth.TurnedClient},
		"out of order":                {back: func(c *auth.Callback) { c.Error = "server_error" }, want: auth.TurnedDown},
		"words of its own":            {back: func(c *auth.Callback) { c.Error = "<script>" }, want: auth.TurnedNonsense},
		"neither code nor error":      {back: func(c *auth.Callback) { c.Code = "" }, want: auth.TurnedNonsense},
	} {
		b := w.begun(s)
		claims := f.claims(b, now)
		for name, value := range c.change {
			if claims[name] = value; value == nil {
				delete(claims, name)
			}
		}
		sign := f.sign
		if c.sign != nil {
			sign = c.sign
		}
		f.set(sign(claims), 0, "")
		cb := b.back()
		if c.back != nil {
			c.back(&cb)
		}
		_, _, err := s.Finish(t.Context(), cb, b.cookie, home)
		wantTurned(t, what, err, c.want)
	}
	for code, want := range map[string]auth.Turned{"invalid_grant": auth.TurnedCode, "invalid_client": auth.TurnedClient, "invalid_request": auth.TurnedRequest, "odd": auth.TurnedNonsense} {
		b := w.begun(s)
		f.set("", http.StatusBadRequest, code)
		_, _, err := s.Finish(t.Context(), b.back(), b.cookie, home)
		wantTurned(t, "token endpoint says "+code, err, want)
	}
	f.set("", http.StatusBadGateway, "")
	b := w.begun(s)
	_, _, err := s.Finish(t.Context(), b.back(), b.cookie, home)
	wantTurned(t, "token endpoint is down", err, auth.TurnedDown)
	if n := w.events(records.AuditSignedIn); n != 0 {
		t.Errorf("signed in %d times, want none", n)
	}
	if log := w.log.String(); strings.Contains(log, "SECRET") || strings.Contains(log, "hush") {
		t.Error("the log holds a secret or the provider's words")
	}
}

// An answer is good once, in the browser that asked, for ten minutes; small differences of clocks do
// not matter.
func TestASignInIsOneBrowsersOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.user("u-rin", "rin@acme.example", records.RoleAnalyst)
	f := newForger(t, "https://id.acme.example")
	s := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: f.issuer}, f)
	mine, theirs := w.begun(s), w.begun(s)
	if mine.page.Get("code_challenge_method") != "S256" || mine.page.Get("redirect_uri") != "https://review.example/oauth/sign-in" || mine.page.Get("nonce") == theirs.page.Get("nonce") {
		t.Errorf("the provider's page is asked with %v", mine.page)
	}
	claims := f.claims(mine, w.clock().Add(90*time.Second)) // its clock is ahead
	f.set(f.sign(claims), 0, "")
	for what, cookie := range map[string]string{"another browser": theirs.cookie, "no cookie": "", "half a cookie": mine.cookie[:len(mine.cookie)/2]} {
		_, _, err := s.Finish(t.Context(), mine.back(), cookie, home)
		wantTurned(t, what, err, auth.TurnedBrowser)
	}
	before := f.calls
	if before != 0 {
		t.Errorf("the code was traded %d times for another browser, want never", before)
	}
	token, to, err := s.Finish(t.Context(), mine.back(), mine.cookie, home)
	if err != nil || len(token) != 43 || to != "/i/zd/ticket/5012" {
		t.Fatalf("got %q to %q, %v, want a session and back to the ticket", token, to, err)
	}
	_, _, err = s.Finish(t.Context(), mine.back(), mine.cookie, home)
	wantTurned(t, "the same answer again", err, auth.TurnedUsed)
	w.advance(11 * time.Minute)
	_, _, err = s.Finish(t.Context(), theirs.back(), theirs.cookie, home)
	wantTurned(t, "11 minutes later", err, auth.TurnedLate)
}

// The account is bound at the first sign-in; after that the provider's name for it counts, not the mail.
func TestTheAccountIsBoundAndNobodyIsMade(t *testing.T) {
	w := newWorld(t, nil)
	rin := w.user("u-rin", "rin@acme.example", records.RoleAnalyst)
	f := newForger(t, "https://id.acme.example")
	s := w.sso(auth.OpenIDProvider{Preset: "oidc", Issuer: f.issuer}, f)
	come := func(change map[string]any, peer string) (string, error) {
		b := w.begun(s)
		claims := f.claims(b, w.clock())
		maps.Copy(claims, change)
		f.set(f.sign(claims), 0, "")
		token, _, err := s.Finish(t.Context(), b.back(), b.cookie, netip.MustParseAddr(peer))
		return token, err
	}
	const here = "198.51.100.7"
	if _, err := come(nil, here); err != nil {
		t.Fatalf("the first sign-in: %v", err)
	}
	if _, err := come(map[string]any{"email": "rin.married@acme.example", "email_verified": false}, here); err != nil {
		t.Errorf("the same account under another mail: %v", err)
	}
	_, err := come(map[string]any{"sub": "00u2"}, here)
	wantTurned(t, "another account with the mail", err, auth.TurnedOther)
	_, err = come(map[string]any{"sub": "00u3", "email": "new@acme.example"}, here)
	wantTurned(t, "somebody new", err, auth.TurnedUnknown)
	w.must(w.store.PutSite(t.Context(), records.Site{ID: "b", Name: "B"}))
	w.must(w.store.AddUser(t.Context(), records.User{ID: "u-bo", Login: "bo@acme.example"}, records.Membership{Site: "b", Roles: []records.Role{records.RoleAnalyst}}))
	_, err = come(map[string]any{"sub": "00u4", "email": "bo@acme.example"}, here)
	wantTurned(t, "somebody of another site", err, auth.TurnedUnknown)
	users, _, err := w.store.UsersOf(t.Context(), "main")
	w.must(err)
	if len(users) != 2 {
		t.Errorf("%d users, want the two of before", len(users))
	}
	for _, step := range []struct {
		what   string
		change func(*records.User)
		want   auth.Turned
	}{
		{"deactivated", func(u *records.User) { u.Status = records.UserInactive }, auth.TurnedInactive},
		{"past the end", func(u *records.User) { u.EndsAt = w.clock().Add(-time.Minute) }, auth.TurnedEnded},
		{"from outside", func(u *records.User) {
			u.IPRules, _ = records.ParseNetworks([]string{"203.0.113.0/24"})
		}, auth.TurnedAddress},
	} {
		u := rin
		step.change(&u)
		w.must(w.store.UpdateUser(t.Context(), u))
		_, err := come(nil, here)
		wantTurned(t, step.what, err, step.want)
	}
	rows, err := w.store.AuditRows(t.Context(), "main", records.AuditFilter{})
	w.must(err)
	var told []string
	for _, r := range slices.Backward(rows) {
		told = append(told, strings.TrimSpace(string(r.Event)+" "+r.Detail))
	}
	want := "user_changed sso_bound, signed_in sso, signed_in sso, user_changed sso_bound, sign_in_refused other, sign_in_refused inactive, sign_in_refused ended, sign_in_refused address"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("audit:\n got %s\nwant %s", got, want)
	}
}

func TestSSOOnlyClosesEveryOtherDoor(t *testing.T) {
	w := newWorld(t, nil)
	w.user("u-rin", "rin", records.RoleAnalyst)
	w.user("u-ada", "ada", records.RoleAdministrator)
	s := w.sessions()
	ctx := t.Context()
	before, _, err := s.SignIn(ctx, "rin", password, home)
	w.must(err)
	once, err := s.NewOnce(ctx, "main", "u-rin")
	w.must(err)
	w.must(w.store.PutSite(ctx, records.Site{ID: "main", Name: "Main", SSOOnly: true, BreakGlass: "u-ada"}))
	if _, err := s.Authenticate(ctx, before); err == nil {
		t.Error("a password's session goes on, want it ended")
	}
	_, _, byPassword := s.SignIn(ctx, "rin", password, home)
	_, _, wrong := s.SignIn(ctx, "rin", "Not-the-word-1", home)
	_, _, byOnce := s.SignInOnce(ctx, once, home)
	_, anew := s.NewOnce(ctx, "main", "u-rin")
	for what, err := range map[string]error{"password": byPassword, "one-time link": byOnce, "a new link": anew} {
		if got := actionOf(err); !strings.Contains(got, "its own provider") {
			t.Errorf("%s: got %q (%v), want the word on the provider", what, got, err)
		}
	}
	if got := actionOf(wrong); !strings.Contains(got, "not right") {
		t.Errorf("a wrong password: got %q, want nothing on the provider", got)
	}
	token, _, err := s.SignIn(ctx, "ada", password, home)
	w.must(err)
	if _, err := s.Authenticate(ctx, token); err != nil {
		t.Errorf("the break-glass administrator: %v", err)
	}
	rows, err := w.store.AuditRows(ctx, "main", records.AuditFilter{Limit: 1})
	w.must(err)
	if rows[0].Detail != auth.DetailBreakGlass || !strings.Contains(w.log.String(), "break-glass administrator signed in") {
		t.Errorf("audit: %+v, want %s and a warning", rows[0].AuditEntry, auth.DetailBreakGlass)
	}
}

// What each preset goes by: the company it is pinned to, and the name that stays.
func TestPresetsCheckTheCompany(t *testing.T) {
	const sub = "https://login.salesforce.com/id/"
	for _, c := range []struct {
		p      auth.OpenIDProvider
		issuer string
		claims map[string]any
		want   auth.Turned
	}{
		{auth.OpenIDProvider{Preset: "google", Pin: "acme.example"}, "https://accounts.google.com", map[string]any{"hd": "acme.example"}, ""},
		{auth.OpenIDProvider{Preset: "google", Pin: "acme.example"}, "https://accounts.google.com", nil, auth.TurnedCompany},
		{auth.OpenIDProvider{Preset: "google", Pin: "acme.example"}, "https://accounts.google.com", map[string]any{"hd": "evil.example"}, auth.TurnedCompany},
		{auth.OpenIDProvider{Preset: "google", Pin: "acme.example"}, "https://accounts.google.com", map[string]any{"hd": "acme.example", "email_verified": "false"}, auth.TurnedUnproven},
		{auth.OpenIDProvider{Preset: "entra", Pin: tenant}, "https://login.microsoftonline.com/" + tenant + "/v2.0", map[string]any{"tid": tenant, "oid": "o1"}, ""},
		{auth.OpenIDProvider{Preset: "entra", Pin: tenant}, "https://login.microsoftonline.com/" + tenant + "/v2.0", map[string]any{"tid": "another", "oid": "o1"}, auth.TurnedCompany},
		{auth.OpenIDProvider{Preset: "entra", Pin: tenant}, "https://login.microsoftonline.com/" + tenant + "/v2.0", map[string]any{"tid": tenant}, auth.TurnedNonsense},
		{auth.OpenIDProvider{Preset: "entra", Pin: tenant}, "https://login.microsoftonline.com/" + tenant + "/v2.0", map[string]any{"tid": tenant, "oid": "o1", "preferred_username": nil}, auth.TurnedNameless},
		{auth.OpenIDProvider{Preset: "okta", Issuer: "https://acme.okta.example"}, "https://acme.okta.example", map[string]any{"email_verified": nil}, ""},
		{auth.OpenIDProvider{Preset: "onelogin", Issuer: "https://acme.onelogin.example/oidc/2"}, "https://acme.onelogin.example/oidc/2", nil, ""},
		{auth.OpenIDProvider{Preset: "salesforce", Issuer: "https://acme.my.salesforce.example", Pin: organization}, "https://acme.my.salesforce.example", map[string]any{"sub": sub + organization + "EAZ/0057Q"}, ""},
		{auth.OpenIDProvider{Preset: "salesforce", Issuer: "https://acme.my.salesforce.example", Pin: organization}, "https://acme.my.salesforce.example", map[string]any{"sub": sub + "00D000000000001/0057Q"}, auth.TurnedCompany},
		{auth.OpenIDProvider{Preset: "salesforce", Issuer: "https://acme.my.salesforce.example", Pin: organization}, "https://acme.my.salesforce.example", map[string]any{"sub": "0057Q"}, auth.TurnedCompany},
	} {
		w := newWorld(t, nil)
		w.user("u-rin", "rin@acme.example", records.RoleAnalyst)
		f := newForger(t, c.issuer)
		s := w.sso(c.p, f)
		b := w.begun(s)
		claims := f.claims(b, w.clock())
		for name, value := range c.claims {
			if claims[name] = value; value == nil {
				delete(claims, name)
			}
		}
		f.set(f.sign(claims), 0, "")
		_, _, err := s.Finish(context.WithoutCancel(t.Context()), b.back(), b.cookie, home)
		if c.want == "" && err != nil {
			t.Errorf("%s with %v: got %v, want a session", c.p.Preset, c.claims, err)
		} else if c.want != "" {
			wantTurned(t, fmt.Sprintf("%s with %v", c.p.Preset, c.claims), err, c.want)
		}
		if hd := b.page.Get("hd"); (c.p.Preset == "google") != (hd == "acme.example") {
			t.Errorf("%s: the page is asked with hd=%q", c.p.Preset, hd)
		}
	}
}
