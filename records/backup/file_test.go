package backup_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/backup"
)

func ring(t testing.TB, id string) *records.Keyring {
	t.Helper()
	k, err := records.ParseKeys(records.NewKey(id))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func write(t testing.TB, content []byte, to ...age.Recipient) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.age")
	err := backup.Write(path, to, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(path string, with ...age.Identity) ([]byte, error) {
	r, err := backup.Open(path, with...)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func content(n int) []byte {
	b, r := make([]byte, n), rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return b
}

// A file is opened by what it was made for, whatever its size; nothing readable is in it, and only its
// owner may look.
func TestRoundTrip(t *testing.T) {
	k := ring(t, "k1")
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_000} {
		want := content(size)
		path := write(t, want, backup.Keyring(k))
		got, err := read(path, backup.KeyringIdentity(k))
		if err != nil || !bytes.Equal(bytes.TrimRight(got, "\n"), want) {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
		raw, err := os.ReadFile(path)
		if err != nil || size > 20 && bytes.Contains(raw, want[:20]) {
			t.Errorf("%d bytes: readable without a key, %v", size, err)
		}
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%d bytes: got mode %v, %v, want 0600", size, fi.Mode(), err)
		}
	}
}

func TestPassphraseAndRecipient(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pass.txt")
	if err := os.WriteFile(file, []byte("correct horse battery\nsecond line"), 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := backup.Passphrase(file)
	if err != nil {
		t.Fatal(err)
	}
	with, err := backup.PassphraseIdentity(file)
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public, err := backup.Recipients([]string{id.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		to   age.Recipient
		with age.Identity
	}{"passphrase": {to, with}, "recipient": {public[0], id}} {
		got, err := read(write(t, []byte("hello"), c.to), c.with)
		if err != nil || string(bytes.TrimRight(got, "\n")) != "hello" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Passphrase(file); err == nil {
		t.Error("a passphrase of 5 characters: got no error")
	}
}

// Every way in which a file is wrong has its own words.
func TestWrongFiles(t *testing.T) {
	k := ring(t, "k1")
	good, err := os.ReadFile(write(t, content(200_000), backup.Keyring(k)))
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 1
		return b
	}
	other, err := records.ParseKeys(records.NewKey("k1"))
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Index(good, []byte("--- "))
	said := map[string]error{}
	for name, c := range map[string]struct {
		file []byte
		with *records.Keyring
		want error
	}{
		"wrong key":              {good, other, backup.ErrWrongKey},
		"cut in the magic":       {good[:10], k, backup.ErrCut},
		"cut in the header":      {good[:body-5], k, backup.ErrCut},
		"cut after the header":   {good[:body+48], k, backup.ErrCut},
		"cut in a chunk":         {good[:len(good)-100], k, backup.ErrCut},
		"cut at a chunk's end":   {good[:len(good)-(64<<10+16)], k, backup.ErrCut},
		"a byte in the middle":   {at(len(good) / 2), k, backup.ErrAltered},
		"the last byte":          {at(len(good) - 1), k, backup.ErrAltered},
		"the header's seal":      {at(body + 10), k, backup.ErrAltered},
		"something added":        {append(bytes.Clone(good), good[len(good)-(64<<10+16):]...), k, backup.ErrAltered},
		"another kind of file":   {[]byte("SQLite format 3\x00"), k, backup.ErrNotBackup},
		"an empty file":          {nil, k, backup.ErrNotBackup},
		"a long line of nothing": {content(200_000), k, backup.ErrNotBackup},
	} {
		path := filepath.Join(t.TempDir(), "b.age")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := read(path, backup.KeyringIdentity(c.with))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		said[name] = err
	}
	if got := said["wrong key"].Error(); !bytes.Contains([]byte(got), []byte(`"k1"`)) {
		t.Errorf("wrong key: got %q, want it to name the key that is wanted", got)
	}
}

// Whatever fails, no file is left, neither under its name nor another.
func TestFailureLeavesNothing(t *testing.T) {
	k := ring(t, "k1")
	for name, c := range map[string]struct {
		dump func(io.Writer) error
		want error
	}{
		"the database fails": {func(w io.Writer) error {
			_, _ = w.Write(content(200_000))
			return io.ErrClosedPipe
		}, io.ErrClosedPipe},
		"the disk is full": {func(io.Writer) error {
			f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.Write([]byte("x"))
			return fmt.Errorf("write: %w", err)
		}, backup.ErrDiskFull},
	} {
		dir := t.TempDir()
		err := backup.Write(filepath.Join(dir, "b.age"), []age.Recipient{backup.Keyring(k)}, c.dump)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	there := write(t, []byte("first"), backup.Keyring(k))
	err := backup.Write(there, []age.Recipient{backup.Keyring(k)}, func(io.Writer) error { return nil })
	if !errors.Is(err, backup.ErrThere) {
		t.Errorf("a second backup of one name: got %v, want %v", err, backup.ErrThere)
	}
	if got, err := read(there, backup.KeyringIdentity(k)); err != nil || string(bytes.TrimRight(got, "\n")) != "first" {
		t.Errorf("the first backup afterwards: got %q, %v", got, err)
	}
}
