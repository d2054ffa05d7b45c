package sim_test

import (
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// BenchmarkNew shows what a fresh account costs, since every test makes one.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		sim.New(sim.Options{})
	}
}
