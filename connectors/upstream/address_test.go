package upstream_test

import (
	"net/netip"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/upstream"
)

func TestOnlyPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "104.16.51.111": true, "100.63.255.255": true, "100.128.0.0": true,
		"198.17.255.255": true, "198.20.0.0": true, "172.15.255.255": true, "172.32.0.0": true, "223.255.255.255": true,
		"2606:4700::6810:336f": true, "2a00:1450:4001:81b::200e": true, "2001:200::1": true,

		"0.0.0.0": false, "0.1.2.3": false, "127.0.0.1": false, "127.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false,
		"100.127.255.255": false, "192.0.0.170": false, "192.0.2.7": false, "192.88.99.1": false, "198.18.0.1": false,
		"198.19.255.255": false, "198.51.100.7": false, "203.0.113.7": false, "224.0.0.1": false, "239.255.255.255": false,
		"240.0.0.1": false, "255.255.255.255": false,

		"::": false, "::1": false, "::127.0.0.1": false, "fe80::1": false, "febf::1": false, "fec0::1": false, "fc00::1": false,
		"fd00::1": false, "fd00:ec2::254": false, "ff02::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false,
		"100::1": false, "2001::1": false, "2001:0:53aa:64c:0:fbff:f5fe:ffff": false, "2001:db8::1": false,
		"2002:7f00:1::1": false, "3fff::1": false, "5f00::1": false,
	} {
		if got := upstream.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s) = %v, want %v", address, got, want)
		}
	}
}
