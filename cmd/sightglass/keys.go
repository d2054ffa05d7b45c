package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/records"
)

func keysCommand() *cobra.Command {
	keys := &cobra.Command{Use: "keys", Short: "Sealing keys"}
	var out, id string
	made := &cobra.Command{
		Use:   "new",
		Short: "Make a sealing key",
		Long: `Makes a key that seals refresh tokens, client secrets and handles. With --out it goes in front of
the keys that are in the file: the first one seals, all of them open. Keep a copy elsewhere: without
the key every link must be linked again.`,
		Example: "  sightglass keys new --out keys.txt\n  SIGHTGLASS_KEYS=$(sightglass keys new) sightglass serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			line := records.NewKey(id)
			if out == "" {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), line)
				return err
			}
			if err := prependKey(out, line); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "key %s is in %s, the first of its keys\n", id, out)
			return err
		},
	}
	made.Flags().StringVar(&out, "out", "", "file to put it into, made with mode 0600 (default: print it)")
	made.Flags().StringVar(&id, "id", "k"+time.Now().UTC().Format("20060102"), "name of the key; stands in front of what it sealed")
	keys.AddCommand(made)
	return keys
}

// prependKey writes a new file and renames it over the old: a full disk loses no key.
func prependKey(path, line string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	next := append([]byte(line+"\n"), old...)
	if _, err := records.ParseKeys(string(next)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(next)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, path)
}
