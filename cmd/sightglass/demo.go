package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/sightglass-gateway/sightglass/auth"
	"github.com/sightglass-gateway/sightglass/connectors/all"
	talkdesk "github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
	"github.com/sightglass-gateway/sightglass/gateway"
	"github.com/sightglass-gateway/sightglass/gateway/ui"
	"github.com/sightglass-gateway/sightglass/records"
)

// The demo's one site, its link and its people.
const (
	demoSite  records.SiteID = "demo"
	demoLink  string         = "zd"
	demoCalls string         = "td"
	demoActor string         = "admin" // who approves at the simulated provider
	demoQueue int            = 360     // ordinary tickets of a month, for lists
)

type demoOptions struct {
	listen string
	redis  string
	json   bool
	debug  bool
	page   time.Duration
	bare   bool // no link yet
}

func demoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole thing with simulated providers: nothing to configure, no network",
		Long: `One process: simulated providers on the loopback with conversations worth reading, linked through
their real OAuth flow, and Sightglass in front. It prints a one-time sign-in link; Enter prints a new
one. Records and keys are temporary and gone with the process.`,
		Example: "  sightglass demo\n  sightglass demo --json --listen 127.0.0.1:0\n  sightglass demo --redis redis://127.0.0.1:6379",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), o, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "address; port 0: a free one. Loopback only")
	cmd.Flags().StringVar(&o.redis, "redis", "", "keep tokens in this Redis instead of in memory")
	cmd.Flags().BoolVar(&o.json, "json", false, "print one line of JSON when ready, and nothing else")
	cmd.Flags().BoolVar(&o.debug, "debug", false, "log everything to standard error")
	cmd.Flags().BoolVar(&o.bare, "unlinked", false, "begin without a link, to try out linking the simulated account (its subdomain is acme)")
	cmd.Flags().DurationVar(&o.page, "page-delay", 150*time.Millisecond, "how long the simulated provider takes for a page")
	return cmd
}

// demo is the running demo; it implements gateway.Demo (demo_break.go).
type demo struct {
	o       demoOptions
	sim     *sim.Sim
	calls   *talkdesk.Sim
	program *program
	people  map[records.Role]records.UserID
	keys    map[records.Role]string
	url     string
	deleted atomic.Bool // the recordings, at the provider
}

func runDemo(ctx context.Context, o demoOptions, in io.Reader, out io.Writer) (err error) {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil || !loopback(host) {
		return fmt.Errorf("demo: --listen wants a loopback address such as 127.0.0.1:0, got %q: its data is made up and its doors are open", o.listen)
	}
	if _, built := ui.FS(); !built && !o.json {
		fmt.Fprintln(out, "The page is not built into this binary: the API works, the browser shows how to build it (make demo does).")
	}
	ln, err := listenOrNext(ctx, o.listen)
	if err != nil {
		return err
	}
	defer func() { _ = ln.Close() }() // Serve has closed it
	dir, err := os.MkdirTemp("", "sightglass-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return (&demo{o: o}).run(ctx, ln, dir, in, out)
}

// listenOrNext takes the asked port, or a free one where another program has it.
func listenOrNext(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(addr)
		ln, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	}
	return ln, err
}

