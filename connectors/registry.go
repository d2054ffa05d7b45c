package connectors

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Registry is the list of connectors a program knows. There is no global one: tests pass their own.
type Registry struct{ specs []Spec }

// NewRegistry checks the specs and keeps them in the order given.
func NewRegistry(specs ...Spec) (*Registry, error) {
	r := &Registry{}
	for _, s := range specs {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("connector %q: %w", s.Name, err)
		}
		if _, ok := r.Spec(s.Name); ok {
			return nil, fmt.Errorf("connector %q: listed twice", s.Name)
		}
		r.specs = append(r.specs, s)
	}
	return r, nil
}

// Spec returns the spec of that name.
func (r *Registry) Spec(name string) (Spec, bool) {
	i := slices.IndexFunc(r.specs, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		return Spec{}, false
	}
	return r.specs[i], true
}

// Specs lists all, in order.
func (r *Registry) Specs() []Spec { return slices.Clone(r.specs) }

func (s Spec) check() error {
	if s.Name == "" || s.Title == "" || s.New == nil || len(s.Kinds) == 0 || len(s.Hosts) == 0 {
		return fmt.Errorf("name, title, kinds, hosts and New are required")
	}
	for _, k := range s.Kinds {
		if !k.Valid() {
			return fmt.Errorf("unknown kind %q", k)
		}
	}
	for _, h := range s.Hosts {
		if h.Credentials && strings.HasPrefix(h.Pattern, "*.") {
			return fmt.Errorf("host %q: credentials go to exact hosts only", h.Name)
		}
	}
	for p, by := range s.Filters {
		if !slices.Contains(Predicates(), p) || by != FilteredByProvider && by != FilteredHere {
			return fmt.Errorf("filter %q: unknown, or by nobody", p)
		}
		if by == FilteredHere && (p == ByText || p == ByPerson) {
			return fmt.Errorf("filter %q: a row does not tell", p)
		}
	}
	for _, f := range s.Settings {
		if _, err := regexp.Compile(f.Pattern); err != nil {
			return fmt.Errorf("setting %q: %w", f.Name, err)
		}
		if f.Default != "" && !f.chosen(f.Default) {
			return fmt.Errorf("setting %q: its default %q is none of its options", f.Name, f.Default)
		}
	}
	return nil
}

// chosen tells whether v is one of the options, where there are some.
func (f Setting) chosen(v string) bool {
	return len(f.Options) == 0 || slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == v })
}

// Filled gives the settings with what an empty one means: what a chosen option says of it, else its
// default.
func (s Spec) Filled(values map[string]string) map[string]string {
	full, fills := map[string]string{}, map[string]string{}
	maps.Copy(full, values)
	for _, f := range s.Settings {
		v := values[f.Name]
		if v == "" {
			v = Expand(cmp.Or(fills[f.Name], f.Default), full)
		}
		if v == "" {
			continue
		}
		full[f.Name] = v
		for _, o := range f.Options {
			if o.Value == v {
				maps.Copy(fills, o.Fills)
			}
		}
	}
	return full
}

// Expand replaces {setting} in a template of the Spec by the link's settings, as filled.
func (s Spec) Expand(template string, values map[string]string) string {
	return Expand(template, s.Filled(values))
}

// CheckSettings reports every mistake in a link's settings, by setting name. A nil map means none.
func (s Spec) CheckSettings(values map[string]string) map[string]string {
	bad := map[string]string{}
	for _, f := range s.Settings {
		v := values[f.Name]
		switch {
		case v == "" && f.Required:
			bad[f.Name] = f.Title + " is required"
		case v != "" && !f.chosen(v):
			bad[f.Name] = fmt.Sprintf("%s is one of %s", f.Title, strings.Join(f.values(), ", "))
		case v != "" && f.Pattern != "" && !regexp.MustCompile(`^(?:`+f.Pattern+`)$`).MatchString(v):
			bad[f.Name] = fmt.Sprintf("%s does not look right; an example: %s", f.Title, f.Example)
		}
	}
	for name := range values {
		if !slices.ContainsFunc(s.Settings, func(f Setting) bool { return f.Name == name }) {
			bad[name] = fmt.Sprintf("%s has no setting of this name", s.Title)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return bad
}

func (f Setting) values() []string {
	var all []string
	for _, o := range f.Options {
		all = append(all, o.Value)
	}
	return all
}

// Expand replaces {name} by settings[name] in a template of the Spec.
func Expand(template string, settings map[string]string) string {
	pairs := make([]string, 0, 2*len(settings))
	for k, v := range settings {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(template) // in one go: what is put in is not looked at again
}
