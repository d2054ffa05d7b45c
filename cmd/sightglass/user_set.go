package main

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func userSetCommand() *cobra.Command {
	var status, until string
	cmd := &cobra.Command{
		Use:   "set LOGIN",
		Short: "Deactivate or activate a user, or set the day on which their access ends",
		Long: "Takes effect on every replica within two seconds: sessions end, and what is open closes. " +
			"A day is the last one (UTC); a moment such as 2027-01-01T12:00:00Z is the end itself; \"never\" takes the end away.",
		Example: `  sightglass user set ben --until 2026-12-31
  sightglass user set ben --until never
  sightglass user set ben --status inactive`,
		Args: needs("LOGIN"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				u, err := p.store.UserByLogin(cmd.Context(), args[0])
				if err != nil {
					return errNotFoundHint(err, "user "+args[0], "see sightglass user list")
				}
				if u.Provisioned {
					return fmt.Errorf("%s belongs to the configuration file; change it there", u.Login)
				}
				if err := applyToUser(&u, status, until); err != nil {
					return err
				}
				if err := auditUserSet(cmd, p, u, "changed"); err != nil {
					return err
				}
				if err := p.store.UpdateUser(cmd.Context(), u); err != nil {
					return errors.Join(err, auditUserSet(cmd, p, u, "refused"))
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s; end: %s\n", u.Login, u.Status, endText(u.EndsAt))
				return err
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&status, "status", "", "active or inactive")
	cmd.Flags().StringVar(&until, "until", "", "last day (2026-12-31), moment of the end (RFC 3339), or never")
	return cmd
}

func applyToUser(u *records.User, status, until string) error {
	if status == "" && until == "" {
		return errors.New("nothing to set: give --until or --status")
	}
	switch s := records.UserStatus(status); s {
	case "":
	case records.UserActive, records.UserInactive:
		u.Status = s
	default:
		return fmt.Errorf("no status %q (active, inactive)", status)
	}
	switch until {
	case "":
		return nil
	case "never":
		u.EndsAt = time.Time{}
		return nil
	}
	var err error
	if u.EndsAt, err = endOf(until); err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	return nil
}

// auditUserSet writes a row in every site that the user belongs to: the log of each tells what happened
// to its people.
func auditUserSet(cmd *cobra.Command, p *program, u records.User, what string) error {
	in, err := p.store.Memberships(cmd.Context(), u.ID)
	if err != nil {
		return err
	}
	var rows []records.AuditEntry
	for _, m := range in {
		rows = append(rows, records.AuditEntry{Site: m.Site, At: time.Now(), Event: records.AuditUserChanged,
			PrincipalKind: records.PrincipalSystem, Principal: "cli", Thing: string(u.ID), Detail: what})
	}
	_, err = p.store.Append(cmd.Context(), rows...)
	return err
}

// lastDay reads the last day that counts: the end is the midnight (UTC) after it; none is none.
func lastDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("want the last day, such as 2026-12-31, got %q", text)
	}
	return day.AddDate(0, 0, 1), nil
}

// endOf reads a last day, or the moment of the end.
func endOf(text string) (time.Time, error) {
	if end, err := lastDay(text); err == nil {
		return end, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("want a day such as 2026-12-31 or a moment such as 2027-01-01T12:00:00Z, got %q", text)
	}
	return t.UTC().Truncate(time.Millisecond), nil // what the database keeps
}

func endText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// timeAsText gives a day that YAML has read as a time back as text, for lastDay.
func timeAsText(from, to reflect.Type, v any) (any, error) {
	t, ok := v.(time.Time)
	if !ok || to.Kind() != reflect.String {
		return v, nil
	}
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.UTC().Format(time.DateOnly), nil
	}
	return t.Format(time.RFC3339Nano), nil
}
