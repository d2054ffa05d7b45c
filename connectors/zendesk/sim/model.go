package sim

import "time"

// The types below are Zendesk's JSON, in the order of its answers. A pointer without omitzero is a
// field that is null when empty; the real API sends those (recorded by amp-labs, zenpy, go-zendesk).

type ticket struct {
	ID                 int64        `json:"id"`
	URL                string       `json:"url"`
	ExternalID         *string      `json:"external_id"`
	EncodedID          string       `json:"encoded_id,omitzero"`
	Via                via          `json:"via"`
	CreatedAt          time.Time    `json:"created_at"`
	UpdatedAt          time.Time    `json:"updated_at"`
	GeneratedTimestamp int64        `json:"generated_timestamp,omitzero"`
	Type               *string      `json:"type"`
	Subject            string       `json:"subject"`
	RawSubject         string       `json:"raw_subject"`
	Description        string       `json:"description"`
	Priority           *string      `json:"priority"`
	Status             string       `json:"status"`
	CustomStatusID     int64        `json:"custom_status_id,omitzero"`
	Recipient          *string      `json:"recipient"`
	RequesterID        int64        `json:"requester_id"`
	SubmitterID        int64        `json:"submitter_id"`
	AssigneeID         *int64       `json:"assignee_id"`
	OrganizationID     *int64       `json:"organization_id"`
	GroupID            *int64       `json:"group_id"`
	CollaboratorIDs    []int64      `json:"collaborator_ids"`
	FollowerIDs        []int64      `json:"follower_ids"`
	EmailCCIDs         []int64      `json:"email_cc_ids"`
	ForumTopicID       *int64       `json:"forum_topic_id"`
	ProblemID          *int64       `json:"problem_id"`
	HasIncidents       bool         `json:"has_incidents"`
	IsPublic           bool         `json:"is_public"`
	DueAt              *time.Time   `json:"due_at"`
	Tags               []string     `json:"tags"`
	CustomFields       []fieldValue `json:"custom_fields"`
	SatisfactionRating *rating      `json:"satisfaction_rating"`
	SharingAgreements  []int64      `json:"sharing_agreement_ids"`
	FollowupIDs        []int64      `json:"followup_ids"`
	TicketFormID       *int64       `json:"ticket_form_id"`
	BrandID            int64        `json:"brand_id"`
	AllowChannelback   bool         `json:"allow_channelback"`
	AllowAttachments   bool         `json:"allow_attachments"`
	FromMessaging      bool         `json:"from_messaging_channel"`
	Fields             []fieldValue `json:"fields"` // custom_fields once more
	CommentCount       int          `json:"comment_count,omitzero"`
	ResultType         string       `json:"result_type,omitzero"`

	thread *thread // comments and audits
}

type fieldValue struct {
	ID    int64 `json:"id"`
	Value any   `json:"value"` // null, string, number, bool, list of strings
}

type rating struct {
	ID      int64  `json:"id,omitzero"`
	Score   string `json:"score"`
	Comment string `json:"comment,omitzero"`
	Reason  string `json:"reason,omitzero"`
}

type via struct {
	Channel string    `json:"channel"`
	Source  viaSource `json:"source"`
}

type viaSource struct {
	From viaEnd  `json:"from"`
	To   viaEnd  `json:"to"`
	Rel  *string `json:"rel"`
}

type viaEnd struct {
	Address   string  `json:"address,omitzero"`
	Name      string  `json:"name,omitzero"`
	ID        int64   `json:"id,omitzero"`
	Title     string  `json:"title,omitzero"`
	TicketID  int64   `json:"ticket_id,omitzero"`
	TicketIDs []int64 `json:"ticket_ids,omitzero"`
	Subject   string  `json:"subject,omitzero"`
}

