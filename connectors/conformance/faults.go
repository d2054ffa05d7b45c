package conformance

import (
	"errors"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// cutHalfWay: what came before the fault stays, the rest is no clean end, and trying again adds
// nothing that differs.
func cutHalfWay(b *bench) {
	b.inject(FaultCut)
	got, err := b.open(SampleLong)
	b.wantCode(err, connectors.CodeProviderCut)
	if len(messages(got)) == 0 {
		b.Fatal("no message was shown before the cut")
	}
	b.target.Heal()
	whole := b.mustOpen(SampleLong)
	shown, all := messages(got), messages(whole)
	if len(shown) >= len(all) {
		b.Fatalf("%d messages before the cut, %d in all: nothing was cut", len(shown), len(all))
	}
	for i, m := range shown {
		if m.ID != all[i].ID {
			b.Fatalf("message %d before the cut is %s, in the whole it is %s", i, m.ID, all[i].ID)
		}
	}
}

// recovers: a fault that passes by itself changes nothing that is shown.
func recovers(f Fault) func(*bench) {
	return func(b *bench) {
		want := b.mustOpen(SamplePlain)
		b.inject(f)
		got, err := b.open(SamplePlain)
		if err != nil {
			b.Fatalf("got %v, want it to recover", err)
		}
		if d := difference(want, got); d != "" {
			b.Errorf("what is shown differs (-before +with the fault):\n%s", d)
		}
	}
}

// fails: a fault that stays has a name.
func fails(f Fault, want connectors.Code) func(*bench) {
	return func(b *bench) {
		b.inject(f)
		parts, err := b.open(SamplePlain)
		b.wantCode(err, want)
		if n := len(messages(parts)); n != 0 {
			b.Errorf("%d messages came out of it", n)
		}
		var e *connectors.Error
		if errors.As(err, &e) && (e.Provider != b.Spec.Name || e.Op == "") {
			b.Errorf("the error does not say where it is from: provider %q, op %q", e.Provider, e.Op)
		}
	}
}

func longRateLimitIsTold(b *bench) {
	b.inject(FaultRateLong)
	start := time.Now()
	_, err := b.open(SamplePlain)
	b.wantCode(err, connectors.CodeRateLimited)
	var e *connectors.Error
	if errors.As(err, &e) && (e.RetryAfter <= 30*time.Second || e.RetryAfter > 40*time.Second) {
		b.Errorf("told to wait %v, want the 40 s that the provider asks for", e.RetryAfter)
	}
	if d := time.Since(start); d > 2*time.Second {
		b.Errorf("it took %v to say so", d)
	}
}

func expiredTokenIsRenewedOnce(b *bench) {
	want := b.mustOpen(SampleLong)
	b.inject(FaultExpired)
	got, err := b.open(SampleLong)
	if err != nil {
		b.Fatalf("got %v, want a renewal to help", err)
	}
	if n := b.keys.renewals(); n != 1 {
		b.Errorf("%d renewals, want 1", n)
	}
	if d := difference(want, got); d != "" {
		b.Errorf("what is shown differs (-before +after the renewal):\n%s", d)
	}
}

func refusedTokenNeedsReconnect(b *bench) {
	b.inject(FaultRefused)
	_, err := b.open(SamplePlain)
	b.wantCode(err, connectors.CodeNeedsReconnect)
	// What is asked at the same time is refused at the same time, and each call may try once more alone.
	asked := map[string]bool{}
	for _, r := range b.target.Requests() {
		asked[r.Method+r.Path] = true
	}
	if n := b.keys.renewals(); n > len(asked) {
		b.Errorf("%d renewals for %d calls, want at most 1 each", n, len(asked))
	}
}
