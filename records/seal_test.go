package records_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

func keyring(t testing.TB, lines ...string) *records.Keyring {
	t.Helper()
	k, err := records.ParseKeys(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func place() records.Place {
	return records.Place{Site: "main", Table: "links", Row: "zd", Column: "refresh_token", Generation: 7}
}

func TestSealAndOpen(t *testing.T) {
	k := keyring(t, records.NewKey("a"))
	for _, plain := range []string{"", "x", canary, strings.Repeat("long ", 10000)} {
		sealed := k.Seal([]byte(plain), place())
		if bytes.Contains(sealed, []byte(canary)) {
			t.Error("the plain text is in the sealed value")
		}
		got, err := k.Open(sealed, place())
		if err != nil || string(got) != plain {
			t.Errorf("%.20q: got %.20q, %v", plain, got, err)
		}
		if again := k.Seal([]byte(plain), place()); bytes.Equal(sealed, again) {
			t.Errorf("%.20q sealed twice gives the same: the nonce is not new", plain)
		}
	}
}

// TestOpensAtItsPlaceOnly: a value that was copied to another row, or put back from an older
// generation, does not open. The fields' borders count: ab|c is not a|bc.
func TestOpensAtItsPlaceOnly(t *testing.T) {
	k := keyring(t, records.NewKey("a"))
	sealed := k.Seal([]byte(canary), place())
	for name, move := range map[string]func(*records.Place){
		"other site":         func(p *records.Place) { p.Site = "other" },
		"other table":        func(p *records.Place) { p.Table = "sessions" },
		"other row":          func(p *records.Place) { p.Row = "td" },
		"other column":       func(p *records.Place) { p.Column = "client_secret" },
		"older generation":   func(p *records.Place) { p.Generation = 6 },
		"generation below 0": func(p *records.Place) { p.Generation = -7 },
		"border moved":       func(p *records.Place) { p.Site, p.Table = "mainl", "inks" },
		"fields swapped":     func(p *records.Place) { p.Table, p.Row = p.Row, p.Table },
		"nowhere":            func(p *records.Place) { *p = records.Place{} },
	} {
		at := place()
		move(&at)
		if got, err := k.Open(sealed, at); !errors.Is(err, records.ErrSealed) || got != nil {
			t.Errorf("%s: got %q, %v; want ErrSealed", name, got, err)
		}
	}
}

func TestEveryByteCounts(t *testing.T) {
	k := keyring(t, records.NewKey("a"))
	sealed := k.Seal([]byte(canary), place())
	for i := range sealed {
		for _, bit := range []byte{1, 0x80} {
			bad := slices.Clone(sealed)
			bad[i] ^= bit
			if got, err := k.Open(bad, place()); !errors.Is(err, records.ErrSealed) || got != nil {
				t.Errorf("byte %d altered: got %q, %v; want ErrSealed", i, got, err)
			}
		}
	}
	for n := range sealed {
		if got, err := k.Open(sealed[:n], place()); !errors.Is(err, records.ErrSealed) || got != nil {
			t.Errorf("cut to %d bytes: got %q, %v; want ErrSealed", n, got, err)
		}
	}
	if _, err := k.Open(append(slices.Clone(sealed), 0), place()); !errors.Is(err, records.ErrSealed) {
		t.Errorf("a byte longer: %v, want ErrSealed", err)
	}
}

func TestRotation(t *testing.T) {
	a, b := records.NewKey("a"), records.NewKey("b")
	old := keyring(t, a).Seal([]byte(canary), place())
	both := keyring(t, b, a)
	if got, err := both.Open(old, place()); err != nil || string(got) != canary {
		t.Errorf("the older key: got %q, %v", got, err)
	}
	renewed := both.Seal([]byte(canary), place())
	if got := records.KeyOf(renewed); got != "b" || records.KeyOf(old) != "a" {
		t.Errorf("sealed by %q and %q, want b and a", got, records.KeyOf(old))
	}
	if _, err := keyring(t, a).Open(renewed, place()); !errors.Is(err, records.ErrSealed) {
		t.Errorf("without the newer key: %v, want ErrSealed", err)
	}
	if _, err := keyring(t, records.NewKey("a")).Open(old, place()); !errors.Is(err, records.ErrSealed) {
		t.Errorf("another key of the same name: %v, want ErrSealed", err)
	}
	if ids := both.IDs(); !slices.Equal(ids, []string{"b", "a"}) {
		t.Errorf("ids %v, want the sealing one first", ids)
	}
	for _, s := range []records.Sealed{nil, {1}, {2, 1, 'a'}, {1, 200, 'a'}} {
		if got := records.KeyOf(s); got != "" {
			t.Errorf("KeyOf(%v) = %q, want none", s, got)
		}
	}
}

func TestSealSecret(t *testing.T) {
	k := keyring(t, records.NewKey("a"))
	sealed := k.SealSecret(records.NewSecret(canary), place())
	got, err := k.OpenSecret(sealed, place())
	if err != nil || got.Reveal() != canary {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if s, err := k.OpenSecret(sealed[1:], place()); !errors.Is(err, records.ErrSealed) || !s.IsZero() {
		t.Errorf("altered: got %v, %v; want ErrSealed", s, err)
	}
}

func TestDerive(t *testing.T) {
	a, b := records.NewKey("a"), records.NewKey("b")
	k := keyring(t, a, b)
	handles := k.Derive("handles")
	if len(handles) != 32 || !bytes.Equal(handles, keyring(t, a).Derive("handles")) {
		t.Error("replicas with the same oldest key derive different keys")
	}
	for name, other := range map[string][]byte{
		"another purpose": k.Derive("cache"), "another key": keyring(t, b).Derive("handles"), "no purpose": k.Derive(""),
	} {
		if bytes.Equal(handles, other) {
			t.Errorf("%s gives the same key", name)
		}
	}
}

func TestParseKeys(t *testing.T) {
	a, b := records.NewKey("a"), records.NewKey("b")
	for in, want := range map[string][]string{
		a: {"a"}, a + "," + b: {"a", "b"}, "# first\n" + a + "\r\n\n  " + b + "  \n": {"a", "b"}, strings.Replace(a, ":", ": ", 1): {"a"},
	} {
		k, err := records.ParseKeys(in)
		if err != nil || !slices.Equal(k.IDs(), want) {
			t.Errorf("%q: %v, want ids %v", in, err, want)
		}
	}
	_, material, _ := strings.Cut(a, ":")
	for name, in := range map[string]string{
		"nothing": "", "comments only": "# x\n", "no id": ":" + material, "no colon": material, "id too long": strings.Repeat("x", 33) + ":" + material,
		"short key": "a:" + base64.StdEncoding.EncodeToString(make([]byte, 31)), "long key": "a:" + base64.StdEncoding.EncodeToString(make([]byte, 33)),
		"no base64": "a:!!" + material, "same id twice": a + "\na:" + material,
	} {
		_, err := records.ParseKeys(in)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if strings.Contains(err.Error(), material[:20]) {
			t.Errorf("%s: the error holds the key: %v", name, err)
		}
	}
}

func TestReadKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.txt")
	if err := os.WriteFile(file, []byte("# ours\n"+records.NewKey("2026")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := records.ReadKeys(file); err != nil || k.IDs()[0] != "2026" {
		t.Errorf("got %v", err)
	}
	if _, err := records.ReadKeys(file + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	k := keyring(f, records.NewKey("a"))
	sealed := k.Seal([]byte(canary), place())
	f.Add([]byte(sealed))
	f.Add([]byte{1, 1, 'a'})
	f.Add([]byte{1, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := k.Open(b, place()); err == nil && (!bytes.Equal(b, sealed) || string(got) != canary) {
			t.Errorf("%x opens to %q", b, got)
		}
		records.KeyOf(b)
	})
}

// A key that was taken out opens for a day: people hold handles that it sealed. It seals nothing.
func TestReplacedKeyOpensForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, next := records.NewKey("k1"), records.NewKey("k2")
		k := keyring(t, old)
		handle := k.Seal([]byte("h"), place())
		if err := k.Replace(keyring(t, next)); err != nil {
			t.Fatal(err)
		}
		if got := k.IDs(); !slices.Equal(got, []string{"k2"}) {
			t.Errorf("keys: got %v, want k2 alone", got)
		}
		if got := records.KeyOf(k.Seal(nil, place())); got != "k2" {
			t.Errorf("sealed with %q, want k2", got)
		}
		time.Sleep(23 * time.Hour)
		if err := k.Replace(keyring(t, next)); err != nil { // read again: nothing has changed
			t.Fatal(err)
		}
		if got, err := k.Open(handle, place()); err != nil || string(got) != "h" {
			t.Errorf("23 h later: got %q, %v, want the handle", got, err)
		}
		time.Sleep(2 * time.Hour)
		if _, err := k.Open(handle, place()); !errors.Is(err, records.ErrSealed) {
			t.Errorf("25 h later: got %v, want ErrSealed", err)
		}
	})
}

func TestIDDoesNotChangeItsKey(t *testing.T) {
	k := keyring(t, records.NewKey("k1"))
	sealed := k.Seal([]byte("x"), place())
	if err := k.Replace(keyring(t, records.NewKey("k1"))); err == nil || !strings.Contains(err.Error(), `"k1"`) {
		t.Errorf("another key under the same id: got %v, want an error that names it", err)
	}
	if _, err := k.Open(sealed, place()); err != nil {
		t.Errorf("afterwards: got %v, want the value", err)
	}
}

// Names in the cache derive from the keys: the order of them does not matter, nor does a newer one.
func TestDerivedKeyStaysInARotation(t *testing.T) {
	old, next := records.NewKey("k20260101"), records.NewKey("k20261124")
	want := keyring(t, old).Derive("names")
	for name, k := range map[string]*records.Keyring{"standby": keyring(t, old, next), "rotated": keyring(t, next, old)} {
		if !bytes.Equal(k.Derive("names"), want) {
			t.Errorf("%s: another key was derived", name)
		}
	}
	if bytes.Equal(keyring(t, next).Derive("names"), want) || bytes.Equal(keyring(t, old).Derive("other"), want) {
		t.Error("another key, or purpose, derives the same")
	}
}
