package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// exactSize is how much TestEveryByteIsTheOrigins does. SIGHTGLASS_SOAK=1 (make soak) runs it in full:
// 2,000 ranges of a recording of 60 MB.
type exactSize struct {
	length time.Duration // of the call; an hour has 14.4 MB
	ranges int64
}

func exactly() exactSize {
	if os.Getenv("SIGHTGLASS_SOAK") != "" {
		return exactSize{4*time.Hour + 11*time.Minute, 2000}
	}
	return exactSize{20 * time.Minute, 120}
}

// exact is eight readers of one recording, and a storage that does all it should not.
type exact struct {
	t     *testing.T
	e     *env
	s     *sim.Sim
	path  string
	tag   string
	bytes []byte // of the version that is served without a fault
	other []byte // of the one that FaultNewVersion serves

	todo                                     atomic.Int64
	complete, aborted, refused, left, served atomic.Int64
}

// TestEveryByteIsTheOrigins: whatever the storage does, an answer is exactly the bytes of the version
// that its ETag names, or the connection is aborted.
func TestEveryByteIsTheOrigins(t *testing.T) {
	size := exactly()
	e, s, path, origin := withLongCall(t, size.length)
	x := &exact{t: t, e: e, s: s, path: path, bytes: bytesOf(t, origin)}
	x.other = bytes.Clone(x.bytes)
	for i := range x.other {
		x.other[i] ^= 0x20
	}
	x.tag = e.do("HEAD", path, analystKey, "").Header.Get("Etag")
	x.todo.Store(size.ranges)
	start := time.Now()
	var wg sync.WaitGroup
	for reader := range uint64(8) {
		wg.Go(func() { x.reader(rand.New(rand.NewPCG(7, reader))) })
	}
	wg.Wait()
	joined := strings.Contains(scrape(t, e.server.Metrics()), `result="joined"`)
	t.Logf("%d ranges of %d MB: %d complete, %d aborted, %d refused, %d left by the reader; %d MB served in %v",
		size.ranges, len(x.bytes)>>20, x.complete.Load(), x.aborted.Load(), x.refused.Load(), x.left.Load(), x.served.Load()>>20, time.Since(start).Round(time.Millisecond))
	if x.complete.Load() < size.ranges/2 || !joined {
		t.Errorf("%d of %d answers were complete, joined: %v; want half of them, true", x.complete.Load(), size.ranges, joined)
	}
	if l := s.Leaks(); len(l) > 0 {
		t.Errorf("credentials went elsewhere: %+v", l)
	}
}

func (x *exact) reader(rnd *rand.Rand) {
	for x.todo.Add(-1) >= 0 && !x.t.Failed() {
		x.trouble(rnd)
		x.read(rnd)
	}
}

// trouble sets what the next requests at the storage meet: those of any reader.
func (x *exact) trouble(rnd *rand.Rand) {
	after := 1 + int64(math.Exp(rnd.Float64()*math.Log(2<<20)))
	faults := []sim.Fault{
		{Kind: sim.FaultCut, After: after}, {Kind: sim.FaultCut, Half: true}, {Kind: sim.FaultCut, After: after},
		{Kind: sim.FaultNoRange}, {Kind: sim.FaultNewVersion}, {Kind: sim.FaultNoLength}, {Kind: sim.FaultWeakETag},
		{Kind: sim.FaultTrickle, After: 32 << 10, Delay: time.Millisecond}, {Kind: sim.FaultReset},
	}
	switch n := rnd.IntN(20); {
	case n < 12:
		f := faults[rnd.IntN(len(faults))]
		f.Host, f.Times = sim.HostMedia, 1
		x.s.Set(f)
	case n == 12 && rnd.IntN(4) == 0:
		x.s.Set(sim.Fault{Kind: sim.FaultStall, After: after, Host: sim.HostMedia, Times: 1})
	case n == 13:
		x.s.ExpireSignatures()
		x.s.CutOpen()
	case n == 14:
		x.s.ExpireSignatures()
	}
}

// ask is a random range: a few bytes or some MB, from the beginning, the middle or the end.
func (x *exact) ask(rnd *rand.Rand) (header string, first, last int) {
	size := len(x.bytes)
	n := int(math.Exp(rnd.Float64() * math.Log(float64(min(size, 4<<20)))))
	first = rnd.IntN(size)
	last = min(size, first+n) - 1
	switch rnd.IntN(20) {
	case 0:
		return "bytes=0-", 0, size - 1
	case 1:
		return fmt.Sprintf("bytes=%d-", first), first, size - 1
	case 2, 3:
		return fmt.Sprintf("bytes=-%d", n), size - n, size - 1
	default:
		return fmt.Sprintf("bytes=%d-%d", first, last), first, last
	}
}

// read asks for one range and compares what comes.
func (x *exact) read(rnd *rand.Rand) {
	rng, first, last := x.ask(rnd)
	h := []string{"Range", rng}
	switch rnd.IntN(6) {
	case 0:
		h = append(h, "If-Range", x.tag)
	case 1:
		h = append(h, "If-Range", `"of long ago"`)
	}
	ctx, cancel := context.WithTimeout(x.t.Context(), 2*time.Minute)
	defer cancel()
	resp, err := x.e.try(ctx, "GET", x.path, analystKey, "", h...)
	if err != nil { // aborted before what was written of the header had gone out
		x.aborted.Add(1)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
		first, last = 0, len(x.bytes)-1
	case http.StatusPartialContent:
		if got, want := resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/%d", first, last, len(x.bytes)); got != want {
			x.t.Errorf("%v: Content-Range %q, want %q", h, got, want)
		}
	default:
		if resp.Header.Get("Content-Type") != "application/problem+json" {
			x.t.Errorf("%v: got %d of type %q", h, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		x.refused.Add(1)
		return
	}
	if n := resp.ContentLength; n >= 0 && n != int64(last-first+1) {
		x.t.Errorf("%v: Content-Length %d, want %d", h, n, last-first+1)
	}
	x.compare(rnd, strings.Join(h, " "), resp, first, last)
}

var anyTag = regexp.MustCompile(`^(W/)?"[0-9a-z]+"$`)

func (x *exact) compare(rnd *rand.Rand, asked string, resp *http.Response, first, last int) {
	version, tag := x.bytes, resp.Header.Get("Etag")
	if !anyTag.MatchString(tag) {
		x.t.Errorf("%s: ETag %q", asked, tag)
	}
	if strings.TrimPrefix(tag, "W/") != x.tag {
		version = x.other
	}
	slow, leaves := rnd.IntN(10) == 0, -1
	if rnd.IntN(10) == 0 {
		leaves = rnd.IntN(last - first + 1)
	}
	want := version[first : last+1]
	buf := make([]byte, 64<<10)
	for {
		n, err := resp.Body.Read(buf)
		x.served.Add(int64(n))
		if n > len(want) || !bytes.Equal(buf[:n], want[:n]) {
			x.t.Errorf("%s, ETag %s: other bytes than the origin's before byte %d", asked, tag, last+1-len(want)+n)
			return
		}
		want = want[n:]
		switch {
		case errors.Is(err, io.EOF) && len(want) > 0:
			x.t.Errorf("%s: a clean end %s bytes before the last", asked, strconv.Itoa(len(want)))
			return
		case errors.Is(err, io.EOF):
			x.complete.Add(1)
			return
		case err != nil:
			x.aborted.Add(1)
			return
		case leaves >= 0 && last+1-first-len(want) > leaves:
			x.left.Add(1)
			return
		case slow:
			time.Sleep(time.Millisecond)
		}
	}
}
