// Package lenient reads providers' JSON by token, while it arrives and whatever shape it has: a field of
// a wrong shape gives a zero value, never an error, so that it never costs the record it stands in.
//
// It owns the bounds of what one record keeps in memory: a string is shortened while it is read, before
// any of it is held. It does not own what a field means; the connectors do.
//
// Start reading at decode.go; limit.go shortens, mark.go skips a byte order mark.
package lenient
