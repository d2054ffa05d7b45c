package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/all"
	"github.com/sightglass-gateway/sightglass/gateway/ui"
	"github.com/sightglass-gateway/sightglass/records"
)

func doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the installation and say what to mend",
		Long:  "Changes nothing but its own database's schema, if that is behind. Exits with 3 when something is to be mended.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			reg, err := all.Registry()
			if err != nil {
				return err
			}
			d := &doctor{cmd: cmd}
			d.examine(cmd.Context(), reg)
			if d.ill {
				return exitCode(3)
			}
			return nil
		},
	}
	addConfigFlags(cmd.Flags())
	return cmd
}

// doctor prints one line a finding: ok, note (worth knowing) or MEND with what to do.
type doctor struct {
	cmd *cobra.Command
	ill bool
}

func (d *doctor) ok(what, say string) { d.line("ok  ", what, say) }

func (d *doctor) note(what, say string) { d.line("note", what, say) }

func (d *doctor) mend(what, say string) {
	d.ill = true
	d.line("MEND", what, say)
}

func (d *doctor) line(mark, what, say string) {
	_, _ = fmt.Fprintf(d.cmd.OutOrStdout(), "%s  %-12s %s\n", mark, what, say)
}

func (d *doctor) examine(ctx context.Context, reg *connectors.Registry) {
	d.build()
	c, err := loadConfig(d.cmd.Flags(), os.Environ())
	if err == nil {
		err = c.Validate(reg)
	}
	if err != nil {
		d.mend("config", strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	d.ok("config", "valid")
	d.machine(c)
	d.certificate(c)
	if !d.keys(c) {
		return
	}
	d.running(ctx, c, reg)
}

func (d *doctor) build() {
	if w := oldToolchain(runtime.Version()); w != "" {
		d.mend("build", w)
	} else {
		d.ok("build", programVersion()+", "+runtime.Version())
	}
	if _, built := ui.FS(); built {
		d.ok("page", "built in")
	} else {
		d.mend("page", "not built in: run `make build` (needs Node)")
	}
}

// machine looks for places where memory could land on a disk.
func (d *doctor) machine(c *Config) {
	if b, err := os.ReadFile("/proc/swaps"); err == nil && strings.Count(strings.TrimSpace(string(b)), "\n") > 0 {
		d.mend("swap", "is on: the system may write memory, and with it content, to disk; run swapoff -a, or encrypt the swap")
	} else if err == nil {
		d.ok("swap", "off")
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	if c.PublicURL == "" && loopback(host) {
		d.note("public_url", "not set: only this machine can use the page")
	}
	if len(c.Security.PrivateUpstreams) > 0 {
		d.note("upstreams", "private networks may be dialled: "+strings.Join(c.Security.PrivateUpstreams, ", ")+" (for sandboxes only)")
	}
}

func (d *doctor) certificate(c *Config) {
	t, err := c.tls()
	switch {
	case err != nil:
		d.mend("tls", err.Error())
	case t != nil:
		leaf, err := x509.ParseCertificate(t.Certificates[0].Certificate[0])
		switch left := time.Until(leaf.NotAfter); {
		case err != nil:
			d.mend("tls", "the certificate cannot be read: "+err.Error())
		case left < 0:
			d.mend("tls", "the certificate ended on "+leaf.NotAfter.Format(time.DateOnly)+"; renew it")
		case left < 14*24*time.Hour:
			d.mend("tls", "the certificate ends on "+leaf.NotAfter.Format(time.DateOnly)+"; renew it now")
		default:
			d.ok("tls", "certificate until "+leaf.NotAfter.Format(time.DateOnly))
		}
	}
}

func (d *doctor) keys(c *Config) bool {
	k, err := c.keyring(d.cmd.Context())
	if err != nil {
		d.mend("keys", err.Error())
		return false
	}
	if c.KeysFile != "" {
		if st, err := os.Stat(c.KeysFile); err == nil && st.Mode().Perm()&0o077 != 0 {
			d.mend("keys", fmt.Sprintf("%s can be read by others (%v): chmod 600 %s", c.KeysFile, st.Mode().Perm(), c.KeysFile))
		}
	}
	d.ok("keys", fmt.Sprintf("%d, sealing with %q", len(k.IDs()), k.IDs()[0]))
	return true
}

func (d *doctor) running(ctx context.Context, c *Config, reg *connectors.Registry) {
	c.Log.Level = "error"
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Listen
	}
	p, err := build(ctx, c, reg, c.PublicURL)
	if err != nil {
		what := "records"
		if strings.HasPrefix(err.Error(), "cache:") {
			what = "cache"
		}
		d.mend(what, err.Error())
		return
	}
	defer func() { _ = p.close() }() // a look changes nothing
	if err := p.store.Ping(ctx); err != nil {
		d.mend("records", err.Error())
		return
	}
	d.ok("records", withoutPassword(c.Records.DSN))
	if err := p.cache.Ping(ctx); err != nil {
		d.mend("cache", "does not answer: opening goes on without it, slower; "+err.Error())
	} else {
		d.ok("cache", withoutPassword(c.Cache.DSN))
	}
	d.sites(ctx, p)
	if err := checkKeys(ctx, p, p.keys); err != nil {
		d.mend("keys", err.Error())
		return
	}
	d.links(ctx, p, c)
}

func (d *doctor) sites(ctx context.Context, p *program) {
	sites, err := p.store.Sites(ctx)
	if err != nil {
		d.mend("sites", err.Error())
		return
	}
	for _, s := range sites {
		users, _, err := p.store.UsersOf(ctx, s.ID)
		keys, errKeys := p.store.APIKeys(ctx, s.ID)
		if err == nil && errKeys == nil && len(users)+len(keys) == 0 { // keys alone are enough for programs
			d.mend("site "+string(s.ID), "nobody can sign in: sightglass user add LOGIN --site "+string(s.ID)+" --roles analyst,administrator")
		}
		r, err := p.store.VerifyAudit(ctx, s.ID)
		switch {
		case err != nil:
			d.mend("audit "+string(s.ID), err.Error())
		case r.BadSeq != 0:
			d.mend("audit "+string(s.ID), fmt.Sprintf("the chain is broken at row %d (%s): someone changed the log; keep the file and find out who", r.BadSeq, r.Why))
		default:
			d.ok("audit "+string(s.ID), fmt.Sprintf("%d rows hold", r.Rows))
		}
	}
	if len(sites) == 0 {
		d.mend("sites", "none yet: start `sightglass serve` once, or list sites in the configuration")
	}
}

func (d *doctor) links(ctx context.Context, p *program, c *Config) {
	links, err := p.store.AllLinks(ctx)
	if err != nil {
		d.mend("links", err.Error())
		return
	}
	srv, err := p.gateway(c, c.PublicURL, "", nil)
	if err != nil {
		d.mend("links", err.Error())
		return
	}
	defer srv.Close()
	for _, l := range links {
		d.link(l, func() (connectors.Account, error) {
			_, conn, _, err := srv.Linker().Connect(ctx, l.ID)
			if err != nil {
				return connectors.Account{}, err
			}
			return conn.Probe(connectors.Background(ctx))
		})
	}
}

func (d *doctor) link(l records.Link, probe func() (connectors.Account, error)) {
	what := "link " + l.ID.String()
	if l.State == records.LinkPaused {
		d.note(what, "paused")
		return
	}
	account, err := probe()
	if err != nil {
		var e *connectors.Error
		say := err.Error()
		if errors.As(err, &e) && e.Action != "" {
			say += ": " + e.Action
		}
		d.mend(what, say)
		return
	}
	for _, ch := range account.Checks {
		if !ch.OK {
			d.mend(what, ch.Name+": "+ch.Say+" "+ch.Fix)
		}
	}
	d.ok(what, l.Provider+" answers as "+account.Name)
}
