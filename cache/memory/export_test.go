package memory

import "github.com/sightglass-gateway/sightglass/cache"

// Counters tells how many counters a store holds, expired or not.
func Counters(s cache.Store) int { return len(s.(*Store).counters.m) }
