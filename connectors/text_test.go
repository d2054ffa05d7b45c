package connectors_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/gob"
	stdjson "encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log/slog"
	"strings"
	"testing"
	texttemplate "text/template"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const canary = "CANARY-7f3a"

// carrier holds content wherever a struct can.
type carrier struct {
	Plain   connectors.Text
	Pointer *connectors.Text
	Slice   []connectors.Text
	Array   [1]connectors.Text
	Map     map[string]connectors.Text
	Any     any
	Nested  struct{ T connectors.Text }
	Part    connectors.Part
	hidden  connectors.Text
	hiddenP *connectors.Text
}

func newCarrier() carrier {
	t := connectors.NewText(canary)
	c := carrier{
		Plain: t, Pointer: &t, Slice: []connectors.Text{t}, Array: [1]connectors.Text{t}, Map: map[string]connectors.Text{"k": t},
		Any: t, Part: &connectors.Message{Text: t, HTML: t, Attachments: []connectors.Attachment{{Name: t}}}, hidden: t, hiddenP: &t,
	}
	c.Nested.T = t
	return c
}

// holders gives the text by itself and inside everything.
func holders() map[string]any {
	c, t := newCarrier(), connectors.NewText(canary)
	return map[string]any{
		"text": t, "pointer": &t, "struct": c, "struct pointer": &c, "slice": c.Slice, "map": c.Map, "part": c.Part, "any": []any{t, &t, c},
		"error": fmt.Errorf("about %v: %w", t, errors.New("x")), "unexported": struct{ t connectors.Text }{t},
	}
}

func TestTextCannotBePrinted(t *testing.T) {
	for name, v := range holders() {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %p %t %T %c %U %b %e %o %5v %-20s %.3s %[1]v %w") {
			if got := fmt.Sprintf(verb, v); leaks(got) {
				t.Errorf("%s with %s prints %s", name, verb, got)
			}
		}
		for _, got := range []string{fmt.Sprint(v), fmt.Sprintln(v), fmt.Errorf("%v", v).Error(), string(fmt.Append(nil, v))} {
			if leaks(got) {
				t.Errorf("%s prints %s", name, got)
			}
		}
	}
	if got := fmt.Sprintf("%v|%s|%q|%d", connectors.NewText(canary), connectors.NewText(canary), connectors.NewText(canary), connectors.NewText(canary)); got != "[content]|[content]|[content]|[content]" {
		t.Errorf("got %s, want [content] for every verb", got)
	}
}

// leaks looks for the canary as text and in hex, either case.
func leaks(s string) bool {
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]")} {
		if strings.Contains(s, form) {
			return true
		}
	}
	return false
}

// TestTheScannerFinds: what finds nothing must be able to find something.
func TestTheScannerFinds(t *testing.T) {
	for _, s := range []string{"x" + canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]")} {
		if !leaks(s) {
			t.Errorf("%q goes unnoticed", s)
		}
	}
}

func TestTextCannotBeLogged(t *testing.T) {
	for name, v := range holders() {
		var b bytes.Buffer
		for _, h := range []slog.Handler{
			slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}),
			slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}),
		} {
			l := slog.New(h).With("with", v).WithGroup("g")
			l.Debug("m", "k", v, "slice", []any{v})
			l.Debug("m", slog.Any("any", v), slog.Group("g", slog.Any("k", v)))
			l.LogAttrs(context.Background(), slog.LevelError, "m", slog.Any("k", v))
		}
		if b.Len() == 0 || leaks(b.String()) {
			t.Errorf("%s: the log is %q", name, b.String())
		}
	}
}

