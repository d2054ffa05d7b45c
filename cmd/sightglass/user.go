package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func newUserID() records.UserID { return records.UserID(ulid.Make().String()) }

func userCommand() *cobra.Command {
	user := &cobra.Command{Use: "user", Short: "People who sign in"}
	user.AddCommand(userAddCommand(), userListCommand(), userSetCommand(), userPasswordCommand(), userLinkCommand())
	return user
}

// inSite is a command about a site, which --site names.
func inSite(cmd *cobra.Command, help string, f func(cmd *cobra.Command, args []string, p *program, site records.SiteID) error) *cobra.Command {
	var site string
	cmd.RunE = configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
		return withProgram(cmd, c, reg, func(p *program) error {
			if _, err := p.store.Site(cmd.Context(), records.SiteID(site)); err != nil {
				return errNotFoundHint(err, "site "+site, "sites come from the configuration file; the first is \"main\"")
			}
			return f(cmd, args, p, records.SiteID(site))
		})
	})
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "main", help)
	return cmd
}

// onUser is a command about one who exists, by login.
func onUser(cmd *cobra.Command, f func(cmd *cobra.Command, c *Config, p *program, u records.User) error) *cobra.Command {
	cmd.Args = needs("LOGIN")
	cmd.RunE = configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
		return withProgram(cmd, c, reg, func(p *program) error {
			u, err := p.store.UserByLogin(cmd.Context(), args[0])
			if err != nil {
				return errNotFoundHint(err, "user "+args[0], "see sightglass user list")
			}
			return f(cmd, c, p, u)
		})
	})
	addConfigFlags(cmd.Flags())
	return cmd
}

// changeUser is a command that changes one who does not belong to the file: f says how, and the text
// that tells of it. Their sites' audit logs hold the change before it is made.
func changeUser(cmd *cobra.Command, f func(cmd *cobra.Command, p *program, u *records.User) (told string, err error)) *cobra.Command {
	return onUser(cmd, func(cmd *cobra.Command, _ *Config, p *program, u records.User) error {
		if u.Provisioned {
			return fmt.Errorf("%s belongs to the configuration file; change it there", u.Login)
		}
		told, err := f(cmd, p, &u)
		if err != nil {
			return err
		}
		if err := auditUser(cmd, p, u.ID, "changed"); err != nil {
			return err
		}
		if err := p.store.UpdateUser(cmd.Context(), u); err != nil {
			return errors.Join(err, auditUser(cmd, p, u.ID, "refused"))
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), told)
		return err
	})
}

// auditUser writes a row in every site that the user belongs to: the log of each tells what happened
// to its people.
func auditUser(cmd *cobra.Command, p *program, id records.UserID, what string) error {
	in, err := p.store.Memberships(cmd.Context(), id)
	if err != nil {
		return err
	}
	for _, m := range in {
		if err := auditCLI(cmd, p, m.Site, records.AuditUserChanged, string(id), what); err != nil {
			return err
		}
	}
	return nil
}

// auditCLI records what was done from the command line.
func auditCLI(cmd *cobra.Command, p *program, site records.SiteID, event records.AuditEvent, thing, what string) error {
	_, err := p.store.Append(cmd.Context(), records.AuditEntry{Site: site, At: time.Now(), Event: event,
		PrincipalKind: records.PrincipalSystem, Principal: "cli", Thing: thing, Detail: what})
	return err
}