func (d *demo) run(ctx context.Context, ln net.Listener, dir string, in io.Reader, out io.Writer) error {
	d.sim, d.calls = sim.New(sim.Options{PageDelay: d.o.page, Queue: demoQueue}), talkdesk.New(talkdesk.Options{LocalForeign: true})
	if err := d.sim.Start(); err != nil {
		return err
	}
	defer d.sim.Close()
	if err := d.calls.Start(); err != nil {
		return err
	}
	defer d.calls.Close()
	c := d.config(ln, dir)
	d.url = c.publicURL(ln.Addr())
	reg, err := all.Registry()
	if err != nil {
		return err
	}
	if d.program, err = build(ctx, c, reg, d.url); err != nil {
		return err
	}
	defer func() { _ = d.program.close() }() // its records go with the folder
	// serve goes on without its Redis; who names one here wants to see it used.
	if d.program.cache.Ping(ctx) != nil {
		return fmt.Errorf("demo: --redis: no Redis answers at %s: start one, or leave --redis out", withoutPassword(c.Cache.DSN))
	}
	if err := d.populate(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	d.program.sandbox = map[string]gateway.Sandbox{
		"zendesk":  {Endpoints: d.sim.Endpoints(), MediaHosts: d.sim.MediaHosts()},
		"talkdesk": {Endpoints: d.calls.Endpoints(), MediaHosts: d.calls.MediaHosts()},
	}
	srv, err := d.program.gateway(c, d.url, "-"+randomHex(4), d)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln, nil) }()
	if err := d.announce(ctx, out); err != nil {
		return err
	}
	if !d.o.json {
		go d.onEnter(ctx, in, out) // ends with the process: a read of standard input cannot be interrupted
	}
	return <-done
}

func (d *demo) config(ln net.Listener, dir string) *Config {
	c := defaultConfig()
	c.Listen, c.MetricsListen = ln.Addr().String(), ""
	c.Keys = records.NewKey("demo")
	c.Records.DSN = "sqlite:" + filepath.Join(dir, "demo.db")
	c.Security.PrivateUpstreams = []string{"127.0.0.0/8", "::1/128"}
	c.Log = LogConfig{Level: "error", Format: "text"}
	c.Drain = 3 * time.Second
	if d.o.debug {
		c.Log.Level = "debug"
	}
	if d.o.redis != "" {
		c.Cache.DSN = d.o.redis
	}
	return &c
}

// populate makes the site, its people and keys, and links the simulated account.
func (d *demo) populate(ctx context.Context) error {
	store := d.program.store
	if err := store.PutSite(ctx, records.Site{ID: demoSite, Name: "Harbour & Finch (demo)", CreatedAt: time.Now()}); err != nil {
		return err
	}
	d.people, d.keys = map[records.Role]records.UserID{}, map[records.Role]string{}
	for _, who := range []struct {
		role        records.Role
		login, name string
	}{{records.RoleAnalyst, "ana", "Ana Ruiz"}, {records.RoleAdministrator, "ada", "Ada Brandt"}} {
		u := records.User{ID: newUserID(), Login: who.login, Name: who.name, Status: records.UserActive, CreatedAt: time.Now()}
		if err := store.AddUser(ctx, u, records.Membership{Site: demoSite, User: u.ID, Roles: []records.Role{who.role}}); err != nil {
			return err
		}
		d.people[who.role], d.keys[who.role] = u.ID, randomHex(24)
		k := records.APIKey{Site: demoSite, ID: "demo-" + who.login, Hash: auth.HashKey(d.keys[who.role]), Roles: []records.Role{who.role}, CreatedAt: time.Now()}
		if err := store.PutAPIKey(ctx, k); err != nil {
			return err
		}
	}
	if d.o.bare {
		d.sim.SwitchClient(false, false) // its owner has made no client yet
		return nil
	}
	id := records.LinkID{Site: demoSite, Link: demoLink}
	clientID, secret := d.sim.Client(false)
	if err := store.AddLink(ctx, records.Link{
		ID: id, Provider: "zendesk", Title: "Zendesk (acme)", Settings: map[string]string{"subdomain": "acme"},
		Endpoints: d.sim.Endpoints(), CredentialKind: records.CredentialAuthorizationCode, ClientID: clientID,
		State: records.LinkNew, CreatedAt: time.Now(), UpdatedAt: time.Now(),
	}); err != nil {
		return err
	}
	if err := d.program.keeper.PutClientSecret(ctx, id, records.NewSecret(secret)); err != nil {
		return err
	}
	if err := d.link(ctx); err != nil {
		return err
	}
	return d.linkCalls(ctx)
}

