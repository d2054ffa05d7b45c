// Command bench measures the gateway's relay and ticket stream against the same provider reached
// directly and through other proxies, all on this machine's loopback: `make bench`.
//
// It owns the synthetic provider, the peers' settings, the clients and the judgement; nothing of it is
// in the product. The gateway it measures is the built program, in a process of its own like every
// peer. docs/performance.md explains the figures. Start reading at main.go, then figures.go.
package main