func TestTextCannotBeMarshalled(t *testing.T) {
	for name, v := range holders() {
		for way, marshal := range map[string]func(any) ([]byte, error){
			"encoding/json": stdjson.Marshal,
			"json v2":       func(v any) ([]byte, error) { return json.Marshal(v) },
			"json indent":   func(v any) ([]byte, error) { return stdjson.MarshalIndent(v, "", " ") },
			"xml":           xml.Marshal,
			"gob": func(v any) ([]byte, error) {
				var b bytes.Buffer
				err := gob.NewEncoder(&b).Encode(v)
				return b.Bytes(), err
			},
			"json stream": func(v any) ([]byte, error) {
				var b bytes.Buffer
				err := json.MarshalEncode(jsontext.NewEncoder(&b), v)
				return b.Bytes(), err
			},
		} {
			if out, err := marshal(v); leaks(string(out)) || (err != nil && leaks(err.Error())) {
				t.Errorf("%s by %s: %q, %v", name, way, out, err)
			}
		}
	}
	text := connectors.NewText(canary)
	for way, err := range map[string]error{
		"MarshalJSON": second(text.MarshalJSON()), "MarshalText": second(text.MarshalText()), "MarshalBinary": second(text.MarshalBinary()),
		"GobEncode": second(text.GobEncode()), "Value": second(text.Value()), "MarshalXML": text.MarshalXML(nil, xml.StartElement{}),
		"a field": second(json.Marshal(connectors.Message{Text: text})), "a map key": second(stdjson.Marshal(map[connectors.Text]int{text: 1})),
	} {
		if !errors.Is(err, connectors.ErrContent) {
			t.Errorf("%s: got %v, want ErrContent", way, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestTextCannotBeTemplated(t *testing.T) {
	data := map[string]any{"T": connectors.NewText(canary), "C": newCarrier()}
	const page = `{{.T}} {{printf "%s %v %q" .T .T .T}} {{.C}} {{.C.Plain}} {{.C.Pointer}} {{html .T}} {{js .T}} {{urlquery .T}} {{print .T}} {{len .C.Slice}}`
	var b strings.Builder
	if err := texttemplate.Must(texttemplate.New("").Parse(page)).Execute(&b, data); err != nil {
		t.Logf("text/template ends with %v", err)
	}
	const web = `<p title="{{.T}}" onclick="f({{.T}})" style="color: {{.T}}"><a href="/?q={{.T}}">{{.T}} {{.C}}</a><script>let x = {{.T}}, y = {{.C}}</script>`
	if err := htmltemplate.Must(htmltemplate.New("").Parse(web)).Execute(&b, data); err != nil {
		t.Logf("html/template ends with %v", err)
	}
	if leaks(b.String()) || !strings.Contains(b.String(), "[content]") {
		t.Errorf("got %s", b.String())
	}
}

// TestTextCannotBeStored: database/sql asks a driver.Valuer, by value and by pointer.
func TestTextCannotBeStored(t *testing.T) {
	d := &sink{}
	db := sql.OpenDB(d)
	defer func() { _ = db.Close() }()
	text := connectors.NewText(canary)
	for name, v := range map[string]any{"value": text, "pointer": &text, "null": sql.Null[connectors.Text]{V: text, Valid: true}, "named": sql.Named("x", text)} {
		if _, err := db.ExecContext(t.Context(), "INSERT", v); err == nil {
			t.Errorf("%s: the database took it", name)
		}
	}
	if leaks(fmt.Sprint(d.args)) {
		t.Errorf("the driver was given %v", d.args)
	}
}

// sink is a database that keeps what it is given.
type sink struct{ args []driver.NamedValue }

func (s *sink) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s *sink) Driver() driver.Driver                        { return nil }
func (s *sink) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not here") }
func (s *sink) Close() error                                 { return nil }
func (s *sink) Begin() (driver.Tx, error)                    { return nil, errors.New("not here") }

func (s *sink) ExecContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Result, error) {
	s.args = append(s.args, args...)
	return driver.RowsAffected(1), nil
}

// TestTheThreeDoors: what the gateway, the cleaner and a writer get.
func TestTheThreeDoors(t *testing.T) {
	text := connectors.NewText(canary)
	door := json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, t connectors.Text) error {
		return e.WriteToken(jsontext.String(connectors.Wire(t)))
	}))
	out, err := json.Marshal(connectors.Person{ID: "1", Name: text}, door)
	if want := `{"id":"1","name":"CANARY-7f3a","role":""}`; err != nil || string(out) != want {
		t.Errorf("through the encoder: %s, %v; want %s", out, err, want)
	}
	if got := connectors.Wire(text.Clean(strings.ToLower)); got != strings.ToLower(canary) {
		t.Errorf("cleaned: %s", got)
	}
	var b strings.Builder
	if n, err := text.WriteTo(&b); n != int64(len(canary)) || err != nil || b.String() != canary {
		t.Errorf("written: %d, %v, %s", n, err, b.String())
	}
	if _, err := text.WriteTo(failing{}); err == nil {
		t.Error("the writer's error is lost")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEmptyText(t *testing.T) {
	empty := connectors.NewText("")
	if !empty.IsZero() || empty.Len() != 0 || connectors.Wire(empty) != "" || empty != (connectors.Text{}) {
		t.Errorf("got %v of length %d, want the zero Text", empty, empty.Len())
	}
	called := false
	if got := empty.Clean(func(s string) string { called = true; return "x" }); called || !got.IsZero() {
		t.Error("the cleaner was given nothing to clean")
	}
	if n, err := empty.WriteTo(failing{}); n != 0 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if text := connectors.NewText(canary); text.IsZero() || text.Len() != len(canary) {
		t.Errorf("length %d, want %d", text.Len(), len(canary))
	}
	if out, err := json.Marshal(connectors.Person{ID: "1"}); err != nil || strings.Contains(string(out), "name") {
		t.Errorf("got %s, %v; want no name", out, err)
	}
}

func TestLocatorPrintsWithoutItsURL(t *testing.T) {
	at := connectors.Locator{What: "attachment", ID: "71", URL: "https://files.test/token/" + canary}
	at.Ref.Link, at.Ref.Kind, at.Ref.ID = "zd", "ticket", "5012"
	var b bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&b, nil))
	l.Info("m", "at", at, "p", &at)
	fmt.Fprintf(&b, "%v %+v %#v %s %q %v %+v", at, at, at, at, at, &at, connectors.Attachment{At: at})
	if leaks(b.String()) || !strings.Contains(b.String(), "attachment 71 of zd/ticket/5012") {
		t.Errorf("got %s, want what it names and no URL", b.String())
	}
	out, err := json.Marshal(at) // into a handle it goes whole
	if want := `{"what":"attachment","ref":{"link":"zd","kind":"ticket","id":"5012"},"id":"71","url":"https://files.test/token/` + canary + `"}`; err != nil || string(out) != want {
		t.Errorf("got %s, %v; want %s", out, err, want)
	}
}
