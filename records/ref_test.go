package records_test

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
)

func TestDecodeRefID(t *testing.T) {
	for in, want := range map[string]string{
		"5012": "5012", "9007199254740993": "9007199254740993", "a.b_c:d-e": "a.b_c:d-e", "2210.RVb~x": "2210.RVb~x", "...": "...",
		"~YSBi": "a b", "~Lg": ".", "~Li4": "..", "~fg": "~", "~w6k": "é", "~Lw": "/",
	} {
		if got, err := records.DecodeRefID(in); err != nil || got != want {
			t.Errorf("DecodeRefID(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", ".", "..", "a/b", "../x", "5?x=1#f", "5 012", "5012\n", "5012\x00", "%35", "é", "５", "a\\b", "~", "~=", "~YSBi=", "~YS Bi", "~!!", "~Y",
		strings.Repeat("1", 201), "~" + strings.Repeat("A", 200), "x\u200b", "a+b",
	} {
		if got, err := records.DecodeRefID(in); !errors.Is(err, records.ErrRefID) || got != "" {
			t.Errorf("DecodeRefID(%q) = %q, %v; want ErrRefID", in, got, err)
		}
	}
	if _, err := records.DecodeRefID(strings.Repeat("1", 200)); err != nil {
		t.Errorf("200 bytes: %v", err)
	}
}

var pathSafe = regexp.MustCompile(`^[A-Za-z0-9._:~-]+$`)

// FuzzRefID: every id survives the way through a path, and every path gives an id that can go back.
func FuzzRefID(f *testing.F) {
	for _, s := range []string{"5012", "~", "~YSBi", ".", "..", "a/b", "é", "\x00", "a b", "", "~fg", "x~", strings.Repeat("1", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := records.DecodeRefID(s); err == nil {
			again, err := records.DecodeRefID(records.EncodeRefID(id))
			if id == "" || err != nil || again != id {
				t.Errorf("%q decodes to %q, which comes back as %q, %v", s, id, again, err)
			}
		}
		if s == "" || len(s) > 140 { // longer ids do not fit when they have to be encoded
			return
		}
		enc := records.EncodeRefID(s)
		if !pathSafe.MatchString(enc) || enc == "." || enc == ".." || url.PathEscape(enc) == "" {
			t.Errorf("%q is encoded as %q, which is not safe in a path", s, enc)
		}
		if got, err := records.DecodeRefID(enc); err != nil || got != s {
			t.Errorf("%q goes out as %q and comes back as %q, %v", s, enc, got, err)
		}
	})
}

func TestClosedSets(t *testing.T) {
	for k, want := range map[records.Kind]bool{
		records.KindTicket: true, records.KindChat: true, records.KindCall: true, records.KindEmail: true, "": false, "Ticket": false, "fax": false,
	} {
		if k.Valid() != want {
			t.Errorf("kind %q: valid %v, want %v", k, k.Valid(), want)
		}
	}
	for r, want := range map[records.Role]bool{
		records.RoleAgent: true, records.RoleTeamLeader: true, records.RoleAnalyst: true, records.RoleAdministrator: true, "": false, "admin": false,
	} {
		if r.Valid() != want {
			t.Errorf("role %q: valid %v, want %v", r, r.Valid(), want)
		}
	}
	if got := (records.LinkID{Site: "main", Link: "zd"}).String(); got != "main/zd" {
		t.Errorf("got %s", got)
	}
}
