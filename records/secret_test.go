package records_test

import (
	"bytes"
	"context"
	"encoding/gob"
	stdjson "encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"strings"
	"testing"
	texttemplate "text/template"

	"github.com/go-json-experiment/json"

	"github.com/sightglass-gateway/sightglass/records"
)

const canary = "CANARY-5ec2e7"

// holders gives a secret by itself and inside everything that one finds itself in.
func holders() map[string]any {
	s := records.NewSecret(canary)
	return map[string]any{
		"secret": s, "pointer": &s, "slice": []records.Secret{s}, "map": map[string]records.Secret{"k": s}, "any": []any{s, &s},
		"token": records.AccessToken{Value: s, Generation: 3}, "token pointer": &records.AccessToken{Value: s},
		"unexported": struct{ s records.Secret }{s}, "unexported pointer": struct{ s *records.Secret }{&s},
		"error": fmt.Errorf("with %v", s),
	}
}

func leaks(s string) bool {
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]")} {
		if strings.Contains(s, form) {
			return true
		}
	}
	return false
}

func TestSecretCannotBePrinted(t *testing.T) {
	for name, v := range holders() {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %p %t %T %c %U %b %e %o %5v %-20s %.3s %w") {
			if got := fmt.Sprintf(verb, v); leaks(got) {
				t.Errorf("%s with %s prints %s", name, verb, got)
			}
		}
		if got := fmt.Sprint(v) + fmt.Sprintln(v) + fmt.Errorf("%v", v).Error(); leaks(got) {
			t.Errorf("%s prints %s", name, got)
		}
	}
	if got := fmt.Sprintf("%v %s", records.NewSecret(canary), records.NewSecret("")); got != "[secret] [secret]" {
		t.Errorf("got %s, want [secret] for both", got)
	}
}

func TestSecretCannotBeLogged(t *testing.T) {
	for name, v := range holders() {
		var b bytes.Buffer
		for _, h := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
			slog.New(h).With("with", v).Info("m", "k", v, slog.Group("g", "k", v))
			slog.New(h).LogAttrs(context.Background(), slog.LevelError, "m", slog.Any("k", v))
		}
		if b.Len() == 0 || leaks(b.String()) {
			t.Errorf("%s: the log is %q", name, b.String())
		}
	}
}

func TestSecretCannotBeMarshalled(t *testing.T) {
	for name, v := range holders() {
		for way, marshal := range map[string]func(any) ([]byte, error){
			"encoding/json": stdjson.Marshal,
			"json v2":       func(v any) ([]byte, error) { return json.Marshal(v) },
			"xml":           xml.Marshal,
			"gob": func(v any) ([]byte, error) {
				var b bytes.Buffer
				err := gob.NewEncoder(&b).Encode(v)
				return b.Bytes(), err
			},
		} {
			if out, err := marshal(v); leaks(string(out)) || (err != nil && leaks(err.Error())) {
				t.Errorf("%s by %s: %q, %v", name, way, out, err)
			}
		}
	}
	s := records.NewSecret(canary)
	for way, err := range map[string]error{
		"MarshalJSON": second(s.MarshalJSON()), "MarshalText": second(s.MarshalText()), "MarshalBinary": second(s.MarshalBinary()),
		"GobEncode": second(s.GobEncode()), "Value": second(s.Value()), "a field": second(json.Marshal(records.AccessToken{Value: s})),
		"xml": second(xml.Marshal(s)),
	} {
		if !errors.Is(err, records.ErrSecret) {
			t.Errorf("%s: got %v, want ErrSecret", way, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestSecretCannotBeTemplated(t *testing.T) {
	data := map[string]any{"S": records.NewSecret(canary), "T": records.AccessToken{Value: records.NewSecret(canary)}}
	var b strings.Builder
	const page = `{{.S}} {{printf "%s %q" .S .S}} {{.T}} {{.T.Value}} {{html .S}} {{js .S}} {{urlquery .S}}`
	_ = texttemplate.Must(texttemplate.New("").Parse(page)).Execute(&b, data)
	_ = htmltemplate.Must(htmltemplate.New("").Parse(`<a title="{{.S}}" href="/?q={{.S}}">{{.S}}</a><script>let x = {{.S}}</script>`)).Execute(&b, data)
	if leaks(b.String()) || !strings.Contains(b.String(), "[secret]") {
		t.Errorf("got %s", b.String())
	}
}

func TestReveal(t *testing.T) {
	for _, c := range []struct {
		s    records.Secret
		want string
		zero bool
	}{{records.NewSecret(canary), canary, false}, {records.NewSecret(""), "", true}, {records.Secret{}, "", true}} {
		if c.s.Reveal() != c.want || c.s.IsZero() != c.zero {
			t.Errorf("got %q, zero %v; want %q, %v", c.s.Reveal(), c.s.IsZero(), c.want, c.zero)
		}
	}
}
