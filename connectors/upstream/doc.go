// Package upstream is how a provider is reached: the signed-in HTTP clients that connectors use.
//
// It owns which hosts may be spoken to (declared names, and the resolved address at dial time), where
// credentials go, redirects, time-outs, retries before the first byte, the wait that a provider asks
// for, its allowance, the breaker, and what a failure on the wire is called. It does not own tokens
// (package auth gives them through Credentials), what an answer means (the connectors do), nor the
// relay to the browser (package gateway).
//
// Start reading at upstream.go (New), then api.go and media.go, which are the two clients from their
// outermost step inwards; hosts.go and dial.go hold the two checks that nothing passes without.
//
// What a client gives to a connector:
//
//   - API: any 2xx, and 4xx other than 429 and (where it signs) 401, with a body of at most 16 KB
//     for the latter. All else is a *connectors.Error: rate_limited, needs_reconnect, provider_down
//     (5xx and 409 after two more tries, a connection that broke), provider_slow, provider_nonsense
//     (a redirect elsewhere, an unknown encoding, an endless or exploding body), host_refused.
//   - Media: the same without retries. 206 and 416 come through.
//   - Reading a body gives io.EOF only at the declared end; else provider_cut or provider_slow.
//   - When the caller's context ends, its error comes back as it is.
package upstream
