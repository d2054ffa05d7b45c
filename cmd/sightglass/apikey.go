package main

import (
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/records"
)

func apiKeyCommand() *cobra.Command {
	keys := &cobra.Command{Use: "api-key", Short: "Programs that use the API"}
	keys.AddCommand(apiKeyAddCommand(), apiKeyListCommand(), apiKeySetCommand(), apiKeyRevokeCommand())
	return keys
}

func apiKeyAddCommand() *cobra.Command {
	var roles []string
	var until, ip string
	cmd := inSite(&cobra.Command{
		Use:     "add NAME",
		Short:   "Make an API key and print it; it is shown this once",
		Example: "  sightglass api-key add ci --roles analyst --until 2027-03-31 --ip 203.0.113.0/24",
		Args:    needs("NAME"),
	}, "site of the key", func(cmd *cobra.Command, args []string, p *program, site records.SiteID) (err error) {
		k := records.APIKey{Site: site, ID: args[0], Roles: rolesOf(roles), CreatedAt: time.Now(), ExpiresAt: time.Now().AddDate(1, 0, 0)}
		if !namePattern.MatchString(k.ID) {
			return fmt.Errorf("want a name of a-z, 0-9 and -, got %q", k.ID)
		}
		if err := knownRoles(roles); err != nil {
			return err
		}
		if err := setKey(&k, until, ip); err != nil {
			return err
		}
		secret := auth.NewKey()
		k.Hash = auth.HashKey(secret)
		if err := auditCLI(cmd, p, site, records.AuditKeyChanged, k.ID, "created"); err != nil {
			return err
		}
		if err := p.store.AddAPIKey(cmd.Context(), k); err != nil {
			err = errors.Join(err, auditCLI(cmd, p, site, records.AuditKeyChanged, k.ID, "refused"))
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
		return err
	})
	cmd.Flags().StringSliceVar(&roles, "roles", []string{"analyst"}, "agent, team_leader, analyst, administrator; several with commas")
	addKeyFlags(cmd, &until, &ip)
	return cmd
}

func addKeyFlags(cmd *cobra.Command, until, ip *string) {
	cmd.Flags().StringVar(until, "until", "", "last day (2026-12-31), moment of the end (RFC 3339), or never (default: in a year)")
	cmd.Flags().StringVar(ip, "ip", "", "networks and addresses it may come from, comma-separated, or none")
}

func setKey(k *records.APIKey, until, ip string) (err error) {
	if k.IPRules, err = newRule(k.IPRules, ip); err != nil {
		return err
	}
	switch until {
	case "":
	case "never":
		k.ExpiresAt = time.Time{}
	default:
		if k.ExpiresAt, err = endOf(until); err != nil {
			return fmt.Errorf("--until: %w", err)
		}
	}
	return nil
}

func apiKeyListCommand() *cobra.Command {
	return inSite(&cobra.Command{Use: "list", Short: "List the API keys of a site, never the keys themselves", Args: cobra.NoArgs}, "site to list",
		func(cmd *cobra.Command, _ []string, p *program, site records.SiteID) error {
			keys, err := p.store.APIKeys(cmd.Context(), site)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tROLES\tENDS\tFROM\tFROM FILE")
			for _, k := range keys {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\n", k.ID, roleText(k.Roles), endText(k.ExpiresAt), ruleText(k.IPRules), k.Provisioned)
			}
			return w.Flush()
		})
}

// onKey is a command that changes a key which does not belong to the file.
func onKey(cmd *cobra.Command, what string, f func(cmd *cobra.Command, p *program, k records.APIKey) error) *cobra.Command {
	cmd.Args = needs("NAME")
	return inSite(cmd, "site of the key", func(cmd *cobra.Command, args []string, p *program, site records.SiteID) error {
		keys, err := p.store.APIKeys(cmd.Context(), site)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(k records.APIKey) bool { return k.ID == args[0] })
		if i < 0 {
			return fmt.Errorf("no API key %s; see sightglass api-key list", args[0])
		}
		if keys[i].Provisioned {
			return fmt.Errorf("%s belongs to the configuration file; change it there", args[0])
		}
		if err := auditCLI(cmd, p, site, records.AuditKeyChanged, args[0], what); err != nil {
			return err
		}
		return f(cmd, p, keys[i])
	})
}

func apiKeySetCommand() *cobra.Command {
	var until, ip string
	cmd := onKey(&cobra.Command{
		Use:     "set NAME",
		Short:   "Set a key's last day, or from where it may be used",
		Example: "  sightglass api-key set ci --ip 203.0.113.7",
	}, "changed", func(cmd *cobra.Command, p *program, k records.APIKey) error {
		if until == "" && ip == "" {
			return errors.New("nothing to set: give --until or --ip")
		}
		if err := setKey(&k, until, ip); err != nil {
			return err
		}
		if err := p.store.PutAPIKey(cmd.Context(), k); err != nil {
			return err
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s; end: %s; from: %s\n", k.ID, endText(k.ExpiresAt), ruleText(k.IPRules))
		return err
	})
	addKeyFlags(cmd, &until, &ip)
	return cmd
}

func apiKeyRevokeCommand() *cobra.Command {
	return onKey(&cobra.Command{Use: "revoke NAME", Short: "Revoke a key; what it has open ends within two seconds on every replica"}, "revoked",
		func(cmd *cobra.Command, p *program, k records.APIKey) error {
			if err := p.store.DeleteAPIKey(cmd.Context(), k.Site, k.ID); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is revoked\n", k.ID)
			return err
		})
}
