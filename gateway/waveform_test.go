package gateway_test

import (
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
)

// The waveform is no setting of the account: it is told with each recording, and changing it leaves
// the grant alone.
func TestWaveformOfALink(t *testing.T) {
	e := withFake(t, &fake{open: parts(&connectors.Recording{ID: "171", Locator: connectors.Locator{What: "recording", ID: "171"}})})
	body := `{"id":"two","provider":"fake","settings":{"subdomain":"b"},"credential_kind":"bearer","token":"t","waveform":"off"}`
	if resp := e.do("POST", "/api/v1/links", adminKey, body); resp.StatusCode != 201 {
		t.Fatalf("create: %d %s", resp.StatusCode, read(t, resp))
	}
	told := func() any {
		return e.lines(e.do("GET", "/api/v1/links/two/interactions/ticket/1", analystKey, ""))[1]["waveform"]
	}
	if got := told(); got != "off" {
		t.Errorf("a link made with waveform off: the recording says %v", got)
	}
	resp := e.do("PATCH", "/api/v1/links/two", adminKey, `{"waveform":"heard"}`)
	if got := decode(t, read(t, resp)); got["waveform"] != "heard" || got["state"] != "ok" {
		t.Errorf("changed: %v", got)
	}
	if got := told(); got != "heard" {
		t.Errorf("after the change the recording says %v", got)
	}
	if resp := e.do("PATCH", "/api/v1/links/two", adminKey, `{"title":"Two"}`); resp.StatusCode != 200 || told() != "heard" {
		t.Errorf("a change of something else: %d, the recording says %v", resp.StatusCode, told())
	}
	p := problemOf(t, e.do("PATCH", "/api/v1/links/two", adminKey, `{"waveform":"half"}`))
	if fields, ok := p["fields"].(map[string]any); !ok || fields["waveform"] == nil {
		t.Errorf("half a waveform: %v, want a word on waveform", p)
	}
	if got := e.lines(e.do("GET", ticket, analystKey, ""))[1]["waveform"]; got != nil {
		t.Errorf("a link that says nothing: the recording says %v, want nothing", got)
	}
}

func TestMediaUse(t *testing.T) {
	e, handle := withFile(t, "call.wav", "audio/x-wav", (&file{data: pcm}).serve)
	path := handle(analystKey)
	if resp := e.do("GET", path+"?use=peaks", analystKey, ""); resp.StatusCode != 200 || read(t, resp) != string(pcm) {
		t.Errorf("use=peaks: %d", resp.StatusCode)
	}
	if p := problemOf(t, e.do("GET", path+"?use=download", analystKey, "")); p["code"] != "bad_request" {
		t.Errorf("use=download: %v", p)
	}
}
