package conformance

import (
	"fmt"
	"strings"
)

// canaryStaysInContent opens every sample under every fault. What the log and the errors hold is
// looked through when the part ends, as after every part; here it is made sure that there is
// something to find: the canaries are in the content, the log is not empty, and a part that is
// printed shows nothing.
func canaryStaysInContent(b *bench) {
	found := map[string]bool{}
	for use := range b.Samples {
		parts, _ := b.open(use)
		for _, p := range parts {
			b.noContentIn("a part that was printed", fmt.Sprintf("%v %+v %#v", p, p, p))
			for _, t := range content(p) {
				b.find(read(t), found)
			}
		}
	}
	for _, c := range b.target.Canaries() {
		if !found[c] {
			b.Errorf("the canary %q is in no content, so that its absence elsewhere proves nothing", c)
		}
	}
	for _, f := range []Fault{FaultCut, FaultRateLong, FaultDown, FaultHTML, FaultRefused} {
		b.inject(f)
		b.conn = b.connect(b.target.MediaHosts()) // neither gate nor breaker of the fault before
		if _, err := b.open(SamplePlain); err == nil && f != FaultCut {
			b.Errorf("%s: no error came of it", f)
		}
		b.target.Heal()
	}
	if b.log.String() == "" {
		b.Error("nothing was logged, so that it proves nothing")
	}
}

func (b *bench) find(text string, found map[string]bool) {
	for _, c := range b.target.Canaries() {
		found[c] = found[c] || strings.Contains(text, c)
	}
}
