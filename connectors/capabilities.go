package connectors

// Capabilities says which abilities a connector has, as plain data for the gateway and the UI.
type Capabilities struct {
	Media   bool `json:"media"`
	Resolve bool `json:"resolve"`
	Search  bool `json:"search"`
	Sample  bool `json:"sample"`
	Choices bool `json:"choices"`
}

// CapabilitiesOf does all the type assertions in one place. Connectors are never wrapped, since a
// wrapper would hide abilities.
func CapabilitiesOf(c Connector) Capabilities {
	_, media := c.(MediaOpener)
	_, resolve := c.(LinkResolver)
	_, search := c.(Searcher)
	_, sample := c.(Sampler)
	_, choices := c.(Chooser)
	return Capabilities{Media: media, Resolve: resolve, Search: search, Sample: sample, Choices: choices}
}
