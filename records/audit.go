package records

import (
	"context"
	"time"
)

// AuditEvent says what an audit row records.
type AuditEvent string

// The events. Two rows per open, two per media handle and person.
const (
	AuditOpened      AuditEvent = "opened"       // committed before the first content byte
	AuditClosed      AuditEvent = "closed"       // at the end; kinds of parts, bytes, outcome
	AuditMediaOpened AuditEvent = "media_opened" // before the first byte of the first range
	AuditMediaClosed AuditEvent = "media_closed" // 60 s without a read, at expiry or at shutdown
	AuditListed      AuditEvent = "listed"       // a list of a link was read: metadata only; never by what it was narrowed
	AuditDrawn       AuditEvent = "drawn"        // a few of a list, at random; Detail is the seed
	AuditSignedIn    AuditEvent = "signed_in"
	AuditSignInLock  AuditEvent = "sign_in_locked"
	AuditLinkChanged AuditEvent = "link_changed" // linked, tested, paused, removed, broken
	AuditUserChanged AuditEvent = "user_changed"
	AuditKeyChanged  AuditEvent = "key_changed"
	AuditSiteChanged AuditEvent = "site_changed"
	// AuditSignInRefused: somebody known could not come in; Detail says why.
	AuditSignInRefused AuditEvent = "sign_in_refused"
	// AuditAddressRefused: an IP rule did not admit a request; Thing is the address. Not one for every
	// request: the first of a sign-in or key from a network within some minutes.
	AuditAddressRefused AuditEvent = "address_refused"
)

// OpenReason says how a person came to an interaction (design section 9).
type OpenReason string

// The reasons.
const (
	ReasonPasted OpenReason = "pasted"
	ReasonLink   OpenReason = "link"
	ReasonList   OpenReason = "list"
	ReasonDraw   OpenReason = "draw"
)

// Outcomes of a closed open or media read.
const (
	OutcomeComplete    = "complete"    // the stream ended with its end line
	OutcomeProblem     = "problem"     // it ended with a problem line; Detail holds the code
	OutcomeLeft        = "left"        // the person went away
	OutcomeRevoked     = "revoked"     // the right was withdrawn meanwhile
	OutcomeInterrupted = "interrupted" // closed at the next start: the process had died
)

// PrincipalKind says what acted.
type PrincipalKind string

// The kinds of principal.
const (
	PrincipalUser   PrincipalKind = "user"
	PrincipalAPIKey PrincipalKind = "api_key"
	PrincipalSystem PrincipalKind = "system"
)

// AuditEntry is what a caller wants to record: who, at what, when. Ids, codes and counts only; no
// content, no subject, no name of a file, no URL, no search words.
type AuditEntry struct {
	Site          SiteID
	At            time.Time
	Event         AuditEvent
	PrincipalKind PrincipalKind
	Principal     string // user id or API key id
	Open          string // id of the open that this row belongs to; ULID
	Ref           Ref
	Reason        OpenReason
	Thing         string         // media: the provider's id of the recording or attachment
	Parts         map[string]int // closed: parts by type
	Bytes         int64          // closed, media_closed: bytes that went to the browser
	Outcome       string
	Detail        string // a code of the contract or a short word of ours, e.g. "provider_cut"
	Heard         []Span // media_closed: what was played, as the player told it; in order, apart
}

// Span is a stretch of a recording, in seconds from its start.
type Span struct{ From, To float64 }

// AuditRow is an entry as it stands in a site's chain.
type AuditRow struct {
	AuditEntry
	Seq  int64  // dense, from 1, per site
	Prev []byte // hash of the row before; all zero for the first
	Hash []byte // SHA-256 over Prev and the canonical form of the entry (records/sql/chain.go)
}

// AuditFilter narrows Rows. Zero fields do not narrow.
type AuditFilter struct {
	Open      string
	Principal string
	Before    int64 // Seq below this; 0: from the newest
	Limit     int   // 0: 100
}

// Opened says when somebody opened an interaction last.
type Opened struct {
	Ref           Ref
	PrincipalKind PrincipalKind
	Principal     string
	At            time.Time
}

// AuditReport is what Verify found.
type AuditReport struct {
	Site   SiteID
	Rows   int64
	Head   []byte
	BadSeq int64  // 0: the chain holds
	Why    string // what is wrong at BadSeq
}

// MaxOpenedBefore is how many refs OpenedBefore takes at once.
const MaxOpenedBefore = 100

// Audit is the append-only log of who looked at what, when.
type Audit interface {
	// Append commits the entries (durably: it survives power loss) and returns them as rows. Calls
	// that wait at the same time share one commit. An error means: nothing may open.
	Append(ctx context.Context, entries ...AuditEntry) ([]AuditRow, error)
	// AuditRows lists rows of a site, newest first.
	AuditRows(ctx context.Context, site SiteID, f AuditFilter) ([]AuditRow, error)
	// OpenedBefore tells who has opened these interactions of a link, each person's last time. It takes
	// at most MaxOpenedBefore of them.
	OpenedBefore(ctx context.Context, id LinkID, refs []Ref) ([]Opened, error)
	// CloseInterrupted writes a closing row for every opened or media_opened without one, and
	// returns how many. Called at start. Where several replicas share the database, those of a
	// process that lives are left alone.
	CloseInterrupted(ctx context.Context, at time.Time) (int, error)
	// VerifyAudit walks a site's chain from the first row.
	VerifyAudit(ctx context.Context, site SiteID) (AuditReport, error)
}

// Store is everything that lives in the database.
type Store interface {
	Sites
	Users
	APIKeys
	Sessions
	Identities
	Links
	Authorizations
	Audit
	// Ping tells whether the database answers and can be written.
	Ping(ctx context.Context) error
	Close() error
}
