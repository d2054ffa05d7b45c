package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Which build this is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := struct {
				Version string `json:"version"`
				Go      string `json:"go"`
				OS      string `json:"os"`
				Arch    string `json:"arch"`
				Warning string `json:"warning,omitempty"`
			}{programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, oldToolchain(runtime.Version())}
			if asJSON {
				if err := json.MarshalWrite(cmd.OutOrStdout(), v, jsontext.WithIndent("  ")); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout())
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "sightglass %s (%s %s/%s)\n", v.Version, v.Go, v.OS, v.Arch)
			if v.Warning != "" {
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), "warning: "+v.Warning)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// oldToolchain warns about a build with Go's known HTTP/2 faults, one of them a remote crash
// (GO-2026-6603, -6610, -6611, -6612, -6617): they are mended in 1.26.9 and 1.27.2.
func oldToolchain(v string) string {
	var n [3]int
	parts := strings.SplitN(strings.TrimPrefix(strings.Fields(v)[0], "go"), ".", 3)
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return "" // a development version: whoever builds with it knows
		}
	}
	if n[0] > 1 || n[1] > 27 || n[1] == 27 && n[2] >= 2 || n[1] == 26 && n[2] >= 9 {
		return ""
	}
	return "built with " + v + ", which has known HTTP/2 faults, one of them a remote crash; build with `make build`, which uses a patched toolchain"
}
