// Package all is the one list of the connectors built into Sightglass. It owns nothing else: to add a
// connector, add its Spec here, its folder beside, and its page under docs/connectors.
package all

import (
	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk"
)

// Registry returns the built-in connectors, in the order in which they are offered.
func Registry() (*connectors.Registry, error) {
	return connectors.NewRegistry(zendesk.Spec(), talkdesk.Spec())
}
