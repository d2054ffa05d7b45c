package talkdesk_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/simhost"
	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
	"github.com/sightglass-gateway/sightglass/connectors/talkdesk/sim"
)

func (a *account) media(at connectors.Locator, header string) (connectors.Media, []byte, error) {
	var r *connectors.ByteRange
	if header != "" {
		r = &connectors.ByteRange{Header: header}
	}
	m, err := a.conn.(connectors.MediaOpener).OpenMedia(a.Context(), at, r)
	if err != nil {
		return m, nil, err
	}
	defer m.Body.Close()
	b, err := io.ReadAll(io.LimitReader(m.Body, 1<<22))
	return m, b, err
}

func (a *account) first(id string) connectors.Locator {
	a.Helper()
	return of[*connectors.Recording](a.mustRead(sim.CallRef(id)))[0].Locator
}

// Media may be behind a 303, a 302, an address in JSON, or the answer itself; it is the same sound, and the
// range goes to the storage alone.
func TestMediaHoweverItIsGiven(t *testing.T) {
	a := open(t, how{})
	at := a.first(sim.CallTransfer)
	want := calls.Get(calls.Cancel).MP3()
	for _, way := range []string{"303", "302", "json", "direct"} {
		a.Switch(func(s *sim.Switches) { s.Media, s.MediaType = way, "binary/octet-stream" })
		a.ResetRequests()
		m, b, err := a.media(at, "")
		if err != nil || !bytes.Equal(b, want) || m.Header.Get("Content-Type") != "audio/mpeg" || m.Header.Get("ETag") == "" {
			t.Errorf("%s: got %d bytes of %s, %v; want the sound", way, len(b), m.Header.Get("Content-Type"), err)
		}
		m, b, err = a.media(at, "bytes=1000-1999")
		if err != nil || m.Status != http.StatusPartialContent || !bytes.Equal(b, want[1000:2000]) {
			t.Errorf("%s: got %d with %d bytes, %v; want the part", way, m.Status, len(b), err)
		}
		if m, _, err := a.media(at, "bytes=99999999-"); err != nil || m.Status != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%s: got %d, %v; want 416", way, m.Status, err)
		}
		for _, r := range a.Requests() {
			if r.Host == sim.HostAPI && r.Range != "" && way != "direct" || r.Host == sim.HostStorage && r.Credential != "none" {
				t.Errorf("%s: %s %s with Range %q and credential %s", way, r.Host, r.Path, r.Range, r.Credential)
			}
		}
	}
}

// TestExpiredAddressIsAskedForOnceMore: by then it has a new signature.
func TestExpiredAddressIsAskedForOnceMore(t *testing.T) {
	a := open(t, how{})
	at := a.first(sim.CallTransfer)
	denied := simhost.Fault{Kind: simhost.FaultForbidden, Host: sim.HostStorage, Path: "/recordings/", Times: 1}
	a.Set(denied)
	a.ResetRequests()
	if _, b, err := a.media(at, ""); err != nil || len(b) == 0 {
		t.Errorf("got %d bytes, %v; want another address to help", len(b), err)
	}
	if n := len(a.Requests()); n != 4 {
		t.Errorf("%d requests, want address and file twice", n)
	}
	denied.Times = 0
	a.Set(denied)
	a.ResetRequests()
	if _, _, err := a.media(at, ""); connectors.CodeOf(err) != connectors.CodeMissingScope {
		t.Errorf("got %v, want it told that the store refuses", err)
	}
	if n := len(a.Requests()); n != 4 {
		t.Errorf("%d requests, want it given up after the second time", n)
	}
}

func TestRedactedAudio(t *testing.T) {
	a := open(t, how{settings: map[string]string{"recording_redacted": "true"}})
	if _, b, err := a.media(a.first(sim.CallTransfer), ""); err != nil || !bytes.Equal(b, calls.Get(calls.Cancel).Redacted()) {
		t.Errorf("got %d bytes, %v; want the redacted sound", len(b), err)
	}
}

