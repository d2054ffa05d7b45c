// Package cache holds what may be lost: provider access tokens until they expire, the leases that
// keep two replicas from refreshing at once, and expiring counters. Losing all of it costs one
// refresh per link.
//
// Its interfaces take records.AccessToken and numbers, nothing else, so that a ticket cannot be put
// here: it does not compile. Values are sealed, key names are keyed hashes: no name of a person,
// site or account stands in Redis.
//
// It does not decide when to refresh (package auth). Start reading at cache.go; the two
// implementations are memory and redis, and cachetest is the suite that both pass.
package cache
