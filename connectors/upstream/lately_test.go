package upstream

import (
	"strconv"
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
)

// An answer to an older token that comes late does not make the newer one unknown.
func TestTokensThatWereGoodAreRemembered(t *testing.T) {
	var l lately
	token := func(n int) records.Secret { return records.NewSecret("token " + strconv.Itoa(n)) }
	for n := range 20 {
		l.add(token(n))
		l.add(token(max(n-1, 0)))
		l.add(token(n))
		if !l.has(token(n)) || n > 0 && !l.has(token(n-1)) {
			t.Errorf("after token %d: it and the one before it should be known", n)
		}
	}
	if l.has(token(0)) || l.has(token(20)) {
		t.Error("a token of long ago, or one that was never accepted, is known")
	}
}
