package zendesk

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/lenient"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxPasted bounds what is looked at.
const maxPasted = 2000

var (
	// pastedRE splits an address; whoever copies from a browser's bar may lose the scheme. A port, a
	// name or a password in it is no form of Zendesk's.
	pastedRE = regexp.MustCompile(`^(?i:https?://)?(?P<host>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+)(?::443)?(?P<path>/.*)$`)
	// ticketPathRE has the forms seen in browsers, mails, the help centre and exports.
	ticketPathRE = regexp.MustCompile(`^(?i:/(?:agent/(?:#/)?tickets|tickets|hc/(?:[a-z]{2,3}(?:-[a-z0-9]{2,4})?/)?requests|api/v2/tickets)/)(\d{1,19})(?:\.json)?(?:[/?#].*)?$`)
	bareRE       = regexp.MustCompile(`^#?(\d{1,19})$`)
)

// Resolve implements connectors.LinkResolver. The host that was pasted is never contacted; when it is
// not the account's own but the path is a ticket's, the account is asked which other names it has.
func (c *connector) Resolve(ctx context.Context, text string) ([]records.Ref, error) {
	if len(text) > maxPasted {
		return nil, nil
	}
	text = strings.Trim(text, " \t\r\n<>()[]{}\"'.,;")
	if m := bareRE.FindStringSubmatch(text); m != nil {
		return c.refs(m[1]), nil
	}
	m := pastedRE.FindStringSubmatch(text)
	if m == nil {
		return nil, nil
	}
	host, path := strings.ToLower(m[1]), ticketPathRE.FindStringSubmatch(m[2])
	if path == nil {
		return nil, nil
	}
	refs := c.refs(path[1])
	if refs == nil || host == c.host() {
		return refs, nil
	}
	ours, err := c.ownsHost(ctx, host)
	if err != nil || !ours {
		return nil, err
	}
	return refs, nil
}

func (c *connector) refs(id string) []records.Ref {
	if !ticketIDRE.MatchString(id) {
		return nil
	}
	return []records.Ref{{Link: c.link, Kind: records.KindTicket, ID: id}}
}

// ownsHost tells whether a brand of the account answers at host, by its own subdomain or a mapped name.
// An account that does not let us see its brands owns its own name only.
func (c *connector) ownsHost(ctx context.Context, host string) (bool, error) {
	owns := false
	err := c.walk(ctx, pages{
		at:    call{op: "link.resolve"},
		path:  "/api/v2/brands",
		query: url.Values{},
		list:  "brands",
		item: func(d *lenient.Decoder) bool {
			for _, h := range decodeBrandHosts(d) {
				owns = owns || strings.EqualFold(h, host)
			}
			if owns && d.Err == nil {
				d.Err = errStop
			}
			return true
		},
	})
	switch connectors.CodeOf(err) {
	case connectors.CodeMissingScope, connectors.CodeNotFound, connectors.CodeNotLicensed:
		return false, nil
	default:
		if owns { // decoding was stopped at the brand
			return true, nil
		}
		return false, err
	}
}

func decodeBrandHosts(d *lenient.Decoder) []string {
	var hosts []string
	d.Object(func(key []byte) {
		switch string(key) {
		case "subdomain":
			if s := d.Word(); s != "" {
				hosts = append(hosts, s+".zendesk.com")
			}
		case "host_mapping":
			hosts = append(hosts, d.Word())
		case "brand_url":
			if u, err := url.Parse(d.Word()); err == nil {
				hosts = append(hosts, u.Hostname())
			}
		default:
			d.Skip()
		}
	})
	return hosts
}
