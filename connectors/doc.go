// Package connectors is the contract between Sightglass and the providers it reads from: what a
// connector is, the parts an interaction consists of, and the errors that say whose fault it is.
//
// It owns Connector and its abilities, Part and its structs, Text (customer content that cannot be
// printed), Spec, Registry and Error. It does not own how a provider is reached (package upstream),
// who may look (packages auth and gateway), nor any provider's facts (the folders beside).
//
// It imports the standard library and package records only. Start reading at connectors.go, then
// part.go; to add a provider, read docs/connectors.md and the zendesk folder.
package connectors
