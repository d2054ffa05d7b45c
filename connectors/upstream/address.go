package upstream

import "net/netip"

// denied lists ranges that netip calls global unicast although nothing public lives there: IANA's
// special-purpose registries, and the ranges that carry another address inside (mapped, NAT64, 6to4,
// Teredo), which would be a way around the check. Loopback, private, link-local, multicast and the
// unspecified address are netip's to know.
var denied = func() []netip.Prefix {
	var p []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8",       // this network
		"100.64.0.0/10",   // carrier-grade NAT; cloud metadata at some providers
		"192.0.0.0/24",    // IETF protocol assignments
		"192.0.2.0/24",    // documentation
		"192.88.99.0/24",  // 6to4 relays
		"198.18.0.0/15",   // benchmarking
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"240.0.0.0/4",     // reserved, and broadcast
		"::/96",           // IPv4-compatible
		"64:ff9b::/96",    // NAT64
		"64:ff9b:1::/48",  // local NAT64
		"100::/64",        // discard
		"100:0:0:1::/64",  // dummy
		"2001::/23",       // IETF protocol assignments, Teredo among them
		"2001:db8::/32",   // documentation
		"2002::/16",       // 6to4
		"3fff::/20",       // documentation
		"5f00::/16",       // segment routing
		"fec0::/10",       // site-local, deprecated
	} {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}()

// public tells whether a is an address of the open internet. a has no zone and is not mapped.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !in(denied, a)
}

func in(ps []netip.Prefix, a netip.Addr) bool {
	for _, p := range ps {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
