package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// mediaRestCanBeJoined: whoever relays a file opens it again from the byte reached when its body
// breaks, and joins the two only if validator, place and length prove that they are of one version.
// A connector has to find the file again where its address has expired, and to leave what the provider
// says of it as it is.
func mediaRestCanBeJoined(b *bench) {
	at := b.locator(SampleMedia)
	whole, h := b.fetch(at, nil, http.StatusOK)
	tag := h.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		b.Fatalf("the simulator's file has the ETag %q, so that joining cannot be tried", tag)
	}
	for _, expired := range []bool{false, true} {
		b.inject(FaultMediaCut)
		part := b.broken(at)
		b.target.Heal()
		if expired {
			b.inject(FaultMediaAged)
		}
		rest, h := b.fetch(at, &connectors.ByteRange{Header: fmt.Sprintf("bytes=%d-%d", len(part), len(whole)-1), IfRange: tag}, http.StatusPartialContent)
		if !bytes.Equal(append(part, rest...), whole) {
			b.Errorf("address expired %v: %d bytes and %d more are not the file of %d", expired, len(part), len(rest), len(whole))
		}
		want := fmt.Sprintf("bytes %d-%d/%d", len(part), len(whole)-1, len(whole))
		if h.Get("ETag") != tag || h.Get("Content-Range") != want {
			b.Errorf("address expired %v: ETag %s, Content-Range %q; want %s, %q", expired, h.Get("ETag"), h.Get("Content-Range"), tag, want)
		}
	}
}

// broken reads a file whose body breaks, as far as it comes.
func (b *bench) broken(at connectors.Locator) []byte {
	b.Helper()
	m, err := b.openMedia(b.ctx, at, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Body.Close() }()
	part, err := io.ReadAll(io.LimitReader(m.Body, maxMedia)) //nolint:forbidigo // capped
	b.wantCode(err, connectors.CodeProviderCut)
	return part
}

// mediaOfAnotherVersion: a part of a version that is no more is not given for one of it.
func mediaOfAnotherVersion(b *bench) {
	at := b.locator(SampleMedia)
	whole, h := b.fetch(at, nil, http.StatusOK)
	tag := h.Get("ETag")
	b.inject(FaultMediaNew)
	other, h := b.fetch(at, &connectors.ByteRange{Header: "bytes=10-19", IfRange: tag}, http.StatusOK)
	if h.Get("ETag") == tag || bytes.Equal(whole, other) {
		b.Errorf("ETag %s, then %s; %d bytes, then %d: want another version, whole", tag, h.Get("ETag"), len(whole), len(other))
	}
}

// mediaSilenceIsSlow: a body that gives nothing for as long as the link's limits say has broken. The
// clients that a connector is built with see to it; one that reads in other ways must do so, too.
func mediaSilenceIsSlow(b *bench) {
	at := b.locator(SampleMedia)
	b.stall = 300 * time.Millisecond
	b.conn = b.connect(b.target.MediaHosts())
	b.inject(FaultMediaStuck)
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	m, err := b.openMedia(ctx, at, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Body.Close() }()
	_, err = io.Copy(io.Discard, m.Body)
	b.wantCode(err, connectors.CodeProviderSlow)
	if errors.Is(err, context.DeadlineExceeded) {
		b.Error("it was the caller's patience that ended it")
	}
}
