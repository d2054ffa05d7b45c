// Package sim is a Zendesk account on loopback: the API, the CDN that serves attachments, hosts that
// are not Zendesk's at all, and people who had conversations worth reviewing. It is product code:
// `sightglass demo` runs it, the connector's tests and the conformance suite run against it.
//
// It follows what Zendesk documents and what was recorded of it, above all where that is inconvenient:
// links.next that is set on the last page, refresh tokens that die with their first use, a CDN that
// refuses the credential, error bodies in half a dozen forms. Comments name the Zendesk page or the
// recorded answer a behaviour is taken from. It can be told to misbehave (Fault).
//
// It does not own the connector, nor anything about rights or audit. It keeps all state in memory,
// listens on 127.0.0.1 only and dials nobody but itself (Approve).
//
// Start reading at sim.go, then api.go for the routes; seed_*.go hold the conversations.
package sim
