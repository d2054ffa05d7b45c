package auth_test

import (
	"slices"
	"testing"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

var allActions = []auth.Action{
	auth.ActionOpen, auth.ActionList, auth.ActionMedia, auth.ActionLinks, auth.ActionLinkState, auth.ActionUsers, auth.ActionKeys, auth.ActionSite,
	auth.ActionAuditSite, auth.ActionAuditOwn,
}

// The whole matrix, written down a second time: a change of a right needs a change here.
func TestMatrix(t *testing.T) {
	allowed := map[records.Role][]auth.Action{
		records.RoleAgent:         {auth.ActionAuditOwn},
		records.RoleTeamLeader:    {auth.ActionAuditOwn},
		records.RoleAnalyst:       {auth.ActionOpen, auth.ActionList, auth.ActionMedia, auth.ActionLinkState, auth.ActionAuditOwn},
		records.RoleAdministrator: {auth.ActionLinks, auth.ActionLinkState, auth.ActionUsers, auth.ActionKeys, auth.ActionSite, auth.ActionAuditSite, auth.ActionAuditOwn},
		"":                        {},
		"superuser":               {},
		"Administrator":           {},
	}
	for role, want := range allowed {
		p := auth.Principal{Site: "main", Kind: records.PrincipalUser, ID: "u", Roles: []records.Role{role}}
		for _, a := range allActions {
			if got := p.May(a); got != slices.Contains(want, a) {
				t.Errorf("role %q, action %s: got %v, want %v", role, a, got, !got)
			}
		}
		if got := p.Rights(); !slices.Equal(got, want) {
			t.Errorf("role %q: got rights %v, want %v", role, got, want)
		}
	}
}

func TestRolesCombine(t *testing.T) {
	p := auth.Principal{Site: "main", Roles: []records.Role{records.RoleAdministrator, records.RoleAnalyst}}
	if got := p.Rights(); !slices.Equal(got, allActions) {
		t.Errorf("administrator and analyst: got %v, want everything", got)
	}
}

func TestDeniedByDefault(t *testing.T) {
	everyone := []records.Role{records.RoleAgent, records.RoleTeamLeader, records.RoleAnalyst, records.RoleAdministrator}
	for name, p := range map[string]auth.Principal{
		"nobody":       {},
		"without site": {Kind: records.PrincipalUser, ID: "u", Roles: everyone},
		"without role": {Site: "main", Kind: records.PrincipalUser, ID: "u"},
		"the system":   {Site: "main", Kind: records.PrincipalSystem},
	} {
		for _, a := range allActions {
			if p.May(a) || p.Reach(a) != auth.ReachNone {
				t.Errorf("%s may %s", name, a)
			}
		}
	}
	p := auth.Principal{Site: "main", Roles: everyone}
	for _, a := range []auth.Action{"", "interaction.delete", "*", "INTERACTION.OPEN"} {
		if p.May(a) || p.Reach(a) != auth.ReachNone {
			t.Errorf("unknown action %q is allowed", a)
		}
	}
}

// Recordings of their own stay closed to agents until there are grants.
func TestReach(t *testing.T) {
	for role, want := range map[records.Role]auth.Reach{
		records.RoleAgent: auth.ReachNone, records.RoleTeamLeader: auth.ReachNone,
		records.RoleAnalyst: auth.ReachSite, records.RoleAdministrator: auth.ReachNone,
	} {
		p := auth.Principal{Site: "main", Roles: []records.Role{role}}
		if got := p.Reach(auth.ActionMedia); got != want {
			t.Errorf("%s: reach of %s: got %d, want %d", role, auth.ActionMedia, got, want)
		}
	}
}
