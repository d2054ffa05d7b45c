// Package sql keeps package records' types in a database: a records.Store on SQLite or PostgreSQL
// through database/sql. The SQL text and the migrations stay in the subset that both understand ($1,
// BIGINT Unix milliseconds, no dialect features); what differs stands in one value, dialect.
//
// It owns the schema (migrations/), the transactions that keep rules which only the database can
// keep (one winner of a swap, the last administrator of a site, one chain of audit rows), and the
// removal of secrets from the file. It does not own who may do what (package auth), nor sealing
// (records.Keyring): a secret arrives here as ciphertext.
//
// Start reading at store.go; then link.go for the compare-and-swap, chain.go for the form of an
// audit row that others can verify, and append.go for how rows are committed.
package sql
