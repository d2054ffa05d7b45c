package zendesk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sightglass-gateway/sightglass/connectors"
)

const bom = "\ufeff"

func TestByteOrderMarkIsSkipped(t *testing.T) {
	a := bare(`{"comments":[{"id":1,"body":"` + bom + `a"}],"meta":{"has_more":false}}`)
	want, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	for path := range a {
		a[path] = bom + a[path]
	}
	got, err := collect(t, connect(t, a), ticket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(t, want), lines(t, got)); diff != "" {
		t.Errorf("with a byte order mark (-without +with):\n%s", diff)
	}
	if text := connectors.Wire(only[*connectors.Message](got)[0].Text); text != bom+"a" {
		t.Errorf("text %q, want the mark inside it kept", text)
	}
}

func TestByteOrderMarkInFrontOfARefusal(t *testing.T) {
	h := refusing(answers{}, "/api/v2/tickets/5012", http.StatusForbidden, bom+`{"error":"Forbidden","description":"You are missing the following required scopes: read"}`)
	_, err := collect(t, connect(t, h), ticket)
	checkError(t, "refused", err, connectors.CodeMissingScope, "scope read")
}

func TestAnswersShorterThanAByteOrderMark(t *testing.T) {
	for body, want := range map[string]connectors.Code{
		"": connectors.CodeProviderCut, "{": connectors.CodeProviderCut, "{}": connectors.CodeProviderNonsense, bom: connectors.CodeProviderCut,
		bom[:2]: connectors.CodeProviderNonsense, bom + bom + "{}": connectors.CodeProviderNonsense, "[]": connectors.CodeProviderNonsense,
	} {
		_, err := collect(t, connect(t, bare(body)), ticket)
		if got := connectors.CodeOf(err); got != want {
			t.Errorf("%q: error %v, want %q", body, err, want)
		}
		if err != nil && strings.Contains(err.Error(), body) && len(body) > 2 {
			t.Errorf("%q is in the error", body)
		}
	}
}
