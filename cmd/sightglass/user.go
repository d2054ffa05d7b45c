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

func userAddCommand() *cobra.Command {
	var site, name, passwordFile string
	var roles []string
	cmd := &cobra.Command{
		Use:   "add LOGIN",
		Short: "Add a user, or roles in another site to one that exists",
		Long:  "The password is read from --password-file, or from standard input when there is none: one line.",
		Example: `  sightglass user add ana --roles analyst,administrator --password-file ana.txt
  sightglass user add ben --roles analyst < ben.txt`,
		Args: needs("LOGIN"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			for _, r := range roles {
				if !records.Role(r).Valid() {
					return fmt.Errorf("no role %q (agent, team_leader, analyst, administrator)", r)
				}
			}
			return withProgram(cmd, c, reg, func(p *program) error {
				if _, err := p.store.Site(cmd.Context(), records.SiteID(site)); err != nil {
					return errNotFoundHint(err, "site "+site, "sites come from the configuration file; the first is \"main\"")
				}
				m := records.Membership{Site: records.SiteID(site), Roles: rolesOf(roles)}
				if u, err := p.store.UserByLogin(cmd.Context(), args[0]); err == nil {
					m.User = u.ID
					if err := p.store.PutMembership(cmd.Context(), m); err != nil {
						return err
					}
					_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s existed; its roles in %s are now: %s\n", u.Login, site, strings.Join(roles, ", "))
					return err
				}
				password, err := givenPassword(cmd, passwordFile)
				if err != nil {
					return err
				}
				if name == "" {
					name = args[0]
				}
				hash, err := auth.HashPassword(args[0], name, password)
				if err != nil {
					return err
				}
				u := records.User{ID: newUserID(), Login: args[0], Name: name, PasswordHash: hash, Status: records.UserActive, CreatedAt: time.Now()}
				m.User = u.ID
				if err := p.store.AddUser(cmd.Context(), u, m); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s may sign in to %s as %s\n", args[0], site, strings.Join(roles, ", "))
				return err
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "main", "site to add the user to")
	cmd.Flags().StringVar(&name, "name", "", "full name (default: the login)")
	cmd.Flags().StringSliceVar(&roles, "roles", []string{"analyst"}, "agent, team_leader, analyst, administrator; several with commas")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file whose first line is the password")
	return cmd
}

func userListCommand() *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the users of a site",
		Args:  cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				users, members, err := p.store.UsersOf(cmd.Context(), records.SiteID(site))
				if err != nil {
					return err
				}
				roles := map[records.UserID]string{}
				for _, m := range members {
					var names []string
					for _, r := range m.Roles {
						names = append(names, string(r))
					}
					roles[m.User] = strings.Join(names, ", ")
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "LOGIN\tNAME\tROLES\tSTATUS\tENDS\tFROM FILE")
				for _, u := range users {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%t\n", u.Login, u.Name, roles[u.ID], u.Status, endText(u.EndsAt), u.Provisioned)
				}
				return w.Flush()
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "main", "site to list")
	return cmd
}

func userPasswordCommand() *cobra.Command {
	var passwordFile string
	cmd := &cobra.Command{
		Use:   "password LOGIN",
		Short: "Set a user's password; ends their sessions",
		Args:  needs("LOGIN"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				u, err := p.store.UserByLogin(cmd.Context(), args[0])
				if err != nil {
					return errNotFoundHint(err, "user "+args[0], "see sightglass user list")
				}
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
				if err := p.store.UpdateUser(cmd.Context(), u); err != nil {
					return err
				}
				if err := p.store.DeleteSessionsOf(cmd.Context(), u.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has a new password; every session of theirs has ended\n", u.Login)
				return err
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file whose first line is the password (default: standard input)")
	return cmd
}

func userLinkCommand() *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "link LOGIN",
		Short: "Print a one-time sign-in link (15 minutes, one use)",
		Args:  needs("LOGIN"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				u, err := p.store.UserByLogin(cmd.Context(), args[0])
				if err != nil {
					return errNotFoundHint(err, "user "+args[0], "see sightglass user list")
				}
				once, err := p.sessions.NewOnce(cmd.Context(), records.SiteID(site), u.ID)
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
		}),
	}
	addConfigFlags(cmd.Flags())
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
