package connectors_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// plain is a connector without abilities; able has them all.
type plain struct{}

func (plain) Open(context.Context, records.Ref) iter.Seq2[connectors.Part, error] {
	return func(func(connectors.Part, error) bool) {}
}
func (plain) Probe(context.Context) (connectors.Account, error) { return connectors.Account{}, nil }

type able struct{ plain }

func (able) OpenMedia(context.Context, connectors.Locator, *connectors.ByteRange) (connectors.Media, error) {
	return connectors.Media{}, nil
}
func (able) Resolve(context.Context, string) ([]records.Ref, error) { return nil, nil }

// wrapped shows why connectors are never wrapped: the abilities are gone.
type wrapped struct{ connectors.Connector }

func TestCapabilities(t *testing.T) {
	for _, c := range []struct {
		conn connectors.Connector
		want connectors.Capabilities
	}{
		{plain{}, connectors.Capabilities{}}, {able{}, connectors.Capabilities{Media: true, Resolve: true}},
		{wrapped{able{}}, connectors.Capabilities{}},
	} {
		if got := connectors.CapabilitiesOf(c.conn); got != c.want {
			t.Errorf("%T can %+v, want %+v", c.conn, got, c.want)
		}
	}
}

func TestBackground(t *testing.T) {
	if ctx := t.Context(); connectors.IsBackground(ctx) || !connectors.IsBackground(connectors.Background(ctx)) {
		t.Error("only what was marked is in the background")
	}
}

func acme() connectors.Spec {
	return connectors.Spec{
		Name: "acme", Title: "Acme", Kinds: []records.Kind{records.KindTicket},
		Hosts: []connectors.Host{{Name: "api", Pattern: "{account}.acme.test", Credentials: true}, {Name: "media", Pattern: "*.acmecontent.test"}},
		Settings: []connectors.Setting{
			{Name: "account", Title: "Account", Pattern: `[a-z0-9][a-z0-9-]{1,62}`, Required: true, Example: "shop"},
			{Name: "brand", Title: "Brand", Pattern: `\d+`, Example: "17"},
		},
		New: func(connectors.Config) (connectors.Connector, error) { return plain{}, nil },
	}
}

func TestRegistry(t *testing.T) {
	other := acme()
	other.Name = "other"
	r, err := connectors.NewRegistry(other, acme())
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := r.Spec("acme"); !ok || s.Title != "Acme" {
		t.Errorf("got %+v, %v", s, ok)
	}
	if _, ok := r.Spec("nobody"); ok {
		t.Error("found a spec that nobody registered")
	}
	list := r.Specs()
	if len(list) != 2 || list[0].Name != "other" {
		t.Errorf("got %d specs, the first %q; want both, in order", len(list), list[0].Name)
	}
	list[0].Name = "changed"
	if r.Specs()[0].Name != "other" {
		t.Error("the registry's own list can be changed from outside")
	}
	if empty, err := connectors.NewRegistry(); err != nil || len(empty.Specs()) != 0 {
		t.Errorf("an empty registry: %v", err)
	}
}

func TestBadSpecsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*connectors.Spec){
		"no name":                 func(s *connectors.Spec) { s.Name = "" },
		"no title":                func(s *connectors.Spec) { s.Title = "" },
		"no kinds":                func(s *connectors.Spec) { s.Kinds = nil },
		"no hosts":                func(s *connectors.Spec) { s.Hosts = nil },
		"no New":                  func(s *connectors.Spec) { s.New = nil },
		"unknown kind":            func(s *connectors.Spec) { s.Kinds = []records.Kind{"fax"} },
		"credentials on a domain": func(s *connectors.Spec) { s.Hosts[1].Credentials = true },
		"pattern of no form":      func(s *connectors.Spec) { s.Settings[0].Pattern = "(" },
	} {
		s := acme()
		spoil(&s)
		if _, err := connectors.NewRegistry(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := connectors.NewRegistry(acme(), acme()); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same name twice: %v", err)
	}
}

