package connectors

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"
)

// Filter is what a live list is asked for. A zero field does not narrow. From and To are always set:
// a list without an end would read an account's whole history.
type Filter struct {
	From, To               time.Time // begun in [From, To)
	Agent                  string    // the provider's id
	Group                  string    // the provider's id of a group, team or queue
	Status                 []string  // any of them, in the provider's words
	Tags                   []string  // all of them
	Channel                string    // in our words, as a Header has it
	Direction              string    // inbound, outbound
	MinSeconds, MaxSeconds float64
	CSAT                   string
	Fields                 []FieldIs // all of them
	// Text and Person are what somebody types about a customer: words to look for, and a customer's
	// name or address. They are content: never in a URL of ours, a log or an audit row.
	Text, Person Text
}

// FieldIs asks for a value of a custom field.
type FieldIs struct{ ID, Value string }

// Predicate names one way to narrow a list, as the API's query has it.
type Predicate string

// The predicates.
const (
	ByDates     Predicate = "dates"
	ByAgent     Predicate = "agent"
	ByGroup     Predicate = "group"
	ByStatus    Predicate = "status"
	ByTag       Predicate = "tag"
	ByChannel   Predicate = "channel"
	ByDirection Predicate = "direction"
	BySeconds   Predicate = "seconds"
	ByCSAT      Predicate = "csat"
	ByField     Predicate = "field"
	ByText      Predicate = "text"
	ByPerson    Predicate = "person"
)

// Predicates lists them all.
func Predicates() []Predicate {
	return []Predicate{ByDates, ByAgent, ByGroup, ByStatus, ByTag, ByChannel, ByDirection, BySeconds, ByCSAT, ByField, ByText, ByPerson}
}

// FilteredBy says who applies a predicate.
type FilteredBy string

// Who filters. What a Spec does not mention cannot be asked for.
const (
	// FilteredByProvider: what does not fit is not sent to us.
	FilteredByProvider FilteredBy = "provider"
	// FilteredHere: the provider sends more than fits, and the connector drops it on the stream.
	FilteredHere FilteredBy = "here"
)

// Uses lists the predicates that narrow, dates first.
func (f Filter) Uses() []Predicate {
	used := []Predicate{ByDates}
	for _, u := range []struct {
		by Predicate
		is bool
	}{
		{ByAgent, f.Agent != ""}, {ByGroup, f.Group != ""}, {ByStatus, len(f.Status) > 0}, {ByTag, len(f.Tags) > 0},
		{ByChannel, f.Channel != ""}, {ByDirection, f.Direction != ""}, {BySeconds, f.MinSeconds > 0 || f.MaxSeconds > 0},
		{ByCSAT, f.CSAT != ""}, {ByField, len(f.Fields) > 0}, {ByText, !f.Text.IsZero()}, {ByPerson, !f.Person.IsZero()},
	} {
		if u.is {
			used = append(used, u.by)
		}
	}
	return used
}

// Keeps tells whether r fits the predicates of by, those of them that f uses. It is for what the
// provider does not do: a connector calls it for each row that it has read. Custom fields are given
// by their id; ByText and ByPerson cannot be told from a row, and keep nothing.
func (f Filter) Keeps(r *Row, fields map[string][]string, by ...Predicate) bool {
	used := f.Uses()
	return !slices.ContainsFunc(by, func(p Predicate) bool { return slices.Contains(used, p) && !f.keeps(r, fields, p) })
}

func (f Filter) keeps(r *Row, fields map[string][]string, p Predicate) bool {
	switch p {
	case ByDates:
		return !r.At.Before(f.From) && r.At.Before(f.To)
	case ByAgent:
		return r.Agent != nil && r.Agent.ID != nil && *r.Agent.ID == f.Agent
	case ByGroup:
		return r.Group == f.Group
	case ByStatus:
		return slices.Contains(f.Status, r.Status)
	case ByTag:
		return !slices.ContainsFunc(f.Tags, func(t string) bool {
			return !slices.ContainsFunc(r.Tags, func(has Text) bool { return has.s != nil && strings.EqualFold(*has.s, t) })
		})
	case ByChannel:
		return r.Channel == f.Channel
	case ByDirection:
		return r.Direction == f.Direction
	case BySeconds:
		s := float64(r.Seconds)
		return s >= f.MinSeconds && (f.MaxSeconds == 0 || s > 0 && s <= f.MaxSeconds)
	case ByCSAT:
		return r.CSAT == f.CSAT
	case ByField:
		return !slices.ContainsFunc(f.Fields, func(want FieldIs) bool { return !slices.Contains(fields[want.ID], want.Value) })
	default:
		return false
	}
}

// Fingerprint tells two filters apart. It is for cursors, which are sealed: a hash of words that
// somebody typed is not to be kept.
func (f Filter) Fingerprint() [32]byte {
	h := sha256.New()
	put := func(values ...string) {
		for _, v := range append(values, "\x00") {
			_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(v))))
			_, _ = h.Write([]byte(v))
		}
	}
	number := func(n uint64) { _, _ = h.Write(binary.BigEndian.AppendUint64(nil, n)) }
	number(uint64(f.From.UnixMilli()))
	number(uint64(f.To.UnixMilli()))
	put(f.Agent, f.Group, f.Channel, f.Direction, f.CSAT)
	put(f.Status...)
	put(f.Tags...)
	number(math.Float64bits(f.MinSeconds))
	number(math.Float64bits(f.MaxSeconds))
	for _, is := range f.Fields {
		put(is.ID, is.Value)
	}
	for _, t := range []Text{f.Text, f.Person} {
		number(uint64(t.Len()))
		_, _ = t.WriteTo(h)
	}
	return [32]byte(h.Sum(nil))
}
