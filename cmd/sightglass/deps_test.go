package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/sightglass-gateway/sightglass/"

// arrows says what the packages below a folder may import of this module (style: "The tree and its
// arrows"). A longer prefix wins. What is not listed may import nothing of ours.
var arrows = map[string][]string{
	"records":                  {},
	"records/sql":              {"records"},
	"records/backup":           {"records"},
	"records/recordstest":      {"records"},
	"connectors":               {"records"},
	"connectors/upstream":      {"records", "connectors"},
	"connectors/conformance":   {"records", "connectors", "connectors/upstream"},
	"connectors/zendesk":       {"records", "connectors", "connectors/upstream", "connectors/lenient"},
	"connectors/talkdesk":      {"records", "connectors", "connectors/upstream", "connectors/lenient"},
	"connectors/lenient":       {},
	"connectors/zendesk/sim":   {"records", "connectors", "connectors/simhost/calls"},
	"connectors/simhost":       {},
	"connectors/simhost/calls": {},
	"connectors/talkdesk/sim":  {"records", "connectors", "connectors/simhost", "connectors/simhost/calls"},
	"connectors/all":           {"records", "connectors", "connectors/zendesk", "connectors/talkdesk"},
	"cache":                    {"records"},
	"cache/memory":             {"records", "cache"},
	"cache/redis":              {"records", "cache"},
	"cache/cachetest":          {"records", "cache"},
	"auth":                     {"records", "cache", "connectors", "connectors/upstream"},
	"gateway":                  {"records", "cache", "connectors", "connectors/upstream", "auth", "gateway/api"},
	"gateway/api":              {},
	"gateway/ui":               {},
	"bench":                    {"records", "records/sql"},
	"cmd/sightglass":           {"*"},
}

type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < len(arrows) {
		t.Fatalf("go list found %d packages, the arrows name %d", len(all), len(arrows))
	}
	return all
}

// A connector never sees a cache, a login or the gateway; a cache never sees a ticket.
func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		may, ok := arrows[from]
		if !ok {
			t.Errorf("%s is not in the table of arrows: say there what it may import", from)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module)
			if ours && !allowed(may, to) {
				t.Errorf("%s imports %s; it may import %v", from, to, may)
			}
		}
	}
}

func allowed(may []string, to string) bool {
	for _, m := range may {
		if m == "*" || m == to {
			return true
		}
	}
	return false
}

// records and connectors are what a doubter reads: nothing but the standard library is behind them.
func TestContractsImportOnlyTheStandardLibrary(t *testing.T) {
	for _, p := range packages(t) {
		switch strings.TrimPrefix(p.ImportPath, module) {
		case "records", "connectors", "cache":
			for _, imp := range p.Imports {
				if strings.Contains(imp, ".") && !strings.HasPrefix(imp, module) {
					t.Errorf("%s imports %s, want the standard library only", p.ImportPath, imp)
				}
			}
		}
	}
}

func TestEveryPackageIsDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment: what it owns, what it does not, where to start", p.ImportPath)
		}
	}
}
