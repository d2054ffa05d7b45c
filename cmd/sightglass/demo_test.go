package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

// running is a demo as its user has it: the line of JSON, and a browser that has signed in.
type running struct {
	URL       string            `json:"url"`
	SignInURL string            `json:"sign_in_url"`
	APIKeys   map[string]string `json:"api_keys"`
	Links     []struct{ ID, Provider string }
	Samples   []struct{ Title, Path, Why string }

	client *http.Client
}

func startDemo(t *testing.T) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := runDemo(ctx, demoOptions{listen: "127.0.0.1:0", json: true}, strings.NewReader(""), in)
		_ = in.CloseWithError(io.ErrUnexpectedEOF)
		done <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("demo: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the demo's line: %v", err)
	}
	r := &running{client: &http.Client{}}
	if err := json.Unmarshal(line, r); err != nil {
		t.Fatalf("the demo's line: %v: %s", err, line)
	}
	r.client.Jar, _ = cookiejar.New(nil)
	_, token, _ := strings.Cut(r.SignInURL, "#")
	if status := r.post(t, "/api/v1/session", map[string]any{"once": token}, nil); status != http.StatusOK {
		t.Fatalf("signing in with the printed link: %d", status)
	}
	return r
}

func (r *running) post(t *testing.T, path string, body, answer any) int {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", r.URL)
	return r.do(t, req, answer)
}

func (r *running) do(t *testing.T, req *http.Request, answer any) int {
	t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer != nil {
		if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
			t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
		}
	}
	return resp.StatusCode
}

// outcome opens a sample and says how it ended: "end", or the code of the problem.
func (r *running) outcome(t *testing.T, sample int) string {
	t.Helper()
	path := strings.Split(strings.TrimPrefix(r.Samples[sample].Path, "/i/"), "/")
	url := fmt.Sprintf("%s/api/v1/links/%s/interactions/%s/%s", r.URL, path[0], path[1], path[2])
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var last part
	for lines := bufio.NewReader(resp.Body); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			last = part{}
			if err := json.Unmarshal(line, &last); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
		}
		if err != nil {
			break
		}
	}
	if last.Code != "" {
		return last.Code
	}
	return last.Type
}

func TestEverySampleOfTheDemoOpens(t *testing.T) {
	r := startDemo(t)
	if len(r.Samples) < 12 {
		t.Errorf("%d samples, want a dozen", len(r.Samples))
	}
	for i, s := range r.Samples {
		if s.Why == "" {
			t.Errorf("%s has no reason to look at it", s.Title)
		}
		if got := r.outcome(t, i); got != "end" {
			t.Errorf("%s (%s) ended with %q, want end", s.Title, s.Path, got)
		}
	}
}

// What the menu breaks is seen as what it is, and undone it is whole again.
func TestBreakSomething(t *testing.T) {
	r := startDemo(t)
	for id, want := range map[string]string{
		"cut": "provider_cut", "html": "provider_nonsense", "expire": "end", "revoke": "needs_reconnect",
	} {
		if status := r.post(t, "/api/v1/demo/break", map[string]any{"id": id}, nil); status != http.StatusNoContent {
			t.Fatalf("break %s: %d", id, status)
		}
		if got := r.outcome(t, 0); got != want {
			t.Errorf("after %s an open ends with %q, want %q", id, got, want)
		}
		if status := r.post(t, "/api/v1/demo/break", map[string]any{"id": id, "undo": true}, nil); status != http.StatusNoContent {
			t.Fatalf("undo %s: %d", id, status)
		}
		if got := r.outcome(t, 0); got != "end" {
			t.Errorf("after %s was undone an open ends with %q, want end", id, got)
		}
	}
}

// A recording that the provider has deleted says so, is listed as broken, and plays again when undone.
func TestDeleteTheRecordings(t *testing.T) {
	r := startDemo(t)
	handle := r.recording(t)
	for _, step := range []struct {
		undo bool
		want int
	}{{false, http.StatusGone}, {true, http.StatusPartialContent}} {
		if status := r.post(t, "/api/v1/demo/break", map[string]any{"id": "delete_recording", "undo": step.undo}, nil); status != http.StatusNoContent {
			t.Fatalf("break delete_recording, undo %t: %d", step.undo, status)
		}
		if got := r.listen(t, handle); got != step.want {
			t.Errorf("undo %t: the recording answers %d, want %d", step.undo, got, step.want)
		}
		if got := r.broken(t, "delete_recording"); got == step.undo {
			t.Errorf("undo %t: the menu says on %t", step.undo, got)
		}
	}
}

// recording returns the handle of the first call among the samples.
func (r *running) recording(t *testing.T) string {
	t.Helper()
	for _, s := range r.Samples {
		path := strings.Split(strings.TrimPrefix(s.Path, "/i/"), "/")
		resp := r.get(t, fmt.Sprintf("/api/v1/links/%s/interactions/%s/%s", path[0], path[1], path[2]), "")
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			var p struct{ Type, Handle string }
			if err := json.Unmarshal(lines.Bytes(), &p); err == nil && p.Type == "recording" && p.Handle != "" {
				_ = resp.Body.Close()
				return p.Handle
			}
		}
		_ = resp.Body.Close()
	}
	t.Fatal("no sample has a recording")
	return ""
}

func (r *running) listen(t *testing.T, handle string) int {
	t.Helper()
	resp := r.get(t, "/api/v1/media/"+handle, "bytes=0-99")
	defer resp.Body.Close()
	return resp.StatusCode
}

func (r *running) broken(t *testing.T, id string) bool {
	t.Helper()
	resp := r.get(t, "/api/v1/demo", "")
	defer resp.Body.Close()
	var info struct {
		Breaks []struct {
			ID string
			On bool
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	for _, b := range info.Breaks {
		if b.ID == id {
			return b.On
		}
	}
	t.Fatalf("the menu has no %q", id)
	return false
}

func (r *running) get(t *testing.T, path, byteRange string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// A wait that the provider asked for cannot be undone: the gateway keeps away until it is over.
func TestARateLimitIsWaitedOut(t *testing.T) {
	r := startDemo(t)
	for _, undo := range []bool{false, true} {
		if status := r.post(t, "/api/v1/demo/break", map[string]any{"id": "rate", "undo": undo}, nil); status != http.StatusNoContent {
			t.Fatalf("break rate, undo %t: %d", undo, status)
		}
		if got := r.outcome(t, 0); got != "rate_limited" {
			t.Errorf("undo %t: an open ends with %q, want rate_limited", undo, got)
		}
	}
}

func TestDeactivatedInTheDemo(t *testing.T) {
	r := startDemo(t)
	if status := r.post(t, "/api/v1/demo/break", map[string]any{"id": "deactivate"}, nil); status != http.StatusNoContent {
		t.Fatalf("break deactivate: %d", status)
	}
	deadline := time.Now().Add(time.Second)
	for r.outcome(t, 0) != "unauthenticated" {
		if time.Now().After(deadline) {
			t.Fatal("a deactivated user could still open a second later")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestLookAs(t *testing.T) {
	r := startDemo(t)
	var s struct{ Roles []string }
	if status := r.post(t, "/api/v1/demo/look-as", map[string]any{"role": "administrator"}, &s); status != http.StatusOK || len(s.Roles) != 1 || s.Roles[0] != "administrator" {
		t.Fatalf("look as administrator: %d %v", status, s.Roles)
	}
	if got := r.outcome(t, 0); got != "not_allowed" {
		t.Errorf("an administrator opening content got %q, want not_allowed", got)
	}
}
