package conformance

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// maxMedia caps what the suite reads of a file into memory.
const maxMedia = 32 << 20

// minMedia is the size from which a file has ranges worth asking for.
const minMedia = 4 << 10

// locator gives the shortest file of a sample that is known to be long enough, else one of unknown
// size: what has no size may also be empty.
func (b *bench) locator(use string) connectors.Locator {
	b.Helper()
	all := slices.DeleteFunc(files(b.mustOpen(use)), func(f file) bool { return f.size > 0 && f.size < minMedia })
	if len(all) == 0 {
		b.Fatalf("the sample %q has no file of 4 KB or more that can be had", use)
	}
	return slices.MinFunc(all, func(x, y file) int { return cmp.Compare(x.weight(), y.weight()) }).at
}

type file struct {
	at   connectors.Locator
	size int64 // 0: not known
}

func (f file) weight() int64 {
	if f.size == 0 {
		return math.MaxInt64
	}
	return f.size
}

// files gives the files of an interaction that can be had.
func files(parts []connectors.Part) []file {
	var all []file
	for _, p := range parts {
		switch p := p.(type) {
		case *connectors.Message:
			for _, a := range p.Attachments {
				if a.State == connectors.AttachmentOK && !a.At.IsZero() {
					all = append(all, file{a.At, a.Size})
				}
			}
		case *connectors.Recording:
			if !p.Locator.IsZero() {
				all = append(all, file{p.Locator, 0})
			}
		default:
		}
	}
	return all
}

func (b *bench) openMedia(ctx context.Context, at connectors.Locator, r *connectors.ByteRange) (connectors.Media, error) {
	m, err := b.conn.(connectors.MediaOpener).OpenMedia(ctx, at, r)
	if err != nil {
		b.errs = append(b.errs, err)
	}
	return m, err
}

// fetch reads an answer to its end and checks its status.
func (b *bench) fetch(at connectors.Locator, r *connectors.ByteRange, status int) ([]byte, http.Header) {
	b.Helper()
	m, err := b.openMedia(b.ctx, at, r)
	if err != nil {
		b.Fatalf("range %+v: %v", r, err)
	}
	defer func() { _ = m.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(m.Body, maxMedia)) //nolint:forbidigo // capped
	if err != nil {
		b.Fatalf("range %+v: after %d bytes: %v", r, len(body), err)
	}
	if m.Status != status {
		b.Fatalf("range %+v: status %d, want %d", r, m.Status, status)
	}
	return body, m.Header
}

func mediaWhole(b *bench) {
	at := b.locator(SampleMedia)
	body, h := b.fetch(at, nil, http.StatusOK)
	again, _ := b.fetch(at, nil, http.StatusOK)
	if len(body) < minMedia || !bytes.Equal(body, again) {
		b.Errorf("%d bytes, then %d; want 4 KB or more, twice the same", len(body), len(again))
	}
	if l := h.Get("Content-Length"); l != "" && l != fmt.Sprint(len(body)) {
		b.Errorf("Content-Length %s, and %d bytes", l, len(body))
	}
}

func mediaRange(b *bench) {
	at := b.locator(SampleMedia)
	whole, _ := b.fetch(at, nil, http.StatusOK)
	n := len(whole)
	for _, c := range []struct {
		header   string
		from, to int
	}{{"bytes=0-0", 0, 1}, {"bytes=10-19", 10, 20}, {"bytes=1000-", 1000, n}, {"bytes=-7", n - 7, n}, {"", 0, n}} {
		part, h := b.fetch(at, &connectors.ByteRange{Header: c.header}, http.StatusPartialContent)
		if !bytes.Equal(part, whole[c.from:c.to]) {
			b.Errorf("%q: %d bytes that are not bytes %d to %d", c.header, len(part), c.from, c.to)
		}
		if got, want := h.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/%d", c.from, c.to-1, n); got != want {
			b.Errorf("%q: Content-Range %q, want %q", c.header, got, want)
		}
	}
}

func mediaPastTheEnd(b *bench) {
	at := b.locator(SampleMedia)
	m, err := b.openMedia(b.ctx, at, &connectors.ByteRange{Header: "bytes=999999999999-"})
	if err != nil {
		b.wantCode(err, connectors.CodeBadRange)
		return
	}
	defer func() { _ = m.Body.Close() }()
	if m.Status != http.StatusRequestedRangeNotSatisfiable {
		b.Errorf("status %d, want 416", m.Status)
	}
}

