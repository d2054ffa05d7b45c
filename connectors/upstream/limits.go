package upstream

import "time"

// Limits bounds what a provider may cost. There is no limit on the whole length of an answer's time:
// a recording plays for as long as it plays.
type Limits struct {
	Connect    time.Duration // to one address, and again for the TLS handshake
	FirstByte  time.Duration // from sending to the answer's header, all tries together
	Stall      time.Duration // a body without a byte while somebody waits for one
	RetryAfter time.Duration // the longest wait that one call obeys, in total
	Backoff    time.Duration // before the first retry; doubled for the next, jittered
	Retries    int           // further tries before the first byte; below 0: none
	MaxBody    int64         // decoded bytes of one API answer
	Share      float64       // of the provider's allowance, for reads in the background

	BreakerFailures int           // failed calls in a row that open the breaker of a host
	BreakerOpen     time.Duration // how long it stays open
}

// DefaultLimits are the figures of the design and of its fault matrix: a first byte within 10 s,
// silence of 30 s is death, Retry-After obeyed up to 5 s, a quarter of the allowance for the
// background.
func DefaultLimits() Limits {
	return Limits{
		Connect: 5 * time.Second, FirstByte: 10 * time.Second, Stall: 30 * time.Second,
		RetryAfter: 5 * time.Second, Backoff: 200 * time.Millisecond, Retries: 2,
		MaxBody: 64 << 20, Share: 0.25,
		BreakerFailures: 5, BreakerOpen: 15 * time.Second,
	}
}

// queue is how long a call stands behind the waits that others were told, each of which it could
// obey: where many are told at the same time, their windows follow each other.
func (l Limits) queue() time.Duration { return 4 * l.RetryAfter }

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	orElse(&l.Connect, d.Connect)
	orElse(&l.FirstByte, d.FirstByte)
	orElse(&l.Stall, d.Stall)
	orElse(&l.RetryAfter, d.RetryAfter)
	orElse(&l.Backoff, d.Backoff)
	orElse(&l.Retries, d.Retries)
	orElse(&l.MaxBody, d.MaxBody)
	orElse(&l.Share, d.Share)
	orElse(&l.BreakerFailures, d.BreakerFailures)
	orElse(&l.BreakerOpen, d.BreakerOpen)
	l.Retries = max(l.Retries, 0)
	return l
}

func orElse[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
