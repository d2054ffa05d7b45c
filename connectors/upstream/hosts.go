package upstream

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// furtherHost is what hosts from a link's media_hosts are called in logs and metrics.
const furtherHost = "media_hosts"

// hosts knows where a link may go. Connectors use canonical URLs; a host of the Spec that the link
// has an endpoint for is reached there instead.
type hosts struct {
	declared []declared
	further  map[string]bool // origins
}

// declared is one host of the Spec.
type declared struct {
	name     string
	exact    string   // canonical host name; empty with a suffix
	suffix   string   // ".zdusercontent.com" for "*.zdusercontent.com"
	signed   bool     // carries the link's credentials
	endpoint *url.URL // nil: the canonical host itself
	origin   string   // of the endpoint
}

// route is a URL that passed the check, and what may go along.
type route struct {
	host   string // name for logs and metrics, never the host name itself
	url    *url.URL
	origin string // scheme://host:port
	signed bool
}

var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

func newHosts(o Options) (*hosts, error) {
	h := &hosts{further: map[string]bool{}}
	settings := o.Spec.Filled(o.Settings)
	for _, s := range o.Spec.Hosts {
		d, err := newDeclared(s, settings, o.Endpoints[s.Name])
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", s.Name, err)
		}
		h.declared = append(h.declared, d)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Endpoints)) {
		if !slices.ContainsFunc(o.Spec.Hosts, func(s connectors.Host) bool { return s.Name == name }) {
			return nil, fmt.Errorf("endpoint %q: %s has no host of this name", name, o.Spec.Name)
		}
	}
	for _, m := range o.MediaHosts {
		origin, err := furtherOrigin(m)
		if err != nil {
			return nil, fmt.Errorf("media host %q: %w", m, err)
		}
		h.further[origin] = true
	}
	return h, nil
}

func newDeclared(s connectors.Host, settings map[string]string, endpoint string) (declared, error) {
	d := declared{name: s.Name, signed: s.Credentials}
	pattern := strings.ToLower(connectors.Expand(s.Pattern, settings))
	name, wild := strings.CutPrefix(pattern, "*.")
	if !hostName.MatchString(name) {
		return d, fmt.Errorf("%q is not a host name: is a setting missing?", pattern)
	}
	if d.exact = name; wild {
		d.exact, d.suffix, d.signed = "", "."+name, false
	}
	if endpoint == "" {
		return d, nil
	}
	u, err := parseBase(endpoint)
	if err != nil {
		return d, fmt.Errorf("endpoint: %w", err)
	}
	d.endpoint, d.origin = u, originOf(u)
	return d, nil
}

// parseBase reads an endpoint of the configuration. Whether http may be spoken there is decided by
// the address, when it is dialled.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is not a URL", s)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%q: want https:// (or http:// for a sandbox)", s)
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("%q: want scheme, host and port only", s)
	}
	return u, nil
}

func furtherOrigin(s string) (string, error) {
	if hostName.MatchString(strings.ToLower(s)) {
		return originOf(&url.URL{Scheme: "https", Host: s}), nil
	}
	u, err := parseBase(s)
	if err != nil {
		return "", err
	}
	if strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("want a host name or an origin, without a path")
	}
	return originOf(u), nil
}

// names lists what hosts are called in logs and metrics.
func (h *hosts) names() []string {
	names := []string{furtherHost}
	for _, d := range h.declared {
		names = append(names, d.name)
	}
	return names
}

// route finds where u leads, if it may go there at all; further hosts count for media only.
func (h *hosts) route(u *url.URL, media bool) (route, bool) {
	if u == nil || u.Opaque != "" || u.User != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return route{}, false
	}
	origin := originOf(u)
	if r, ok := h.onEndpoint(u, origin); ok {
		return r, true
	}
	if r, ok := h.canonical(u, origin); ok {
		return r, true
	}
	if media && h.further[origin] {
		return route{host: furtherHost, url: u, origin: origin}, true
	}
	return route{}, false
}

// onEndpoint is for URLs that lie on an endpoint's origin already, as in a sandbox's answers. Where
// two hosts share one, the one with credentials wins.
func (h *hosts) onEndpoint(u *url.URL, origin string) (route, bool) {
	found := route{}
	for _, d := range h.declared {
		if d.endpoint == nil || d.origin != origin || found.signed || (found.host != "" && !d.signed) {
			continue
		}
		found = route{host: d.name, url: u, origin: origin, signed: d.signed}
	}
	return found, found.host != ""
}

// canonical is for URLs on the Spec's own hosts: https on its port, nothing else.
func (h *hosts) canonical(u *url.URL, origin string) (route, bool) {
	name := strings.ToLower(u.Hostname())
	if u.Scheme != "https" || origin != "https://"+name+":443" {
		return route{}, false
	}
	for _, d := range h.declared {
		// What equals a declared name is a host name; what stands in front of a suffix has to be looked at.
		if name != d.exact && (d.suffix == "" || !strings.HasSuffix(name, d.suffix) || !hostName.MatchString(name)) {
			continue
		}
		if d.endpoint != nil {
			u, origin = rebase(u, d.endpoint), d.origin
		}
		return route{host: d.name, url: u, origin: origin, signed: d.signed}, true
	}
	return route{}, false
}

// rebase keeps path and query and takes scheme, host and leading path of base.
func rebase(u, base *url.URL) *url.URL {
	n := *base
	n.Path = strings.TrimSuffix(base.Path, "/") + u.Path
	n.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + u.EscapedPath()
	n.RawQuery, n.ForceQuery = u.RawQuery, u.ForceQuery
	return &n
}

// originOf is scheme, host and port, the latter always written out.
func originOf(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	case u.Scheme == "http":
		port = "80"
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Rebase gives the URL under which a browser reaches a canonical URL of the Spec, through the link's
// endpoints: for the authorize page.
func (o Options) Rebase(canonicalURL string) (string, error) {
	h, err := newHosts(o)
	if err != nil {
		return "", fmt.Errorf("upstream: link %s: %w", o.Link, err)
	}
	u, err := url.Parse(canonicalURL)
	if err != nil {
		return "", refused(o.Spec.Name)
	}
	r, ok := h.route(u, false)
	if !ok {
		return "", refused(o.Spec.Name)
	}
	return r.url.String(), nil
}
