package records

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Networks is an IP rule: where requests may come from. An empty one admits every address.
type Networks []netip.Prefix

// maxNetworks bounds a rule: it is looked through on every request.
const maxNetworks = 100

// ParseNetworks reads networks such as 203.0.113.0/24 and single addresses, of IPv4 and IPv6, and
// gives them masked, sorted and each once.
func ParseNetworks(texts []string) (Networks, error) {
	if len(texts) > maxNetworks {
		return nil, fmt.Errorf("%d networks at most", maxNetworks)
	}
	var all Networks
	for _, text := range texts {
		p, err := parseNetwork(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("want networks such as 203.0.113.0/24 or 2001:db8::/32, got %q", text)
		}
		all = append(all, p)
	}
	slices.SortFunc(all, netip.Prefix.Compare)
	return slices.Compact(all), nil
}

// parseNetwork gives an IPv4 network in the clothes of IPv6 as IPv4, since that is how addresses
// are compared. A zone names an interface of this host and is no address of a peer.
func parseNetwork(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return p, errors.Join(err, errors.New("not an address"))
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, errors.New("more than the IPv4 addresses")
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// Admit tells whether a request may come from a. An address that is not known is admitted by an
// empty rule only.
func (n Networks) Admit(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return len(n) == 0 || slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Equal tells whether two rules are the same text.
func (n Networks) Equal(m Networks) bool { return slices.Equal(n, m) }

// Strings lists the networks as text; a single address stands without its length.
func (n Networks) Strings() []string {
	out := make([]string, len(n))
	for i, p := range n {
		if out[i] = p.String(); p.IsSingleIP() {
			out[i] = p.Addr().String()
		}
	}
	return out
}

// String is the stored form: a comma between two.
func (n Networks) String() string { return strings.Join(n.Strings(), ",") }
