package talkdesk

import "github.com/sightglass-gateway/sightglass/connectors"

const (
	hostPattern     = `[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+`
	hostsPattern    = hostPattern + `( *, *` + hostPattern + `)*`
	pathPattern     = `(/[A-Za-z0-9._~{}-]+)+`
	wordPattern     = `[A-Za-z0-9_-]+`
	durationPattern = `[0-9]+(ms|s|m|h)`
	numberPattern   = `[1-9][0-9]{0,3}`
)

// settings are the fields of the linking form. The first five are what an account has; the others are what
// of Talkdesk is not documented, or differs: each has the value that was found, and can be changed when an
// account answers otherwise.
func settings() []connectors.Setting {
	all := []connectors.Setting{
		{
			Name: "account", Title: "Account", Pattern: `[a-z0-9][a-z0-9-]{0,62}`, Required: true, Example: "acme",
			Help: "The first part of your Talkdesk address: for https://acme.mytalkdesk.com it is acme.",
		},
		{
			Name: "region", Title: "Region", Default: "us", Options: regions(),
			Help: "Where the account lives. It fills in the two host names under the rarely needed settings.",
		},
		{
			Name: "oauth_auth", Title: "How the client signs in", Default: string(connectors.ClientAuthBasic),
			Options: []connectors.Option{
				{Value: string(connectors.ClientAuthBasic), Title: "Secret, in a header (Basic)"},
				{Value: string(connectors.ClientAuthJWT), Title: "Private key (signed JWT)"},
				{Value: string(connectors.ClientAuthBody), Title: "Secret, in the form"},
			},
			Help: "With a private key, put the key (PEM, or base64 of PKCS#8) where the client secret goes.",
		},
		{Name: "oauth_key_id", Title: "Key id", Pattern: `[A-Za-z0-9._~-]{1,200}`, Example: "b3f1…", Help: "With a private key: the id that Talkdesk gave it (kid)."},
		{
			Name: "recording_redacted", Title: "Redacted audio", Pattern: wordPattern, Example: "true",
			Help: "Accounts with the premium model of Interaction Analytics have audio without card numbers and the like: true plays that. Empty plays the original.",
		},
	}
	for _, s := range unknowns() {
		s.Advanced = true
		all = append(all, s)
	}
	return all
}

// regions have the hosts that are documented, or that were found in working clients: those of Australia,
// the United Kingdom and the public sector are not confirmed.
func regions() []connectors.Option {
	region := func(value, title, api, token string) connectors.Option {
		return connectors.Option{Value: value, Title: title, Fills: map[string]string{"api_host": api, "token_host": "{account}." + token}}
	}
	return []connectors.Option{
		region("us", "United States", "api.talkdeskapp.com", "talkdeskid.com"),
		region("eu", "Europe", "api.talkdeskapp.eu", "talkdeskid.eu"),
		region("ca", "Canada", "api.talkdeskappca.com", "talkdeskidca.com"),
		region("au", "Australia (not confirmed)", "api.talkdeskapp.au", "talkdeskid.au"),
		region("uk", "United Kingdom (not confirmed)", "api.talkdeskapp.co.uk", "talkdeskid.co.uk"),
		region("usfed", "US public sector (not confirmed)", "api.talkdeskapp-pubsec.com", "talkdeskid-pubsec.com"),
	}
}

func choice(values ...string) []connectors.Option {
	var o []connectors.Option
	for _, v := range values {
		o = append(o, connectors.Option{Value: v, Title: v})
	}
	return o
}

