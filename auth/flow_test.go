package auth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func (w *world) flow(k *auth.Keeper, options ...func(*auth.FlowConfig)) *auth.Flow {
	w.t.Helper()
	c := auth.FlowConfig{
		Store: w.store, Keeper: k, Keys: w.keys, Registry: w.reg, PublicURL: "https://review.acme.example/",
		Private: loopback, Now: w.clock,
	}
	for _, o := range options {
		o(&c)
	}
	f, err := auth.NewFlow(c)
	w.must(err)
	return f
}

func (w *world) begin(f *auth.Flow) (authorizeURL, browser string) {
	w.t.Helper()
	authorizeURL, browser, err := f.Begin(w.t.Context(), admin, linkID, "/links/zd?tab=1")
	w.must(err)
	return authorizeURL, browser
}

func (w *world) audited(detail string) int {
	w.t.Helper()
	rows, err := w.store.AuditRows(w.t.Context(), "main", records.AuditFilter{})
	w.must(err)
	n := 0
	for _, r := range rows {
		if r.Event == records.AuditLinkChanged && r.Detail == detail && r.Ref.Link == "zd" && r.Principal == "u-admin" {
			n++
		}
	}
	return n
}

func TestLinkingWithCode(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialAuthorizationCode)
	f := w.flow(k)
	_, err := k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeNeedsReconnect)

	at, browser := w.begin(f)
	u, err := url.Parse(at)
	w.must(err)
	q := u.Query()
	if !strings.HasPrefix(at, w.idp.server.URL+"/authorize?") || q.Get("redirect_uri") != "https://review.acme.example/oauth/callback" ||
		q.Get("scope") != "read" || len(q.Get("state")) < 43 || browser == q.Get("state") || strings.Contains(at, browser) {
		t.Fatalf("authorize URL: got %s", at)
	}
	state, c := w.idp.approve(t, at)
	a, err := f.Finish(t.Context(), auth.Callback{State: state, Code: c, User: "u-admin"}, browser)
	w.must(err)
	if a.ReturnTo != "/links/zd?tab=1" || a.Link != linkID {
		t.Errorf("got return to %q, link %v", a.ReturnTo, a.Link)
	}
	if row := w.row(); row.State != records.LinkOK || row.Generation != 1 || row.Scopes != "read" {
		t.Errorf("row: got %s, generation %d, scopes %q; want ok, 1, read", row.State, row.Generation, row.Scopes)
	}
	w.good(k.Token(t.Context(), linkID))
	w.wantRefreshes(0) // the token of the exchange is used
	w.advance(time.Hour)
	w.good(w.keeper().Token(t.Context(), linkID))
	w.wantRefreshes(1)
	if got := w.audited("linked"); got != 1 {
		t.Errorf("audit: got %d rows, want 1", got)
	}
	w.idp.mu.Lock()
	defer w.idp.mu.Unlock()
	if w.idp.grants["authorization_code"] != 1 {
		t.Errorf("got %d exchanges, want 1", w.idp.grants["authorization_code"])
	}
}

