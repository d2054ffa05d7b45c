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
	"slices"
	"strings"
	"sync"
	"time"
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

// goneFor is how long a key that was taken out still opens: handles are out there that it sealed.
const goneFor = 24 * time.Hour

// Keyring seals with its first key and opens with any. Its keys can be replaced while it is in use. It
// is safe for concurrent use.
type Keyring struct {
	mu   sync.RWMutex
	keys []key
	gone []goneKey
}

// goneKey is a key that is no longer among the keys.
type goneKey struct {
	key
	until time.Time
}

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
	for i, f := range entries(s) {
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

// entries gives what is neither empty nor a comment. A comment goes to the end of its line.
func entries(s string) (all []string) {
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for f := range strings.SplitSeq(line, ",") {
			if f = strings.TrimSpace(f); f != "" && !strings.HasPrefix(f, "#") {
				all = append(all, f)
			}
		}
	}
	return all
}

// ReadKeys reads ParseKeys' format from a file.
func ReadKeys(path string) (*Keyring, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseKeys(string(b))
}

// Replace takes the keys of next in place of its own. What was sealed with a key that is not among them
// opens for another day, as long as the process lives. It fails, and changes nothing, where an id of
// its own stands for another key now: what that id sealed would not open.
func (k *Keyring) Replace(next *Keyring) error {
	now, keys := time.Now(), next.all()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, had := range k.keys {
		for _, n := range keys {
			if n.id == had.id && !bytes.Equal(n.raw, had.raw) {
				return fmt.Errorf("the id %q stands for another key than before; give the new key a name of its own", n.id)
			}
		}
	}
	gone := slices.DeleteFunc(slices.Clone(k.gone), func(g goneKey) bool { return !now.Before(g.until) })
	for _, had := range k.keys {
		if !slices.ContainsFunc(keys, func(n key) bool { return n.id == had.id }) {
			gone = append(gone, goneKey{had, now.Add(goneFor)})
		}
	}
	k.keys, k.gone = keys, gone
	return nil
}

func (k *Keyring) all() []key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.keys)
}

func (k *Keyring) sealing() key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[0]
}

// byID finds a key that opens.
func (k *Keyring) byID(id string) (key, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for i := range k.keys {
		if k.keys[i].id == id {
			return k.keys[i], true
		}
	}
	for i := range k.gone {
		if g := &k.gone[i]; g.id == id && time.Now().Before(g.until) {
			return g.key, true
		}
	}
	return key{}, false
}

// IDs lists the key ids, the sealing one first.
func (k *Keyring) IDs() []string {
	var ids []string
	for _, f := range k.all() {
		ids = append(ids, f.id)
	}
	return ids
}

// Seal encrypts plain for place with the first key: version, id length, id, nonce, ciphertext.
func (k *Keyring) Seal(plain []byte, place Place) Sealed {
	f := k.sealing()
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
	f, ok := k.byID(id)
	if !ok || len(rest) < f.aead.NonceSize() {
		return nil, ErrSealed
	}
	n := f.aead.NonceSize()
	plain, err := f.aead.Open(nil, rest[:n], rest[n:], place.bytes())
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
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

// Derive gives a 32-byte key for one purpose (HKDF-SHA-256), from the key whose id sorts first: replicas
// with the same keys derive the same, in whatever order they have them, and where ids tell the date, as
// those of `sightglass keys new` do, a new key changes nothing as long as the old one is there.
func (k *Keyring) Derive(purpose string) []byte {
	oldest := slices.MinFunc(k.all(), func(a, b key) int { return strings.Compare(a.id, b.id) })
	b, err := hkdf.Key(sha256.New, oldest.raw, nil, "sightglass "+purpose, keySize)
	if err != nil {
		panic(err) // the length is a constant that HKDF allows
	}
	return b
}
