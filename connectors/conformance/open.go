package conformance

import (
	"context"
	"runtime"
	"sync"

	"github.com/sightglass-gateway/sightglass/connectors"
)

func abilitiesAsDeclared(b *bench) {
	if got := connectors.CapabilitiesOf(b.conn); got != b.Want {
		b.Errorf("the connector can %+v, want %+v", got, b.Want)
	}
}

func probeSaysWhose(b *bench) {
	a, err := b.conn.Probe(b.ctx)
	if err != nil {
		b.Fatalf("probe: %v", err)
	}
	if a.Name == "" || a.Actor == "" || len(a.Checks) == 0 {
		b.Errorf("got %+v, want a name, an actor and checks", a)
	}
	for _, c := range a.Checks {
		if c.Name == "" || c.Say == "" || (!c.OK && c.Fix == "") {
			b.Errorf("the check %+v says too little", c)
		}
		b.noContentIn("the self-test", c.Say+c.Fix)
	}
}

func headerComesFirst(b *bench) {
	parts := b.mustOpen(SamplePlain)
	if len(parts) == 0 {
		b.Fatal("no parts")
	}
	h, ok := parts[0].(*connectors.Header)
	if !ok {
		b.Fatalf("the first part is a %s, want a header", parts[0].Type())
	}
	if want := b.sample(SamplePlain); h.Ref != want || h.Provider != b.Spec.Name {
		b.Errorf("the header is of %s %+v, want %s %+v", h.Provider, h.Ref, b.Spec.Name, want)
	}
	if n := len(messages(parts)); n < 2 {
		b.Errorf("the plain sample has %d messages, want two or more", n)
	}
}

func idsAreUnique(b *bench) {
	for _, use := range []string{SamplePlain, SampleLong} {
		seen := map[string]bool{}
		for _, p := range b.mustOpen(use) {
			id := ""
			switch p := p.(type) {
			case *connectors.Person:
				id = p.ID
			case *connectors.Message:
				id = p.ID
			case *connectors.Event:
				id = p.ID
			case *connectors.Recording:
				id = p.ID
			default:
				continue
			}
			key := string(p.Type()) + " " + id
			if id == "" || seen[key] {
				b.Errorf("%s: the id of %q is empty or came twice", use, key)
			}
			seen[key] = true
		}
	}
}

func twoOpensAreEqual(b *bench) {
	for _, use := range []string{SamplePlain, SampleLong} {
		if d := difference(b.mustOpen(use), b.mustOpen(use)); d != "" {
			b.Errorf("%s: two opens differ (-first +second):\n%s", use, d)
		}
	}
}

func opensAtTheSameTime(b *bench) {
	want := b.mustOpen(SamplePlain)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var got []connectors.Part
			for p, err := range b.conn.Open(b.ctx, b.sample(SamplePlain)) {
				if err != nil {
					b.Errorf("beside others: %v", err)
					return
				}
				got = append(got, p)
			}
			if d := difference(want, got); d != "" {
				b.Errorf("an open beside others differs (-alone +beside):\n%s", d)
			}
		})
	}
	wg.Wait()
}

func longIsComplete(b *bench) {
	ms := messages(b.mustOpen(SampleLong))
	if len(ms) <= 500 {
		b.Errorf("%d messages, want more than 500", len(ms))
	}
	for i := 1; i < len(ms); i++ {
		if ms[i].At.Before(ms[i-1].At) {
			b.Errorf("message %d (%s) is older than the one before it", i, ms[i].ID)
		}
	}
}

// longKeepsMemoryFlat looks at the heap after the first hundred messages and at the end. What was
// yielded is the reader's; the connector may keep ids, not contents.
func longKeepsMemoryFlat(b *bench) {
	var early, late uint64
	n, size := 0, 0
	for p, err := range b.conn.Open(b.ctx, b.sample(SampleLong)) {
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := p.(*connectors.Message); !ok {
			continue
		}
		for _, t := range content(p) {
			size += t.Len()
		}
		switch n++; {
		case n == 100:
			early, size = heap(), 0
		case n%100 == 0:
			late = max(late, heap())
		}
	}
	allowed := max(uint64(size)/4, 512<<10)
	if late > early+allowed {
		b.Errorf("the heap grew by %d KB while %d KB of content went by, want at most %d KB", (late-early)>>10, size>>10, allowed>>10)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// firstMessageBeforePage: a page that trickles shows its first message long before its last.
func firstMessageBeforePage(b *bench) {
	b.inject(FaultTrickle)
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	for p, err := range b.conn.Open(ctx, b.sample(SampleLong)) {
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := p.(*connectors.Message); !ok {
			continue
		}
		if b.target.Active() == 0 {
			b.Error("the page was complete before its first message came out")
		}
		return
	}
	b.Error("no message came")
}

func missingIsNotFound(b *bench) {
	parts, err := b.open(SampleMissing)
	b.wantCode(err, connectors.CodeNotFound)
	if len(parts) > 0 {
		b.Errorf("%d parts came of what does not exist", len(parts))
	}
}
