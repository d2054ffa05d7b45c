// Package auth says who somebody is, what they may do, and how a link signs in at its provider.
//
// It owns the matrix of rights (roles.go), passwords and the limits on guessing them (password.go,
// limits.go), sign-ins (login.go, session.go), the keeper of provider tokens, which refreshes each
// grant once for all replicas (keeper.go, refresh.go), and the linking of accounts (flow.go).
//
// It does not own HTTP: cookies, Origin checks and error bodies are the gateway's. It does not own
// storage (packages records and cache), nor any provider's facts: endpoints and scopes come from
// the connector's Spec.
//
// Start reading at roles.go; for tokens at keeper.go.
package auth
