// Package records holds every type that may outlive a request, and nothing else.
//
// Whoever doubts the promise ("customer content is never written anywhere") reads this folder and
// package cache, and needs to read nothing else: what is not here cannot be kept, since the stores
// take these types only. No field has a content type; a subject, a name of a customer, a file name,
// a URL or a search word has no place here.
//
// It owns the nouns (sites, users, API keys, links, authorizations in progress, sessions, audit
// rows), the small store interface beside each, and the sealing of secrets. It does not own SQL
// (package records/sql), nor any rule about who may do what (package auth).
//
// Start reading at ref.go (what an interaction is called), then link.go and audit.go.
// A new file or column here is a product decision: its comment says why it must live and how long.
package records
