package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/records"
)

func userSetCommand() *cobra.Command {
	var to userSetting
	cmd := changeUser(&cobra.Command{
		Use:   "set LOGIN",
		Short: "Deactivate or activate a user, or set their last day or from where they may come",
		Long: "Takes effect on every replica within two seconds: sessions end, and what is open closes. " +
			"A day is the last one (UTC); a moment such as 2027-01-01T12:00:00Z is the end itself; \"never\" takes the end away.",
		Example: `  sightglass user set ben --until 2026-12-31
  sightglass user set ben --until never
  sightglass user set ben --status inactive
  sightglass user set ben --ip 203.0.113.0/24,2001:db8::/32
  sightglass user set ben --ip none`,
	}, func(cmd *cobra.Command, p *program, u *records.User) (string, error) {
		err := to.apply(u)
		if err == nil && to.release {
			err = p.store.DeleteIdentities(cmd.Context(), u.ID)
		}
		return fmt.Sprintf("%s is %s; end: %s; from: %s", u.Login, u.Status, endText(u.EndsAt), ruleText(u.IPRules)), err
	})
	cmd.Flags().StringVar(&to.status, "status", "", "active or inactive")
	cmd.Flags().StringVar(&to.until, "until", "", "last day (2026-12-31), moment of the end (RFC 3339), or never")
	cmd.Flags().StringVar(&to.ip, "ip", "", "networks and addresses they may come from, comma-separated, or none")
	cmd.Flags().BoolVar(&to.release, "release-sso", false, "forget which account at the OpenID provider is theirs")
	return cmd
}

// userSetting is what to set; empty fields are left as they are.
type userSetting struct {
	status, until, ip string
	release           bool
}

func (to userSetting) apply(u *records.User) (err error) {
	if to == (userSetting{}) {
		return errors.New("nothing to set: give --until, --status, --ip or --release-sso")
	}
	switch s := records.UserStatus(to.status); s {
	case "":
	case records.UserActive, records.UserInactive:
		u.Status = s
	default:
		return fmt.Errorf("no status %q (active, inactive)", to.status)
	}
	if u.IPRules, err = newRule(u.IPRules, to.ip); err != nil {
		return err
	}
	switch to.until {
	case "":
	case "never":
		u.EndsAt = time.Time{}
	default:
		if u.EndsAt, err = endOf(to.until); err != nil {
			return fmt.Errorf("--until: %w", err)
		}
	}
	return nil
}

// newRule reads --ip: what is there stays when it is empty, and "none" admits every address.
func newRule(have records.Networks, text string) (records.Networks, error) {
	switch text {
	case "":
		return have, nil
	case "none":
		return nil, nil
	}
	n, err := records.ParseNetworks(strings.Split(text, ","))
	if err != nil {
		return nil, fmt.Errorf("--ip: %w", err)
	}
	return n, nil
}

func ruleText(n records.Networks) string {
	if len(n) == 0 {
		return "anywhere"
	}
	return n.String()
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
