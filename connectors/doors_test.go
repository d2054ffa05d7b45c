package connectors_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// doors lists, for each way out of a Text or a Secret, the files that use it and why. A new line here
// is a decision: customer content or a credential leaves its type in one more place.
var doors = map[string]map[string]string{
	"Wire": { // Text, for the encoder of the response body
		"gateway/encode.go": "the encoder of the stream",
	},
	"Clean": { // Text, for the HTML cleaner
		"gateway/cleaner.go": "mail's HTML is cleaned",
		"gateway/encode.go":  "an item that is too long for its line is cut",
	},
	"WriteTo": { // Text
		"connectors/filter.go":              "what somebody searches for tells two filters apart, in a sealed cursor",
		"connectors/zendesk/query.go":       "what somebody searches for goes to the provider",
		"gateway/cleaner.go":                "the name of a file goes into its handle, which is sealed",
		"connectors/conformance/compare.go": "the suite compares contents, in tests only",
	},
	"Reveal": { // Secret
		"records/seal.go":                 "it is sealed",
		"connectors/upstream/sign.go":     "the bearer of a request to the provider",
		"auth/seal.go":                    "a client secret is compared with the one that is kept",
		"auth/install.go":                 "the bearer of the account's self-test",
		"auth/keeper.go":                  "two tokens are compared",
		"auth/callback.go":                "the verifier goes to the token endpoint",
		"auth/ask.go":                     "the refresh token goes to the token endpoint",
		"auth/assertion.go":               "the client secret goes to the token endpoint, or signs an assertion for it",
		"auth/sso.go":                     "the client secret of single sign-on goes to its token endpoint",
		"cache/redis/token.go":            "it is sealed",
		"connectors/conformance/bench.go": "the suite compares tokens, in tests only",
		"cache/cachetest/cachetest.go":    "the suite compares tokens, in tests only",
		"cache/cachetest/tokens.go":       "the suite compares tokens, in tests only",
		"gateway/credential.go":           "a session's token or an API key is looked up",
		"gateway/session.go":              "a session's token ends the session",
	},
}

// TestEveryDoorIsListed reads the source of the whole module, tests and generated code excepted.
func TestEveryDoorIsListed(t *testing.T) {
	root := moduleRoot(t)
	found := map[string]map[string]token.Position{}
	for door := range doors {
		found[door] = map[string]token.Position{}
	}
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipDir(root, name, d)
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files++
			return findDoors(root, name, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were read below %s", files, root)
	}
	for door, listed := range doors {
		for file, at := range found[door] {
			if listed[file] == "" {
				t.Errorf("%s is used in %s, line %d, which is not on the list of doors_test.go", door, file, at.Line)
			}
		}
		for _, file := range slices.Sorted(maps.Keys(listed)) {
			if _, ok := found[door][file]; !ok {
				t.Errorf("%s is not used in %s any more: take it off the list of doors_test.go", door, file)
			}
		}
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above")
	return ""
}

func skipDir(root, name string, d fs.DirEntry) error {
	if name == root {
		return nil
	}
	switch d.Name() {
	case "node_modules", "testdata", "tools", "vendor":
		return fs.SkipDir
	}
	if strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
		return fs.SkipDir
	}
	return nil
}

// findDoors notes the file of every selector (a call, or a method taken as a value) whose name is a
// door's. Selectors on an imported package, such as path.Clean, are of that package, except for
// connectors.Wire.
func findDoors(root, name string, found map[string]map[string]token.Position) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	if err != nil || ast.IsGenerated(f) {
		return err
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	imported := imports(f)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			at, isDoor := found[n.Sel.Name]
			x, isName := n.X.(*ast.Ident)
			foreign := isName && imported[x.Name] != "" && path.Base(imported[x.Name]) != "connectors"
			if isDoor && !foreign {
				at[rel] = set.Position(n.Pos())
			}
		case *ast.CallExpr: // inside the package that has the door
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "Wire" && f.Name.Name == "connectors" {
				found["Wire"][rel] = set.Position(n.Pos())
			}
		}
		return true
	})
	return nil
}

// imports maps the names under which a file knows packages to their paths. A dot import would hide a
// door, so it counts as one.
func imports(f *ast.File) map[string]string {
	m := map[string]string{}
	for _, i := range f.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		m[name] = p
	}
	return m
}

func TestNoDotImports(t *testing.T) {
	root := moduleRoot(t)
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil {
				return skipDir(root, name, d)
			}
			return err
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if p := imports(f)["."]; p != "" {
			t.Errorf("%s imports %s with a dot, which would hide a door", name, p)
		}
		return nil
	})
}
