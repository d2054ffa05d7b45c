package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/all"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sightglass",
		Short: "Read the ticket, hear the call; all that stays is one line: who looked, and when.",
		Long: `Sightglass opens customer interactions (tickets, chats, calls) at their provider at the
moment an analyst looks, streams them to the browser, and keeps nothing but one audit entry.

Try it first:  sightglass demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), demoCommand(), linkCommand(), userCommand(), apiKeyCommand(), siteCommand(), connectorCommand(),
		doctorCommand(), auditCommand(), recordsCommand(), keysCommand(), configCommand(), versionCommand())
	return root
}

// configured runs f with the merged and validated configuration.
func configured(f func(cmd *cobra.Command, args []string, c *Config, reg *connectors.Registry) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		reg, err := all.Registry()
		if err != nil {
			return err
		}
		c, err := loadConfig(cmd.Flags(), os.Environ())
		if err != nil {
			return err
		}
		if err := c.Validate(reg); err != nil {
			return fmt.Errorf("configuration:\n%w", err)
		}
		return f(cmd, args, c, reg)
	}
}

// logger writes to standard error, metadata only: no connector, handler or store is given anything
// else to log.
func (c *Config) logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: c.logLevel()}
	if c.Log.Format == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, o))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, o))
}

// needs is cobra.ExactArgs with words instead of numbers.
func needs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return fmt.Errorf("%s: want %d argument(s) %v, got %d; see %s --help", cmd.CommandPath(), len(names), names, len(args), cmd.CommandPath())
	}
}
