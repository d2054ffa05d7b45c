package backup

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/sightglass-gateway/sightglass/records"
)

// stanza names the kind of recipient that a Keyring is, in the file's header.
const stanza = "sightglass-key"

// keyPlace binds the wrapped key of a file to its use.
var keyPlace = records.Place{Table: "backup", Row: "file key"}

// ring wraps a file's key with the sealing key, so that a backup needs no secret of its own.
type ring struct{ keys *records.Keyring }

// Keyring encrypts for the key ring's first key.
func Keyring(k *records.Keyring) age.Recipient { return ring{k} }

// KeyringIdentity opens with any key of the ring.
func KeyringIdentity(k *records.Keyring) age.Identity { return ring{k} }

// Wrap implements age.Recipient.
func (r ring) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: stanza, Args: []string{r.keys.IDs()[0]}, Body: r.keys.Seal(fileKey, keyPlace)}}, nil
}

// Unwrap implements age.Identity.
func (r ring) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != stanza {
			continue
		}
		if key, err := r.keys.Open(s.Body, keyPlace); err == nil {
			return key, nil
		}
	}
	return nil, age.ErrIncorrectIdentity
}

// workFactor is scrypt's: about a second, as the program age has it. Tests take less.
var workFactor = 18

// minPassphrase is what a passphrase must have: the file can be guessed at without end.
const minPassphrase = 12

// Passphrase encrypts for, and PassphraseIdentity opens with, the first line of a file.
func Passphrase(path string) (age.Recipient, error) {
	s, err := passphrase(path)
	if err != nil {
		return nil, err
	}
	if len([]rune(s)) < minPassphrase {
		return nil, fmt.Errorf("%s: a backup's passphrase needs %d characters or more", path, minPassphrase)
	}
	r, err := age.NewScryptRecipient(s)
	if err == nil {
		r.SetWorkFactor(workFactor)
	}
	return r, err
}

// PassphraseIdentity opens with the first line of a file.
func PassphraseIdentity(path string) (age.Identity, error) {
	s, err := passphrase(path)
	if err != nil {
		return nil, err
	}
	return age.NewScryptIdentity(s)
}

func passphrase(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return "", fmt.Errorf("%s: the passphrase is empty", path)
	}
	return line, nil
}

// Recipients reads public keys as age-keygen prints them (age1…).
func Recipients(keys []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, k := range keys {
		r, err := age.ParseRecipients(strings.NewReader(k))
		if err != nil {
			return nil, fmt.Errorf("%q is not a public key of age (age1…)", k)
		}
		all = append(all, r...)
	}
	return all, nil
}

// Identities reads the secret keys that age-keygen wrote into a file.
func Identities(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	ids, err := age.ParseIdentities(f)
	if err != nil { // the library's error may quote the line
		return nil, fmt.Errorf("%s: want lines AGE-SECRET-KEY-1…, as age-keygen writes them", path)
	}
	return ids, nil
}

// wantedKey tells what a file was encrypted for, in words; its header is not secret.
func wantedKey(stanzas []*age.Stanza) string {
	i := slices.IndexFunc(stanzas, func(s *age.Stanza) bool { return s.Type == stanza || s.Type == "scrypt" })
	switch {
	case i < 0:
		return "the secret key of an age recipient (--identity-file)"
	case stanzas[i].Type == "scrypt":
		return "a passphrase (--passphrase-file)"
	default:
		return fmt.Sprintf("the sealing key %q (keys_file, keys_command or SIGHTGLASS_KEYS)", stanzas[i].Args)
	}
}

// witness is an identity that opens nothing and sees what would.
type witness struct{ seen []*age.Stanza }

// Unwrap implements age.Identity.
func (w *witness) Unwrap(s []*age.Stanza) ([]byte, error) {
	w.seen = append(w.seen, s...)
	return nil, age.ErrIncorrectIdentity
}

var errNoKey = errors.New("backup: nothing to open it with")