// TestWhereAudioMayLie: in the declared stores, in those of media_hosts, and with storage hosts set in
// those only. Elsewhere nothing is sent.
func TestWhereAudioMayLie(t *testing.T) {
	for _, c := range []struct {
		name    string
		foreign bool // declared in media_hosts
		hosts   string
		want    connectors.Code
	}{
		{"nobody declared it", false, "", connectors.CodeHostRefused},
		{"declared by the link", true, "", ""},
		{"not among the storage hosts", true, "td-recordings-us1.s3.amazonaws.com", connectors.CodeHostRefused},
	} {
		s := how{sim: sim.Options{LocalForeign: true}}
		if c.hosts != "" {
			s.settings = map[string]string{"recording_storage_hosts": c.hosts}
		}
		a := open(t, s)
		if c.foreign {
			s.media = a.MediaHosts()
			a = a.again(s)
		}
		at := a.first(sim.CallForeign)
		a.ResetRequests()
		_, _, err := a.media(at, "")
		if got := connectors.CodeOf(err); got != c.want {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		for _, r := range a.Requests() {
			if r.Host == sim.HostForeign && c.want != "" {
				t.Errorf("%s: %s was asked all the same", c.name, r.Path)
			}
		}
	}
}

func TestMediaRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		fault simhost.Fault
		want  connectors.Code
	}{
		"no scope":          {simhost.Fault{Kind: simhost.FaultForbidden, Host: sim.HostAPI, Suffix: "/media"}, connectors.CodeMissingScope},
		"limit":             {simhost.Fault{Kind: simhost.FaultRate, Host: sim.HostAPI, Suffix: "/media", RetryAfter: "30"}, connectors.CodeRateLimited},
		"down":              {simhost.Fault{Kind: simhost.FaultHTML502, Host: sim.HostAPI, Suffix: "/media"}, connectors.CodeProviderDown},
		"web page":          {simhost.Fault{Kind: simhost.FaultHTML200, Host: sim.HostAPI, Suffix: "/media"}, connectors.CodeProviderNonsense},
		"redirect nowhere":  {simhost.Fault{Kind: simhost.FaultRedirect, Host: sim.HostAPI, Suffix: "/media"}, connectors.CodeHostRefused},
		"redirect to plain": {simhost.Fault{Kind: simhost.FaultRedirect, Host: sim.HostAPI, Suffix: "/media", To: "http://td-recordings-us1.s3.amazonaws.com/x"}, connectors.CodeHostRefused},
		"store: web page":   {simhost.Fault{Kind: simhost.FaultHTML200, Host: sim.HostStorage}, connectors.CodeProviderNonsense},
		"store: down":       {simhost.Fault{Kind: simhost.FaultHTML503, Host: sim.HostStorage}, connectors.CodeProviderDown},
	} {
		a := open(t, how{})
		at := a.first(sim.CallTransfer)
		a.Set(c.fault)
		_, _, err := a.media(at, "")
		if got := connectors.CodeOf(err); got != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "amazonaws") {
			t.Errorf("%s: the address is in the error %v", name, err)
		}
	}
}

// While the reports' limit is reached, a recording still plays: limits are per path.
func TestLimitOfReportsDoesNotStopThePlayer(t *testing.T) {
	a := open(t, how{})
	at := a.first(sim.CallTransfer)
	a.Set(simhost.Fault{Kind: simhost.FaultRate, Host: sim.HostAPI, Path: "/data/reports", RetryAfter: "40"})
	a.Set(simhost.Fault{Kind: simhost.FaultRate, Host: sim.HostAPI, Path: "/conversations", RetryAfter: "40"})
	parts := a.mustRead(sim.CallRef(sim.CallTransfer))
	if len(of[*connectors.Recording](parts)) != 3 || len(missing(parts)) != 3 {
		t.Errorf("got %v missing, want details, legs and transcript", missing(parts))
	}
	start := time.Now()
	if _, b, err := a.media(at, "bytes=0-9"); err != nil || len(b) != 10 || time.Since(start) > 20*time.Second {
		t.Errorf("got %d bytes, %v after %v; want it to play", len(b), err, time.Since(start))
	}
}
