package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// A body that breaks is gone on with by opening the file again from the byte reached. The connector
// finds it anew where its address has expired meanwhile. The bytes of two answers are joined only when
// a strong validator says that they are of one version.
const (
	// maxResumes is how often in a row a file is opened again without gaining minGain bytes: then the
	// provider cannot give it.
	maxResumes = 3
	minGain    = 64 << 10
	// maxResumeWait is the longest that a provider may ask to wait while somebody listens.
	maxResumeWait = 5 * time.Second
)

// resumePauses are before the first, second and third try.
var resumePauses = [maxResumes]time.Duration{0, 250 * time.Millisecond, time.Second}

// The results of a broken body, as the metric names them.
const (
	resumeJoined       = "joined"        // went on
	resumeNoValidator  = "no_validator"  // no strong ETag, or the length is not known
	resumeOtherVersion = "other_version" // the file is another now
	resumeFailed       = "failed"        // it could not be had again, or broke again and again
)

var errOtherVersion = errors.New("gateway: what the provider gives now is not of the same version")

// resume opens the file again from the byte reached. It returns the error that ends the answer when
// that cannot be done: why the body broke, or why it cannot be gone on with.
func (s *source) resume(ctx context.Context, cause error) error {
	_ = s.body.Close()
	s.body, s.last = http.NoBody, cause
	pause, ok := s.mayResume(cause)
	if ok && !s.joinable() {
		s.note(resumeNoValidator)
		return cause
	}
	for ; ok; pause, ok = s.mayResume(cause) {
		s.tries++
		s.wait()
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		m, err := s.relay.open(ctx, &connectors.ByteRange{Header: fmt.Sprintf("bytes=%d-%d", s.at, s.end-1), IfRange: s.tag})
		if err == nil {
			err = s.join(m)
		}
		switch {
		case err == nil:
			s.note(resumeJoined)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errOtherVersion):
			s.note(resumeOtherVersion)
			return err
		}
		cause = err
	}
	s.note(resumeFailed)
	return cause
}

func (s *source) note(result string) {
	s.relay.s.metrics.mediaResumes.WithLabelValues(s.relay.row.Provider, result).Inc()
}

// joinable tells whether another answer could be proven to be of the same version.
func (s *source) joinable() bool { return s.tag != "" && s.size > 0 && s.end > 0 }

// mayResume tells whether to try again after an error, and how long to wait before.
func (s *source) mayResume(cause error) (time.Duration, bool) {
	var e *connectors.Error
	if !errors.As(cause, &e) || s.tries >= maxResumes || e.RetryAfter > maxResumeWait {
		return 0, false
	}
	pause := max(resumePauses[s.tries], e.RetryAfter)
	switch e.Code {
	case connectors.CodeProviderCut:
		return pause, true
	case connectors.CodeProviderSlow, connectors.CodeProviderDown, connectors.CodeRateLimited:
		return pause, s.begun // else the reader is better served with the reason
	default:
		return 0, false
	}
}

// join goes on with m if it is of the same version, length and place.
func (s *source) join(m connectors.Media) error {
	got, part := contentRange(m.Header.Get("Content-Range"))
	skip := int64(0)
	same := strongTag(m.Header) == s.tag
	switch m.Status {
	case http.StatusPartialContent:
		same = same && part && got == span{s.at, s.end - 1, s.size} && got.fits(m.Header.Get("Content-Length"))
	case http.StatusOK: // a provider without ranges
		same = same && lengthOf(m.Header) == s.size && s.at <= maxSkip
		skip = s.at
	default:
		same = false
	}
	if !same {
		_ = m.Body.Close()
		return s.relay.cut(errOtherVersion)
	}
	s.body, s.skip, s.last, s.gained = m.Body, skip, nil, 0
	return nil
}

// gain counts what has come since the last resumption: who gets on may break again.
func (s *source) gain(n int) {
	if s.gained += int64(n); s.gained >= minGain {
		s.tries = 0
	}
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
