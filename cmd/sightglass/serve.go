package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the page",
		Long: `Serves until it is told to stop (SIGINT, SIGTERM); running streams may then finish for "drain".
The keys file is watched: new keys are in use within a second or two. SIGHUP reads the keys again, too.

Values come from flags, SIGHTGLASS_* variables, the configuration file and defaults, in this order;
"sightglass config print" shows each with its origin.`,
		Example: `  sightglass keys new --out keys.txt
  sightglass serve --keys-file keys.txt
  sightglass serve --config /etc/sightglass/sightglass.yaml`,
		Args: cobra.NoArgs,
		RunE: configured(func(cmd *cobra.Command, _ []string, c *Config, reg *connectors.Registry) error {
			return serve(cmd.Context(), c, reg)
		}),
	}
	addConfigFlags(cmd.Flags())
	return cmd
}

func serve(ctx context.Context, c *Config, reg *connectors.Registry) error {
	tlsConf, err := c.tls()
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = ln.Close() }() // Serve has closed it; a second time says so
	publicURL := c.publicURL(ln.Addr())
	p, err := build(ctx, c, reg, publicURL)
	if err != nil {
		return err
	}
	defer func() { _ = p.close() }() // the process ends; what was acknowledged is on disk
	if err := start(ctx, p, c); err != nil {
		return err
	}
	stopWatching := watchKeys(ctx, p, c)
	defer stopWatching()
	srv, err := p.gateway(c, publicURL, "", nil)
	if err != nil {
		return err
	}
	stopMetrics, err := serveMetrics(ctx, c.MetricsListen, srv.Metrics())
	if err != nil {
		return err
	}
	defer stopMetrics()
	defer boundGarbage(ctx)()
	p.log.InfoContext(ctx, "serving", "listen", ln.Addr().String(), "public_url", publicURL, "version", programVersion())
	return srv.Serve(ctx, ln, tlsConf)
}

// start does what every start does before the first request: what the configuration provisions, and
// the closing rows of opens that died with the process before.
func start(ctx context.Context, p *program, c *Config) error {
	if err := checkKeys(ctx, p, p.keys); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := provision(ctx, p, c); err != nil {
		return fmt.Errorf("provisioning: %w", err)
	}
	n, err := p.store.CloseInterrupted(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if n > 0 {
		p.log.WarnContext(ctx, "opens of an earlier run were closed as interrupted", "rows", n)
	}
	return firstSite(ctx, p)
}

// firstSite makes the site "main" where there is none, so that a first user can be added.
func firstSite(ctx context.Context, p *program) error {
	sites, err := p.store.Sites(ctx)
	if err != nil || len(sites) > 0 {
		return err
	}
	if err := p.store.PutSite(ctx, records.Site{ID: "main", Name: "Main", CreatedAt: time.Now()}); err != nil {
		return err
	}
	p.log.InfoContext(ctx, "a first site was made; add a user with: sightglass user add", "site", "main")
	return nil
}

// serveMetrics serves them on an address of their own, so that they are never on the public one.
func serveMetrics(ctx context.Context, addr string, h http.Handler) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("metrics_listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(ln)
	}()
	return func() {
		_ = s.Close()
		<-done
	}, nil
}

// errNotFoundHint turns a missing record into words for the command line.
func errNotFoundHint(err error, what, hint string) error {
	if errors.Is(err, records.ErrNotFound) {
		return fmt.Errorf("no %s; %s", what, hint)
	}
	return err
}