// Threat T18: whatever does not fit ends without a call to the token endpoint, and the state is used up.
func TestCallbacksThatDoNotFit(t *testing.T) {
	type try struct {
		cb      auth.Callback
		browser string
	}
	for name, c := range map[string]struct {
		change func(w *world, t *try)
		want   connectors.Code
	}{
		"no state":                 {func(_ *world, t *try) { t.cb.State = "" }, connectors.CodeBadRequest},
		"invented state":           {func(_ *world, t *try) { t.cb.State = strings.Repeat("A", 43) }, connectors.CodeBadRequest},
		"long state":               {func(_ *world, t *try) { t.cb.State += "A" }, connectors.CodeBadRequest},
		"no cookie":                {func(_ *world, t *try) { t.browser = "" }, connectors.CodeBadRequest},
		"another browser":          {func(_ *world, t *try) { t.browser = strings.Repeat("B", 43) }, connectors.CodeBadRequest},
		"another person":           {func(_ *world, t *try) { t.cb.User = "u-other" }, connectors.CodeBadRequest},
		"eleven minutes later":     {func(w *world, _ *try) { w.advance(11 * time.Minute) }, connectors.CodeBadRequest},
		"no code":                  {func(_ *world, t *try) { t.cb.Code = "" }, connectors.CodeProviderNonsense},
		"wrong issuer":             {func(_ *world, t *try) { t.cb.Iss = "https://evil.example" }, connectors.CodeBadRequest},
		"denied":                   {func(_ *world, t *try) { t.cb.Error = "access_denied" }, connectors.CodeNeedsReconnect},
		"denied by client":         {func(_ *world, t *try) { t.cb.Error = "unauthorized_client" }, connectors.CodeNeedsReconnect},
		"denied by scope":          {func(_ *world, t *try) { t.cb.Error = "invalid_scope" }, connectors.CodeMissingScope},
		"provider's trouble":       {func(_ *world, t *try) { t.cb.Error = "server_error" }, connectors.CodeProviderDown},
		"an error with their text": {func(_ *world, t *try) { t.cb.Error = canary }, connectors.CodeProviderNonsense},
		"administrator no more": {func(w *world, _ *try) {
			w.must(w.store.AddUser(w.t.Context(), records.User{ID: "u-2", Login: "bo", Status: records.UserActive},
				records.Membership{Site: "main", User: "u-2", Roles: []records.Role{records.RoleAdministrator}}))
			w.must(w.store.PutMembership(w.t.Context(), records.Membership{Site: "main", User: "u-admin", Roles: []records.Role{records.RoleAnalyst}}))
		}, connectors.CodeNotAllowed},
		"paused meanwhile": {func(w *world, _ *try) {
			_, err := w.store.SetState(w.t.Context(), linkID, 0, records.LinkPaused, "", w.clock())
			w.must(err)
		}, connectors.CodePaused},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newIDP(t))
			f := w.flow(w.link(records.CredentialAuthorizationCode))
			at, browser := w.begin(f)
			state, code := w.idp.approve(t, at)
			try := try{auth.Callback{State: state, Code: code, User: "u-admin"}, browser}
			right := try
			c.change(w, &try)
			_, err := f.Finish(t.Context(), try.cb, try.browser)
			w.wantCode(err, c.want)
			var typed *connectors.Error
			if errors.As(err, &typed); typed == nil || typed.Action == "" || strings.Contains(typed.Action, canary) {
				t.Errorf("got %+v, want an action of ours", typed)
			}
			if try.cb.State == state { // it was used: the right one comes too late
				_, err = f.Finish(t.Context(), right.cb, right.browser)
				w.wantCode(err, connectors.CodeBadRequest)
			}
			if calls, _, _ := w.idp.count(); calls != 0 || w.row().Generation != 0 {
				t.Errorf("got %d calls of the token endpoint, generation %d; want none, 0", calls, w.row().Generation)
			}
		})
	}
}

func TestCodeOfAnotherFlowFailsAtTheProvider(t *testing.T) {
	w := newWorld(t, newIDP(t))
	f := w.flow(w.link(records.CredentialAuthorizationCode))
	mine, browser := w.begin(f)
	theirs, _ := w.begin(f)
	state, _ := w.idp.approve(t, mine)
	_, stolen := w.idp.approve(t, theirs)
	_, err := f.Finish(t.Context(), auth.Callback{State: state, Code: stolen}, browser)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	if row := w.row(); row.Generation != 0 || row.State != records.LinkNew {
		t.Errorf("row: got generation %d, %s; want 0, new", row.Generation, row.State)
	}
}

