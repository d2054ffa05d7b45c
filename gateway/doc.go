// Package gateway is the HTTP server: it says who may look, asks a connector, streams what comes to
// the browser and keeps one line of it in the audit log.
//
// It owns the routes of openapi.yaml, the stream of parts and its encoder (encode.go is the one
// place where customer content leaves a connectors.Text), the cleaning of HTML, handles and the
// media relay, the turning of errors into problem bodies (problem.go, and nowhere else), rights
// being asked again while a stream runs, health and metrics.
//
// It does not own how anybody signs in or what a role may do (package auth), how a provider is
// reached (connectors/upstream), what an answer of a provider means (connectors/<name>), or the
// page itself (gateway/ui).
//
// Start reading at server.go, then routes.go; an open interaction's way is interaction.go →
// stream.go → encode.go, a recording's media.go. The wire is gateway/openapi.yaml; package api is
// generated from it.
package gateway
