package talkdesk

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// connector reads one account. It holds no state but this, and how many requests it has just made.
type connector struct {
	link       string
	cfg        config
	api, media *http.Client
	now        func() time.Time
	granted    func() string
	pace       *pace
}

var (
	_ connectors.MediaOpener  = (*connector)(nil)
	_ connectors.LinkResolver = (*connector)(nil)
)

// New builds a connector. It does not touch the network.
func New(cfg connectors.Config) (connectors.Connector, error) {
	c, err := readConfig(Spec().Filled(cfg.Settings))
	if err != nil {
		return nil, fmt.Errorf("talkdesk: %w", err)
	}
	if c.account == "" {
		return nil, fmt.Errorf("talkdesk: the setting account is required; an example: acme")
	}
	if cfg.API == nil || cfg.Media == nil {
		return nil, fmt.Errorf("talkdesk: both clients are required")
	}
	conn := &connector{link: cfg.Link, cfg: c, api: cfg.API, media: cfg.Media, now: cfg.Now, granted: cfg.Granted, pace: newPace(c.perSecond, c.inFlight)}
	if conn.now == nil {
		conn.now = time.Now
	}
	if conn.granted == nil {
		conn.granted = func() string { return "" }
	}
	return conn, nil
}

func (c *connector) ref(kind records.Kind, id string) records.Ref {
	return records.Ref{Link: c.link, Kind: kind, ID: id}
}

// same tells whether two ids are one: call ids are 32 hex digits, and the Conversations API writes the
// same as UUIDs with dashes.
func same(a, b string) bool { return a != "" && bare(a) == bare(b) }

func bare(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }
