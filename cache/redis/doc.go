// Package redis is a cache.Store on Redis, for two replicas or more. It uses commands of Redis 7.0
// only.
//
// Whoever reads that Redis learns little: a value is sealed for its site, link and generation, so
// that it opens under no other name; a key is "sg:", a letter for its kind and a keyed hash of the
// name; every key expires. A Redis that is down or hangs costs one short wait, then nothing until it
// answers again: every failure to reach it is cache.ErrUnavailable, and callers go on without.
//
// It does not own the truth about a link's tokens (records) nor decide when to refresh (auth). Start
// reading at redis.go, then token.go.
package redis
