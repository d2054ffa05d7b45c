package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

const (
	// keysEvery is how often serve looks whether its keys file has changed.
	keysEvery = time.Second
	// keysPatience bounds a keys_command; a secret store far away takes a second or two.
	keysPatience = 20 * time.Second
	// maxKeys bounds what it may print: a key has some 60 characters.
	maxKeys = 64 << 10
)

// keyring reads the sealing keys. A mistake never quotes a key.
func (c *Config) keyring(ctx context.Context) (*records.Keyring, error) {
	if sources := c.keySources(); len(sources) > 1 {
		return nil, fmt.Errorf("keys: %s and %s are set; keep one", sources[0], sources[1])
	}
	var k *records.Keyring
	var err error
	switch {
	case c.Keys != "":
		if k, err = records.ParseKeys(c.Keys); err != nil {
			return nil, fmt.Errorf("SIGHTGLASS_KEYS: %w", err)
		}
	case c.KeysFile != "":
		if k, err = records.ReadKeys(c.KeysFile); err != nil {
			return nil, fmt.Errorf("keys_file: %w", err)
		}
	case len(c.KeysCommand) > 0:
		if k, err = printedKeys(ctx, c.KeysCommand); err != nil {
			return nil, fmt.Errorf("keys_command: %w", err)
		}
	default:
		return nil, errors.New("no sealing key: run `sightglass keys new --out keys.txt` once and set keys_file: keys.txt (or SIGHTGLASS_KEYS, or keys_command)")
	}
	return k, nil
}

func (c *Config) keySources() (set []string) {
	for _, s := range []struct {
		name string
		set  bool
	}{{"SIGHTGLASS_KEYS", c.Keys != ""}, {"keys_file", c.KeysFile != ""}, {"keys_command", len(c.KeysCommand) > 0}} {
		if s.set {
			set = append(set, s.name)
		}
	}
	return set
}

// printedKeys runs a program that prints the keys, without a shell. What it says on standard error is shown
// to nobody: a secret store's tool may quote there what it was asked for.
func printedKeys(ctx context.Context, command []string) (*records.Keyring, error) {
	ctx, cancel := context.WithTimeout(ctx, keysPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	out := &capped{left: maxKeys}
	cmd.Stdout = out
	cmd.WaitDelay = time.Second
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s took longer than %v", command[0], keysPatience)
	case out.left < 0:
		return nil, fmt.Errorf("%s printed more than %d bytes, which are no keys", command[0], maxKeys)
	case err != nil:
		return nil, fmt.Errorf("%s failed (%w); run it by hand to see why", command[0], err)
	}
	return records.ParseKeys(out.b.String())
}

// capped keeps the beginning of what is written; left is negative when there was more.
type capped struct {
	b    bytes.Buffer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left >= 0 {
		_, _ = c.b.Write(p) // never fails
	}
	return len(p), nil
}

// watchKeys reads the keys again when their file changes and at SIGHUP, until ctx ends. What cannot be
// read, or opens nothing of what is kept, changes nothing.
func watchKeys(ctx context.Context, p *program, c *Config) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	done := make(chan struct{})
	seen := stampOf(c.KeysFile)
	go func() {
		defer close(done)
		defer signal.Stop(hup)
		tick := time.NewTicker(keysEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			case <-tick.C:
				if now := stampOf(c.KeysFile); now == seen {
					continue
				}
			}
			seen = stampOf(c.KeysFile)
			reloadKeys(ctx, p, c)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// stamp tells one state of a file from another.
type stamp struct {
	size, inode int64
	at          time.Time
}

func stampOf(path string) stamp {
	fi, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	st := stamp{size: fi.Size(), at: fi.ModTime()}
	if sys, ok := fi.Sys().(*syscall.Stat_t); ok {
		st.inode = int64(sys.Ino) //nolint:gosec,nolintlint // only compared
	}
	return st
}

func reloadKeys(ctx context.Context, p *program, c *Config) {
	next, err := c.keyring(ctx)
	if err == nil {
		err = checkKeys(ctx, p, next)
	}
	if err == nil {
		err = stillNeeded(ctx, p, next)
	}
	if err == nil {
		err = p.keys.Replace(next)
	}
	if err != nil {
		p.log.ErrorContext(ctx, "sealing keys not read anew: those from before stay in use", "err", err)
		return
	}
	p.log.InfoContext(ctx, "sealing keys read anew; the first one seals", "ids", p.keys.IDs())
}
