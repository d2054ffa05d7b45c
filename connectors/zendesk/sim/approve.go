package sim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Approve plays the person who opens authorizeURL, says who they are and presses Allow. It returns
// the URL the browser would be sent to, with code and state, or with error. authorizeURL may be
// canonical or on the simulator's own address.
func (s *Sim) Approve(ctx context.Context, authorizeURL, actor string) (callbackURL string, err error) {
	return s.press(ctx, authorizeURL, actor, "allow")
}

// Deny plays the person who presses Deny.
func (s *Sim) Deny(ctx context.Context, authorizeURL string) (callbackURL string, err error) {
	return s.press(ctx, authorizeURL, ActorAdmin, "deny")
}

func (s *Sim) press(ctx context.Context, authorizeURL, actor, decision string) (string, error) {
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return "", fmt.Errorf("zendesk simulator: authorize URL: %w", err)
	}
	base := s.hosts[HostAPI].url()
	page, err := s.visit(ctx, http.MethodGet, base+u.RequestURI(), nil)
	if err != nil || page != "" {
		return page, err
	}
	form := u.Query()
	form.Set("actor", actor)
	form.Set("decision", decision)
	back, err := s.visit(ctx, http.MethodPost, base+"/oauth/authorizations", form)
	if err == nil && back == "" {
		err = fmt.Errorf("zendesk simulator: the page did not send us back")
	}
	return back, err
}

// visit makes one request as a browser and returns the redirect's target, or "" when a page is shown.
func (s *Sim) visit(ctx context.Context, method, target string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("zendesk simulator: %w", err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	tr := &http.Transport{DisableKeepAlives: true}
	res, err := tr.RoundTrip(req)
	if err != nil {
		return "", fmt.Errorf("zendesk simulator: authorize page: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusFound:
		return res.Header.Get("Location"), nil
	case http.StatusOK:
		return "", nil
	default:
		return "", fmt.Errorf("zendesk simulator: the authorize page answers %d", res.StatusCode)
	}
}
