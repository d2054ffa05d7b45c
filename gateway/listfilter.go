package gateway

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/gateway/api"
)

const (
	// listDays is how far back a list without dates goes.
	listDays = 7
	// maxListDays bounds one list; providers' own windows are smaller, and are met by the connectors.
	maxListDays = 366
	// maxListed and maxListedJSON bound a page. As JSON it is held until it is complete.
	maxListed, maxListedJSON, defaultListed = 5000, 500, 100
	maxFilterValue                          = 500
)

// listFilter reads a filter from a request body.
func listFilter(r api.ListRequest) (connectors.Filter, error) {
	f := connectors.Filter{
		Agent: value(r.Agent), Group: value(r.Group), Status: value(r.Status), Tags: value(r.Tag), Channel: value(r.Channel),
		Direction: string(value(r.Direction)), MinSeconds: value(r.MinSeconds), MaxSeconds: value(r.MaxSeconds), CSAT: value(r.Csat),
		Text: connectors.NewText(value(r.Text)), Person: connectors.NewText(value(r.Person)),
	}
	for id, v := range value(r.Field) {
		f.Fields = append(f.Fields, connectors.FieldIs{ID: id, Value: v})
	}
	slices.SortFunc(f.Fields, func(a, b connectors.FieldIs) int { return strings.Compare(a.ID, b.ID) })
	var err error
	if f.From, err = moment("from", value(r.From), 0); err != nil {
		return f, err
	}
	if f.To, err = moment("to", value(r.To), 24*time.Hour); err != nil {
		return f, err
	}
	return f, checkFilter(f)
}

// listQuery reads a filter from the query of a URL. A name that is not known is an error: to pass over
// a misspelt one would give more than was asked for.
func listQuery(q url.Values) (api.ListRequest, error) {
	var r api.ListRequest
	texts := map[string]**string{"from": &r.From, "to": &r.To, "agent": &r.Agent, "group": &r.Group, "channel": &r.Channel, "csat": &r.Csat, "cursor": &r.Cursor}
	lists := map[string]**[]string{"status": &r.Status, "tag": &r.Tag}
	seconds := map[string]**float64{"min_seconds": &r.MinSeconds, "max_seconds": &r.MaxSeconds}
	for name, values := range q {
		v := values[0]
		if len(values) > 1 || v == "" {
			return r, bad(ourName(name), "give it once, with a value")
		}
		switch id, field := strings.CutPrefix(name, "field."); {
		case field:
			if r.Field == nil {
				r.Field = &map[string]string{}
			}
			(*r.Field)[id] = v
		case texts[name] != nil:
			*texts[name] = &v
		case lists[name] != nil:
			several := strings.Split(v, ",")
			*lists[name] = &several
		case seconds[name] != nil:
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return r, bad(name, "seconds")
			}
			*seconds[name] = &n
		case name == "direction":
			d := api.ListRequestDirection(v)
			r.Direction = &d
		case name == "limit":
			n, err := strconv.Atoi(v)
			if err != nil {
				return r, bad(name, "a whole number")
			}
			r.Limit = &n
		case name == "text" || name == "person":
			return r, bad(name, "not in a URL: send it to …/interactions/search")
		default:
			return r, bad("query", "a name that lists do not know")
		}
	}
	return r, nil
}

// ourName is a name as it may be repeated; what somebody made up is not.
func ourName(name string) string {
	if len(name) <= 20 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return name
	}
	return "query"
}

func moment(name, v string, day time.Duration) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.UTC(), nil
	}
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		return t.Add(day), nil // "to" includes the day that it names
	}
	return time.Time{}, bad(name, "a date such as 2026-11-24, or RFC 3339")
}

func checkFilter(f connectors.Filter) error {
	if len(f.Status) > 20 || len(f.Tags) > 20 || len(f.Fields) > 20 {
		return bad("filter", "at most 20 values of a kind")
	}
	for _, v := range slices.Concat([]string{f.Agent, f.Group, f.Channel, f.CSAT}, f.Status, f.Tags) {
		if len(v) > maxFilterValue {
			return bad("filter", "a value is too long")
		}
	}
	for _, is := range f.Fields {
		if is.ID == "" || is.Value == "" || len(is.ID)+len(is.Value) > maxFilterValue {
			return bad("field", "field.NAME=value, up to 500 bytes")
		}
	}
	switch {
	case f.Text.Len() > 2000 || f.Person.Len() > 1280:
		return bad("text", "at most 500 characters")
	case f.Direction != "" && f.Direction != "inbound" && f.Direction != "outbound":
		return bad("direction", "inbound or outbound")
	case !(f.MinSeconds >= 0) || !(f.MaxSeconds >= 0) || f.MaxSeconds > 0 && f.MaxSeconds < f.MinSeconds:
		return bad("max_seconds", "not less than min_seconds, and neither negative")
	}
	return nil
}

// dated gives the dates that were not asked for.
func dated(f connectors.Filter, now time.Time) (connectors.Filter, error) {
	if f.To.IsZero() {
		f.To = now.UTC().Truncate(time.Second).Add(time.Second)
	}
	if f.From.IsZero() {
		f.From = f.To.AddDate(0, 0, -listDays)
	}
	if !f.From.Before(f.To) || f.To.Sub(f.From) > maxListDays*24*time.Hour {
		return f, bad("from", "before to, by at most 366 days")
	}
	return f, nil
}

// fits refuses what the connector's lists cannot be narrowed by, and names what is filtered here.
func fits(f connectors.Filter, by map[connectors.Predicate]connectors.FilteredBy) (here []connectors.Predicate, err error) {
	here = []connectors.Predicate{}
	for _, p := range f.Uses() {
		switch by[p] {
		case connectors.FilteredByProvider:
		case connectors.FilteredHere:
			here = append(here, p)
		default:
			return nil, bad(string(p), "lists of this provider cannot be narrowed by it")
		}
	}
	return here, nil
}
