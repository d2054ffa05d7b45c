package conformance

import (
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// Run runs the suite, each part against a simulator of its own.
func Run(t *testing.T, o Options) {
	t.Helper()
	all := parts(o.Want)
	if _, ok := o.Samples[SampleCalls]; ok {
		all = append(all, callParts()...)
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) { p.run(newBench(t, o)) })
	}
}

// part is one promise.
type part struct {
	name string
	run  func(*bench)
}

func parts(want connectors.Capabilities) []part {
	all := []part{
		{"AbilitiesAsDeclared", abilitiesAsDeclared},
		{"ProbeSaysWhoseAccountItIs", probeSaysWhose},
		{"HeaderComesFirst", headerComesFirst},
		{"IDsAreUnique", idsAreUnique},
		{"TwoOpensAreEqual", twoOpensAreEqual},
		{"OpensAtTheSameTimeAreEqual", opensAtTheSameTime},
		{"LongInteractionIsComplete", longIsComplete},
		{"LongInteractionKeepsMemoryFlat", longKeepsMemoryFlat},
		{"FirstMessageBeforeItsPageIsThere", firstMessageBeforePage},
		{"MissingIsNotFound", missingIsNotFound},
		{"CutHalfWay", cutHalfWay},
		{"CutBeforeTheFirstByteRecovers", recovers(FaultCutFirst)},
		{"BlipRecovers", recovers(FaultBlip)},
		{"ShortRateLimitRecovers", recovers(FaultRateShort)},
		{"LongRateLimitIsTold", longRateLimitIsTold},
		{"ExpiredTokenIsRenewedOnce", expiredTokenIsRenewedOnce},
		{"RefusedTokenNeedsReconnect", refusedTokenNeedsReconnect},
		{"DownIsDown", fails(FaultDown, connectors.CodeProviderDown)},
		{"WebPageIsNonsense", fails(FaultHTML, connectors.CodeProviderNonsense)},
		{"CallerBreaksOff", callerBreaksOff},
		{"CallerIsCancelled", callerIsCancelled},
		{"CanaryStaysInContent", canaryStaysInContent},
	}
	if want.Media {
		all = append(all, mediaParts()...)
	}
	if want.Search {
		all = append(all, listParts()...)
	}
	return all
}

func mediaParts() []part {
	return []part{
		{"MediaWhole", mediaWhole},
		{"MediaRange", mediaRange},
		{"MediaPastTheEndIs416", mediaPastTheEnd},
		{"MediaIfRange", mediaIfRange},
		{"MediaWithoutRanges", mediaWithoutRanges},
		{"MediaCutIsNoEnd", mediaCutIsNoEnd},
		{"MediaRestCanBeJoined", mediaRestCanBeJoined},
		{"MediaOfAnotherVersionIsTold", mediaOfAnotherVersion},
		{"MediaSilenceIsSlow", mediaSilenceIsSlow},
		{"MediaEndsWithItsReader", mediaEndsWithItsReader},
		{"MediaElsewhereIsRefused", mediaElsewhere},
		{"MediaMovedElsewhereIsRefused", mediaMoved},
		{"MediaTokenIsRenewedOnce", mediaTokenIsRenewedOnce},
	}
}
