package talkdesk

import (
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

const (
	name  = "talkdesk"
	title = "Talkdesk"
)

// The scopes, by what they are for.
const (
	scopeAccount     = "account:read"
	scopeRecordings  = "recordings:read"
	scopeMakeReports = "data-reports:write"
	scopeReports     = "data-reports:read"
	scopeTranscripts = "interactions-public:read"
	scopeUsers       = "users:read"
	scopeContacts    = "contacts:read"
	scopeAttachments = "attachments:download"
)

// Spec is Talkdesk as data.
func Spec() connectors.Spec {
	return connectors.Spec{
		Name:  name,
		Title: title,
		Kinds: []records.Kind{records.KindCall, records.KindChat, records.KindEmail},
		Hosts: []connectors.Host{
			{Name: "api", Pattern: "{api_host}", Credentials: true},
			// Only the keeper speaks to it, with the client's own credential.
			{Name: "token", Pattern: "{token_host}"},
			// Recordings, report files and attachments are redirected to here with a signature of their
			// own: Talkdesk's S3, or the customer's S3 or Azure container (support.talkdesk.com, article
			// 115000496943). S3 answers 400 to a bearer beside a signature.
			{Name: "storage", Pattern: "*.amazonaws.com"},
			{Name: "azure", Pattern: "*.blob.core.windows.net"},
		},
		Settings: settings(),
		OAuth: connectors.OAuth{
			TokenURL:   "https://{token_host}/oauth/token",
			ClientAuth: "{oauth_auth}",
			KeyID:      "{oauth_key_id}",
			Grants:     []records.CredentialKind{records.CredentialClientCredentials, records.CredentialBearer},
			// Scopes are granted per client; one that is missing shows as 403 on what it is for, and as a
			// part that is named as missing.
			Scopes: []connectors.Scope{
				{Name: scopeRecordings, Why: "To hear the recordings of a call.", Optional: true},
				{Name: scopeMakeReports, Why: "To order the reports that call details and legs come from: the one thing that is made at Talkdesk. Its file is deleted after reading.", Optional: true},
				{Name: scopeReports, Why: "To fetch those reports.", Optional: true},
				{Name: scopeTranscripts, Why: "To read transcripts of calls and the messages of chats.", Optional: true},
				{Name: scopeUsers, Why: "To name agents.", Optional: true},
				{Name: scopeContacts, Why: "To name customers.", Optional: true},
				{Name: scopeAttachments, Why: "To open files of chats.", Optional: true},
				{Name: scopeAccount, Why: "For the self-test: whose account this is.", Optional: true},
			},
		},
		ReadPosts: []string{
			"{report_prefix}/{report_calls_type}/jobs", "{report_prefix}/{report_legs_type}/jobs", "{report_prefix}/{report_digital_type}/jobs",
		},
		CleanUps: []string{
			"{report_prefix}/{report_calls_type}/files/*", "{report_prefix}/{report_legs_type}/files/*", "{report_prefix}/{report_digital_type}/files/*",
		},
		LimitsPerPath: true,
		RetryAfter:    "{limit_retry_after_header}",
		New:           New,
	}
}
