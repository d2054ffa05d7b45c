package upstream

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// writes are the requests that change something at the provider and that the Spec names: POSTs that
// read, and DELETEs of what those left behind. Every other method but GET and HEAD is refused.
type writes struct {
	posts   []string
	deletes []string // with "*" for one segment
}

func newWrites(spec connectors.Spec, settings map[string]string) writes {
	var w writes
	for _, p := range spec.ReadPosts {
		w.posts = append(w.posts, spec.Expand(p, settings))
	}
	for _, p := range spec.CleanUps {
		w.deletes = append(w.deletes, spec.Expand(p, settings))
	}
	return w
}

func (w writes) has(method, path string) bool {
	switch method {
	case http.MethodPost:
		return slices.Contains(w.posts, path)
	case http.MethodDelete:
		return slices.ContainsFunc(w.deletes, func(p string) bool { return fits(p, path) })
	default:
		return false
	}
}

// fits tells whether path is the pattern with one plain segment for each "*".
func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(got[1:], func(s string) bool { return s == "" || s == "." || s == ".." }) &&
		slices.EqualFunc(want, got, func(w, g string) bool { return w == g || w == "*" })
}
