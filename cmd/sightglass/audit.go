package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func auditCommand() *cobra.Command {
	audit := &cobra.Command{Use: "audit", Short: "The log of who looked at what, when"}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Prove that no row was changed, removed or put in: walk every site's chain",
		Long: `Every row holds the hash of the one before. A changed, removed or inserted row breaks the chain at
a place that is named. The head that is printed can be kept elsewhere: a chain that was cut at its
end, or written anew as a whole, has another one. Exits with 3 when a chain is broken.`,
		Args: cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, reg *connectors.Registry) error {
			return withProgram(cmd, c, reg, func(p *program) error {
				sites, err := p.store.Sites(cmd.Context())
				if err != nil {
					return err
				}
				broken := false
				for _, s := range sites {
					r, err := p.store.VerifyAudit(cmd.Context(), s.ID)
					if err != nil {
						return err
					}
					if err := printReport(cmd, r); err != nil {
						return err
					}
					broken = broken || r.BadSeq != 0
				}
				if broken {
					return exitCode(3)
				}
				return nil
			})
		}),
	}
	addConfigFlags(verify.Flags())
	audit.AddCommand(verify)
	return audit
}

func printReport(cmd *cobra.Command, r records.AuditReport) error {
	if r.BadSeq != 0 {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: BROKEN at row %d: %s\n", r.Site, r.BadSeq, r.Why)
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d rows hold; head %x\n", r.Site, r.Rows, r.Head)
	return err
}
