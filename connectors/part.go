package connectors

import (
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Part is one record of an opened interaction, as it goes over the wire (design section 3.2): one of
// *Header, *Person, *Message, *Event, *Recording, *Transcript, *Missing. The gateway adds wait,
// problem and end. Absent fields are not known. Content fields are Text.
type Part interface{ Type() PartType }

// PartType is the part's "type" on the wire.
type PartType string

// The types of part. The last three are the gateway's.
const (
	TypeHeader     PartType = "header"
	TypePerson     PartType = "person"
	TypeMessage    PartType = "message"
	TypeEvent      PartType = "event"
	TypeRecording  PartType = "recording"
	TypeTranscript PartType = "transcript"
	TypeMissing    PartType = "missing"
	TypeWait       PartType = "wait"
	TypeProblem    PartType = "problem"
	TypeEnd        PartType = "end"
)

// Type implements Part.
func (*Header) Type() PartType { return TypeHeader }

// Type implements Part.
func (*Person) Type() PartType { return TypePerson }

// Type implements Part.
func (*Message) Type() PartType { return TypeMessage }

// Type implements Part.
func (*Event) Type() PartType { return TypeEvent }

// Type implements Part.
func (*Recording) Type() PartType { return TypeRecording }

// Type implements Part.
func (*Transcript) Type() PartType { return TypeTranscript }

// Type implements Part.
func (*Missing) Type() PartType { return TypeMissing }

// PersonRole says what somebody is in an interaction.
type PersonRole string

// The roles of people.
const (
	RoleCustomer PersonRole = "customer"
	RoleAgent    PersonRole = "agent"
	RoleBot      PersonRole = "bot"
	RoleSystem   PersonRole = "system"
	RoleUnknown  PersonRole = "unknown"
)

// Who refers to a person: ID always present (null when the provider gives none), name and role
// where known then. Clients join by ID with Person parts.
type Who struct {
	ID   *string    `json:"id"`
	Name Text       `json:"name,omitzero"`
	Role PersonRole `json:"role,omitempty"`
}

// WhoID gives a Who that is only an id.
func WhoID(id string) *Who { return &Who{ID: &id} }

// Field is one custom field with its name as the provider's administrators gave it.
type Field struct {
	Name  Text `json:"name"`
	Value Text `json:"value"`
}

// CSAT is the customer's rating.
type CSAT struct {
	Score   string `json:"score"` // the provider's word: good, bad, offered …
	Comment Text   `json:"comment,omitzero"`
}

// Header says what the interaction is. A later one adds or replaces the fields it sets.
type Header struct {
	Ref         records.Ref `json:"ref"`
	Provider    string      `json:"provider"`
	Channel     string      `json:"channel,omitempty"` // email web chat messaging voice api …
	Subject     Text        `json:"subject,omitzero"`
	Status      string      `json:"status,omitempty"`
	State       State       `json:"state,omitempty"`
	CreatedAt   time.Time   `json:"created_at,omitzero"`
	UpdatedAt   time.Time   `json:"updated_at,omitzero"`
	Agent       *Who        `json:"agent,omitempty"`
	Requester   *Who        `json:"requester,omitempty"`
	Group       Text        `json:"group,omitzero"`
	Brand       Text        `json:"brand,omitzero"`
	Direction   string      `json:"direction,omitempty"` // inbound, outbound
	Seconds     Seconds     `json:"seconds,omitempty"`
	ProviderURL string      `json:"provider_url,omitempty"` // where the provider's own UI shows it
	Tags        []Text      `json:"tags,omitempty"`
	Fields      []Field     `json:"fields,omitempty"`
	CSAT        *CSAT       `json:"csat,omitempty"`
	MergedInto  string      `json:"merged_into,omitempty"` // the provider's id of the surviving interaction
	Truncated   bool        `json:"truncated,omitempty"`   // the provider holds more than it gives
	Open        string      `json:"open,omitempty"`        // set by the gateway: id of this open
	Link        string      `json:"link,omitempty"`        // when not the ref's
	Native      string      `json:"native,omitempty"`
}

// Seconds is a duration in seconds, a decimal number on the wire.
type Seconds float64

// State says what became of the interaction at the provider.
type State string

// The states.
const (
	StateArchived State = "archived"
	StateMerged   State = "merged"
	StateDeleted  State = "deleted"
)

// Person says who an id is, before or after its use.
type Person struct {
	ID     string     `json:"id"`
	Name   Text       `json:"name,omitzero"`
	Role   PersonRole `json:"role"`
	Link   string     `json:"link,omitempty"`
	Native string     `json:"native,omitempty"`
}

// Visibility says whether the customer sees a message.
type Visibility string

// The visibilities.
const (
	VisibilityPublic   Visibility = "public"
	VisibilityInternal Visibility = "internal"
)

// Warning is a provider's doubt about a message's author or origin.
type Warning string

// The warnings.
const (
	WarningNotParticipant Warning = "not_participant"
	WarningOnBehalf       Warning = "on_behalf"
	WarningMaybeSpoofed   Warning = "maybe_spoofed"
	WarningAutoGenerated  Warning = "auto_generated"
)

// Message is something somebody wrote.
type Message struct {
	ID          string       `json:"id"`
	At          time.Time    `json:"at,omitzero"`
	Author      *Who         `json:"author"`
	Visibility  Visibility   `json:"visibility"`
	Text        Text         `json:"text,omitzero"`
	HTML        Text         `json:"html,omitzero"` // raw from a connector; cleaned by the gateway
	Attachments []Attachment `json:"attachments,omitempty"`
	Redacted    bool         `json:"redacted,omitempty"`
	Truncated   bool         `json:"truncated,omitempty"` // the item was longer than 1 MiB, or cut by the provider
	Warnings    []Warning    `json:"warnings,omitempty"`
	Via         string       `json:"via,omitempty"`
	Session     string       `json:"session,omitempty"`
	ReplyTo     string       `json:"reply_to,omitempty"`
	// RemoteImages counts images the cleaner took out; they are never loaded. Set by the gateway.
	RemoteImages int    `json:"remote_images,omitempty"`
	Link         string `json:"link,omitempty"`
	Native       string `json:"native,omitempty"` // the provider's own type when we do not know it
}

// AttachmentState says whether a file can be had.
type AttachmentState string

// The states of an attachment. Only AttachmentOK has a handle.
const (
	AttachmentOK       AttachmentState = "ok"
	AttachmentBlocked  AttachmentState = "blocked" // malware found, not overridden
	AttachmentDeleted  AttachmentState = "deleted"
	AttachmentRedacted AttachmentState = "redacted"
)

// Scan is the provider's malware verdict.
type Scan string

// The verdicts.
const (
	ScanClean    Scan = "clean"
	ScanInfected Scan = "infected"
	ScanFailed   Scan = "failed"
	ScanNone     Scan = "none"
)

// Attachment is a file of a message. The connector sets At; the gateway seals it into Handle.
type Attachment struct {
	ID        string          `json:"id"`
	Name      Text            `json:"name,omitzero"`
	MediaType string          `json:"media_type,omitempty"` // as the provider claims; the relay sniffs
	Size      int64           `json:"size,omitempty"`       // bytes; 0: not known
	Inline    bool            `json:"inline,omitempty"`
	State     AttachmentState `json:"state"`
	Scan      Scan            `json:"scan,omitempty"`
	Handle    string          `json:"handle,omitempty"`
	At        Locator         `json:"-"`
}

// EventOther is the event of anything a connector does not know.
const EventOther = "other"

// Event is something that happened: a transfer, a status change, a hold.
type Event struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at,omitzero"`
	Event  string    `json:"event"` // transfer, status, assigned, merged, call, hold, voicemail, other …
	Actor  *Who      `json:"actor,omitempty"`
	Text   Text      `json:"text,omitzero"`
	Link   string    `json:"link,omitempty"`
	Native string    `json:"native,omitempty"`
}

