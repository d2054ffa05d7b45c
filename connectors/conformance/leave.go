package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// callerBreaksOff: when the loop ends, the request has ended, or does within a second; that no
// goroutine is left is checked after every part.
func callerBreaksOff(b *bench) {
	b.inject(FaultTrickle)
	for p, err := range b.conn.Open(b.ctx, b.sample(SampleLong)) {
		if err != nil {
			b.Fatal(err)
		}
		if p.Type() == connectors.TypeMessage {
			break
		}
	}
	b.wantIdle()
	b.wantLeftEarly()
}

func callerIsCancelled(b *bench) {
	b.inject(FaultTrickle)
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	var left time.Time
	for p, err := range b.conn.Open(ctx, b.sample(SampleLong)) {
		switch {
		case err != nil && left.IsZero():
			b.Fatal(err)
		case err != nil:
			if !errors.Is(err, context.Canceled) {
				b.Errorf("got %v, want the context's error", err)
			}
		case p.Type() == connectors.TypeMessage && left.IsZero():
			left = time.Now()
			cancel()
		}
	}
	if d := time.Since(left); left.IsZero() || d > time.Second {
		b.Errorf("the stream ended %v after the caller left, want within a second", d)
	}
	b.wantIdle()
	b.wantLeftEarly()
}

func (b *bench) wantLeftEarly() {
	b.Helper()
	for _, r := range b.target.Requests() {
		if r.LeftEarly {
			return
		}
	}
	b.Error("the provider saw every answer through, want one that was left early")
}
