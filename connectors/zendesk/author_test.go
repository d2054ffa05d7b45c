package zendesk_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// Authors whom no page brings along are asked for once, all together, after the comments.
func TestAuthorsWithoutPersonAreLookedUp(t *testing.T) {
	a := bare(`{"comments":[
		{"id":1,"author_id":801,"body":"a"},{"id":2,"author_id":"802","body":"b"},{"id":3,"author_id":801,"body":"c"},
		{"id":4,"author_id":-1,"body":"d"},{"id":5,"author_id":null,"body":"e"},{"id":6,"author_id":"Somebody Deleted","body":"f"},
		{"id":7,"author_id":803,"body":"g"},{"id":8,"author_id":804,"author":{"name":"Own"},"body":"h"},{"id":9,"author_id":805,"body":"i"}
	],"users":[{"id":803,"name":"Here","role":"agent"}],"meta":{"has_more":false}}`)
	a["/api/v2/users/show_many"] = `{"users":[{"id":801,"name":"P","role":"end-user"},{"id":802,"name":"Q","role":"agent"}]}`
	a["/api/v2/tickets/5012/audits"] = `{"audits":[{"id":900,"events":[{"id":1,"type":"Change","field_name":"assignee_id","value":805}]}],"meta":{"has_more":false}}`
	var asked []string
	parts, err := collect(t, connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/show_many") {
			asked = append(asked, r.URL.Query().Get("ids"))
		}
		a.ServeHTTP(w, r)
	})), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"801,802,805"}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	names := map[string]string{}
	for _, p := range only[*connectors.Person](parts) {
		names[p.ID] = connectors.Wire(p.Name)
	}
	if diff := cmp.Diff(map[string]string{"801": "P", "802": "Q", "803": "Here"}, names); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
}

func TestAuthorsThatCannotBeLookedUp(t *testing.T) {
	var comments []string
	for i := range 150 {
		comments = append(comments, fmt.Sprintf(`{"id":%d,"author_id":%d,"body":"b"}`, i+1, 9000+i))
	}
	a := bare(`{"comments":[` + strings.Join(comments, ",") + `],"meta":{"has_more":false}}`)
	asked := 0
	parts, err := collect(t, connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/show_many") {
			if n := strings.Count(r.URL.Query().Get("ids"), ",") + 1; n > 100 {
				t.Errorf("asked for %d at once, want 100 at most", n)
			}
			asked++
		}
		a.ServeHTTP(w, r) // 404
	})), ticket)
	if err != nil || len(messageIDs(parts)) != 150 || asked != 1 {
		t.Errorf("%d messages, %d look-ups, error %v; want 150, 1, none", len(messageIDs(parts)), asked, err)
	}
}

// Whoever leaves while names are looked up is asked for nothing more.
func TestLeavingDuringALookUp(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"author_id":801,"body":"a"}],"meta":{"has_more":false}}`)
	a["/api/v2/users/show_many"] = `{"users":[{"id":801,"name":"P"},{"id":802,"name":"Q"}]}`
	for p, err := range connect(t, a).Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() == connectors.TypePerson {
			break
		}
	}
}

// A comment of a type that nobody knows is a message; its audit is not an event besides.
func TestCommentOfAnyTypeIsShownOnce(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"type":"AiSummaryComment","body":"a"},{"id":2,"type":"Comment","body":"b"}],"meta":{"has_more":false}}`)
	a["/api/v2/tickets/5012/audits"] = `{"audits":[{"id":900,"events":[
		{"id":1,"type":"AiSummaryComment","body":"a"},{"id":2,"type":"Comment"},{"id":3,"type":"OfTheFuture"},{"type":"WithoutId"}]}],"meta":{"has_more":false}}`
	parts, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	var natives []string
	for _, e := range only[*connectors.Event](parts) {
		natives = append(natives, e.Native)
	}
	if diff := cmp.Diff([]string{"OfTheFuture", "WithoutId"}, natives); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// Zendesk sends the users of a page after its comments. When the page is cut before, the authors of what
// was shown are asked for, and the cut is told all the same.
func TestAuthorsAreNamedWhenAPageIsCut(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"author_id":4100,"body":"a"},{"id":2,"author_id":801,"body":"b"},{"id":3,`)
	a["/api/v2/users/show_many"] = `{"users":[{"id":4100,"name":"Rin","role":"agent"},{"id":801,"name":"P","role":"end-user"}]}`
	parts, err := collect(t, connect(t, a), ticket)
	if got := connectors.CodeOf(err); got != connectors.CodeProviderCut {
		t.Errorf("error %v, want provider_cut", err)
	}
	names := map[string]string{}
	for _, p := range only[*connectors.Person](parts) {
		names[p.ID] = connectors.Wire(p.Name)
	}
	if diff := cmp.Diff(map[string]string{"4100": "Rin", "801": "P"}, names); diff != "" || len(messageIDs(parts)) != 2 {
		t.Errorf("%d messages, persons (-want +got):\n%s", len(messageIDs(parts)), diff)
	}
}

func TestLeavingIsNotFollowedByALookUp(t *testing.T) {
	var asked []string
	a := bare(`{"comments":[{"id":1,"author_id":4100,"body":"a"},{"id":2,"author_id":801,"body":"b"},{"id":3,`)
	c := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		a.ServeHTTP(w, r)
	}))
	for p, err := range c.Open(t.Context(), ticket) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Type() == connectors.TypeMessage {
			break
		}
	}
	for _, path := range asked {
		if strings.HasSuffix(path, "/show_many") {
			t.Errorf("asked for %v after the reader had left", asked)
		}
	}
}
