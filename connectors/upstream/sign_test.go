package upstream_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// onlyToken answers 401 unless the bearer is want.
func onlyToken(want string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+want {
			status(http.StatusUnauthorized)(w, r)
			return
		}
		_, _ = w.Write([]byte("ok"))
	}
}

func TestOneRenewalOneRepetition(t *testing.T) {
	for name, get := range map[string]func(*fixture) *http.Client{
		"api": func(f *fixture) *http.Client { return f.API() }, "media": func(f *fixture) *http.Client { return f.Media() },
	} {
		f := link(t, onlyToken("first+"))
		resp, err := ask(t.Context(), t, get(f), "https://shop.acme.test/x")
		wantText(t, resp, err, "ok")
		if f.keys.renewed != 1 || len(f.api.requests()) != 2 {
			t.Errorf("%s: %d renewals, %d requests; want 1 and 2", name, f.keys.renewed, len(f.api.requests()))
		}
		f = link(t, status(http.StatusUnauthorized))
		_, err = ask(t.Context(), t, get(f), "https://shop.acme.test/x")
		if e := wantCode(t, err, connectors.CodeNeedsReconnect); strings.Contains(e.Error(), "CANARY") {
			t.Errorf("%s: the error holds the provider's text: %v", name, e)
		}
		if f.keys.renewed != 1 || len(f.api.requests()) != 2 {
			t.Errorf("%s, refused: %d renewals, %d requests; want 1 and 2", name, f.keys.renewed, len(f.api.requests()))
		}
	}
}

// TestOneRenewalInTheWholeCall: a 401 after a retry is not a second chance.
func TestOneRenewalInTheWholeCall(t *testing.T) {
	no := status(http.StatusUnauthorized)
	f := link(t, inTurn(no, status(502), no, no, no, no))
	_, err := f.get(t, "/x")
	wantCode(t, err, connectors.CodeNeedsReconnect)
	if f.keys.renewed != 1 || len(f.api.requests()) != 3 {
		t.Errorf("%d renewals, %d requests; want 1 and 3", f.keys.renewed, len(f.api.requests()))
	}
}

func TestErrorsOfTheKeeperComeThrough(t *testing.T) {
	f := link(t, status(http.StatusUnauthorized))
	paused := &connectors.Error{Code: connectors.CodePaused, Provider: "acme", Err: errors.New("by an administrator")}
	f.keys.fail = paused
	_, err := f.get(t, "/x")
	if !errors.Is(err, paused) {
		t.Errorf("got %v, want the keeper's %v", err, paused)
	}
}

func TestUnsignedLinkPasses401On(t *testing.T) {
	f := link(t, status(http.StatusUnauthorized), func(o *upstream.Options) { o.Credentials = nil })
	resp, err := f.get(t, "/x")
	if _, err := text(t, resp, err); err != nil || resp.StatusCode != 401 {
		t.Fatalf("got %v, want the 401 itself", err)
	}
}

// A body that cannot be had again is not sent half.
func TestRefusedReadPostIsNotRepeatedWithoutItsBody(t *testing.T) {
	f := link(t, status(http.StatusUnauthorized))
	body := io.MultiReader(strings.NewReader("{}"))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://shop.acme.test/search", body)
	_, err := upstream.Do(f.API(), req)
	wantCode(t, err, connectors.CodeNeedsReconnect)
	if n := len(f.api.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestAnothersRenewalIsTaken: while this request was under way somebody renewed, and somebody again.
func TestAnothersRenewalIsTaken(t *testing.T) {
	var f *fixture
	f = link(t, func(w http.ResponseWriter, r *http.Request) {
		n := len(f.api.requests())
		if n < 3 {
			f.keys.mu.Lock()
			f.keys.token = strings.Repeat("x", n)
			f.keys.mu.Unlock()
		}
		onlyToken("xx")(w, r)
	})
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "ok")
	if f.keys.renewed != 0 || len(f.api.requests()) != 3 {
		t.Errorf("%d renewals, %d requests; want none and 3", f.keys.renewed, len(f.api.requests()))
	}
}

func TestTokensAreNotTriedForEver(t *testing.T) {
	var f *fixture
	f = link(t, func(w http.ResponseWriter, r *http.Request) {
		f.keys.mu.Lock()
		f.keys.token += "x"
		f.keys.mu.Unlock()
		status(http.StatusUnauthorized)(w, r)
	})
	_, err := f.get(t, "/x")
	wantCode(t, err, connectors.CodeNeedsReconnect)
	if n := len(f.api.requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

// TestTokenThatWasGoodIsRenewedAgain: the renewed token served somebody else and was killed before
// this request's repetition arrived.
func TestTokenThatWasGoodIsRenewedAgain(t *testing.T) {
	var f *fixture
	var killed atomic.Int64
	f = link(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/other":
		case killed.Load() == 0:
			killed.Add(1)
			status(http.StatusUnauthorized)(w, r)
		case killed.Load() == 1:
			resp, err := f.get(t, "/other") // with the same token, and it is answered
			_, _ = text(t, resp, err)
			killed.Add(1)
			status(http.StatusUnauthorized)(w, r)
		}
	})
	resp, err := f.get(t, "/x")
	wantText(t, resp, err, "")
	if f.keys.renewed != 2 {
		t.Errorf("%d renewals, want 2", f.keys.renewed)
	}
}
