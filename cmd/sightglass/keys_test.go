package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

// sightglass runs a command in this process and gives what it printed.
func sightglass(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

const (
	keptSecret = "client-secret-canary-7c1e"
	keptToken  = "refresh-token-canary-93ab"
)

// installation is a database with a linked account, closed, and its configuration file.
func installation(t *testing.T) (dir, config string) {
	t.Helper()
	p, c, file := built(t)
	c.Sites = []SiteConfig{{ID: "main", Links: []LinkConfig{{
		ID: "zd", Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"},
		Credential: CredentialConfig{
			Kind: "authorization_code", ClientID: "client", ClientSecretFile: file("secret.txt", keptSecret), RefreshTokenFile: file("seed.txt", keptToken),
		},
	}}}}
	if err := start(t.Context(), p, c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secret.txt", "seed.txt"} {
		if err := os.Remove(filepath.Join(filepath.Dir(c.KeysFile), name)); err != nil {
			t.Fatal(err)
		}
	}
	dir = filepath.Dir(c.KeysFile)
	return dir, file("sightglass.yaml", "keys_file: keys.txt\nrecords: {dsn: 'sqlite:sightglass.db'}\n")
}

// sealedWith lists the keys that stored secrets are sealed with.
func sealedWith(t *testing.T, config string) []string {
	t.Helper()
	cmd := serveCommand()
	if err := cmd.ParseFlags([]string{"--config", config, "--log-level", "error"}); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(cmd.Flags(), nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sql.Open(t.Context(), c.Records.DSN, sql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	links, err := store.AllLinks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range links {
		ids = append(ids, records.KeyOf(l.ClientSecret), records.KeyOf(l.RefreshToken))
	}
	return slices.Compact(ids)
}

// A rotation seals everything anew; a backup of before needs the old key, says so, and comes to the new
// one by another.
func TestKeysRotate(t *testing.T) {
	dir, config := installation(t)
	backup, keysFile := filepath.Join(dir, "b.age"), filepath.Join(dir, "keys.txt")
	must := func(args ...string) string {
		t.Helper()
		out, err := sightglass(t, args...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	must("records", "backup", backup, "--config", config)
	out := must("keys", "rotate", "--settle", "0s", "--config", config)
	id := free(keyID(time.Now()), nil)
	if !strings.Contains(out, "2 secrets were sealed anew with key "+id) {
		t.Errorf("got %s", out)
	}
	keys, err := records.ReadKeys(keysFile)
	if err != nil || !slices.Equal(keys.IDs(), []string{id, "t"}) {
		t.Errorf("keys file: got %v, %v, want the new key before the old", keys.IDs(), err)
	}
	if got := sealedWith(t, config); !slices.Equal(got, []string{id}) {
		t.Errorf("secrets are sealed with %v, want %s alone", got, id)
	}
	nothingReadable(t, filepath.Join(dir, "sightglass.db"), keysFile)

	restored := filepath.Join(t.TempDir(), "r.db")
	only := filepath.Join(t.TempDir(), "new-only.txt")
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(only, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := sightglass(t, "records", "restore", backup, "--keys-file", only, "--records-dsn", "sqlite:"+restored); err == nil || !strings.Contains(err.Error(), `"t"`) {
		t.Errorf("without the old key: got %v %s, want an error that names the key t", err, out)
	}
	must("records", "restore", backup, "--keys-file", keysFile, "--records-dsn", "sqlite:"+restored)
	out = must("keys", "rotate", "--reseal", "--keys-file", keysFile, "--records-dsn", "sqlite:"+restored)
	if !strings.Contains(out, "2 secrets were sealed anew with key "+id) {
		t.Errorf("after the restore: got %s", out)
	}
}

// nothingReadable looks for secrets and keys in a database's files as strings(1) does, and in its bytes.
func nothingReadable(t *testing.T, db, keysFile string) {
	t.Helper()
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{keptSecret, keptToken}
	for line := range strings.Lines(string(text)) {
		if _, b64, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && idOf(line) != "" {
			secrets = append(secrets, b64)
		}
	}
	if len(secrets) < 4 {
		t.Fatalf("%d secrets to look for: too few to show anything", len(secrets))
	}
	files, err := filepath.Glob(db + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s: %v", db, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if strings.Contains(string(b), s) {
				t.Errorf("%s holds a secret that can be read: %.6s…", filepath.Base(f), s)
			}
		}
	}
}

// The steps of several machines, one by one.
func TestKeysRotateInSteps(t *testing.T) {
	dir, config := installation(t)
	keysFile := filepath.Join(dir, "keys.txt")
	if out, err := sightglass(t, "keys", "new", "--standby", "--id", "u", "--out", keysFile); err != nil {
		t.Fatalf("standby: %v %s", err, out)
	}
	if k, err := records.ReadKeys(keysFile); err != nil || !slices.Equal(k.IDs(), []string{"t", "u"}) {
		t.Fatalf("keys: got %v, %v, want u behind t", k.IDs(), err)
	}
	if _, err := sightglass(t, "keys", "rotate", "--to", "v", "--settle", "0s", "--config", config); err == nil || !strings.Contains(err.Error(), "no key v") {
		t.Errorf("to a key that is not there: got %v, want an error that names it", err)
	}
	if got := sealedWith(t, config); !slices.Equal(got, []string{"t"}) {
		t.Errorf("before the rotation: sealed with %v, want t", got)
	}
	for range 2 { // a second time changes nothing
		if out, err := sightglass(t, "keys", "rotate", "--to", "u", "--settle", "0s", "--config", config); err != nil {
			t.Fatalf("rotate: %v %s", err, out)
		}
		if got := sealedWith(t, config); !slices.Equal(got, []string{"u"}) {
			t.Errorf("after it: sealed with %v, want u", got)
		}
	}
	// Without the old key, and with a wrong one, nothing is lost: it is said.
	if err := os.WriteFile(keysFile, []byte(records.NewKey("w")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := sightglass(t, "keys", "rotate", "--reseal", "--config", config)
	if code, ok := err.(exitCode); !ok || code != 3 || !strings.Contains(out, "main/zd") { //nolint:errorlint // never wrapped
		t.Errorf("with a foreign key: got %v %s, want exit code 3 and the link", err, out)
	}
}

func TestKeysCommand(t *testing.T) {
	dir := t.TempDir()
	line := records.NewKey("cmd")
	script := filepath.Join(dir, "keys.sh")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(script, []byte("#!/bin/sh\n"+text), 0o700); err != nil { //nolint:gosec,nolintlint // it is run
			t.Fatal(err)
		}
	}
	c := &Config{KeysCommand: []string{"/bin/sh", script, "an argument"}}
	write("test \"$1\" = 'an argument' && echo '" + line + "'\n")
	if k, err := c.keyring(t.Context()); err != nil || !slices.Equal(k.IDs(), []string{"cmd"}) {
		t.Errorf("got %v, want the key", err)
	}
	for name, step := range map[string]struct{ script, want string }{
		"fails":           {"echo canary-on-stderr >&2; exit 3", "exit status 3"},
		"prints nothing":  {"true", "no key"},
		"prints no key":   {"echo canary-is-no-key", "key 1"},
		"prints for ever": {"while echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; do n=$((n+1)); test $n -lt 2000 || exit 0; done", "more than"},
	} {
		write(step.script + "\n")
		_, err := c.keyring(t.Context())
		if err == nil || !strings.Contains(err.Error(), step.want) || !strings.HasPrefix(err.Error(), "keys_command: ") {
			t.Errorf("%s: got %v, want keys_command and %q", name, err, step.want)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error repeats what was printed: %v", name, err)
		}
	}
	c.KeysFile = "keys.txt"
	if _, err := c.keyring(t.Context()); err == nil || !strings.Contains(err.Error(), "keep one") {
		t.Errorf("two sources: got %v, want an error", err)
	}
}

// A running gateway takes new keys from its file by itself, and from elsewhere at SIGHUP; keys that would
// leave stored secrets unreadable it does not take.
func TestNewKeysAreTakenWhileServing(t *testing.T) {
	p, c, file := built(t)
	c.Sites = []SiteConfig{{ID: "main", Links: []LinkConfig{{
		ID: "zd", Provider: "zendesk", Settings: map[string]string{"subdomain": "acme"},
		Credential: CredentialConfig{Kind: "client_credentials", ClientID: "client", ClientSecretFile: file("secret.txt", "hush")},
	}}}}
	if err := start(t.Context(), p, c); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(c.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	stop := watchKeys(t.Context(), p, c)
	wantFirst := func(when, id string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); p.keys.IDs()[0] != id; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: keys %v, want %s first", when, p.keys.IDs(), id)
			}
		}
	}
	both := records.NewKey("u") + "\n" + string(old)
	if err := writeKeys(c.KeysFile, both); err != nil {
		t.Fatal(err)
	}
	wantFirst("the file changed", "u")

	for name, text := range map[string]string{
		"no keys": "nonsense", "foreign keys": records.NewKey("v"), "without the key that is needed": strings.SplitAfter(both, "\n")[0],
	} {
		if err := os.WriteFile(c.KeysFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		reloadKeys(t.Context(), p, c)
		if got := p.keys.IDs(); !slices.Equal(got, []string{"u", "t"}) {
			t.Errorf("%s: keys are %v, want those from before", name, got)
		}
	}

	stop()
	printed := *c
	printed.KeysFile = ""
	printed.KeysCommand = []string{"cat", file("printed.txt", string(old)+"\n"+both[:strings.Index(both, "\n")])}
	defer watchKeys(t.Context(), p, &printed)()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wantFirst("SIGHUP", "t")
}
