package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
	"github.com/sightglass-gateway/sightglass/records/backup"
	"github.com/sightglass-gateway/sightglass/records/sql"
)

func recordsCommand() *cobra.Command {
	all := &cobra.Command{Use: "records", Short: "Back up what is kept, check a backup, restore it"}
	all.AddCommand(recordsBackupCommand(), recordsVerifyCommand(), recordsRestoreCommand())
	return all
}

func recordsBackupCommand() *cobra.Command {
	var passphrase string
	var recipients []string
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all that is kept into one encrypted file, as one moment saw it",
		Long: `Works beside a running serve, on SQLite and PostgreSQL alike. The file is encrypted with the sealing
key; or with a passphrase, or for recipients of age (age-encryption.org), whose secret key need not be
on this machine. It appears whole or not at all, with mode 0600. Sign-ins and linkings in progress are
left out. Refresh tokens and client secrets are in it as they are kept: sealed. Who restores it needs
the sealing keys, too, or links anew. Exits with 3 when an audit chain is broken.`,
		Example: "  sightglass records backup sightglass-2026-11-24.age\n  sightglass records backup --recipient age1… /backup/sightglass.age",
		Args:    needs("FILE"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, _ *connectors.Registry) error {
			to, err := c.recipients(cmd.Context(), passphrase, recipients)
			if err != nil {
				return err
			}
			var sum sql.Summary
			err = backup.Write(args[0], to, func(w io.Writer) error {
				sum, err = sql.Dump(cmd.Context(), c.Records.DSN, w, sql.Options{Log: c.logger()})
				return err
			})
			if err != nil {
				return fmt.Errorf("records backup: %w", err)
			}
			return reportBackup(cmd, "backed up", &sum, nil)
		}),
	}
	cmd.Flags().StringVar(&passphrase, "passphrase-file", "", "encrypt with the first line of this file instead of the sealing key")
	cmd.Flags().StringArrayVar(&recipients, "recipient", nil, "encrypt for this public key of age instead (may be repeated)")
	addConfigFlags(cmd.Flags())
	return cmd
}

func recordsVerifyCommand() *cobra.Command {
	var with openFlags
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Prove that a backup can be restored: read every record, count, walk the audit chains",
		Long: `Reads the file to its end and restores nothing. Prints what is in it, the head of every site's audit
chain, and which sealing keys its secrets want. Exits with 3 when a chain is broken or a key is not here.`,
		Args: needs("FILE"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, _ *connectors.Registry) error {
			r, err := with.open(cmd.Context(), c, args[0])
			if err != nil {
				return fmt.Errorf("records verify: %w", err)
			}
			defer func() { _ = r.Close() }() // only read
			sum, err := sql.CheckDump(r)
			if err != nil {
				return fmt.Errorf("records verify: %s: %w", args[0], err)
			}
			return reportBackup(cmd, "holds", &sum, with.ring)
		}),
	}
	with.add(cmd)
	return cmd
}

func recordsRestoreCommand() *cobra.Command {
	var with openFlags
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Load a backup into an empty database",
		Long: `The database that records.dsn names must be empty, and may be of the other kind than the one that was
backed up. All is loaded or nothing. A backup with a broken audit chain is not loaded. Afterwards
everybody signs in anew; a link whose provider has rotated its token since the backup asks to be
connected again.`,
		Args: needs("FILE"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, _ *connectors.Registry) error {
			r, err := with.open(cmd.Context(), c, args[0])
			if err != nil {
				return fmt.Errorf("records restore: %w", err)
			}
			defer func() { _ = r.Close() }() // only read
			sum, err := sql.Restore(cmd.Context(), c.Records.DSN, r, sql.Options{Log: c.logger()})
			if errors.Is(err, sql.ErrBrokenChain) {
				return errors.Join(fmt.Errorf("records restore: %s: %w; nothing was restored", args[0], err), reportBackup(cmd, "holds", &sum, nil))
			}
			if err != nil {
				return fmt.Errorf("records restore: %s: %w", args[0], err)
			}
			return reportBackup(cmd, "restored", &sum, with.ring)
		}),
	}
	with.add(cmd)
	return cmd
}

// openFlags say what opens a backup.
type openFlags struct {
	passphrase, identity string
	ring                 *records.Keyring // nil: none is configured
}

func (o *openFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.passphrase, "passphrase-file", "", "the backup's passphrase is the first line of this file")
	cmd.Flags().StringVar(&o.identity, "identity-file", "", "secret keys of age, as age-keygen writes them")
	addConfigFlags(cmd.Flags())
}

func (o *openFlags) open(ctx context.Context, c *Config, path string) (io.ReadCloser, error) {
	ring, err := c.keyring(ctx)
	other := o.passphrase != "" || o.identity != ""
	if err != nil && !other {
		return nil, err
	}
	var with []age.Identity
	if err == nil {
		o.ring = ring
		with = append(with, backup.KeyringIdentity(ring))
	}
	if o.passphrase != "" {
		id, err := backup.PassphraseIdentity(o.passphrase)
		if err != nil {
			return nil, err
		}
		with = append(with, id)
	}
	if o.identity != "" {
		ids, err := backup.Identities(o.identity)
		if err != nil {
			return nil, err
		}
		with = append(with, ids...)
	}
	return backup.Open(path, with...)
}

// recipients says what a backup is encrypted for.
func (c *Config) recipients(ctx context.Context, passphrase string, public []string) ([]age.Recipient, error) {
	switch {
	case passphrase != "" && len(public) > 0:
		return nil, errors.New("--passphrase-file and --recipient: want one of them")
	case passphrase != "":
		r, err := backup.Passphrase(passphrase)
		return []age.Recipient{r}, err
	case len(public) > 0:
		return backup.Recipients(public)
	}
	ring, err := c.keyring(ctx)
	if err != nil {
		return nil, err
	}
	return []age.Recipient{backup.Keyring(ring)}, nil
}

// reportBackup prints what a backup holds; with a ring, also whether it opens the secrets.
func reportBackup(cmd *cobra.Command, done string, s *sql.Summary, ring *records.Keyring) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s: %s of %s, schema %d\n", done, s.From, s.At.UTC().Format("2006-01-02 15:04:05 UTC"), s.Schema)
	for _, t := range s.Tables {
		fmt.Fprintf(out, "  %-16s %d\n", t, s.Rows[t])
	}
	for _, r := range s.Chains {
		if err := printReport(cmd, r); err != nil {
			return err
		}
	}
	lacking := false
	for _, id := range slices.Sorted(maps.Keys(s.Sealed)) {
		var what []string
		for _, column := range slices.Sorted(maps.Keys(s.Sealed[id])) {
			what = append(what, fmt.Sprintf("%d %s", s.Sealed[id][column], column))
		}
		here := ""
		if ring != nil && !slices.Contains(ring.IDs(), id) {
			here, lacking = " — this key is NOT HERE: without it these links are to be linked again", true
		}
		fmt.Fprintf(out, "sealed with key %s: %s%s\n", id, strings.Join(what, ", "), here)
	}
	if lacking || s.Broken() {
		return exitCode(3)
	}
	return nil
}
