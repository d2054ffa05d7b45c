package upstream

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// breakers holds one breaker for each host of a link, so that a dead file store does not close the
// API. Calls count, not tries: one ticket that answers 500 three times is one failure.
type breakers map[string]*breaker

func newBreakers(link records.LinkID, hosts []string, l Limits) breakers {
	bs := breakers{}
	for _, h := range hosts {
		bs[h] = newBreaker(link.String()+"/"+h, l)
	}
	return bs
}

type breaker struct {
	cb    *gobreaker.TwoStepCircuitBreaker[struct{}]
	until atomic.Int64 // Unix nanoseconds at which it half-opens
}

func newBreaker(name string, l Limits) *breaker {
	b := &breaker{}
	b.cb = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         name,
		Timeout:      l.BreakerOpen,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= l.BreakerFailures },
		IsSuccessful: func(err error) bool { return !isFailure(err) },
		IsExcluded:   isExcluded,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.until.Store(time.Now().Add(l.BreakerOpen).UnixNano())
			}
		},
	})
	return b
}

// allow returns the function that reports the call's end, or how long none is made.
func (b *breaker) allow() (done func(error), left time.Duration) {
	done, err := b.cb.Allow()
	if err != nil {
		return nil, b.left()
	}
	return done, 0
}

// left is how long it stays open; at least a second, since a half-open one lets only one call pass.
func (b *breaker) left() time.Duration {
	return max(time.Until(time.Unix(0, b.until.Load())), time.Second)
}

func (b *breaker) open() bool { return b.cb.State() == gobreaker.StateOpen }

// isFailure: the provider did not answer, or answered with a fault of its own. An answer that we do
// not like (401, 404, 416, 429) proves that it is alive.
func isFailure(err error) bool {
	c := connectors.CodeOf(err)
	return c == connectors.CodeProviderDown || c == connectors.CodeProviderSlow
}

// isExcluded: what says nothing about the provider's health: the caller left, the link's credentials
// failed, or we would not go there.
func isExcluded(err error) bool {
	if err == nil {
		return false
	}
	var e *connectors.Error
	return !errors.As(err, &e) || e.Fault() != connectors.FaultProvider || e.Code == connectors.CodeHostRefused
}
