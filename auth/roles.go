package auth

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Action is something a person or a program may be allowed to do. The names go over the wire as
// rights, so that the UI shows only what works; the gateway asks again on every request.
type Action string

// The actions that exist.
const (
	ActionOpen      Action = "interaction.open" // resolve and open any interaction by link or id
	ActionList      Action = "interaction.list" // list interactions by what is known without opening one
	ActionMedia     Action = "media.read"       // play recordings, see attachments
	ActionLinks     Action = "links.manage"     // link, test, pause, remove accounts; see settings
	ActionLinkState Action = "links.see"        // see which links there are and whether they work
	ActionUsers     Action = "users.manage"
	ActionKeys      Action = "keys.manage" // API keys
	ActionSite      Action = "site.manage" // the site's IP rules, and which doors lead in
	ActionAuditSite Action = "audit.site"  // read the whole site's audit log
	ActionAuditOwn  Action = "audit.own"   // read what oneself did
)

// Reach says whose things a right covers. A larger one includes the smaller.
type Reach int

// The reaches. Assigned (to an evaluator) comes with the queue.
const (
	ReachNone Reach = iota
	ReachOwn
	ReachTeam
	ReachSite
)

// Grant names a right that is given to a person beside their roles.
type Grant string

// GrantRecordings lets agents and team leaders play recordings. Nobody can be given it yet: users
// have no grants in records, so cells that need one are closed.
const GrantRecordings Grant = "recordings"

// cell is what one role may do: how far, and whether only with a grant.
type cell struct {
	reach Reach
	grant Grant
}

var (
	none = cell{}
	own  = cell{reach: ReachOwn}
	team = cell{reach: ReachTeam}
	site = cell{reach: ReachSite}
)

// rule is one line of the matrix. Need is the reach without which the action means nothing: a route
// that takes any id of the site needs ReachSite, "my own log" is content with ReachOwn.
type rule struct {
	action                                Action
	need                                  Reach
	agent, leader, analyst, administrator cell
}

// matrix is the whole of who may do what (domain: "Roles"). What is not listed is refused. The roles
// of a person combine: the widest cell counts.
var matrix = []rule{
	// Opening by id is the widest key to customer data: analysts only, always audited. Administrators
	// see no content by default; whoever needs both is given both roles.
	{ActionOpen, ReachSite, none, none, site, none},
	// A list of the whole link: whose team an interaction is of cannot be told yet, so a leader's reach
	// is not enough.
	{ActionList, ReachSite, none, team, site, none},
	// Recordings have a right of their own. For an analyst the grant is on unless taken away.
	{ActionMedia, ReachSite, cell{ReachOwn, GrantRecordings}, cell{ReachTeam, GrantRecordings}, site, none},
	{ActionLinks, ReachSite, none, none, none, site},
	// An analyst must know why a link fails.
	{ActionLinkState, ReachSite, none, none, site, site},
	{ActionUsers, ReachSite, none, none, none, site},
	{ActionKeys, ReachSite, none, none, none, site},
	{ActionSite, ReachSite, none, none, none, site},
	{ActionAuditSite, ReachSite, none, none, none, site},
	{ActionAuditOwn, ReachOwn, own, own, own, own},
}

func (r rule) cell(role records.Role) cell {
	switch role {
	case records.RoleAgent:
		return r.agent
	case records.RoleTeamLeader:
		return r.leader
	case records.RoleAnalyst:
		return r.analyst
	case records.RoleAdministrator:
		return r.administrator
	default:
		return none
	}
}

// Principal is who makes a request: a signed-in person, an API key, or the program itself. It is of
// exactly one site. The zero Principal may do nothing.
type Principal struct {
	Site      records.SiteID
	Kind      records.PrincipalKind
	ID        string // user id or API key id
	Login     string // users only
	Name      string
	Roles     []records.Role
	ExpiresAt time.Time // when the sign-in or the key ends; zero: no end
	// From are the IP rules that all have to admit a request: the site's, and the person's or key's.
	From []records.Networks
}

// Admits tells whether p may come from an address.
func (p Principal) Admits(a netip.Addr) bool {
	return !slices.ContainsFunc(p.From, func(n records.Networks) bool { return !n.Admit(a) })
}

// May tells whether p may do a in its site. Unknown actions and roles may nothing.
func (p Principal) May(a Action) bool {
	i := slices.IndexFunc(matrix, func(r rule) bool { return r.action == a })
	return i >= 0 && p.Reach(a) >= matrix[i].need
}

// Reach tells how far p's right to a goes.
func (p Principal) Reach(a Action) Reach {
	i := slices.IndexFunc(matrix, func(r rule) bool { return r.action == a })
	if i < 0 || p.Site == "" {
		return ReachNone
	}
	widest := ReachNone
	for _, role := range p.Roles {
		if c := matrix[i].cell(role); c.grant == "" {
			widest = max(widest, c.reach)
		}
	}
	return widest
}

// Rights lists what p may do, in the order of the matrix.
func (p Principal) Rights() []Action {
	rights := []Action{}
	for _, r := range matrix {
		if p.May(r.action) {
			rights = append(rights, r.action)
		}
	}
	return rights
}
