package gateway

import (
	"fmt"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

// usualLimit is the allowance that the owner's page reckons with while the provider has not named one:
// Zendesk's Suite Professional and Growth plans (developer.zendesk.com, rate limits, read 2026-11).
const usualLimit = 400

// ownerPage is one page in plain words for whoever owns the account at the provider and has to agree. A
// nil settings leaves {setting} in place, for the form to fill in.
func ownerPage(spec connectors.Spec, settings map[string]string, redirect string, share float64, seen *upstream.Allowance) string {
	var b strings.Builder
	expand := func(s string) string {
		if settings == nil {
			return s
		}
		return spec.Expand(s, settings)
	}
	fmt.Fprintf(&b, "Connecting Sightglass to your %s account\n\n", spec.Title)
	fmt.Fprintf(&b, "Sightglass lets our quality analysts read single conversations that live in %[1]s. It fetches one when an analyst opens it and shows it; it stores no copy. It never writes to %[1]s.\n\n", spec.Title)
	if len(spec.OAuth.Scopes) > 0 {
		b.WriteString("What it asks for, and why\n")
		for _, s := range spec.OAuth.Scopes {
			may := ""
			if s.Optional {
				may = " It works without."
			}
			fmt.Fprintf(&b, "- %s: %s%s\n", s.Name, s.Why, may)
		}
		b.WriteString("\n")
	}
	b.WriteString("How much it asks\n")
	limit, of := usualLimit, fmt.Sprintf("With an allowance of %d requests a minute that would be", usualLimit)
	if seen != nil && seen.Limit > 0 {
		limit, of = seen.Limit, fmt.Sprintf("%s allows this account %d requests a window of one minute, so that is", spec.Title, seen.Limit)
	}
	perMinute := int(share * float64(limit))
	fmt.Fprintf(&b, "- An opened conversation takes a few requests, each time a person opens one.\n")
	fmt.Fprintf(&b, "- Everything else (lists, tests) uses at most %d %% of the allowance. %s at most %d a minute, %s a day.\n", int(share*100), of, perMinute, thousands(perMinute*60*24))
	fmt.Fprintf(&b, "- When %s asks for a pause, it pauses.\n\n", spec.Title)
	b.WriteString("Whom it talks to\n")
	for _, h := range spec.Hosts {
		with := "for files only, without credentials"
		if h.Credentials {
			with = "with the token that you allow"
		}
		fmt.Fprintf(&b, "- %s, %s\n", expand(h.Pattern), with)
	}
	b.WriteString("\nWhat is kept\n")
	b.WriteString("- One entry per opening: who looked, at which number, when. No subject, no name, no text, no recording.\n")
	b.WriteString("- The token that you allow, encrypted; it is destroyed when the link is removed.\n\n")
	b.WriteString("How to end it\n")
	fmt.Fprintf(&b, "- Ask us to unlink: the permission is given back to %s and destroyed here.\n", spec.Title)
	if spec.OAuth.HowToRevoke != "" {
		fmt.Fprintf(&b, "- Or do it without us. %s\n", spec.OAuth.HowToRevoke)
	}
	if len(spec.OAuth.Register) > 0 {
		fmt.Fprintf(&b, "\nWhat we need from you\n- An OAuth client")
		if spec.OAuth.RegisterURL != "" {
			fmt.Fprintf(&b, ", made at %s", expand(spec.OAuth.RegisterURL))
		}
		b.WriteString(", with:\n")
		for _, e := range spec.OAuth.Register {
			fmt.Fprintf(&b, "  %s: %s\n", e.Label, strings.ReplaceAll(e.Value, "{redirect}", redirect))
		}
		b.WriteString("- Its identifier and its secret. Send the secret by a way that only we can read.\n")
	}
	return b.String()
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
