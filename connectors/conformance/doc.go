// Package conformance is the suite that every connector runs against its simulator.
//
// It owns what is true of all connectors: order and completeness of a stream, abilities as declared,
// media whole and in ranges, what becomes of a cut, slow, refused or nonsensical answer, that nothing
// is left behind when the caller stops, and that customer content is in no log line and no error. It
// does not own a provider's own rules: those are tested beside the connector.
//
// Start reading at target.go (what a simulator has to offer), then conformance.go. A connector calls
// Run from a test of its own, with a Target that is a few lines around its simulator.
package conformance
