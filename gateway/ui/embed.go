// Package ui holds the built user interface, embedded into the program.
//
// It owns the files under built/app, which Vite writes and the repository does not hold, and
// nothing else: how they are served, with which headers and which nonce, is the gateway's.
// The sources are in src; start at src/main.tsx and src/app/routes.tsx.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:built
var built embed.FS

// FS returns the built interface with index.html at its root. The second result is false when
// the program was built without it: `go build` works on a clone that has no Node.
func FS() (fs.FS, bool) { return app(built) }

func app(files fs.FS) (fs.FS, bool) {
	sub, err := fs.Sub(files, "built/app")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(sub, "index.html"); err != nil {
		return nil, false
	}
	return sub, true
}
