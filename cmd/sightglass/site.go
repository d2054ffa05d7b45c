package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func siteCommand() *cobra.Command {
	site := &cobra.Command{Use: "site", Short: "Sites: from where, and through which doors people come in"}
	site.AddCommand(siteListCommand(), siteSetCommand())
	return site
}

func siteListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sites",
		Args:  cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				sites, err := p.store.Sites(cmd.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "SITE\tNAME\tFROM\tSSO ONLY\tFROM FILE")
				for _, s := range sites {
					fmt.Fprintf(w, "%s\t%s\t%s\t%t\t%t\n", s.ID, s.Name, ruleText(s.IPRules), s.SSOOnly, s.Provisioned)
				}
				return w.Flush()
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	return cmd
}

func siteSetCommand() *cobra.Command {
	var to siteSetting
	cmd := inSite(&cobra.Command{
		Use:   "set",
		Short: "Set from where a site's people may come, or close its doors but single sign-on",
		Long: "Takes effect on every replica within two seconds. From here a rule may shut out everybody, you included: " +
			"--ip none lets all in again.",
		Example: `  sightglass site set --ip 203.0.113.0/24
  sightglass site set --ip none
  sightglass site set --sso-only on --break-glass ana`,
		Args: cobra.NoArgs,
	}, "site to set", func(cmd *cobra.Command, _ []string, p *program, id records.SiteID) error {
		site, err := p.store.Site(cmd.Context(), id)
		if err != nil {
			return err
		}
		if site.Provisioned {
			return fmt.Errorf("%s belongs to the configuration file; change it there", id)
		}
		if err := to.apply(cmd, p, &site); err != nil {
			return err
		}
		if err := auditCLI(cmd, p, id, records.AuditSiteChanged, "", "changed"); err != nil {
			return err
		}
		if err := p.store.PutSite(cmd.Context(), site); err != nil {
			return errors.Join(err, auditCLI(cmd, p, id, records.AuditSiteChanged, "", "refused"))
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s; from: %s; single sign-on only: %t\n", id, ruleText(site.IPRules), site.SSOOnly)
		return err
	})
	cmd.Flags().StringVar(&to.ip, "ip", "", "networks and addresses people and programs may come from, comma-separated, or none")
	cmd.Flags().StringVar(&to.ssoOnly, "sso-only", "", "on: no password and no one-time link but the break-glass administrator's; off")
	cmd.Flags().StringVar(&to.breakGlass, "break-glass", "", "login of the administrator who may come in by password all the same")
	return cmd
}

// siteSetting is what to set; empty fields are left as they are.
type siteSetting struct{ ip, ssoOnly, breakGlass string }

func (to siteSetting) apply(cmd *cobra.Command, p *program, site *records.Site) (err error) {
	if to == (siteSetting{}) {
		return errors.New("nothing to set: give --ip, --sso-only or --break-glass")
	}
	if site.IPRules, err = newRule(site.IPRules, to.ip); err != nil {
		return err
	}
	switch to.ssoOnly {
	case "":
	case "on", "off":
		if site.SSOOnly = to.ssoOnly == "on"; site.SSOOnly && !p.sso.Has(site.ID) {
			return fmt.Errorf("%s has no OpenID provider: name one in the configuration (sso) first", site.ID)
		}
	default:
		return fmt.Errorf("--sso-only: want on or off, got %q", to.ssoOnly)
	}
	if to.breakGlass != "" {
		u, err := p.store.UserByLogin(cmd.Context(), to.breakGlass)
		if err != nil {
			return errNotFoundHint(err, "user "+to.breakGlass, "see sightglass user list")
		}
		site.BreakGlass = u.ID
	}
	return nil
}
