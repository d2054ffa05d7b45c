package talkdesk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func TestSpec(t *testing.T) {
	spec := talkdesk.Spec()
	if _, err := connectors.NewRegistry(spec); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ region, hosts string }{
		{"", "api.talkdeskapp.com acme.talkdeskid.com"}, {"us", "api.talkdeskapp.com acme.talkdeskid.com"}, {"eu", "api.talkdeskapp.eu acme.talkdeskid.eu"},
		{"ca", "api.talkdeskappca.com acme.talkdeskidca.com"}, {"au", "api.talkdeskapp.au acme.talkdeskid.au"}, {"uk", "api.talkdeskapp.co.uk acme.talkdeskid.co.uk"},
	} {
		if got := spec.Expand("{api_host} {token_host}", map[string]string{"account": "acme", "region": c.region}); got != c.hosts {
			t.Errorf("region %q: got %s, want %s", c.region, got, c.hosts)
		}
	}
	own := map[string]string{"account": "acme", "region": "au", "api_host": "api.mytalkdesk.au"}
	if got := spec.Expand("{api_host} {token_host}", own); got != "api.mytalkdesk.au acme.talkdeskid.au" {
		t.Errorf("got %s, want the host that was given and the region's other", got)
	}
	filled := spec.Filled(map[string]string{"account": "acme"})
	for _, s := range spec.Settings {
		if s.Title == "" || s.Help == "" || s.Pattern == "" && len(s.Options) == 0 {
			t.Errorf("the setting %s says too little: %+v", s.Name, s)
		}
		if v := filled[s.Name]; v != "" && spec.CheckSettings(map[string]string{"account": "acme", s.Name: v})[s.Name] != "" {
			t.Errorf("the default %q of %s is none of its values", v, s.Name)
		}
	}
	for _, p := range append(spec.ReadPosts, spec.CleanUps...) {
		if got := spec.Expand(p, nil); !strings.HasPrefix(got, "/data/reports/") || strings.Contains(got, "{") {
			t.Errorf("%s: becomes %s, want a path of reports", p, got)
		}
	}
	for _, scope := range spec.OAuth.Scopes {
		if strings.Contains(scope.Name, "write") != (scope.Name == "data-reports:write") || strings.Contains(scope.Name, "delete") || scope.Why == "" {
			t.Errorf("the scope %+v is asked for", scope)
		}
	}
}

func TestBadSettingsAreTold(t *testing.T) {
	for _, bad := range []map[string]string{
		{"account": "a.b"}, {"account": "acme", "region": "mars"}, {"account": "acme", "api_host": "https://x"}, {"account": "acme", "report_timeout": "soon"},
		{"account": "acme", "recording_list_path": "calls"}, {"account": "acme", "report_field_map": "x"}, {"account": "acme", "limit_rps": "0"}, {"account": "acme", "no_such": "1"}, {},
	} {
		if talkdesk.Spec().CheckSettings(bad) == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	for _, bad := range []map[string]string{{"account": "acme", "digital_read_mode": "cds"}, {}, {"account": "acme", "report_timeout": "0s"}} {
		if _, err := talkdesk.New(connectors.Config{Settings: bad, API: http.DefaultClient, Media: http.DefaultClient}); err == nil {
			t.Errorf("%v builds a connector", bad)
		}
	}
	if _, err := talkdesk.New(connectors.Config{Settings: map[string]string{"account": "acme"}}); err == nil {
		t.Error("a connector without clients is built")
	}
}

// TestReportsHoweverTheyAreGiven: what about report jobs is not certain makes no difference.
func TestReportsHoweverTheyAreGiven(t *testing.T) {
	for _, way := range []string{sim.JobDone, sim.JobSilent, sim.JobFlat, sim.JobRedirs, sim.JobContent} {
		a := open(t, how{})
		a.Switch(func(s *sim.Switches) {
			s.Jobs["calls"], s.Jobs["contacts"], s.RelativeLinks = way, way, way == sim.JobFlat
		})
		parts := a.mustRead(sim.CallRef(sim.CallTransfer))
		if h := header(parts); h.Status != "inbound" || len(of[*connectors.Event](parts)) != 2 || len(missing(parts)) != 0 {
			t.Errorf("%q: got %+v, missing %v", way, h, missing(parts))
		}
		if n := a.OpenReportFiles(); n != 0 {
			t.Errorf("%q: %d files were left", way, n)
		}
	}
	kept := open(t, how{settings: map[string]string{"report_delete_after_read": "false"}})
	kept.mustRead(sim.CallRef(sim.CallTransfer))
	if n := kept.OpenReportFiles(); n != 2 {
		t.Errorf("%d files are left, want both where nothing is to be deleted", n)
	}
}

// A report that covers more than may be asked for at once is read in pieces.
func TestLongReportsAreSplit(t *testing.T) {
	a := open(t, how{settings: map[string]string{"report_max_days": "1"}})
	parts := a.mustRead(sim.CallRef(sim.CallAudioPurged)) // in the week before yesterday: six days
	posts := 0
	for _, r := range a.Requests() {
		if r.Method == http.MethodPost && strings.Contains(r.Path, "/calls/") {
			posts++
		}
	}
	if len(of[*connectors.Transcript](parts)) != 9 || posts < 7 {
		t.Errorf("got %d orders and %d utterances, want a report a day", posts, len(of[*connectors.Transcript](parts)))
	}
}

// Fields that an account's reports call otherwise are found by the setting.
func TestFieldsOfOtherNames(t *testing.T) {
	a := open(t, how{settings: map[string]string{"report_field_map": "contacts.interaction_id=company_number,calls.ring_groups=team_name"}})
	parts := a.mustRead(sim.CallRef(sim.CallTransfer))
	a.wantMissing(parts, "legs of the call", connectors.MissingNotFound, "has no legs")
	if g := plain(header(parts).Group); g != "Bookings A" && g != "bookings" {
		t.Errorf("the group is %q", g)
	}
}

// The Conversations API with other parameters, and a link whose path is followed.
func TestTranscriptSettings(t *testing.T) {
	a := open(t, how{settings: map[string]string{"transcript_time_layout": "RFC3339Milli", "transcript_max_window": "3h", "recording_duration_unit": "ms"}})
	parts := a.mustRead(sim.CallRef(sim.CallTransfer))
	if len(of[*connectors.Transcript](parts)) != 25 || of[*connectors.Recording](parts)[0].Seconds != 0.061 {
		t.Errorf("got %d utterances, a recording of %v s", len(of[*connectors.Transcript](parts)), of[*connectors.Recording](parts)[0].Seconds)
	}
	other := open(t, how{settings: map[string]string{"transcript_start_param": "since"}})
	other.wantMissing(other.mustRead(sim.CallRef(sim.CallTransfer)), "transcript", connectors.MissingNotOffered, "how we ask")
}
