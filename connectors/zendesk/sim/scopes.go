package sim

import (
	"slices"
	"strings"
)

// knownScopes are the names this account knows; others are dropped silently (recorded by csa-zendesk).
var knownScopes = []string{
	"read", "write", "impersonate", "tickets:read", "tickets:write", "users:read", "users:write", "auditlogs:read",
	"satisfaction_ratings:read", "organizations:read", "organizations:write", "hc:read", "hc:write", "apps:read",
	"webhooks:read", "any_channel:write", "web_widget:write", "macros:read", "triggers:read", "automations:read",
	"targets:read",
}

// parseScopes splits a scope parameter and drops what is unknown.
func parseScopes(v string) []string {
	var list []string
	for _, name := range strings.Fields(v) {
		if slices.Contains(knownScopes, name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// beyond names a scope that an administrator has not allowed the clients, or "".
func (s *Sim) beyond(scopes []string) string {
	allowed := s.o.AllowedScopes
	if set := s.allowed.Load(); set != nil {
		allowed = *set
	}
	for _, name := range scopes {
		if allowed != nil && !slices.Contains(allowed, name) {
			return name
		}
	}
	return ""
}

// lacks names the scope that an endpoint wants and t has not, or "". want is the narrow one that
// would do besides the broad "read"; empty where only "read" does: audits and ticket fields.
func (t *token) lacks(want string) string {
	if slices.Contains(t.scopes, "read") || want != "" && slices.Contains(t.scopes, want) {
		return ""
	}
	if want == "" {
		return "read"
	}
	return want
}
