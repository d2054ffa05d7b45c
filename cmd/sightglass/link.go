package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func linkCommand() *cobra.Command {
	link := &cobra.Command{Use: "link", Short: "Links to provider accounts"}
	link.AddCommand(linkAddCommand(), linkListCommand(), linkTestCommand(), linkRemoveCommand())
	return link
}

func linkAddCommand() *cobra.Command {
	var site string
	var l LinkConfig
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Link an account with credentials that exist",
		Long: `Adds a link and makes the provider prove it: nothing is kept when the proof fails. With
authorization_code a person has to approve in a browser: add the link here, or bring an existing grant
along with --refresh-token-file, else open the page /links as an administrator and press Link.`,
		Example: `  sightglass link add zd --provider zendesk --set subdomain=acme \
      --credential client_credentials --client-id sightglass --client-secret-file secret.txt`,
		Args: needs("NAME"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			l.ID = args[0]
			var e mistakes
			if l.check(&e, "link", reg); len(e) > 0 {
				return errors.Join(e...)
			}
			return withProgram(cmd, c, reg, func(p *program) error {
				id := records.LinkID{Site: records.SiteID(site), Link: l.ID}
				if _, err := p.store.Link(cmd.Context(), id); err == nil {
					return fmt.Errorf("link %s exists; remove it first, or use another name", id)
				}
				if err := provisionLink(cmd.Context(), p, id, l); err != nil {
					return errors.Join(err, p.store.DeleteLink(cmd.Context(), id))
				}
				now, err := p.store.Link(cmd.Context(), id)
				if err != nil {
					return err
				}
				now.Provisioned = false // it belongs to the database, not to a file
				if err := p.store.UpdateLink(cmd.Context(), now); err != nil {
					return err
				}
				if now.CredentialKind == records.CredentialAuthorizationCode && now.Generation == 0 {
					_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is there; now sign in as an administrator, open /links and press Link: a person has to approve at %s\n", id, l.Provider)
					return err
				}
				if err := testLink(cmd, p, c, id); err != nil {
					return errors.Join(err, p.store.DeleteLink(cmd.Context(), id))
				}
				return nil
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&site, "site", "main", "site to link the account to")
	f.StringVar(&l.Provider, "provider", "", "connector (sightglass connector list)")
	f.StringVar(&l.Title, "title", "", "what people call it")
	f.StringToStringVar(&l.Settings, "set", nil, "settings of the connector, e.g. subdomain=acme")
	f.StringToStringVar(&l.Endpoints, "endpoint", nil, "replace a host of the connector, e.g. api=http://127.0.0.1:9999; for sandboxes")
	f.StringVar(&l.Waveform, "waveform", "", "how much of a recording the page may read to draw it: full (default), heard or off")
	f.StringVar(&l.Credential.Kind, "credential", string(records.CredentialClientCredentials), "client_credentials, authorization_code or bearer")
	f.StringVar(&l.Credential.ClientID, "client-id", "", "OAuth client")
	f.StringVar(&l.Credential.ClientSecretFile, "client-secret-file", "", "file with its secret")
	f.StringVar(&l.Credential.RefreshTokenFile, "refresh-token-file", "", "file with a refresh token of an existing grant")
	f.StringVar(&l.Credential.TokenFile, "token-file", "", "file with a fixed token, for bearer")
	return cmd
}

func linkListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the links of every site and whether they work",
		Args:  cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				links, err := p.store.AllLinks(cmd.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "LINK\tPROVIDER\tSTATE\tREASON\tCREDENTIAL\tGENERATION\tLAST OK")
				for _, l := range links {
					lastOK := "never"
					if !l.LastOKAt.IsZero() {
						lastOK = l.LastOKAt.UTC().Format(time.RFC3339)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", l.ID, l.Provider, l.State, l.Reason, l.CredentialKind, l.Generation, lastOK)
				}
				return w.Flush()
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	return cmd
}

func linkTestCommand() *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Ask the provider whether a link works, and say what to do where it does not",
		Args:  needs("NAME"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				return testLink(cmd, p, c, records.LinkID{Site: records.SiteID(site), Link: args[0]})
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "main", "site of the link")
	return cmd
}

// testLink probes and prints; an account that lacks something ends with exit code 3.
func testLink(cmd *cobra.Command, p *program, c *Config, id records.LinkID) error {
	srv, err := p.gateway(c, "http://"+c.Listen, "", nil)
	if err != nil {
		return err
	}
	defer srv.Close()
	if _, err := p.store.Link(cmd.Context(), id); err != nil {
		return errNotFoundHint(err, "link "+id.String(), "see sightglass link list")
	}
	account, err := srv.Linker().Test(cmd.Context(), id)
	if err != nil {
		return linkProblem(id, err)
	}
	if err := p.store.SetAccount(cmd.Context(), id, account.Name); err != nil {
		return err
	}
	out, ok := cmd.OutOrStdout(), true
	fmt.Fprintf(out, "%s: account %s, acting as %s\n", id, account.Name, account.Actor)
	for _, ch := range account.Checks {
		mark, fix := "ok  ", ""
		if !ch.OK {
			mark, fix, ok = "FAIL", "\n       "+ch.Fix, false
		}
		if _, err := fmt.Fprintf(out, "  %s %s: %s%s\n", mark, ch.Name, ch.Say, fix); err != nil {
			return err
		}
	}
	if !ok {
		return exitCode(3)
	}
	return nil
}

// linkProblem says whose fault it is and what to do.
func linkProblem(id records.LinkID, err error) error {
	var e *connectors.Error
	if errors.As(err, &e) && e.Action != "" {
		return fmt.Errorf("link %s: %w\n%s", id, err, e.Action)
	}
	return fmt.Errorf("link %s: %w", id, err)
}

func linkRemoveCommand() *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Revoke the grant at the provider and destroy the sealed secrets here",
		Args:  needs("NAME"),
		RunE: configured(func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				id := records.LinkID{Site: records.SiteID(site), Link: args[0]}
				l, err := p.store.Link(cmd.Context(), id)
				if err != nil {
					return errNotFoundHint(err, "link "+id.String(), "see sightglass link list")
				}
				if l.Provisioned {
					return fmt.Errorf("%s belongs to the configuration file; take it out there", id)
				}
				revoked := "revoked at the provider and "
				if err := p.flow.Revoke(cmd.Context(), id); err != nil {
					revoked = "not revoked at the provider (it did not agree; revoke it there) but "
				}
				if err := p.store.DeleteLink(cmd.Context(), id); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s was %sdestroyed here\n", id, revoked)
				return err
			})
		}),
	}
	addConfigFlags(cmd.Flags())
	cmd.Flags().StringVar(&site, "site", "main", "site of the link")
	return cmd
}
