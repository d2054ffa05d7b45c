package sim

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Options says what account to imitate. The zero value is an account created today: access tokens of
// 1800 s with refresh tokens, private attachments, 2500 requests a minute.
type Options struct {
	Subdomain string    // default "acme"
	Start     time.Time // all dates of the data are relative to it; default: the clock's now
	Clock     func() time.Time
	// PageDelay passes before the first byte of every page of comments and audits.
	PageDelay time.Duration
	// Canary, when set, adds a ticket (CanaryTicket) that carries it in every field that can hold
	// content, and puts it into the headers and error bodies of every answer.
	Canary string

	// TokenLife, when set, is the life of every access token, whatever the client asks for.
	TokenLife time.Duration
	// OldClient: no expiry and no refresh token unless expires_in is sent, as for clients made
	// before 2026-04-30 (support.zendesk.com articles/9182123625370).
	OldClient bool
	// StrictReuse revokes the whole family when a rotated refresh token is used again. Zendesk does
	// not document that; Hydra does it, so a keeper has to live with both.
	StrictReuse bool
	// AllowedScopes, when set, are all an administrator lets the clients ask for; more is invalid_scope.
	AllowedScopes []string
	// StrictRedirects: only registered redirect URLs, also on the loopback.
	StrictRedirects bool
	// TokenStatus of a successful token call: 201 as in Zendesk's examples (default), or 200.
	TokenStatus int

	// PerMinute is the account's request allowance; default 2500, negative: none.
	PerMinute int
	// OldRateHeaders sends the names of 2023: rate-limit… and zendesk-rate-limit-<bucket>.
	OldRateHeaders bool
	// PublicAttachments: the token in the path suffices ("require authentication" is off).
	PublicAttachments bool
	// RestrictedStatus is what a group-restricted agent gets for another group's ticket; default 404.
	RestrictedStatus int
	// LocalForeign names files on foreign hosts by their loopback address, so that a test can reach
	// them; else by an invented host name that nobody resolves.
	LocalForeign bool
	// SignatureLife of the CDN's URLs; default 5 min.
	SignatureLife time.Duration
	// LongCall is how long the recording of TicketCallHour is; default 1 h. An hour has 14.4 MB.
	LongCall time.Duration
	// LongCallMoved puts that recording behind a redirect to the CDN, with a signature that expires.
	LongCallMoved bool
	// Queue adds so many short tickets of the last 30 days, one about as long after the other, for lists.
	Queue int
	// RepeatRows: each page of a search but the first begins with a row of the page before, as happens
	// when tickets come in between two pages.
	RepeatRows bool
	// Gzip compresses answers for clients that ask for it, as Zendesk's edge does.
	Gzip bool
}

// Sim is one simulated account with the hosts around it. Its methods may be called at any time and
// from any goroutine.
type Sim struct {
	o     Options
	data  *data
	hosts map[string]*host
	key   []byte // signs CDN URLs and export cursors

	mu      sync.Mutex
	oauth   oauthState
	rate    rateState
	faults  []*activeFault
	log     []*entry
	deleted bool                     // see DeleteRecordings
	arrived bool                     // see FinishRecordings
	listed  map[*recording]int       // how often a recording that is not ready was asked about
	signing atomic.Int64             // see ExpireSignatures
	allowed atomic.Pointer[[]string] // see AllowScopes
	granted atomic.Pointer[[]string] // see GrantOnly
}

// New builds the account. It listens nowhere before Start.
func New(o Options) *Sim {
	o = o.withDefaults()
	s := &Sim{o: o, key: make([]byte, 32), listed: map[*recording]int{}}
	_, _ = rand.Read(s.key) // never fails
	s.hosts = s.newHosts()
	s.oauth = newOAuthState(o)
	s.rate = rateState{buckets: map[string]*bucket{}}
	s.data = seed(o)
	return s
}

func (o Options) withDefaults() Options {
	if o.Subdomain == "" {
		o.Subdomain = "acme"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Start.IsZero() {
		o.Start = o.Clock()
	}
	o.Start = o.Start.UTC().Truncate(time.Second)
	if o.TokenStatus == 0 {
		o.TokenStatus = http.StatusCreated
	}
	if o.PerMinute == 0 {
		o.PerMinute = 2500
	}
	if o.RestrictedStatus == 0 {
		o.RestrictedStatus = http.StatusNotFound
	}
	if o.LongCall == 0 {
		o.LongCall = time.Hour
	}
	if o.SignatureLife == 0 {
		o.SignatureLife = 5 * time.Minute
	}
	return o
}

// Start opens the listeners on free loopback ports. Call it once.
func (s *Sim) Start() error {
	for _, name := range hostNames {
		if err := s.hosts[name].start(); err != nil {
			s.Close()
			return fmt.Errorf("zendesk simulator: host %s: %w", name, err)
		}
	}
	return nil
}

// Close ends the listeners and cuts what is still being answered.
func (s *Sim) Close() {
	for _, name := range hostNames {
		s.hosts[name].close()
	}
}

// Endpoints gives a link's endpoints: "api" and "media".
func (s *Sim) Endpoints() map[string]string {
	return map[string]string{"api": s.hosts[HostAPI].url(), "media": s.hosts[HostMedia].url()}
}

// MediaHosts gives what a link's media_hosts must list so that files hosted elsewhere can be fetched.
func (s *Sim) MediaHosts() []string {
	if s.o.LocalForeign {
		return []string{s.hosts[HostForeign].url()}
	}
	return []string{foreignName, vendorName}
}

// HostURL is the loopback address of one of the hosts: HostAPI, HostMedia, HostForeign, HostAttacker.
func (s *Sim) HostURL(name string) string { return s.hosts[name].url() }

// Sample is a conversation worth opening.
type Sample struct {
	Title string // ours, short
	Why   string // the reason to review it, in one line
	URL   string // as an analyst would paste it
	Ref   records.Ref
}

// Samples lists the conversations worth reading, best first. Refs have no link: the caller knows it.
func (s *Sim) Samples() []Sample {
	list := make([]Sample, 0, len(s.data.samples))
	for _, p := range s.data.samples {
		list = append(list, Sample{
			Title: p.title, Why: p.why, URL: s.canonical(fmt.Sprintf("/agent/tickets/%d", p.ticket)),
			Ref: TicketRef(p.ticket),
		})
	}
	return list
}

// TicketRef names a ticket, without a link.
func TicketRef(id int64) records.Ref {
	return records.Ref{Kind: records.KindTicket, ID: fmt.Sprint(id)}
}

// Tickets lists the ids of all tickets that can be opened, in the order they were made.
func (s *Sim) Tickets() []int64 { return slices.Clone(s.data.order) }

func (s *Sim) now() time.Time { return s.o.Clock().UTC() }

// apiName is the account's canonical host.
func (s *Sim) apiName() string { return s.o.Subdomain + ".zendesk.com" }

// canonical gives the URL Zendesk would name; clients map it to an endpoint.
func (s *Sim) canonical(path string) string { return "https://" + s.apiName() + path }

// pause waits unless the caller goes away first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
