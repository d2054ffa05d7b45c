package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/all"
)

func connectorCommand() *cobra.Command {
	connector := &cobra.Command{Use: "connector", Short: "Providers this build knows"}
	connector.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the connectors: kinds, hosts they may speak to, settings of a link",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			reg, err := all.Registry()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tTITLE\tKINDS\tHOSTS (* gets the token)\tSETTINGS")
			for _, s := range reg.Specs() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Title, kindsOf(s), hostsOf(s), settingsOf(s))
			}
			return w.Flush()
		},
	})
	return connector
}

func kindsOf(s connectors.Spec) string {
	var names []string
	for _, k := range s.Kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func hostsOf(s connectors.Spec) string {
	var names []string
	for _, h := range s.Hosts {
		n := h.Name + "=" + h.Pattern
		if h.Credentials {
			n += "*"
		}
		names = append(names, n)
	}
	return strings.Join(names, ", ")
}

func settingsOf(s connectors.Spec) string {
	var names []string
	for _, f := range s.Settings {
		if !f.Advanced {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}
