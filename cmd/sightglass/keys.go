package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/records"
)

func keysCommand() *cobra.Command {
	keys := &cobra.Command{Use: "keys", Short: "Sealing keys"}
	keys.AddCommand(keysNewCommand(), keysRotateCommand())
	return keys
}

func keysNewCommand() *cobra.Command {
	var out, id string
	var standby bool
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a sealing key",
		Long: `Makes a key that seals refresh tokens, client secrets and handles. With --out it goes in front of
the keys that are in the file: the first one seals, all of them open. With --standby it goes behind them:
it opens, but does not seal before "sightglass keys rotate --to ID". Keep a copy elsewhere: without the
key every link must be linked again.`,
		Example: "  sightglass keys new --out keys.txt\n  SIGHTGLASS_KEYS=$(sightglass keys new) sightglass serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			line := records.NewKey(id)
			if out == "" {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), line)
				return err
			}
			if err := addKey(out, line, standby); err != nil {
				return err
			}
			where := "the first of its keys"
			if standby {
				where = "behind its other keys; it seals after `sightglass keys rotate --to " + id + "`"
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "key %s is in %s, %s\n", id, out, where)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to put it into, made with mode 0600 (default: print it)")
	cmd.Flags().StringVar(&id, "id", keyID(time.Now()), "name of the key; stands in front of what it sealed")
	cmd.Flags().BoolVar(&standby, "standby", false, "put it behind the others: it opens, and does not seal yet")
	return cmd
}

// keyID names a key after its day: ids sort by age.
func keyID(now time.Time) string { return "k" + now.UTC().Format("20060102") }

// addKey puts a key in front of a file's keys, or behind them.
func addKey(path, line string, behind bool) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if behind {
		return writeKeys(path, strings.TrimRight(string(old), "\n")+"\n"+line+"\n")
	}
	return writeKeys(path, line+"\n"+string(old))
}

// promoteKey moves a key of a file to its front, and notes at the one that sealed until now when it may
// go.
func promoteKey(path, id string, now time.Time) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return idOf(l) == id })
	if at < 0 {
		return fmt.Errorf("%s: there is no key %s", path, id)
	}
	line := lines[at]
	lines = slices.Delete(lines, at, at+1)
	if was := slices.IndexFunc(lines, func(l string) bool { return idOf(l) != "" }); was >= 0 {
		note := fmt.Sprintf("# %s sealed until %s; keep it for a day, and as long as there are backups of that time",
			idOf(lines[was]), now.UTC().Format("2006-01-02 15:04 UTC"))
		lines = slices.Insert(lines, was, note)
	}
	return writeKeys(path, line+"\n"+strings.Join(lines, "\n")+"\n")
}

// idOf gives the id of a line of a keys file, "" for a comment.
func idOf(line string) string {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") {
		return ""
	}
	id, _, _ := strings.Cut(line, ":")
	return id
}

// writeKeys writes a new file and renames it over the old: a full disk loses no key.
func writeKeys(path, text string) error {
	if _, err := records.ParseKeys(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, path)
}