func TestIssuer(t *testing.T) {
	for _, promised := range []bool{false, true} {
		for iss, ok := range map[string]bool{
			"": !promised, "https://acme.zendesk.com": true, "https://acme.zendesk.com/": true,
			"https://other.zendesk.com": false, "http://acme.zendesk.com": false, "https://acme.zendesk.com.evil.example": false,
			"https://acme.zendesk.com/realm": false, "SERVER": true,
		} {
			w := newWorld(t, newIDP(t))
			w.spec.OAuth.PromisesIss = promised
			var err error
			w.reg, err = connectors.NewRegistry(w.spec)
			w.must(err)
			f := w.flow(w.link(records.CredentialAuthorizationCode))
			at, browser := w.begin(f)
			state, code := w.idp.approve(t, at)
			if iss == "SERVER" {
				iss = w.idp.server.URL
			}
			_, err = f.Finish(t.Context(), auth.Callback{State: state, Code: code, Iss: iss}, browser)
			if (err == nil) != ok {
				t.Errorf("iss %q, promised %v: got %v, want accepted %v", iss, promised, err, ok)
			}
			if calls, _, _ := w.idp.count(); !ok && calls != 0 {
				t.Errorf("iss %q: got %d calls of the token endpoint, want none", iss, calls)
			}
			w.must(w.store.Close())
		}
	}
}

func TestScopesThatWereNotGranted(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialAuthorizationCode)
	f := w.flow(k)
	w.idp.set(func(p *idp) { p.scope = "tickets:write" })
	at, browser := w.begin(f)
	state, code := w.idp.approve(t, at)
	_, err := f.Finish(t.Context(), auth.Callback{State: state, Code: code}, browser)
	w.wantCode(err, connectors.CodeMissingScope)
	var typed *connectors.Error
	if errors.As(err, &typed); !strings.Contains(typed.Action, "did not grant read") {
		t.Errorf("action: got %q, want it to name the scope", typed.Action)
	}
	if row := w.row(); row.State != records.LinkNeedsReconnect || row.Reason != auth.ReasonMissingScope {
		t.Errorf("row: got %s %s, want needs_reconnect missing_scope", row.State, row.Reason)
	}
	_, err = k.Token(t.Context(), linkID)
	w.wantCode(err, connectors.CodeMissingScope)

	w.idp.set(func(p *idp) { p.scope = "read" })
	at, browser = w.begin(f)
	state, code = w.idp.approve(t, at)
	_, err = f.Finish(t.Context(), auth.Callback{State: state, Code: code}, browser)
	w.must(err)
	w.good(k.Token(t.Context(), linkID))
}

func TestGrantWithoutRefreshTokenIsNotTaken(t *testing.T) {
	w := newWorld(t, newIDP(t))
	f := w.flow(w.link(records.CredentialAuthorizationCode))
	w.idp.set(func(p *idp) { p.extra = map[string]any{"refresh_token": nil} })
	at, browser := w.begin(f)
	state, code := w.idp.approve(t, at)
	_, err := f.Finish(t.Context(), auth.Callback{State: state, Code: code}, browser)
	w.wantCode(err, connectors.CodeNeedsReconnect)
	if w.row().Generation != 0 {
		t.Error("the grant was stored")
	}
}

func TestLinkingWithoutABrowser(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k := w.link(records.CredentialClientCredentials)
	f := w.flow(k)
	w.idp.set(func(p *idp) { p.fault = answerWith(401, `{"error":"invalid_client"}`) })
	_, _, err := f.Begin(t.Context(), admin, linkID, "")
	w.wantCode(err, connectors.CodeNeedsReconnect)
	var typed *connectors.Error
	if errors.As(err, &typed); !strings.Contains(typed.Action, "client secret") {
		t.Errorf("action: got %q, want it to name the secret", typed.Action)
	}
	w.idp.set(func(p *idp) { p.fault = nil })
	at, browser, err := f.Begin(t.Context(), admin, linkID, "")
	if err != nil || at != "" || browser != "" {
		t.Fatalf("got %q, %q, %v; want a proof without a browser", at, browser, err)
	}
	if w.row().State != records.LinkOK || w.audited("linked") != 1 {
		t.Errorf("got %s and %d rows, want ok and 1", w.row().State, w.audited("linked"))
	}
	w.good(k.Token(t.Context(), linkID))
}