func userAddCommand() *cobra.Command {
	var name, passwordFile string
	var roles []string
	cmd := inSite(&cobra.Command{
		Use:   "add LOGIN",
		Short: "Add a user, or roles in another site to one that exists",
		Long: "The password is read from --password-file, or from standard input when there is none: one line. " +
			"A user who comes in through an OpenID provider only needs none: --password-file none.",
		Example: `  sightglass user add ana --roles analyst,administrator --password-file ana.txt
  sightglass user add ben --roles analyst < ben.txt
  sightglass user add cleo@acme.example --password-file none`,
		Args: needs("LOGIN"),
	}, "site to add the user to", func(cmd *cobra.Command, args []string, p *program, site records.SiteID) error {
		if err := knownRoles(roles); err != nil {
			return err
		}
		m := records.Membership{Site: site, Roles: rolesOf(roles)}
		if u, err := p.store.UserByLogin(cmd.Context(), args[0]); err == nil {
			return giveRoles(cmd, p, u, m)
		}
		if name == "" {
			name = args[0]
		}
		u := records.User{ID: newUserID(), Login: args[0], Name: name, Status: records.UserActive, CreatedAt: time.Now()}
		if passwordFile != "none" {
			password, err := givenPassword(cmd, passwordFile)
			if err != nil {
				return err
			}
			if u.PasswordHash, err = auth.HashPassword(args[0], name, password); err != nil {
				return err
			}
		}
		if err := auditCLI(cmd, p, site, records.AuditUserChanged, string(u.ID), "created"); err != nil {
			return err
		}
		m.User = u.ID
		if err := p.store.AddUser(cmd.Context(), u, m); err != nil {
			return err
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s may sign in to %s as %s\n", args[0], site, strings.Join(roles, ", "))
		return err
	})
	cmd.Flags().StringVar(&name, "name", "", "full name (default: the login)")
	cmd.Flags().StringSliceVar(&roles, "roles", []string{"analyst"}, "agent, team_leader, analyst, administrator; several with commas")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file whose first line is the password, or none")
	return cmd
}

func giveRoles(cmd *cobra.Command, p *program, u records.User, m records.Membership) error {
	m.User = u.ID
	if err := p.store.PutMembership(cmd.Context(), m); err != nil {
		return err
	}
	if err := auditCLI(cmd, p, m.Site, records.AuditUserChanged, string(u.ID), "changed"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s existed; its roles in %s are now: %s\n", u.Login, m.Site, roleText(m.Roles))
	return err
}

func knownRoles(roles []string) error {
	for _, r := range roles {
		if !records.Role(r).Valid() {
			return fmt.Errorf("no role %q (agent, team_leader, analyst, administrator)", r)
		}
	}
	return nil
}

func roleText(roles []records.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

func userListCommand() *cobra.Command {
	return inSite(&cobra.Command{Use: "list", Short: "List the users of a site", Args: cobra.NoArgs}, "site to list",
		func(cmd *cobra.Command, _ []string, p *program, site records.SiteID) error {
			users, members, err := p.store.UsersOf(cmd.Context(), site)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "LOGIN\tNAME\tROLES\tSTATUS\tENDS\tFROM\tFROM FILE")
			for i, u := range users { // two lists of the same order
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%t\n", u.Login, u.Name, roleText(members[i].Roles), u.Status, endText(u.EndsAt), ruleText(u.IPRules), u.Provisioned)
			}
			return w.Flush()
		})
}

func userPasswordCommand() *cobra.Command {
	var passwordFile string
	cmd := onUser(&cobra.Command{Use: "password LOGIN", Short: "Set a user's password; ends their sessions"},
		func(cmd *cobra.Command, _ *Config, p *program, u records.User) error {
			if u.Provisioned {
				return fmt.Errorf("%s belongs to the configuration file; change its password_file", u.Login)
			}
			password, err := givenPassword(cmd, passwordFile)
			if err != nil {
				return err
			}
			if u.PasswordHash, err = auth.HashPassword(u.Login, u.Name, password); err != nil {
				return err
			}
			if err := auditUser(cmd, p, u.ID, "changed"); err != nil {
				return err
			}
			if err := p.store.UpdateUser(cmd.Context(), u); err != nil {
				return err
			}
			if err := p.store.DeleteSessionsOf(cmd.Context(), u.ID); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has a new password; every session of theirs has ended\n", u.Login)
			return err
		})
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file whose first line is the password (default: standard input)")
	return cmd
}

func userLinkCommand() *cobra.Command {
	var site string
	cmd := onUser(&cobra.Command{Use: "link LOGIN", Short: "Print a one-time sign-in link (15 minutes, one use)"},
		func(cmd *cobra.Command, c *Config, p *program, u records.User) error {
			once, err := p.sessions.NewOnce(cmd.Context(), records.SiteID(site), u.ID)
			if connectors.CodeOf(err) == connectors.CodeNotAllowed {
				return fmt.Errorf("%s takes single sign-on only, but for its break-glass administrator", site)
			}
			if err != nil {
				return err
			}
			base := c.PublicURL
			if base == "" {
				base = "http://" + c.Listen
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s/signin#%s\n", strings.TrimSuffix(base, "/"), once)
			return err
		})
	cmd.Flags().StringVar(&site, "site", "main", "site to sign in to")
	return cmd
}

// withProgram opens the parts for one command.
func withProgram(cmd *cobra.Command, c *Config, reg *connectors.Registry, f func(*program) error) (err error) {
	publicURL := c.PublicURL
	if publicURL == "" {
		publicURL = "http://" + c.Listen
	}
	if !cmd.Flags().Changed("log-level") {
		c.Log.Level = "warn" // a command's output is its answer
	}
	p, err := build(cmd.Context(), c, reg, publicURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := firstSite(cmd.Context(), p); err != nil {
		return err
	}
	return f(p)
}

func givenPassword(cmd *cobra.Command, file string) (string, error) {
	if file != "" {
		return readSecret(file)
	}
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(errors.New("no password: give --password-file, or one line on standard input"), err)
	}
	return line, nil
}
