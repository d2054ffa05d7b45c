package connectors

import (
	"context"
	"iter"

	"github.com/sightglass-gateway/sightglass/records"
)

// Connector reads interactions of one linked account, live. It is safe for concurrent use and holds
// no state between calls but what it was built with.
type Connector interface {
	// Open streams one interaction: a Header first, then the others in the order the provider
	// delivers them; a later Header adds or replaces the fields it sets. A missing interaction is
	// an *Error with CodeNotFound; one the provider has erased, CodeGone. An error is yielded once,
	// last, with a nil Part. When the caller stops ranging, or ctx ends, the upstream body is closed
	// before the iterator returns.
	Open(ctx context.Context, ref records.Ref) iter.Seq2[Part, error]

	// Probe makes the cheapest authenticated call and says whose account this is.
	Probe(ctx context.Context) (Account, error)
}

// Account is what Probe learned. It goes to administrators only.
type Account struct {
	Name   string  // the account's own name for itself, e.g. its subdomain
	Actor  string  // role or kind of the user the credential acts as, e.g. "admin"; never a name
	Checks []Check // what the credential may and may not do
}

// Check is one line of a self-test.
type Check struct {
	Name string // stable: token, tickets, audits, …
	OK   bool
	Say  string // what was found
	Fix  string // what to do when not OK
}

// MediaOpener streams a recording or an attachment.
type MediaOpener interface {
	// OpenMedia asks for r, or for all of it when r is nil. The caller closes Body.
	//
	// The address in at is where the file was last seen, and may be dead: moved, or its signature has
	// expired. Then OpenMedia asks the provider for the file's address by what else at names, and
	// tries once more; only when that does not help it is an error: CodeGone for what is deleted,
	// CodeMissingScope for what is refused, CodeProviderSlow for what is not ready yet, CodeHostRefused
	// for a host that nobody declared (nothing has been sent there). So a caller whose body broke, or
	// whose address expired under way, calls it again with the same Locator and the rest of the range;
	// whether the bytes are of the same version, the caller tells by their validator. What breaks
	// after OpenMedia has returned is not looked into by it.
	OpenMedia(ctx context.Context, at Locator, r *ByteRange) (Media, error)
}

// LinkResolver turns what people paste (a URL of the provider, an id) into refs of this link.
type LinkResolver interface {
	// Resolve returns the refs that text may mean, best first, or none when it is not of this
	// account. It contacts no host but the linked account's, and only for what it cannot tell
	// without. Refs carry kind and id; the caller knows the link.
	Resolve(ctx context.Context, text string) ([]records.Ref, error)
}

// Background marks ctx as belonging to no waiting person (lists, self-tests, sampling): such reads
// use at most the link's share of the provider's allowance.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// IsBackground tells whether ctx was marked by Background.
func IsBackground(ctx context.Context) bool {
	b, _ := ctx.Value(backgroundKey{}).(bool)
	return b
}

type backgroundKey struct{}

// KeepRedirects marks ctx for calls of Config.API whose redirect is the answer: it comes back as it is
// and is not followed. For providers that answer with where a file lies.
func KeepRedirects(ctx context.Context) context.Context {
	return context.WithValue(ctx, redirectsKey{}, true)
}

// KeepsRedirects tells whether ctx was marked by KeepRedirects.
func KeepsRedirects(ctx context.Context) bool {
	b, _ := ctx.Value(redirectsKey{}).(bool)
	return b
}

type redirectsKey struct{}
