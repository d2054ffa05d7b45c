package talkdesk_test

import (
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func TestPastedLinks(t *testing.T) {
	a := open(t, how{})
	rec := of[*connectors.Recording](a.mustRead(sim.CallRef(sim.CallTransfer)))[0].ID
	const web = "https://harborline.mytalkdesk.com/atlas/apps/"
	for text, want := range map[string]string{
		"https://harborline.talkdeskapp.com/atlas/apps/conversation-history/SMS/" + sim.ChatSMS:         "chat/" + sim.ChatSMS,
		"harborline.talkdeskapp.com/atlas/apps/conversation-history/CHAT/" + sim.ChatHandoff + "?tab=1": "chat/" + sim.ChatHandoff,
		"https://harborline.talkdeskapp.com/atlas/apps/conversation-history/EMAIL/" + sim.MailBooking:   "email/" + sim.MailBooking,
		web + "virtual-agent/sessionMonitor?x=1&interactionId=" + sim.CallTransfer:                      "call/" + sim.CallTransfer,
		web + "explore/" + sim.CallTransfer + "/details":                                                "call/" + sim.CallTransfer,
		"https://api.talkdeskapp.com/calls/" + sim.CallTransfer + "/recordings":                         "call/" + sim.CallTransfer,
		"https://api.talkdeskapp.com/recordings/" + rec:                                                 "call/" + sim.CallTransfer,
		"https://api.talkdeskapp.com/recordings/" + rec + "/media":                                      "call/" + sim.CallTransfer,
		"https://media-files.talkdeskapp.com/calls/CA" + sim.CallTransfer + "/recordings/0.mp3":         "call/CA" + sim.CallTransfer,
		sim.CallTransfer:                       "call/" + sim.CallTransfer,
		" <" + sim.CallTransfer + ">, ":        "call/" + sim.CallTransfer,
		"5B1D0C7E-9A2F-4C38-B6E0-7D11F3A94C20": "call/" + sim.CallTransfer,
		"5b1d0c7e9a2f-4c38-b6e0-7d11f3a94c20":  "call/" + sim.CallTransfer, // a dash got lost
		rec:                                    "call/" + sim.CallTransfer,
		sim.ChatHandoff:                        "call/" + sim.ChatHandoff + " chat/" + sim.ChatHandoff + " email/" + sim.ChatHandoff,
		sim.ChatHandoff + " 2026-03-04":        "call/" + sim.ChatHandoff + ":2026-03-04 chat/" + sim.ChatHandoff + ":2026-03-04 email/" + sim.ChatHandoff + ":2026-03-04",
		sim.ChatHandoff + ", on 2026-13-04":    "call/" + sim.ChatHandoff + " chat/" + sim.ChatHandoff + " email/" + sim.ChatHandoff,

		"https://other.talkdeskapp.com/atlas/apps/conversation-history/SMS/" + sim.ChatSMS:           "",
		"https://harborline.example.com/atlas/apps/conversation-history/SMS/" + sim.ChatSMS:          "",
		"https://harborline.talkdeskapp.com.evil.example/conversation-history/SMS/" + sim.ChatSMS:    "",
		"https://user@harborline.talkdeskapp.com/atlas/apps/conversation-history/SMS/" + sim.ChatSMS: "",
		web + "live":                                  "",
		"https://api.talkdeskapp.com/users/1":         "",
		"https://api.talkdeskapp.com/recordings/0000": "",
		"5012":                    "",
		"":                        "",
		strings.Repeat("a", 3000): "",
	} {
		a.ResetRequests()
		refs, err := a.conn.(connectors.LinkResolver).Resolve(t.Context(), text)
		var got []string
		for _, r := range refs {
			got = append(got, string(r.Kind)+"/"+r.ID)
			if r.Link != "td" {
				t.Errorf("%q: the ref is of the link %q", text, r.Link)
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, %v; want %q", text, got, err, want)
		}
		for _, r := range a.Requests() {
			if r.Host != sim.HostAPI {
				t.Errorf("%q: %s was contacted", text, r.Host)
			}
		}
	}
}

// When Talkdesk cannot be asked, the id may be of anything; opening says what is wrong.
func TestPastedIDWhileTalkdeskIsDown(t *testing.T) {
	a := open(t, how{})
	a.Set(simhost.Fault{Kind: simhost.FaultHTML503, Host: sim.HostAPI})
	refs, err := a.conn.(connectors.LinkResolver).Resolve(t.Context(), sim.CallTransfer)
	if err != nil || len(refs) != 3 || refs[0].Kind != "call" {
		t.Errorf("got %v, %v; want the kinds that it may be", refs, err)
	}
}
