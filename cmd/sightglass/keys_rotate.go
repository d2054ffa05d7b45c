package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

// settle is three looks of serve at its keys file.
const settle = 3 * keysEvery

func keysRotateCommand() *cobra.Command {
	r := &rotation{}
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Change to a new sealing key while gateways serve, and seal everything anew",
		Long: `With keys_file: makes a key (or takes the one that --to names), puts it behind the others, waits until
running gateways have read it, puts it in front, and seals every stored secret with it. The key that sealed
before stays in the file: handles that it sealed open for another day.

Gateways on several machines have a copy of the file each. There: "keys new --standby --out keys.txt" on
one, copy the file to all, then "keys rotate --to ID" on one, copy the file to all again, and
"keys rotate --reseal" once more at the end.

With SIGHTGLASS_KEYS or keys_command the keys are changed where they come from, in the same order; this
command then only seals anew with the first one, as --reseal does.

Exits with 3 when a stored secret does not open with any key that is here; it is left as it is.`,
		Example: "  sightglass keys rotate --config /etc/sightglass/sightglass.yaml\n  sightglass keys rotate --reseal",
		Args:    cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, _ *connectors.Registry) error {
			r.out = cmd.OutOrStdout()
			return r.run(cmd.Context(), c)
		}),
	}
	cmd.Flags().StringVar(&r.to, "to", "", "id of a key in the file that is to seal from now on (default: a new one)")
	cmd.Flags().DurationVar(&r.settle, "settle", settle, "how long gateways are given to read the file; they look once a second")
	cmd.Flags().BoolVar(&r.only, "reseal", false, "change no key: seal what is stored with the first one")
	addConfigFlags(cmd.Flags())
	return cmd
}

// rotation is one change of the sealing key. Its order is what makes it safe beside running gateways:
// every gateway can open with the new key before any seals with it.
type rotation struct {
	to     string
	settle time.Duration
	only   bool
	out    io.Writer
}

func (r *rotation) run(ctx context.Context, c *Config) error {
	keys, err := c.keyring(ctx)
	if err != nil {
		return err
	}
	switch {
	case r.only:
	case c.KeysFile == "" && r.to != "":
		return fmt.Errorf("--to: the keys do not come from a keys_file; change their order where they come from")
	case c.KeysFile != "":
		if err := r.change(ctx, c.KeysFile, keys.IDs()); err != nil {
			return fmt.Errorf("keys_file: %w", err)
		}
		if keys, err = c.keyring(ctx); err != nil {
			return err
		}
	}
	return r.reseal(ctx, c, keys)
}

// change makes another key the first.
func (r *rotation) change(ctx context.Context, path string, ids []string) error {
	id := r.to
	if id == "" {
		id = free(keyID(time.Now()), ids)
		if err := addKey(path, records.NewKey(id), true); err != nil {
			return err
		}
		r.say("key %s is in %s and opens; gateways that read this file know it in %v", id, path, r.settle)
		if err := wait(ctx, r.settle); err != nil {
			return err
		}
	}
	if id == ids[0] {
		r.say("key %s seals already", id)
		return nil
	}
	if err := promoteKey(path, id, time.Now()); err != nil {
		return err
	}
	r.say("key %s seals from now on; gateways that read this file use it in %v", id, r.settle)
	return wait(ctx, r.settle)
}

func (r *rotation) reseal(ctx context.Context, c *Config, keys *records.Keyring) error {
	store, err := sql.Open(ctx, c.Records.DSN, sql.Options{Log: c.logger()})
	if err != nil {
		return fmt.Errorf("records: %w", err)
	}
	defer func() { _ = store.Close() }() // what was acknowledged is on disk
	done, err := auth.Reseal(ctx, store, keys)
	if err != nil {
		return err
	}
	r.say("%d secrets were sealed anew with key %s", done.Secrets, keys.IDs()[0])
	if len(done.Unopened) == 0 {
		if others := keys.IDs()[1:]; len(others) > 0 {
			r.say("nothing stored is sealed with %s; handles and backups of before may be", strings.Join(others, ", "))
		}
		return nil
	}
	for _, id := range done.Unopened {
		r.say("a secret of link %s opens with no key that is here; put the key back, or link it again", id)
	}
	return exitCode(3)
}

func (r *rotation) say(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format+"\n", args...) }

// free gives an id that no key has, and that sorts behind those of the same day.
func free(id string, taken []string) string {
	name := id
	for n := 2; slices.Contains(taken, name); n++ {
		name = fmt.Sprintf("%s-%d", id, n)
	}
	return name
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
