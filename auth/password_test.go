package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/auth"
)

func TestPasswordPolicy(t *testing.T) {
	for _, c := range []struct {
		password string
		want     []auth.PasswordRule
	}{
		{"Correct horse 7", nil},
		{"Größe zählt 1", nil},
		{"Пароль надёжный 1", nil},
		{"Abcdefghi1é", nil}, // 11 characters
		{"Abcdefghi1", []auth.PasswordRule{auth.PasswordTooShort}},
		{"Abcdefgh1e\u0301", []auth.PasswordRule{auth.PasswordTooShort}}, // 11 code points, 10 characters
		{"A1" + strings.Repeat("b", 126), nil},
		{"A1" + strings.Repeat("b", 127), []auth.PasswordRule{auth.PasswordTooLong}},
		{"correct horse 7", []auth.PasswordRule{auth.PasswordNoUpper}},
		{"CORRECT HORSE 7", []auth.PasswordRule{auth.PasswordNoLower}},
		{"Correct horse seven", []auth.PasswordRule{auth.PasswordNoDigit}},
		{"", []auth.PasswordRule{auth.PasswordTooShort, auth.PasswordNoUpper, auth.PasswordNoLower, auth.PasswordNoDigit}},
		{"ana.Lima.2026", []auth.PasswordRule{auth.PasswordIsName}},
		{"ANA.lima.2026", []auth.PasswordRule{auth.PasswordIsName}},
		{"Ana Maria L1ma", []auth.PasswordRule{auth.PasswordIsName}},
		{"Password1234", []auth.PasswordRule{auth.PasswordCommon}},
		{"Qwertyuiop123", []auth.PasswordRule{auth.PasswordCommon}},
		{"P@ssw0rd2026", []auth.PasswordRule{auth.PasswordCommon}},
		{"Correct horse 7\xff", []auth.PasswordRule{auth.PasswordEncoding}},
	} {
		err := auth.CheckPassword("Ana.Lima.2026", "ana maria l1ma", c.password)
		var p *auth.PasswordError
		if c.want == nil {
			if err != nil {
				t.Errorf("%q: got %v, want it allowed", c.password, err)
			}
			continue
		}
		if !errors.As(err, &p) || !slices.Equal(p.Broken, c.want) {
			t.Errorf("%q: got %v, want %v broken", c.password, err, c.want)
		}
		if len(c.password) > 0 && strings.Contains(err.Error(), c.password) {
			t.Errorf("%q: the error holds the password", c.password)
		}
	}
}

func TestHashesDiffer(t *testing.T) {
	one, err := auth.HashPassword("ana", "Ana", "Correct horse 7")
	if err != nil {
		t.Fatal(err)
	}
	two, err := auth.HashPassword("ana", "Ana", "Correct horse 7")
	if err != nil || one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=") {
		t.Errorf("same password twice: got %q and %q, %v; want two PHC strings", one, two, err)
	}
	if _, err := auth.HashPassword("ana", "Ana", "short"); err == nil {
		t.Error("short password: got a hash")
	}
}

func TestPasswordMatches(t *testing.T) {
	phc, err := auth.HashPassword("ana", "Ana", "Cafe\u0301 noir 77")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password, phc string
		want          bool
	}{{"Caf\u00e9 noir 77", phc, true}, {"Cafe noir 77", phc, false}, {"", phc, false}, {"Caf\u00e9 noir 77", "", false}, {"", "", false}} {
		if got := auth.PasswordMatches(c.password, c.phc); got != c.want {
			t.Errorf("%q: got %v, want %v", c.password, got, c.want)
		}
	}
}

func TestFoldLogin(t *testing.T) {
	for in, want := range map[string]string{"Ana": "ana", " ANA ": "ana", "Jose\u0301": "jos\u00e9", "STRASSE": "strasse", "straße": "strasse"} {
		if got := auth.FoldLogin(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// OWASP's floor for argon2id: 19 MiB, two passes, one lane.
func TestHashCost(t *testing.T) {
	p := auth.RealHashCost
	if p.Memory < 19*1024 || p.Iterations < 2 || p.Parallelism != 1 || p.SaltLength < 16 || p.KeyLength < 32 {
		t.Errorf("got %+v, want 19 MiB, t 2, p 1, 16 bytes of salt at least", p)
	}
}

func BenchmarkHash(b *testing.B) {
	defer auth.HashCost(auth.RealHashCost)()
	for b.Loop() {
		if _, err := auth.HashPassword("ana", "Ana", "Correct horse 7"); err != nil {
			b.Fatal(err)
		}
	}
}