type comment struct {
	ID          int64        `json:"id"`
	Type        string       `json:"type"`
	AuthorID    *int64       `json:"author_id"`
	AuditID     int64        `json:"audit_id"`
	Public      bool         `json:"public"`
	CreatedAt   time.Time    `json:"created_at"`
	Body        string       `json:"body"`
	PlainBody   string       `json:"plain_body,omitzero"`
	HTMLBody    string       `json:"html_body"`
	Via         *via         `json:"via,omitzero"`
	Metadata    *metadata    `json:"metadata,omitzero"`
	Attachments []attachment `json:"attachments"`
	// Of calls only.
	Trusted       bool   `json:"trusted,omitzero"`
	FormattedFrom string `json:"formatted_from,omitzero"`
	FormattedTo   string `json:"formatted_to,omitzero"`
	Transcribed   bool   `json:"transcription_visible,omitzero"`
	Data          any    `json:"data,omitempty"` // *voiceData, *partnerData, or a map where keys are missing
}

type metadata struct {
	System       systemInfo      `json:"system"`
	Custom       struct{}        `json:"custom"`
	Flags        []int           `json:"flags,omitzero"`
	FlagsOptions map[string]flag `json:"flags_options,omitzero"`
	Trusted      *bool           `json:"trusted,omitzero"`
}

type systemInfo struct {
	Client    string  `json:"client,omitzero"`
	IPAddress string  `json:"ip_address,omitzero"`
	Location  string  `json:"location,omitzero"`
	Latitude  float64 `json:"latitude,omitzero"`
	Longitude float64 `json:"longitude,omitzero"`
}

type flag struct {
	Trusted bool `json:"trusted"`
	Message struct {
		User string `json:"user"`
	} `json:"message,omitzero"`
}

type attachment struct {
	ID            int64        `json:"id"`
	URL           string       `json:"url"`
	FileName      string       `json:"file_name"`
	ContentURL    string       `json:"content_url"`
	MappedURL     string       `json:"mapped_content_url"`
	ContentType   string       `json:"content_type"`
	Size          any          `json:"size"` // a number; FaultOddSizes makes it worse
	Width         *int         `json:"width"`
	Height        *int         `json:"height"`
	Inline        *bool        `json:"inline,omitzero"` // older payloads lack this and what follows
	Deleted       *bool        `json:"deleted,omitzero"`
	MalwareOK     *bool        `json:"malware_access_override,omitzero"`
	MalwareResult *string      `json:"malware_scan_result,omitzero"`
	Thumbnails    []attachment `json:"thumbnails"`

	token string
	file  file
}

// voiceData of a VoiceComment. Every key may be missing or null; call_duration comes as a number or
// as a string (tap-zendesk's schema against Zendesk's example).
type voiceData struct {
	From                string  `json:"from"`
	To                  string  `json:"to"`
	RecordingURL        *string `json:"recording_url"`
	RecordingDuration   string  `json:"recording_duration"`
	CallDuration        any     `json:"call_duration"`
	CallID              int64   `json:"call_id"`
	AnsweredByID        int64   `json:"answered_by_id"`
	AnsweredByName      string  `json:"answered_by_name"`
	TranscriptionText   *string `json:"transcription_text"`
	TranscriptionStatus string  `json:"transcription_status"`
	StartedAt           string  `json:"started_at"`
	Location            string  `json:"location"`
	VoiceTranscription  bool    `json:"voice_transcription"`
	Outbound            bool    `json:"outbound"`

	rec *recording // gives recording_url
}

// partnerData of a TpeVoiceComment (recorded by zenpy): the vendor's app writes it.
type partnerData struct {
	AppID        int64   `json:"app_id"`
	AppName      string  `json:"app_name"`
	CallID       int64   `json:"call_id"`
	Direction    string  `json:"direction"`
	ExternalID   *string `json:"external_id"`
	Title        string  `json:"title"`
	ViaID        int     `json:"via_id"`
	RecordingURL string  `json:"recording_url"`

	rec *recording
}

type audit struct {
	ID        int64     `json:"id"`
	TicketID  int64     `json:"ticket_id"`
	CreatedAt time.Time `json:"created_at"`
	AuthorID  int64     `json:"author_id"`
	Metadata  metadata  `json:"metadata"`
	Events    []event   `json:"events"`
	Via       via       `json:"via"`
}