func mediaIfRange(b *bench) {
	at := b.locator(SampleMedia)
	whole, h := b.fetch(at, nil, http.StatusOK)
	tag := h.Get("ETag")
	if tag == "" {
		b.Fatal("the simulator's file has no ETag, so that If-Range cannot be tried")
	}
	part, _ := b.fetch(at, &connectors.ByteRange{Header: "bytes=1-9", IfRange: tag}, http.StatusPartialContent)
	if !bytes.Equal(part, whole[1:10]) {
		b.Error("the range under the right validator is not of the file")
	}
	if all, _ := b.fetch(at, &connectors.ByteRange{Header: "bytes=1-9", IfRange: `"another version"`}, http.StatusOK); !bytes.Equal(all, whole) {
		b.Error("under another validator the whole file was due")
	}
}

// mediaWithoutRanges: a provider that ignores Range says so by its status; the relay deals with it.
func mediaWithoutRanges(b *bench) {
	at := b.locator(SampleMedia)
	whole, _ := b.fetch(at, nil, http.StatusOK)
	b.inject(FaultMediaWhole)
	if all, _ := b.fetch(at, &connectors.ByteRange{Header: "bytes=1-9"}, http.StatusOK); !bytes.Equal(all, whole) {
		b.Error("the 200 to a Range is not the whole file")
	}
}

func mediaCutIsNoEnd(b *bench) {
	at := b.locator(SampleMedia)
	whole, _ := b.fetch(at, nil, http.StatusOK)
	b.inject(FaultMediaCut)
	m, err := b.openMedia(b.ctx, at, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Body.Close() }()
	part, err := io.ReadAll(io.LimitReader(m.Body, maxMedia)) //nolint:forbidigo // capped
	b.wantCode(err, connectors.CodeProviderCut)
	if len(part) >= len(whole) || !bytes.HasPrefix(whole, part) {
		b.Errorf("%d of %d bytes, want fewer, and the first ones", len(part), len(whole))
	}
}

// mediaEndsWithItsReader: a seek is a request that is dropped half-way; the provider's must end.
func mediaEndsWithItsReader(b *bench) {
	at := b.locator(SampleMedia)
	b.inject(FaultMediaStuck)
	for _, leave := range []string{"closes", "is cancelled"} {
		ctx, cancel := context.WithCancel(b.ctx)
		m, err := b.openMedia(ctx, at, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(m.Body, make([]byte, 1)); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if leave == "is cancelled" {
			cancel()
			_, _ = io.Copy(io.Discard, m.Body)
		}
		_ = m.Body.Close()
		if d := time.Since(start); d > time.Second {
			b.Errorf("a reader that %s waits %v", leave, d)
		}
		cancel()
		b.wantIdle()
	}
	b.wantLeftEarly()
}

// mediaElsewhere: a payload may name any host. Without the administrator's word nothing goes there.
func mediaElsewhere(b *bench) {
	b.conn = b.connect(nil)
	refused := 0
	for _, f := range files(b.mustOpen(SampleForeign)) {
		m, err := b.openMedia(b.ctx, f.at, nil)
		switch {
		case err == nil:
			_ = m.Body.Close()
		case connectors.CodeOf(err) == connectors.CodeHostRefused:
			refused++
		}
	}
	if refused == 0 {
		b.Error("no file of the sample was refused for its host")
	}
	for _, r := range b.target.Requests() {
		if !slices.ContainsFunc(b.Spec.Hosts, func(h connectors.Host) bool { return h.Name == r.Host }) {
			b.Errorf("%s was sent to the host %q, which is not declared", r.Method, r.Host)
		}
	}
}

func mediaMoved(b *bench) {
	at := b.locator(SampleMedia)
	b.inject(FaultMediaMoved)
	m, err := b.openMedia(b.ctx, at, nil)
	if err == nil {
		_ = m.Body.Close()
	}
	b.wantCode(err, connectors.CodeHostRefused)
}

func mediaTokenIsRenewedOnce(b *bench) {
	at := b.locator(SampleMedia)
	want, _ := b.fetch(at, nil, http.StatusOK)
	b.inject(FaultExpired)
	if got, _ := b.fetch(at, nil, http.StatusOK); !bytes.Equal(want, got) {
		b.Error("the file differs after a renewal")
	}
	if n := b.keys.renewals(); n > 1 {
		b.Errorf("%d renewals, want at most 1", n)
	}
}
