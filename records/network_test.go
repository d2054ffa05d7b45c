package records_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
)

func TestNetworksAreReadMaskedSortedAndOnce(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"203.0.113.9/24":                     "203.0.113.0/24",
		"203.0.113.9, 203.0.113.9/32":        "203.0.113.9",
		"2001:db8::1/32,10.0.0.0/8":          "10.0.0.0/8,2001:db8::/32",
		"::ffff:203.0.113.9/120":             "203.0.113.0/24",
		"::1":                                "::1",
		"192.0.2.0/24,10.0.0.0/8,10.1.2.3/8": "10.0.0.0/8,192.0.2.0/24",
	} {
		got, err := records.ParseNetworks(fields(in))
		if err != nil || got.String() != want {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"here", "203.0.113.0/33", "fe80::1%eth0", "203.0.113", "::ffff:0:0/90", "10.0.0.0/08"} {
		if got, err := records.ParseNetworks([]string{in}); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		}
	}
	if _, err := records.ParseNetworks(make([]string, 101)); err == nil {
		t.Error("101 networks: want an error")
	}
}

func TestNetworksAdmit(t *testing.T) {
	rule, err := records.ParseNetworks([]string{"203.0.113.0/24", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"203.0.113.0": true, "203.0.113.255": true, "203.0.114.0": false, "::ffff:203.0.113.7": true, "127.0.0.1": false,
		"2001:db8:1::1": true, "2001:db9::": false, "2001:db8::1%eth0": true,
	} {
		if got := rule.Admit(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %t, want %t", address, got, want)
		}
	}
	if rule.Admit(netip.Addr{}) {
		t.Error("no address: admitted, want refused")
	}
	if none := (records.Networks)(nil); !none.Admit(netip.Addr{}) {
		t.Error("no rule: refused, want admitted")
	}
}

func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
