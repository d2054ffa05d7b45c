package sim

import (
	"maps"
	"net/http"
	"slices"
)

// voice completes a call's data: its recording is where Zendesk's own tutorial has it.
func (s *Sim) voice(v *voiceData) *voiceData {
	out := *v
	if v.RecordingURL != nil && *v.RecordingURL != "" {
		out.RecordingURL = ptr(s.canonical(*v.RecordingURL))
	}
	return &out
}

// serveRecording streams a call's recording; deleted, it is gone (404).
func (s *Sim) serveRecording(c *call) {
	sid := c.r.PathValue("sid")
	f, ok := s.data.recordings[sid]
	s.mu.Lock()
	gone := s.deleted[sid]
	s.mu.Unlock()
	if !ok || gone {
		s.notFound(c.w)
		return
	}
	if c.r.Method == http.MethodHead || c.r.Method == http.MethodGet {
		s.serveFile(c.w, c.r, f, sid, f.kind)
	}
}

// DeleteRecordings erases all call recordings, as an account's retention rule does; undo brings them
// back. It says how many there are.
func (s *Sim) DeleteRecordings(undo bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.deleted)
	if !undo {
		for _, sid := range slices.Collect(maps.Keys(s.data.recordings)) {
			s.deleted[sid] = true
		}
	}
	return len(s.data.recordings)
}
