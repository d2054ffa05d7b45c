package gateway

import (
	"net/http"
	"slices"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// choices is the answer of GetFilters.
type choices struct {
	l *listing
	connectors.Choices
}

type filteredBy struct {
	Name connectors.Predicate  `json:"name"`
	By   connectors.FilteredBy `json:"by"`
}

// VisitGetFiltersResponse implements api.GetFiltersResponseObject.
func (c choices) VisitGetFiltersResponse(w http.ResponseWriter) error {
	out := struct {
		Filters  []filteredBy             `json:"filters"`
		Agents   []connectors.Choice      `json:"agents"`
		Groups   []connectors.Choice      `json:"groups"`
		Statuses []string                 `json:"statuses"`
		Channels []string                 `json:"channels"`
		CSAT     []string                 `json:"csat"`
		Fields   []connectors.FieldChoice `json:"fields"`
	}{[]filteredBy{}, full(c.Agents), full(c.Groups), full(c.Statuses), full(c.Channels), full(c.CSAT), full(c.Fields)}
	for _, p := range connectors.Predicates() {
		if by, ok := c.l.spec.Filters[p]; ok {
			out.Filters = append(out.Filters, filteredBy{p, by})
		}
	}
	return writeJSON(w, newEncoder(), out)
}

// full is never null.
func full[T any](list []T) []T { return slices.Concat([]T{}, list) }
