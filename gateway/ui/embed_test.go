package ui

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestAppNeedsAnIndex(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  bool
	}{
		"not built":    {fstest.MapFS{"built/README.md": {}}, false},
		"half a build": {fstest.MapFS{"built/app/assets/a.js": {}}, false},
		"built":        {fstest.MapFS{"built/app/index.html": {Data: []byte("x")}}, true},
	} {
		files, ok := app(c.files)
		if ok != c.want {
			t.Errorf("%s: app() = _, %v, want %v", name, ok, c.want)
		}
		if !ok {
			continue
		}
		if _, err := fs.ReadFile(files, "index.html"); err != nil {
			t.Errorf("%s: index.html: %v", name, err)
		}
	}
}

func TestTheReadmeIsAlwaysEmbedded(t *testing.T) {
	if _, err := fs.Stat(built, "built/README.md"); err != nil {
		t.Fatalf("built/README.md keeps the embed pattern matching on a fresh clone: %v", err)
	}
}