// event of an audit. Which fields are there depends on the type
// (ticketing/reference-guides/ticket-audit-events-reference).
type event struct {
	ID          int64        `json:"id"`
	Type        string       `json:"type"`
	AuthorID    int64        `json:"author_id,omitzero"`
	Body        string       `json:"body,omitzero"`
	HTMLBody    string       `json:"html_body,omitzero"`
	PlainBody   string       `json:"plain_body,omitzero"`
	Public      *bool        `json:"public,omitzero"`
	Attachments []attachment `json:"attachments,omitzero"`
	AuditID     int64        `json:"audit_id,omitzero"`
	FieldName   string       `json:"field_name,omitzero"`
	Value       any          `json:"value,omitempty"`
	Previous    any          `json:"previous_value,omitempty"`
	Subject     string       `json:"subject,omitzero"`
	Recipients  []int64      `json:"recipients,omitzero"`
	CommentID   int64        `json:"comment_id,omitzero"`
	Score       string       `json:"score,omitzero"`
	Via         *via         `json:"via,omitzero"`
}

type user struct {
	ID                  int64     `json:"id"`
	URL                 string    `json:"url"`
	Name                string    `json:"name"`
	Email               *string   `json:"email"`
	CreatedAt           time.Time `json:"created_at"`
	UpdatedAt           time.Time `json:"updated_at"`
	TimeZone            string    `json:"time_zone"`
	IANATimeZone        string    `json:"iana_time_zone"`
	Phone               *string   `json:"phone"`
	Photo               *struct{} `json:"photo"`
	LocaleID            int       `json:"locale_id"`
	Locale              string    `json:"locale"`
	OrganizationID      *int64    `json:"organization_id"`
	Role                string    `json:"role"`
	RoleType            *int      `json:"role_type"`
	CustomRoleID        *int64    `json:"custom_role_id"`
	Verified            bool      `json:"verified"`
	Active              bool      `json:"active"`
	Suspended           bool      `json:"suspended"`
	Alias               *string   `json:"alias"`
	TicketRestriction   *string   `json:"ticket_restriction"`
	OnlyPrivateComments bool      `json:"only_private_comments"`
	RestrictedAgent     bool      `json:"restricted_agent"`
	DefaultGroupID      *int64    `json:"default_group_id"`
	Tags                []string  `json:"tags"`
	AuthenticityToken   string    `json:"authenticity_token,omitzero"` // users/me only

	gone bool // deleted: sideloads name them, lookups do not
}

type group struct {
	ID          int64     `json:"id"`
	URL         string    `json:"url"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Default     bool      `json:"default"`
	IsPublic    bool      `json:"is_public"`
	Deleted     bool      `json:"deleted"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type brand struct {
	ID           int64   `json:"id"`
	URL          string  `json:"url"`
	Name         string  `json:"name"`
	BrandURL     string  `json:"brand_url"`
	Subdomain    string  `json:"subdomain"`
	HostMapping  *string `json:"host_mapping"`
	HasHelp      bool    `json:"has_help_center"`
	Active       bool    `json:"active"`
	Default      bool    `json:"default"`
	IsDeleted    bool    `json:"is_deleted"`
	SignatureTpl string  `json:"signature_template"`
}

type organization struct {
	ID          int64     `json:"id"`
	URL         string    `json:"url"`
	Name        string    `json:"name"`
	ExternalID  *string   `json:"external_id"`
	DomainNames []string  `json:"domain_names"`
	Tags        []string  `json:"tags"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type ticketField struct {
	ID          int64    `json:"id"`
	URL         string   `json:"url"`
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	RawTitle    string   `json:"raw_title"`
	Description string   `json:"description"`
	Position    int      `json:"position"`
	Active      bool     `json:"active"`
	Required    bool     `json:"required"`
	Removable   bool     `json:"removable"`
	Options     []option `json:"custom_field_options,omitzero"`
}

type option struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func ptr[T any](v T) *T { return &v }
