package sql

import (
	"strconv"
	"strings"

	"github.com/sightglass-gateway/sightglass/records"
)

// spansText writes spans as they stand in the table: "0-61.5,93-120", seconds in decimals.
func spansText(spans []records.Span) string {
	var b strings.Builder
	for i, s := range spans {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(seconds(s.From) + "-" + seconds(s.To))
	}
	return b.String()
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', -1, 64) }

// spansOf reads them again. What is no span is left out: verification looks at the text itself.
func spansOf(text string) (spans []records.Span) {
	for field := range strings.SplitSeq(text, ",") {
		from, to, _ := strings.Cut(field, "-")
		a, err := strconv.ParseFloat(from, 64)
		b, err2 := strconv.ParseFloat(to, 64)
		if err == nil && err2 == nil {
			spans = append(spans, records.Span{From: a, To: b})
		}
	}
	return spans
}
