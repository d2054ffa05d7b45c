package conformance

import (
	"errors"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// Options says what is tested and against what.
type Options struct {
	Spec     connectors.Spec
	Settings map[string]string
	// Start gives a fresh simulator for each part of the suite; it ends with t.Cleanup.
	Start func(t testing.TB) Target
	// Samples names interactions of the simulator by their use here. Plain and Missing are required;
	// the parts of the suite that need another one fail when it is not there, unless the connector
	// lacks the ability.
	Samples map[string]records.Ref
	Want    connectors.Capabilities // compared with the code
}

// The samples that the suite asks for. The link of their refs is Link.
const (
	SamplePlain   = "plain"   // two messages or more, on one page
	SampleLong    = "long"    // several pages; more than 500 messages
	SampleMedia   = "media"   // at least one attachment or recording in state ok, of 4 KB or more
	SampleForeign = "foreign" // among its files one whose URL lies on a host that the Spec does not name
	SampleCalls   = "calls"   // optional: a recording or more of 4 KB or more, at least one of which can be had
	SampleMissing = "missing" // an id that the account does not have
)

// Link is the name of the link that the suite reads through.
const Link = "conformance"

// Target is a running simulator of a provider, as the suite needs it.
type Target interface {
	// Endpoints replaces hosts of the Spec, by name: "api" → "http://127.0.0.1:1234".
	Endpoints() map[string]string
	// MediaHosts lists further hosts for bytes: origins such as "http://127.0.0.1:1235".
	MediaHosts() []string
	// Bearer gives an access token that may read every sample now. After FaultExpired a call gives
	// another one.
	Bearer() string
	// Inject makes the simulator misbehave from now on. ErrNotOffered when it cannot.
	Inject(Fault) error
	// Heal ends every fault.
	Heal()
	// Requests lists the API and media requests so far (no token requests), oldest first.
	Requests() []Request
	// Active counts requests being answered now.
	Active() int
	// Canaries lists strings that stand in the contents of the samples (subjects, messages, names of
	// people and files) and must never be in a log line or an error.
	Canaries() []string
}

// ErrNotOffered says that a simulator cannot produce a fault. The part that needs it then fails.
var ErrNotOffered = errors.New("conformance: the simulator does not offer this fault")

// Fault is one way to misbehave. Faults concern API calls, unless their name says media.
type Fault string

// The faults. "Once" means: the next API call only.
const (
	FaultCut        Fault = "cut"         // a page's body breaks after some messages have gone out
	FaultCutFirst   Fault = "cut_first"   // once: the connection closes before the first byte
	FaultTrickle    Fault = "trickle"     // a page goes out so slowly that it does not end within 10 s
	FaultRateShort  Fault = "rate_short"  // once: 429, text/plain with a sentence, Retry-After: 1
	FaultRateLong   Fault = "rate_long"   // 429, text/plain with a sentence, Retry-After: 40
	FaultExpired    Fault = "expired"     // the token that Bearer gave before answers 401; a new call of Bearer gives a good one
	FaultRefused    Fault = "refused"     // every token answers 401
	FaultDown       Fault = "down"        // 503 with an HTML page, no Retry-After
	FaultBlip       Fault = "blip"        // once: 502 with an HTML page
	FaultHTML       Fault = "html"        // 200 with an HTML login page
	FaultMediaCut   Fault = "media_cut"   // a media body breaks after half of its bytes
	FaultMediaStuck Fault = "media_stuck" // a media body sends its first bytes and then nothing
	FaultMediaMoved Fault = "media_moved" // media URLs redirect to a host nobody declared
	FaultMediaWhole Fault = "media_whole" // Range is ignored: 200 with all bytes
	FaultMediaAged  Fault = "media_aged"  // every address with a signature that was given out so far is dead
	FaultMediaNew   Fault = "media_new"   // files are in another version: other bytes, other ETags
)

// Request is one request that the simulator saw.
type Request struct {
	Host       string // name of the host in the Spec: "api", "media"; else what the simulator calls it
	Method     string
	Path       string
	Credential bool   // an Authorization header came along
	Range      string // the Range header
	Status     int
	LeftEarly  bool // the client closed before the answer was complete
}
