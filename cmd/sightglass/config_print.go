package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors/all"
)

func configCommand() *cobra.Command {
	config := &cobra.Command{Use: "config", Short: "The configuration"}
	show := &cobra.Command{
		Use:   "print",
		Short: "Show every value and where it comes from; never a secret",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			reg, err := all.Registry()
			if err != nil {
				return err
			}
			c, err := loadConfig(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			for _, l := range c.lines() {
				fmt.Fprintf(w, "%s\t%s\t(%s)\n", l.key, l.value, l.origin)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			if err := c.Validate(reg); err != nil {
				return fmt.Errorf("configuration:\n%w", err)
			}
			return nil
		},
	}
	addConfigFlags(show.Flags())
	config.AddCommand(show)
	return config
}

type configLine struct{ key, value, origin string }

// lines shows the configuration key by key. A DSN's password and the keys are not shown.
func (c *Config) lines() []configLine {
	keys := ""
	if c.Keys != "" {
		keys = "[secret]"
	}
	values := map[string]string{
		"listen": c.Listen, "public_url": c.PublicURL, "tls.cert_file": c.TLS.CertFile, "tls.key_file": c.TLS.KeyFile,
		"behind_proxy": strings.Join(c.BehindProxy, ", "), "metrics_listen": c.MetricsListen, "keys_file": c.KeysFile,
		"keys_command": strings.Join(c.KeysCommand, " "),
		"records.dsn":  withoutPassword(c.Records.DSN), "cache.dsn": withoutPassword(c.Cache.DSN),
		"security.private_upstreams": strings.Join(c.Security.PrivateUpstreams, ", "),
		"log.level":                  c.Log.Level, "log.format": c.Log.Format, "drain": c.Drain.String(),
	}
	var out []configLine
	for _, s := range scalars {
		out = append(out, configLine{s.key, values[s.key], c.from(s.key)})
	}
	out = append(out, configLine{"keys", keys, c.from("keys")})
	for _, s := range c.Sites {
		out = append(out, configLine{"sites." + s.ID, fmt.Sprintf("%d users, %d api keys, %d links", len(s.Users), len(s.APIKeys), len(s.Links)), c.from("sites")})
		for _, l := range s.Links {
			out = append(out, configLine{"sites." + s.ID + ".links." + l.ID, l.Provider + ", " + l.Credential.Kind, c.from("sites")})
		}
	}
	return out
}

func (c *Config) from(key string) string {
	if o := c.origin[key]; o != "" {
		return o
	}
	return fromDefault
}

// withoutPassword blanks what stands between the user and the host of a DSN.
func withoutPassword(dsn string) string {
	scheme, rest, ok := strings.Cut(dsn, "://")
	at := strings.LastIndex(rest, "@")
	if !ok || at < 0 {
		return dsn
	}
	user, _, _ := strings.Cut(rest[:at], ":")
	return scheme + "://" + user + ":[secret]" + rest[at:]
}