// link walks the provider's real OAuth flow: the simulated person presses Allow.
func (d *demo) link(ctx context.Context) error {
	admin := auth.Principal{Site: demoSite, Kind: records.PrincipalUser, ID: string(d.people[records.RoleAdministrator]), Roles: []records.Role{records.RoleAdministrator}}
	authorizeURL, browser, err := d.program.flow.Begin(ctx, admin, records.LinkID{Site: demoSite, Link: demoLink}, "/links")
	if err != nil {
		return fmt.Errorf("linking: %w", err)
	}
	callback, err := d.sim.Approve(ctx, authorizeURL, demoActor)
	if err != nil {
		return fmt.Errorf("linking: %w", err)
	}
	cb, err := parseCallback(callback)
	if err != nil {
		return err
	}
	if _, err := d.program.flow.Finish(ctx, cb, browser); err != nil {
		return fmt.Errorf("linking: %w", err)
	}
	return nil
}

// signInURL is a one-time link: the token is a fragment, so that no log has it.
func (d *demo) signInURL(ctx context.Context) (string, error) {
	once, err := d.program.sessions.NewOnce(ctx, demoSite, d.people[records.RoleAnalyst])
	if err != nil {
		return "", err
	}
	return d.url + "/signin#" + once, nil
}

func (d *demo) announce(ctx context.Context, out io.Writer) error {
	signIn, err := d.signInURL(ctx)
	if err != nil {
		return err
	}
	if d.o.json {
		return d.announceJSON(signIn, out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nSightglass demo, %s\n\n  Open this link (it works once, within 15 minutes; Enter prints a new one):\n\n    %s\n\n", programVersion(), signIn)
	if d.o.bare {
		fmt.Fprintf(&b, "  Nothing is linked yet. Look as Administrator, open Links and add one; the account's subdomain is acme.\n\n  Ctrl-C ends it; nothing stays.\n")
		_, err = io.WriteString(out, b.String())
		return err
	}
	fmt.Fprintf(&b, "  Worth reading:\n")
	for _, s := range d.samples()[:firstTickets+1] {
		fmt.Fprintf(&b, "    %-34s %s\n", s.title, s.why)
	}
	fmt.Fprintf(&b, "\n  From a shell:\n    curl -N -H 'Authorization: Bearer %s' %s/api/v1/links/%s/interactions/ticket/%s\n\n  Ctrl-C ends it; nothing stays.\n",
		d.keys[records.RoleAnalyst], d.url, demoLink, d.sim.Samples()[0].Ref.ID)
	_, err = io.WriteString(out, b.String())
	return err
}

func (d *demo) announceJSON(signIn string, out io.Writer) error {
	type link struct {
		ID       string `json:"id"`
		Provider string `json:"provider"`
	}
	type sample struct {
		Title string `json:"title"`
		Path  string `json:"path"`
		Why   string `json:"why"`
	}
	ready := struct {
		URL       string            `json:"url"`
		SignInURL string            `json:"sign_in_url"`
		APIKeys   map[string]string `json:"api_keys"`
		Links     []link            `json:"links"`
		Samples   []sample          `json:"samples"`
	}{
		URL: d.url, SignInURL: signIn,
		APIKeys: map[string]string{"analyst": d.keys[records.RoleAnalyst], "administrator": d.keys[records.RoleAdministrator]},
		Links:   []link{{demoLink, "zendesk"}, {demoCalls, "talkdesk"}},
	}
	if d.o.bare {
		ready.Links = []link{}
	}
	for _, s := range d.samples() {
		ready.Samples = append(ready.Samples, sample{s.title, s.path, s.why})
	}
	if err := json.MarshalWrite(out, ready, json.Deterministic(true)); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// onEnter prints a new sign-in link for every line.
func (d *demo) onEnter(ctx context.Context, in io.Reader, out io.Writer) {
	for lines := bufio.NewScanner(in); lines.Scan() && ctx.Err() == nil; {
		signIn, err := d.signInURL(ctx)
		if err != nil {
			return
		}
		fmt.Fprintf(out, "    %s\n", signIn)
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
