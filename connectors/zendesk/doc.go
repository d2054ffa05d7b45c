// Package zendesk reads tickets of Zendesk Support: the ticket, its comments with their files, its
// people, and what its audits say happened to it.
//
// It owns how Zendesk's answers become parts, how its refusals become errors, and which pasted links
// are tickets. It does not own the HTTP client (package upstream signs, retries and checks hosts),
// nor tokens, nor the cleaning of HTML (package gateway). It does not read chat transcripts, searches
// or lists.
//
// Zendesk's payloads are decoded by token while they arrive, and leniently: a field of a wrong shape
// is left out, it never costs a comment. docs/connectors/zendesk.md says what is read and which facts
// about Zendesk are not certain.
//
// Start reading at zendesk.go (Open), then comment.go; package lenient holds the readers.
package zendesk
