package talkdesk

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxPasted bounds what is looked at.
const maxPasted = 2000

var (
	hex32   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	idRE    = regexp.MustCompile(`^(?:(?:CA)?[0-9a-fA-F]{32}|[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{24})$`)
	datedRE = regexp.MustCompile(`^(\S+?)(?:[\s,;:]+(?:on\s+)?(\d{4}-\d{2}-\d{2}))?$`)
	webRE   = regexp.MustCompile(`^(?:https?://)?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::443)?/`)
)

// Resolve implements connectors.LinkResolver: pages of the account, addresses of the API, and bare ids, each
// with or without a date behind it. The host that was pasted is never contacted. Of a bare id Talkdesk is
// asked whether it is a call's or a recording's; if neither, it may be a chat, a mail, or a call without a
// recording.
func (c *connector) Resolve(ctx context.Context, text string) ([]records.Ref, error) {
	if len(text) > maxPasted {
		return nil, nil
	}
	m := datedRE.FindStringSubmatch(strings.Trim(text, " \t\r\n<>()[]{}\"'.,;"))
	if m == nil {
		return nil, nil
	}
	day := ""
	if _, err := time.Parse(time.DateOnly, m[2]); err == nil {
		day = ":" + m[2]
	}
	if webRE.MatchString(m[1]) {
		return c.resolveAddress(ctx, m[1], day)
	}
	if !idRE.MatchString(m[1]) {
		return nil, nil
	}
	return c.resolveID(ctx, plainID(m[1]), day)
}

// plainID writes an id as Talkdesk's calls have it. Dashes get lost where UUIDs are copied.
func plainID(id string) string {
	if strings.HasPrefix(id, "CA") {
		return id
	}
	return bare(id)
}

func (c *connector) resolveAddress(ctx context.Context, address, day string) ([]records.Ref, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return nil, nil
	}
	host, path := strings.ToLower(u.Hostname()), strings.Split(strings.Trim(u.Path, "/"), "/")
	switch {
	case host == c.cfg.apiHost, strings.HasPrefix(host, "media-files."):
		return c.resolvePath(ctx, path, day)
	case !c.ownHost(host):
		return nil, nil
	}
	for _, name := range []string{"interactionId", "interaction_id", "call_id", "recording_id"} {
		if id := u.Query().Get(name); idRE.MatchString(id) {
			return c.resolveID(ctx, plainID(id), day)
		}
	}
	for i := len(path) - 1; i >= 0; i-- {
		if !idRE.MatchString(path[i]) {
			continue
		}
		id := plainID(path[i])
		if i > 0 && slices.Contains(path[:i], "conversation-history") {
			return []records.Ref{c.ref(kindOf(path[i-1]), id+day)}, nil
		}
		return c.resolveID(ctx, id, day)
	}
	return nil, nil
}

// resolvePath takes an address of the API apart: /calls/{id}/recordings…, /recordings/{id}….
func (c *connector) resolvePath(ctx context.Context, path []string, day string) ([]records.Ref, error) {
	if len(path) < 2 || len(path[1]) > 100 {
		return nil, nil
	}
	switch path[0] {
	case "calls":
		return []records.Ref{c.ref(records.KindCall, path[1]+day)}, nil
	case "recordings":
		of, err := c.callOf(ctx, call{op: "link.resolve", scope: scopeRecordings, first: true}, path[1])
		if err != nil || of == "" {
			return nil, err
		}
		return []records.Ref{c.ref(records.KindCall, of+day)}, nil
	default:
		return nil, nil
	}
}

// ownHost tells whether a host is the account's own page in the agents' application.
func (c *connector) ownHost(host string) bool {
	front, domain, ok := strings.Cut(strings.ToLower(host), ".")
	return ok && front == c.cfg.account && slices.Contains(c.cfg.webHosts, domain)
}

// resolveID asks what an id is of. Whoever cannot be asked is left out: opening says what is wrong.
func (c *connector) resolveID(ctx context.Context, id, day string) ([]records.Ref, error) {
	o := &opening{c: c, ref: c.ref(records.KindCall, id), id: id, people: map[string]bool{}, yield: func(connectors.Part, error) bool { return true }}
	if err := o.findRecordings(ctx); err == nil && len(o.recs) > 0 {
		return []records.Ref{c.ref(records.KindCall, o.id)}, nil
	}
	return []records.Ref{c.ref(records.KindCall, id+day), c.ref(records.KindChat, id+day), c.ref(records.KindEmail, id+day)}, nil
}
