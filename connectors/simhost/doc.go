// Package simhost is what every provider's simulator stands on: listeners on the loopback, a log of the
// requests that came, and faults that spoil answers.
//
// It owns no provider's facts: a simulator gives it one handler for each host, and the form that its
// provider's refusals have. It never logs a body, a query or a credential.
//
// Start reading at stage.go, then fault.go; response.go spoils answers on their way.
package simhost
