package records

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Place says where a sealed value lives. It is bound to the ciphertext as additional data, so that
// a value copied to another row, column, site or generation does not open.
type Place struct {
	Site       SiteID
	Table      string
	Row        string
	Column     string
	Generation int64
}

// bytes is unambiguous: every field is preceded by its length.
func (p Place) bytes() []byte {
	var b bytes.Buffer
	for _, f := range []string{string(p.Site), p.Table, p.Row, p.Column} {
		b.Write(binary.AppendUvarint(nil, uint64(len(f))))
		b.WriteString(f)
	}
	b.Write(binary.AppendVarint(nil, p.Generation))
	return b.Bytes()
}

// ErrSealed says that a value did not open: another key, another place, or changed bytes.
var ErrSealed = errors.New("records: sealed value does not open here (wrong key, wrong place, or altered)")

// keySize is AES-256's.
const keySize = 32

// Keyring seals with its first key and opens with any.
type Keyring struct{ keys []key }

type key struct {
	id   string
	raw  []byte
	aead cipher.AEAD
}

// NewKey makes a key line "id:base64(32 random bytes)", as SIGHTGLASS_KEYS and keys_file hold them.
func NewKey(id string) string {
	b := make([]byte, keySize)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return id + ":" + base64.StdEncoding.EncodeToString(b)
}

// ParseKeys reads "id:base64(32 bytes)" entries separated by commas or new lines; lines that begin
// with # and empty ones are passed over. Errors name the entry by its position, never its text.
func ParseKeys(s string) (*Keyring, error) {
	k := &Keyring{}
	seen := map[string]bool{}
	for i, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		f = strings.TrimSpace(f)
		if f == "" || strings.HasPrefix(f, "#") {
			continue
		}
		id, b64, ok := strings.Cut(f, ":")
		if !ok || id == "" || len(id) > 32 {
			return nil, fmt.Errorf("key %d: want id:base64 of 32 bytes", i+1)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b64))
		if err != nil || len(raw) != keySize {
			return nil, fmt.Errorf("key %d (%q): want base64 of 32 bytes", i+1, id)
		}
		if seen[id] {
			return nil, fmt.Errorf("key %d: the id %q is used twice", i+1, id)
		}
		seen[id] = true
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		k.keys = append(k.keys, key{id, raw, aead})
	}
	if len(k.keys) == 0 {
		return nil, errors.New("no key: run `sightglass keys new`")
	}
	return k, nil
}

// ReadKeys reads ParseKeys' format from a file.
func ReadKeys(path string) (*Keyring, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseKeys(string(b))
}

// IDs lists the key ids, the sealing one first.
func (k *Keyring) IDs() []string {
	ids := make([]string, len(k.keys))
	for i := range k.keys {
		ids[i] = k.keys[i].id
	}
	return ids
}

// Seal encrypts plain for place with the first key: version, id length, id, nonce, ciphertext.
func (k *Keyring) Seal(plain []byte, place Place) Sealed {
	f := k.keys[0]
	out := append([]byte{1, byte(len(f.id))}, f.id...)
	nonce := make([]byte, f.aead.NonceSize())
	_, _ = rand.Read(nonce)
	out = append(out, nonce...)
	return f.aead.Seal(out, nonce, plain, place.bytes())
}

// Open decrypts what Seal made for the same place. Every failure is ErrSealed.
func (k *Keyring) Open(s Sealed, place Place) ([]byte, error) {
	if len(s) < 2 || s[0] != 1 || len(s) < 2+int(s[1]) {
		return nil, ErrSealed
	}
	id, rest := string(s[2:2+int(s[1])]), s[2+int(s[1]):]
	for _, f := range k.keys {
		if f.id != id {
			continue
		}
		n := f.aead.NonceSize()
		if len(rest) < n {
			return nil, ErrSealed
		}
		plain, err := f.aead.Open(nil, rest[:n], rest[n:], place.bytes())
		if err != nil {
			return nil, ErrSealed
		}
		return plain, nil
	}
	return nil, ErrSealed
}

// KeyOf tells which key sealed s, for re-sealing; "" when s is malformed.
func KeyOf(s Sealed) string {
	if len(s) < 2 || s[0] != 1 || len(s) < 2+int(s[1]) {
		return ""
	}
	return string(s[2 : 2+int(s[1])])
}

// SealSecret seals a Secret.
func (k *Keyring) SealSecret(s Secret, place Place) Sealed { return k.Seal([]byte(s.Reveal()), place) }

// OpenSecret opens a Secret.
func (k *Keyring) OpenSecret(s Sealed, place Place) (Secret, error) {
	b, err := k.Open(s, place)
	if err != nil {
		return Secret{}, err
	}
	return NewSecret(string(b)), nil
}

// Derive gives a 32-byte key for one purpose from the sealing key (HKDF-SHA-256). Replicas with the
// same first key derive the same.
func (k *Keyring) Derive(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.keys[0].raw, nil, "sightglass "+purpose, keySize)
	if err != nil {
		panic(err) // the length is a constant that HKDF allows
	}
	return b
}