func TestWhoMayBegin(t *testing.T) {
	w := newWorld(t, newIDP(t))
	f := w.flow(w.link(records.CredentialAuthorizationCode))
	for name, c := range map[string]struct {
		p    auth.Principal
		want connectors.Code
	}{
		"nobody":     {auth.Principal{}, connectors.CodeNotAllowed},
		"an analyst": {auth.Principal{Site: "main", Kind: records.PrincipalUser, ID: "u", Roles: []records.Role{records.RoleAnalyst}}, connectors.CodeNotAllowed},
		"another site's administrator": {auth.Principal{Site: "other", Kind: records.PrincipalUser, ID: "u",
			Roles: []records.Role{records.RoleAdministrator}}, connectors.CodeNotFound},
		"a program": {auth.Principal{Site: "main", Kind: records.PrincipalAPIKey, ID: "ci",
			Roles: []records.Role{records.RoleAdministrator}}, connectors.CodeNotAllowed},
	} {
		_, _, err := f.Begin(t.Context(), c.p, linkID, "")
		if got := connectors.CodeOf(err); got != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// Threat T24.
func TestReturnToStaysHere(t *testing.T) {
	w := newWorld(t, newIDP(t))
	f := w.flow(w.link(records.CredentialAuthorizationCode))
	for in, want := range map[string]string{
		"/links/zd?x=1#y": "/links/zd?x=1#y", "/": "/", "": "/", "links": "/",
		"//evil": "/", "/\\evil": "/", "/\t/evil": "/", "https:evil": "/", "https://evil": "/", "/%5cevil": "/", "/%2fevil": "/",
		"/%09/evil": "/", "javascript:alert(1)": "/", "/\n": "/", "///evil": "/", " /x": "/", "/a\x00": "/",
	} {
		at, browser, err := f.Begin(t.Context(), admin, linkID, in)
		w.must(err)
		state, code := w.idp.approve(t, at)
		a, err := f.Finish(t.Context(), auth.Callback{State: state, Code: code}, browser)
		if err != nil || a.ReturnTo != want {
			t.Errorf("return to %q: got %q, %v; want %q", in, a.ReturnTo, err, want)
		}
	}
}

func TestRevoke(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	f := w.flow(k)
	w.good(k.Token(t.Context(), linkID))
	w.must(f.Revoke(t.Context(), linkID))
	w.idp.mu.Lock()
	revoked := w.idp.revoked
	w.idp.mu.Unlock()
	if _, err := w.tokens.Get(t.Context(), linkID); revoked != 1 || err == nil {
		t.Errorf("got %d revocations, cache error %v; want 1, and no token left", revoked, err)
	}
	// Now the grant is dead: nothing to give back is no error.
	w.must(f.Revoke(t.Context(), linkID))
}

// A refresh of the old grant that is under way must not undo a new linking.
func TestLinkingWinsOverARefreshUnderWay(t *testing.T) {
	w := newWorld(t, newIDP(t))
	k, _ := w.linked()
	f := w.flow(k)
	at, browser := w.begin(f)
	state, code := w.idp.approve(t, at)
	l := &links{Store: w.store}
	l.beforeSwap = func() error {
		l.beforeSwap = nil
		_, err := f.Finish(t.Context(), auth.Callback{State: state, Code: code}, browser)
		return err
	}
	token := w.good(w.keeper(withLinks(l)).Token(t.Context(), linkID))
	if row := w.row(); row.Generation != 2 || token.Generation != 2 || row.State != records.LinkOK {
		t.Errorf("got row %d, token %d, %s; want the linking's 2 and ok", row.Generation, token.Generation, row.State)
	}
}
