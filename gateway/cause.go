package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/sightglass-gateway/sightglass/cache"
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// harmless are causes whose text is worth a log line and can hold nothing foreign.
var harmless = []error{
	context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, os.ErrDeadlineExceeded,
	records.ErrNotFound, records.ErrExists, records.ErrStale, records.ErrLastAdministrator, records.ErrBreakGlass, records.ErrNewerSchema, records.ErrSealed,
	cache.ErrMissing, cache.ErrLocked, cache.ErrLeaseLost, cache.ErrUnavailable,
	errShort, errOtherVersion,
}

// cause describes an error for the log without quoting it: the standard library's errors hold URLs
// (url.Error, with a file's token in the path), and a wrapped one may hold worse. What is told is
// provider, operation and code, the types on the way down, and texts of the known harmless leaves.
func cause(err error) string {
	var words []string
	var e *connectors.Error
	if errors.As(err, &e) {
		words = append(words, strings.TrimSpace(e.Provider+" "+e.Op), string(e.Code))
		err = e.Err
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if w := harmlessText(err); w != "" {
			words = append(words, w)
			break
		}
		words = append(words, fmt.Sprintf("%T", err))
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 { //nolint:errorlint // this very error
			words = append(words, cause(many.Unwrap()[0]))
			break
		}
	}
	return strings.Join(words, ": ")
}

func harmlessText(err error) string {
	var no syscall.Errno
	if e, ok := err.(syscall.Errno); ok { //nolint:errorlint // this very error, not one below it
		no = e
		return no.Error()
	}
	for _, h := range harmless {
		if err == h { //nolint:errorlint // as above
			return h.Error()
		}
	}
	return ""
}