// unknowns are section 13 of what is known of Talkdesk, a setting a line.
func unknowns() []connectors.Setting {
	return []connectors.Setting{
		{Name: "api_host", Title: "API host", Pattern: hostPattern, Example: "api.talkdeskapp.com", Help: "Empty: the region's."},
		{Name: "token_host", Title: "Token host", Pattern: hostPattern, Example: "acme.talkdeskid.com", Help: "Empty: the account's in its region. Tokens are asked for there, nowhere else."},
		{
			Name: "web_hosts", Title: "Web hosts", Pattern: hostsPattern, Example: "mytalkdesk.com", Default: "mytalkdesk.com, mytalkdesk.eu, mytalkdeskca.com, mytalkdesk.au, talkdeskapp.com, talkdeskapp.eu, talkdeskappca.com, talkdeskapp.au",
			Help: "Where the agents' pages live: pasted links of these hosts are recognised.",
		},
		{Name: "recording_list_path", Title: "Recordings of a call", Pattern: pathPattern, Default: "/calls/{call_id}/recordings", Example: "/calls/{call_id}/recordings", Help: "Path with {call_id}."},
		{Name: "recording_item_path", Title: "One recording", Pattern: pathPattern, Default: "/recordings/{id}", Example: "/recordings/{id}", Help: "Path with {id}."},
		{Name: "recording_media_path", Title: "A recording's audio", Pattern: pathPattern, Default: "/recordings/{id}/media", Example: "/recordings/{id}/media", Help: "Path with {id}."},
		{Name: "recording_channel1_side", Title: "Side of channel 1", Default: "left", Options: choice("left", "right"), Help: "Which ear channel_1 of a recording is. Nobody has documented it."},
		{Name: "recording_duration_unit", Title: "Unit of a recording's duration", Default: "s", Options: choice("s", "ms"), Help: "Not documented; seconds were seen."},
		{Name: "recording_storage_hosts", Title: "Storage hosts", Pattern: hostsPattern, Example: "acme-recordings.s3.eu-west-1.amazonaws.com", Help: "If set, audio is fetched from these hosts only. Others than Amazon's and Azure's have to be among the link's media_hosts as well."},
		{Name: "report_prefix", Title: "Reports", Pattern: pathPattern, Default: "/data/reports", Example: "/data/reports", Help: "Path of the Explore API."},
		{Name: "report_calls_type", Title: "Report of calls", Pattern: wordPattern, Default: "calls", Example: "calls", Help: "Details of a call."},
		{Name: "report_legs_type", Title: "Report of legs", Pattern: wordPattern, Default: "contacts", Example: "contacts", Help: "Who had the call, and when."},
		{Name: "report_digital_type", Title: "Report of digital conversations", Pattern: wordPattern, Default: "messaging_contacts", Example: "messaging_contacts", Help: "Details of chats and mails."},
		{Name: "report_job_id_paths", Title: "Where a job's id stands", Pattern: `[a-z_]+(\.[a-z_]+)*( *, *[a-z_]+(\.[a-z_]+)*)*`, Default: "job.id, id", Example: "job.id, id", Help: "The first that is there counts."},
		{Name: "report_max_days", Title: "Longest report", Pattern: numberPattern, Default: "31", Example: "31", Help: "Days that one report may cover; longer times are split."},
		{Name: "report_timeout", Title: "Patience with a report", Pattern: durationPattern, Default: "60s", Example: "60s", Help: "After that its part is named as missing."},
		{Name: "report_poll", Title: "First question about a report", Pattern: durationPattern, Default: "1s", Example: "1s", Help: "How long after ordering a report it is asked about; then twice as long, then every three times."},
		{Name: "report_delete_after_read", Title: "Delete reports after reading", Default: "true", Options: choice("true", "false"), Help: "A report leaves customers' data in Talkdesk's storage; true takes it away again."},
		{Name: "report_field_map", Title: "Names of report fields", Pattern: `[a-z_]+\.[a-z_]+=[^=,]+(,[a-z_]+\.[a-z_]+=[^=,]+)*`, Example: "contacts.interaction_id=Interaction ID", Help: "Where an account's reports have other names: report.our name=its name, separated by commas."},
		{Name: "transcript_path", Title: "Transcripts", Pattern: pathPattern, Default: "/conversations/interactions", Example: "/conversations/interactions", Help: "Path of the Conversations API."},
		{Name: "transcript_start_param", Title: "Start of a window", Pattern: wordPattern, Default: "interaction_started", Example: "interaction_started", Help: "Name of the parameter."},
		{Name: "transcript_end_param", Title: "End of a window", Pattern: wordPattern, Default: "interaction_ended", Example: "interaction_ended", Help: "Name of the parameter."},
		{Name: "transcript_cursor_param", Title: "Cursor", Pattern: wordPattern, Default: "cursor", Example: "cursor", Help: "Name of the parameter."},
		{Name: "transcript_time_layout", Title: "Form of times", Default: "RFC3339", Options: choice("RFC3339", "RFC3339Milli", "Unix"), Help: "How times are written in the parameters."},
		{Name: "transcript_max_window", Title: "Longest window", Pattern: durationPattern, Default: "168h", Example: "168h", Help: "Talkdesk refuses more than seven days; longer times are split."},
		{Name: "transcript_max_pages", Title: "Most pages", Pattern: numberPattern, Default: "20", Example: "20", Help: "How many pages are looked through for one interaction."},
		{Name: "transcript_timeout", Title: "Patience with transcripts", Pattern: durationPattern, Default: "60s", Example: "60s", Help: "How long the interaction is looked for. What has been found is read to its end."},
		{Name: "transcript_follow_next", Title: "Follow the link to the next page", Default: "false", Options: choice("true", "false"), Help: "false takes only the cursor of it; true takes its path and query as well, on the API host."},
		{Name: "digital_read_mode", Title: "Where chats are read", Default: "conversations", Options: choice("conversations", "cds"), Help: "conversations: by a window of time, as documented. cds: by id from the web app's own source, which is not supported by Talkdesk and needs the path below."},
		{Name: "cds_path", Title: "The web app's messages", Pattern: pathPattern, Example: "/cds/messages", Help: "Only for cds above. Empty: that source is off."},
		{Name: "attachment_path", Title: "Attachments", Pattern: pathPattern, Default: "/attachments/2023-03/{id}", Example: "/attachments/2023-03/{id}", Help: "Path with {id}."},
		{Name: "limit_rps", Title: "Requests a second", Pattern: numberPattern, Default: "5", Example: "5", Help: "Talkdesk publishes no limit. What plays does not wait for this."},
		{Name: "limit_in_flight", Title: "Requests at the same time", Pattern: numberPattern, Default: "4", Example: "4", Help: "As above."},
		{Name: "limit_retry_after_header", Title: "Header that says how long to wait", Pattern: wordPattern, Default: "Retry-After", Example: "Retry-After", Help: "With 429 and 503."},
	}
}