// Recording is audio of a call. The connector sets Locator; the gateway seals it into Handle.
type Recording struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at,omitzero"`
	Seconds      Seconds   `json:"seconds,omitempty"`
	MediaType    string    `json:"media_type,omitempty"`
	Handle       string    `json:"handle,omitempty"`
	Channels     []Channel `json:"channels,omitempty"`
	Pauses       []Pause   `json:"pauses,omitempty"`
	Holds        []Pause   `json:"holds,omitempty"` // the customer waited; it was recorded
	Leg          string    `json:"leg,omitempty"`
	Voicemail    bool      `json:"voicemail,omitempty"`
	Completeness string    `json:"completeness,omitempty"` // known, unknown
	Link         string    `json:"link,omitempty"`
	Native       string    `json:"native,omitempty"`
	Locator      Locator   `json:"-"`
	// Waveform is the link's setting. Set by the gateway; absent: full.
	Waveform records.Waveform `json:"waveform,omitempty"`
}

// Channel says who is on which side, only where the provider or the link's setting says so.
type Channel struct {
	Side string     `json:"side"` // left, right
	Role PersonRole `json:"role"`
}

// Pause is a stretch of a recording, in seconds from its start: not recorded, or a hold.
type Pause struct {
	From Seconds `json:"from"`
	To   Seconds `json:"to"`
}

// Transcript is one utterance.
type Transcript struct {
	Recording string  `json:"recording"`
	From      Seconds `json:"from"`
	To        Seconds `json:"to,omitempty"`
	Speaker   *Who    `json:"speaker,omitempty"`
	Text      Text    `json:"text,omitzero"`
	Link      string  `json:"link,omitempty"`
	Native    string  `json:"native,omitempty"`
}

// MissingReason says why something that the interaction has cannot be had.
type MissingReason string

// The reasons.
const (
	MissingNotOffered  MissingReason = "not_offered"
	MissingNoScope     MissingReason = "no_scope"
	MissingNotLicensed MissingReason = "not_licensed"
	MissingRetention   MissingReason = "retention"
	MissingNotReady    MissingReason = "not_ready"
	MissingDeleted     MissingReason = "deleted"
	MissingRedacted    MissingReason = "redacted"
	MissingBlocked     MissingReason = "blocked"
	MissingNotFound    MissingReason = "not_found"
)

// Missing names what the interaction has but cannot be had; the stream goes on.
type Missing struct {
	What   string        `json:"what"` // events, recording, transcript, fields …
	Reason MissingReason `json:"reason"`
	Say    string        `json:"say"` // one sentence of ours, without content
	// Of names whose it is where there may be several: the id that the recording has or would have had.
	// Clients take parts that are equal in it, too, for one.
	Of   string `json:"of,omitempty"`
	Link string `json:"link,omitempty"`
}
