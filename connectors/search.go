package connectors

import (
	"context"
	"iter"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Searcher lists interactions, live, by what is known of them without opening one.
type Searcher interface {
	// Search streams the interactions that fit q, newest first where the provider can. Rows come as
	// each is decoded, the first long before the provider is asked for more. After each page, and
	// while the provider prepares something, a Progress says how far it is. The provider's own limits
	// (rows a query, days a report, the life of a cursor) are met by asking several times, not by
	// errors. An error is yielded once, last, with a nil Listed. Nothing is kept: what a caller wants
	// to read on later goes back into q.After. When the caller stops ranging, or ctx ends, the
	// upstream body is closed before the iterator returns.
	Search(ctx context.Context, q Query) iter.Seq2[Listed, error]
}

// Query is one request for a list.
type Query struct {
	Filter
	// After is where to go on: the After of a Row or a Progress of the same filter. Empty: from the
	// start. One that the provider no longer knows is CodeCursorExpired.
	After string
	// Limit ends the list after so many rows, with what belongs to them: names, and a Progress that says
	// where to go on. 0: all.
	Limit int
}

// Sampler gives interactions of a list by their number, so that a few can be drawn without reading
// all. Only for filters of which the provider applies everything.
type Sampler interface {
	// Sample counts what fits f, calls pick with the count and yields the rows of the numbers that it
	// gives (0 is the newest), in that order: pick gives them in ascending order, each once. A
	// Progress says what has been counted. Errors are as with Search.
	Sample(ctx context.Context, f Filter, pick func(count int) []int) iter.Seq2[Listed, error]
}

// Chooser knows what a list can be narrowed to.
type Chooser interface {
	// Choices asks the provider for its agents, groups and fields. What the credential may not read is
	// left out.
	Choices(ctx context.Context) (Choices, error)
}

// Listed is one step of a list: a *Row, a *Person whom rows name, a *Progress, or a *Missing for what
// the provider holds but does not list.
type Listed interface{ listed() }

func (*Row) listed()      {}
func (*Person) listed()   {}
func (*Progress) listed() {}
func (*Missing) listed()  {}

// Row is what a list tells of one interaction: metadata only. It has no subject, no customer, no
// comment of a rating; a connector drops them while it decodes. Absent is not known.
type Row struct {
	Ref         records.Ref `json:"ref"`
	Channel     string      `json:"channel,omitempty"`
	At          time.Time   `json:"at,omitzero"` // when it began
	Seconds     Seconds     `json:"seconds,omitempty"`
	Direction   string      `json:"direction,omitempty"`
	Agent       *Who        `json:"agent,omitempty"` // the name may come in a Person
	Group       string      `json:"group,omitempty"` // the provider's id
	Status      string      `json:"status,omitempty"`
	Tags        []Text      `json:"tags,omitempty"`
	CSAT        string      `json:"csat,omitempty"` // the score, in the provider's word
	ProviderURL string      `json:"provider_url,omitempty"`

	// After is where a list goes on behind this row; empty: it cannot.
	After string `json:"-"`
	// Scanned is how many rows the connector had read with this one, since Query.After.
	Scanned int `json:"-"`
}

// Progress says how far a list is.
type Progress struct {
	Scanned int    // rows read from the provider, since Query.After
	Of      int    // how many it has, those read included; 0: it does not say
	After   string // as in Row; in the last one empty when nothing follows
}

// Choices are what a list can be narrowed to, besides what its rows show.
type Choices struct {
	Agents   []Choice
	Groups   []Choice
	Statuses []string // in the provider's words
	Channels []string // in ours
	CSAT     []string
	Fields   []FieldChoice
}

// Choice is an id and the name people know it by.
type Choice struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// FieldChoice is a custom field with a fixed list of values.
type FieldChoice struct {
	Choice
	Values []Choice `json:"values"`
}
