package auth

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// PasswordRule is one rule of the policy "classic" (domain 6.2).
type PasswordRule string

// The rules.
const (
	PasswordTooShort PasswordRule = "too_short" // fewer than 11 characters
	PasswordTooLong  PasswordRule = "too_long"  // more than 128
	PasswordNoUpper  PasswordRule = "no_upper"
	PasswordNoLower  PasswordRule = "no_lower"
	PasswordNoDigit  PasswordRule = "no_digit"
	PasswordIsName   PasswordRule = "is_name" // equals the login or the name
	PasswordCommon   PasswordRule = "common"  // on the list of common ones
	PasswordEncoding PasswordRule = "encoding"
)

var passwordSays = map[PasswordRule]string{
	PasswordTooShort: "use at least 11 characters",
	PasswordTooLong:  "use at most 128 characters",
	PasswordNoUpper:  "use an upper-case letter",
	PasswordNoLower:  "use a lower-case letter",
	PasswordNoDigit:  "use a digit",
	PasswordIsName:   "do not use the login or the name",
	PasswordCommon:   "this one is on every list of common passwords",
	PasswordEncoding: "use valid UTF-8 text",
}

// PasswordError lists every rule a new password breaks. It never holds the password.
type PasswordError struct{ Broken []PasswordRule }

// Error says what to do, all at once.
func (e *PasswordError) Error() string {
	says := make([]string, len(e.Broken))
	for i, r := range e.Broken {
		says[i] = passwordSays[r]
	}
	return "password: " + strings.Join(says, "; ")
}

const (
	minPassword = 11 // "longer than 10"
	maxPassword = 128
	// maxPasswordBytes bounds what is normalised and hashed at sign-in, before anything is known
	// about who asks: 128 characters of four bytes, each with combining marks, fit.
	maxPasswordBytes = 4096
)

// common holds passwords that guessers try first and that keep every other rule, one a line, case
// folded; # begins a comment.
//
//go:embed common.txt
var commonText string

var common = func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = true
		}
	}
	return m
}()

// FoldLogin gives the one form of a login: NFC, case-folded, without spaces around it. Logins are
// stored and looked up in this form.
func FoldLogin(login string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.TrimSpace(login))))
}

// CheckPassword returns a *PasswordError that lists every broken rule, or nil.
func CheckPassword(login, name, password string) error {
	var broken []PasswordRule
	rule := func(bad bool, r PasswordRule) {
		if bad {
			broken = append(broken, r)
		}
	}
	rule(!utf8.ValidString(password), PasswordEncoding)
	password = norm.NFC.String(password)
	has := func(class func(rune) bool) bool { return strings.ContainsFunc(password, class) }
	n := utf8.RuneCountInString(password)
	rule(n < minPassword, PasswordTooShort)
	rule(n > maxPassword, PasswordTooLong)
	rule(!has(unicode.IsUpper), PasswordNoUpper)
	rule(!has(unicode.IsLower), PasswordNoLower)
	rule(!has(unicode.IsDigit), PasswordNoDigit)
	folded := FoldLogin(password)
	rule(folded == FoldLogin(login) || folded == FoldLogin(name), PasswordIsName)
	rule(common[folded], PasswordCommon)
	if broken != nil {
		return &PasswordError{broken}
	}
	return nil
}

// hashParams are above OWASP's floor for argon2id (19 MiB, t 2, p 1). They are in every hash, so
// that raising them re-hashes each password at its owner's next sign-in.
var hashParams = argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many hashes are computed at once: one a core, four at most, so that a flood of
// sign-ins takes neither the machine nor 32 MiB for each of its requests.
var hashing = make(chan struct{}, min(runtime.NumCPU(), 4))

// maxWaiting bounds how many sign-ins wait for a slot; who comes then is told to come again.
const maxWaiting = 128

var waiting atomic.Int64

// inSignInSlot is inHashSlot for strangers, who may be many.
func inSignInSlot(ctx context.Context, f func() error) error {
	defer waiting.Add(-1)
	if waiting.Add(1) > maxWaiting {
		return &connectors.Error{
			Code: connectors.CodeOverloaded, Op: "session.sign_in", RetryAfter: time.Second,
			Action: "Too many people are signing in at this moment. Try again in a second.",
		}
	}
	return inHashSlot(ctx, f)
}

// inHashSlot runs f when a slot is free.
func inHashSlot(ctx context.Context, f func() error) error {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return f()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// HashPassword checks the policy and returns an argon2id hash as a PHC string, or a *PasswordError.
func HashPassword(login, name, password string) (phc string, err error) {
	if err := CheckPassword(login, name, password); err != nil {
		return "", err
	}
	err = inHashSlot(context.Background(), func() error {
		phc, err = hashText(password)
		return err
	})
	return phc, err
}

// PasswordMatches tells whether phc is a hash of password: for provisioning, which keeps a hash as
// long as the file's password is the same. It is not a sign-in: nothing is counted.
func PasswordMatches(password, phc string) bool {
	var ok bool
	err := inHashSlot(context.Background(), func() (err error) {
		ok, _, err = verify(password, phc)
		return err
	})
	return ok && err == nil
}

func hashText(password string) (string, error) {
	return argon2id.CreateHash(norm.NFC.String(password), &hashParams)
}

// errHash says that a stored hash is none of ours.
var errHash = errors.New("auth: stored password hash is malformed")

// verify compares a password with a hash; stale tells that the hash was made with other parameters
// than today's. It costs the same whether it matches or not.
func verify(password, phc string) (ok, stale bool, err error) {
	p, _, key, err := argon2id.DecodeHash(phc)
	if err != nil || !saneParams(p) || len(key) == 0 {
		return false, false, errHash
	}
	ok, err = argon2id.ComparePasswordAndHash(norm.NFC.String(password), phc)
	return ok, *p != hashParams, err
}

// saneParams guards against a tampered row: argon2 panics on zero rounds and allocates what it is told.
func saneParams(p *argon2id.Params) bool {
	return p.Iterations >= 1 && p.Iterations <= 16 && p.Parallelism >= 1 && p.Memory <= 256*1024
}

// newDummyHash is what an unknown login is compared with, so that it takes as long as a known one.
// Nothing hashes to it, but for a chance of 2^-256.
func newDummyHash() string {
	salt, key := make([]byte, hashParams.SaltLength), make([]byte, hashParams.KeyLength)
	_, _ = rand.Read(salt) // neither fails since Go 1.24
	_, _ = rand.Read(key)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashParams.Memory,
		hashParams.Iterations, hashParams.Parallelism, b64.EncodeToString(salt), b64.EncodeToString(key))
}
