// Package memory is a cache.Store in the memory of one process. It is all that one process needs;
// two replicas need package cache/redis, or each refreshes for itself.
//
// It owns no goroutine: what has expired is dropped when something is put. Start reading at
// memory.go.
package memory
