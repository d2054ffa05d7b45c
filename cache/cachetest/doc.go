// Package cachetest is the suite that every cache.Store passes, and a real redis-server for tests.
//
// It owns what the interface promises. What only one implementation promises (that nothing readable
// stands in Redis, say) is tested beside it. Start reading at cachetest.go.
package cachetest
