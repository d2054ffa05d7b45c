package zendesk

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// filters says who applies what of a list's filter. Search knows the words of the facts' section 6.1;
// direction stands in a ticket's via, and how long something took stands nowhere in a list.
func filters() map[connectors.Predicate]connectors.FilteredBy {
	return map[connectors.Predicate]connectors.FilteredBy{
		connectors.ByDates: connectors.FilteredByProvider, connectors.ByAgent: connectors.FilteredByProvider,
		connectors.ByGroup: connectors.FilteredByProvider, connectors.ByStatus: connectors.FilteredByProvider,
		connectors.ByTag: connectors.FilteredByProvider, connectors.ByCSAT: connectors.FilteredByProvider,
		connectors.ByField: connectors.FilteredByProvider, connectors.ByText: connectors.FilteredByProvider,
		connectors.ByPerson: connectors.FilteredByProvider,
		// The words of via: differ from those of via.channel, so that Zendesk only narrows.
		connectors.ByChannel: connectors.FilteredHere, connectors.ByDirection: connectors.FilteredHere,
	}
}

// here are the predicates that are looked at again on the stream. Of several tags Zendesk takes any;
// with ratings and fields it is not documented well enough to be believed.
var here = []connectors.Predicate{connectors.ByTag, connectors.ByChannel, connectors.ByDirection, connectors.ByCSAT, connectors.ByField}

// viaWords are the channels that search is known to have a word for.
var viaWords = map[string]string{"email": "mail", channelVoice: "phone", channelChat: "chat", "web": "web", "api": "api"}

var (
	idRE = regexp.MustCompile(`^[0-9]{1,19}$`)
	// wordRE has what a term's value may hold bare.
	wordRE = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$`)
)

// compile writes f in Zendesk's search language. Terms are joined by and; a key with ":" that comes
// several times is joined by or.
func compile(f connectors.Filter) string {
	terms := []string{"type:ticket", "created>=" + stamp(f.From), "created<" + stamp(ceil(f.To))}
	add := func(key, value string) {
		if value != "" {
			terms = append(terms, key+":"+quote(value))
		}
	}
	add("assignee", f.Agent)
	add("group", f.Group)
	for _, s := range f.Status {
		add("status", s)
	}
	if len(f.Tags) > 0 {
		add("tags", f.Tags[0]) // several would be joined by or; the others are looked for on the stream
	}
	add("via", viaWords[f.Channel])
	if f.CSAT != "" {
		add("satisfaction", f.CSAT)
		if f.CSAT == "good" || f.CSAT == "bad" {
			add("satisfaction", f.CSAT+"withcomment")
		}
	}
	var asked []string
	for _, is := range f.Fields {
		if !slices.Contains(asked, is.ID) {
			add("custom_field_"+is.ID, is.Value)
		}
		asked = append(asked, is.ID)
	}
	if p := words(f.Person); p != "" {
		add("requester", p)
	}
	// Each word is a phrase of its own, so that nobody's words are taken for terms.
	for _, w := range strings.Fields(words(f.Text)) {
		terms = append(terms, `"`+w+`"`)
	}
	return strings.Join(terms, " ")
}

// words is what somebody typed, without what would end a phrase.
func words(t connectors.Text) string {
	var b strings.Builder
	_, _ = t.WriteTo(&b) // to memory
	return clean(b.String())
}

func clean(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' || r == ' ' || r == 0x7f }), " ")
}

func quote(v string) string {
	if wordRE.MatchString(v) {
		return v
	}
	return `"` + clean(v) + `"`
}

// stamp is a moment as search takes it: to the second.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// ceil is the first full second at or after t.
func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

// check refuses what cannot be an id or a word of Zendesk's.
func (c *connector) check(at call, f connectors.Filter) error {
	bad := !f.From.Before(f.To) || f.MinSeconds > 0 || f.MaxSeconds > 0
	for _, id := range []string{f.Agent, f.Group} {
		bad = bad || id != "" && !idRE.MatchString(id)
	}
	for _, is := range f.Fields {
		bad = bad || !idRE.MatchString(is.ID) || clean(is.Value) == ""
	}
	for _, w := range append(append([]string{f.CSAT, f.Channel, f.Direction}, f.Status...), f.Tags...) {
		bad = bad || w != "" && clean(w) != w
	}
	if bad {
		return c.fail(at, connectors.CodeBadRequest, actFilter, nil)
	}
	return nil
}
