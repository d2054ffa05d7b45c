package upstream

import (
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// Observation is what a request to a provider tells a metric. It holds no path, id or host name.
type Observation struct {
	Provider string
	Host     string          // as declared: "api", "media"; "media_hosts" for a link's further hosts
	Class    string          // "2xx" … "5xx"; empty when no answer came
	Outcome  connectors.Code // empty: an answer came. CodeStopping: the caller left first
	Duration time.Duration   // until the answer's header, or until it was clear that none comes
}

func class(status int) string {
	if status < 100 || status > 599 {
		return ""
	}
	return [...]string{1: "1xx", "2xx", "3xx", "4xx", "5xx"}[status/100]
}
