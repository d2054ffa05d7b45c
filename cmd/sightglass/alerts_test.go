package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The alert rules mean what they say, and every metric they ask for exists.
func TestAlertRules(t *testing.T) {
	dir := filepath.Join("..", "..", "deploy")
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("no promtool on PATH: the alert rules are tested with it. Debian: apt-get install prometheus")
	}
	cmd := exec.CommandContext(t.Context(), path, "test", "rules", "alerts_test.yml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool test rules: %v: %s", err, out)
	}
	rules, err := os.ReadFile(filepath.Join(dir, "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	sources, err := os.ReadFile(filepath.Join("..", "..", "gateway", "metrics.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`sightglass_[a-z_]+`).FindAllString(string(rules), -1)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "sightglass_"), "_bucket")
		if !strings.Contains(string(sources), `"`+short+`"`) {
			t.Errorf("alerts.yml asks for %s: no such metric", name)
		}
	}
}
