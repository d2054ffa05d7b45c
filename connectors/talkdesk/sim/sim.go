package sim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/records"
)

// The hosts, as Request.Host and Fault.Host name them.
const (
	HostToken    = "token"    // {account}.talkdeskid.com
	HostAPI      = "api"      // the gateway of the region
	HostStorage  = "storage"  // S3: signed URLs, no credential
	HostForeign  = "foreign"  // the customer's own store, which no Spec can name
	HostAttacker = "attacker" // must never see a credential
)

// Names that the account's hosts have in what it answers.
const (
	apiName     = "api.talkdeskapp.com"
	storageName = "td-recordings-us1.s3.amazonaws.com"
	foreignName = "recordings.harborline.example"
	innerName   = "conversations.talkdesk.com" // in cursors only; nobody outside reaches it
)

// Options says what account to imitate.
type Options struct {
	Account string           // default "harborline"
	Start   time.Time        // all dates of the data are relative to it; default: the clock's now
	Clock   func() time.Time // default: time.Now
	// Scopes that the client has been granted; nil: all that Talkdesk has for reading.
	Scopes []string
	// Canary, when set, adds a call (CallCanary) that carries it in every field that can hold content,
	// and puts it into the bodies of errors.
	Canary string
	// LocalForeign names the customer's own store by its loopback address, so that a test can reach it.
	LocalForeign bool
}

// Sim is one simulated account with the hosts around it. Its methods may be called at any time and from
// any goroutine.
type Sim struct {
	o     Options
	stage *simhost.Stage
	data  *data
	key   []byte // signs storage URLs
	ids   client

	mu       sync.Mutex
	switches Switches
	tokens   map[string]*token
	used     map[string]bool // ids of assertions
	asked    int             // token requests
	late     int             // storage requests with a signature that had expired
	jobs     map[string]*job
	signing  int // see ExpireSignatures
}

// client is the account's one OAuth client.
type client struct {
	id, secret, keyID string
	key               *ecdsa.PrivateKey
}

// New builds the account. It listens nowhere before Start.
func New(o Options) *Sim {
	if o.Account == "" {
		o.Account = "harborline"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Start.IsZero() {
		o.Start = o.Clock()
	}
	o.Start = o.Start.UTC().Truncate(time.Second)
	if o.Scopes == nil {
		o.Scopes = slices.Clone(allScopes)
	}
	s := &Sim{o: o, key: make([]byte, 32), switches: defaultSwitches(), tokens: map[string]*token{}, used: map[string]bool{}, jobs: map[string]*job{}}
	_, _ = rand.Read(s.key) // never fails
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // never fails with the system's randomness
	}
	s.ids = client{id: "3f9c2a7be1d04c58a6b7c8d9e0f1a2b3", secret: rand.Text() + rand.Text() + rand.Text(), keyID: "key-1", key: key}
	s.data = seed(o)
	s.stage = simhost.New(simhost.Options{Clock: o.Clock, Refuse: s.refuse, Hosts: map[string]http.HandlerFunc{
		HostToken: s.tokenHandler(), HostAPI: s.apiHandler(), HostStorage: s.serveStorage, HostForeign: s.serveForeign, HostAttacker: serveAttacker,
	}})
	return s
}

// Start opens the listeners on free loopback ports. Call it once.
func (s *Sim) Start() error {
	if err := s.stage.Start(); err != nil {
		return fmt.Errorf("talkdesk simulator: %w", err)
	}
	return nil
}

// Close ends the listeners and cuts what is still being answered.
func (s *Sim) Close() { s.stage.Close() }

// Settings are those of a link to this account.
func (s *Sim) Settings() map[string]string { return map[string]string{"account": s.o.Account} }

// Endpoints gives a link's endpoints: "api", "token" and "storage".
func (s *Sim) Endpoints() map[string]string {
	return map[string]string{"api": s.stage.URL(HostAPI), "token": s.stage.URL(HostToken), "storage": s.stage.URL(HostStorage)}
}

// MediaHosts gives what a link's media_hosts must list so that CallForeign can be heard.
func (s *Sim) MediaHosts() []string {
	if s.o.LocalForeign {
		return []string{s.stage.URL(HostForeign)}
	}
	return []string{foreignName}
}

// HostURL is the loopback address of one of the hosts.
func (s *Sim) HostURL(name string) string { return s.stage.URL(name) }

// Client gives the id and the secret of the account's OAuth client.
func (s *Sim) Client() (id, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids.id, s.ids.secret
}

// Key gives the private key of the same client, as Talkdesk hands it out (base64 of PKCS#8), and its id.
func (s *Sim) Key() (pkcs8, id string) {
	der, err := x509.MarshalPKCS8PrivateKey(s.ids.key)
	if err != nil {
		panic(err) // a P-256 key can be written
	}
	return base64.StdEncoding.EncodeToString(der), s.ids.keyID
}

// Set adds a fault, Clear takes faults back, Faults lists them.
func (s *Sim) Set(f simhost.Fault) { s.stage.Set(f) }

// Clear takes back the faults of these names, or all when none is given.
func (s *Sim) Clear(names ...string) { s.stage.Clear(names...) }

// Faults lists what is set and not yet used up.
func (s *Sim) Faults() []simhost.Fault { return s.stage.Faults() }

// CutOpen breaks every answer that is being given now, and says how many.
func (s *Sim) CutOpen() int { return s.stage.CutOpen() }

// Requests copies the request log, oldest first.
func (s *Sim) Requests() []simhost.Request { return s.stage.Requests() }

// ResetRequests empties the request log.
func (s *Sim) ResetRequests() { s.stage.ResetRequests() }

// Sample is an interaction worth opening.
type Sample struct {
	Title string // ours, short
	Why   string // the reason to review it, in one line
	URL   string // as an analyst would paste it
	Ref   records.Ref
}

// Samples lists the interactions worth opening, best first. Refs have no link: the caller knows it.
func (s *Sim) Samples() []Sample { return slices.Clone(s.data.samples) }
