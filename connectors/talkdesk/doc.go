// Package talkdesk reads calls, chats and mails of Talkdesk: the recordings of a call at once, and behind
// them, each for itself, its details and legs from report jobs, its transcript, and people's names.
//
// Talkdesk's API has no call and no interaction by id. What can be read by id are recordings, which say
// when the call was; all else is asked for by a window of time around that and filtered on the stream.
// Whatever cannot be had is a Missing part with its reason, and the rest goes on.
//
// It owns how Talkdesk's answers become parts, how its refusals become errors, and which pasted links are
// interactions. It does not own the HTTP client (package upstream), nor tokens (package auth). It never
// writes, except for report jobs and the deletion of their files. It does not read screen recordings or
// evaluations: the API has none.
//
// What is not certain of Talkdesk is a setting (settings.go); docs/connectors/talkdesk.md lists them.
//
// Start reading at talkdesk.go, then open.go; report.go has the report jobs.
package talkdesk
