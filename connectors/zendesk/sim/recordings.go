package sim

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors/simhost/calls"
)

// ShortSignature is the life of the CDN's URLs for TicketCallExpiring: less than the call lasts.
const ShortSignature = 15 * time.Second

// ReadyAfter is how often TicketCallNotReady has to be listed before its recording is there.
const ReadyAfter = 2

// recording is a call's sound, and where and how it is given out. Zendesk documents neither whether
// recording_url streams or redirects nor the status of one that is deleted, so all of it exists.
type recording struct {
	file
	ticket int64
	path   string        // of recording_url; below vendorPath: on the vendor's host
	moved  string        // HostMedia or HostForeign: the account's host answers 302; empty: it streams
	life   time.Duration // of the CDN's signature; 0: Options.SignatureLife
	gone   int           // 404 or 410; 0: it is there
	late   bool          // see ReadyAfter

	call    *calls.Call // what is heard; nil: tones
	seconds float64
	every   float64 // of a call that repeats
}

// recordingURL is what recording_url says.
func (s *Sim) recordingURL(rec *recording) string {
	if strings.HasPrefix(rec.path, vendorPath) {
		return s.foreignURL(rec.path)
	}
	return s.canonical(rec.path)
}

// callData completes what a comment says of its call with the recording's URL, once it is there.
func (s *Sim) callData(d any) any {
	switch d := d.(type) {
	case *voiceData:
		out := *d
		if d.rec != nil && s.ready(d.rec) {
			out.RecordingURL = ptr(s.recordingURL(d.rec))
		} else if d.rec != nil {
			out.TranscriptionText, out.TranscriptionStatus = nil, "pending"
		}
		return &out
	case *partnerData:
		out := *d
		if d.rec != nil {
			out.RecordingURL = s.recordingURL(d.rec)
		}
		return &out
	default:
		return d
	}
}

// ready counts how often a late recording was asked about.
func (s *Sim) ready(rec *recording) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !rec.late || s.arrived || s.listed[rec] >= ReadyAfter {
		return true
	}
	s.listed[rec]++
	return false
}

// serveRecording is recording_url on the account's host.
func (s *Sim) serveRecording(c *call) {
	rec := s.data.recordingAt(c.r.URL.Path)
	if rec == nil {
		s.notFound(c.w)
		return
	}
	switch status := s.erased(rec); {
	case status == http.StatusGone:
		s.problem(c.w, status, "RecordGone", "Recording not available")
	case status != 0:
		s.notFound(c.w)
	case rec.moved == HostMedia:
		s.redirect(c.w, s.signedURL(cdnRecordings+rec.path, cmp.Or(rec.life, s.o.SignatureLife)))
	case rec.moved == HostForeign:
		s.redirect(c.w, s.foreignURL(rec.movedPath()))
	default:
		s.serveFile(c.w, c.r, rec.file, rec.path, rec.kind)
	}
}

func (s *Sim) redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	writeHTML(w, http.StatusFound, "<html><body>You are being redirected.</body></html>\n")
}

// movedPath is where the vendor's host has what recording_url redirects to.
func (rec *recording) movedPath() string { return vendorPath + "moved" + rec.path + ".mp3" }

// erased gives the status of a recording that was deleted, or 0.
func (s *Sim) erased(rec *recording) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec.gone == 0 && s.deleted {
		return http.StatusNotFound
	}
	return rec.gone
}

// cdnRecordings is where the CDN has recordings: below it, the path of recording_url.
const cdnRecordings = "/recording/20817"

// onCDN finds the recording behind a path of the CDN.
func (d *data) onCDN(path string) *recording {
	if rest, ok := strings.CutPrefix(path, cdnRecordings); ok {
		return d.recordingAt(rest)
	}
	return nil
}

func (d *data) recordingAt(path string) *recording {
	for _, rec := range d.recordings {
		if rec.path == path {
			return rec
		}
	}
	return nil
}

// DeleteRecordings erases all call recordings, as an account's retention rule does; undo brings them
// back. What a vendor keeps on a host of its own stays there. It says how many there are.
func (s *Sim) DeleteRecordings(undo bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = !undo
	n := 0
	for _, rec := range s.data.recordings {
		if !strings.HasPrefix(rec.path, vendorPath) {
			n++
		}
	}
	return n
}

// FinishRecordings makes recordings that are on their way arrive.
func (s *Sim) FinishRecordings() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived = true
}

// Audio is a recording as it is, for tests that compare what came through.
type Audio struct {
	URL       string // recording_url; tells nothing of where it leads
	MediaType string
	Size      int64
	Seconds   float64
	Call      *calls.Call // who speaks when; nil: tones
	Every     float64     // > 0: Call is repeated after so many seconds
	Open      func() io.ReadSeeker
}

// Audio lists a ticket's recordings, in the order of its calls.
func (s *Sim) Audio(ticket int64) []Audio {
	var list []Audio
	for _, rec := range s.data.recordings {
		if rec.ticket == ticket {
			list = append(list, Audio{
				URL: s.recordingURL(rec), MediaType: rec.kind, Size: rec.size, Seconds: rec.seconds,
				Call: rec.call, Every: rec.every, Open: rec.open,
			})
		}
	}
	return list
}