// TestCheckSettings: a setting becomes part of a host name, so its pattern holds from end to end.
func TestCheckSettings(t *testing.T) {
	for _, c := range []struct {
		in  map[string]string
		bad []string
	}{
		{map[string]string{"account": "shop"}, nil},
		{map[string]string{"account": "shop", "brand": "17"}, nil},
		{map[string]string{"account": "shop", "brand": ""}, nil},
		{nil, []string{"account"}},
		{map[string]string{"account": ""}, []string{"account"}},
		{map[string]string{"account": "shop", "colour": "red"}, []string{"colour"}},
		{map[string]string{"account": "Shop", "brand": "x", "colour": "red"}, []string{"account", "brand", "colour"}},
		{map[string]string{"account": "evil.com#"}, []string{"account"}},
		{map[string]string{"account": "a@127.0.0.1"}, []string{"account"}},
		{map[string]string{"account": "a.zendesk.com/.."}, []string{"account"}},
		{map[string]string{"account": "shop\r\nHost: x"}, []string{"account"}},
		{map[string]string{"account": "shop\n"}, []string{"account"}},
		{map[string]string{"account": "-shop"}, []string{"account"}},
	} {
		bad := acme().CheckSettings(c.in)
		var names []string
		for name, say := range bad {
			if names = append(names, name); say == "" {
				t.Errorf("%v: nothing is said about %s", c.in, name)
			}
		}
		slices.Sort(names)
		if d := cmp.Diff(c.bad, names); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.in, d)
		}
	}
}

func TestExpand(t *testing.T) {
	settings := map[string]string{"account": "shop"}
	for in, want := range map[string]string{
		"{account}.acme.test": "shop.acme.test", "https://{account}.acme.test/{account}": "https://shop.acme.test/shop",
		"api.acme.test": "api.acme.test", "{region}.acme.test": "{region}.acme.test",
	} {
		if got := connectors.Expand(in, settings); got != want {
			t.Errorf("Expand(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestPartTypes(t *testing.T) {
	for want, p := range map[connectors.PartType]connectors.Part{
		"header": &connectors.Header{}, "person": &connectors.Person{}, "message": &connectors.Message{}, "event": &connectors.Event{},
		"recording": &connectors.Recording{}, "transcript": &connectors.Transcript{}, "missing": &connectors.Missing{},
	} {
		if p.Type() != want {
			t.Errorf("%T is a %s, want %s", p, p.Type(), want)
		}
	}
	if w := connectors.WhoID("7"); w.ID == nil || *w.ID != "7" {
		t.Errorf("WhoID gives %+v", w)
	}
}

func TestEmptySettingsMeanTheirDefault(t *testing.T) {
	spec := connectors.Spec{Settings: []connectors.Setting{
		{Name: "account", Title: "Account", Required: true},
		{Name: "region", Title: "Region", Default: "us", Options: []connectors.Option{
			{Value: "us", Title: "United States", Fills: map[string]string{"host": "api.acme.com", "token": "{account}.id.acme.com"}},
			{Value: "eu", Title: "Europe", Fills: map[string]string{"host": "api.acme.eu"}},
		}},
		{Name: "host", Title: "Host"},
		{Name: "token", Title: "Token host", Default: "{account}.elsewhere"},
	}}
	for _, c := range []struct {
		name string
		in   map[string]string
		want string
	}{
		{"defaults", map[string]string{"account": "a"}, "us api.acme.com a.id.acme.com"},
		{"another option", map[string]string{"account": "a", "region": "eu"}, "eu api.acme.eu a.elsewhere"},
		{"given", map[string]string{"account": "a", "host": "h", "token": "{account}"}, "us h {account}"},
		{"nothing", nil, "us api.acme.com {account}.id.acme.com"},
	} {
		if got := spec.Expand("{region} {host} {token}", c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if bad := spec.CheckSettings(map[string]string{"account": "a", "region": "mars"}); bad["region"] != "Region is one of us, eu" || len(bad) != 1 {
		t.Errorf("got %v, want a word about the region", bad)
	}
	if bad := spec.CheckSettings(map[string]string{"account": "a"}); bad != nil {
		t.Errorf("got %v, want no mistake: what is empty has a default", bad)
	}
}
