package upstream

import "net"

// What the tests outside look at from inside.
var (
	Public        = public
	ReadRetry     = retryAfter
	ReadAllowance = readAllowance
	ReadBuckets   = readBuckets
)

// WithResolver makes names resolve as a test likes.
func (o Options) WithResolver(r *net.Resolver) Options {
	o.resolver = r
	return o
}
