package sim

import (
	"maps"
	"net/http"
	"time"
)

// What becomes of a report job; see Switches.Jobs.
const (
	JobDone    = ""        // it gets done after Switches.JobPolls questions
	JobNever   = "never"   // it keeps being processed, until the switch is turned
	JobFailed  = "failed"  // its status says so
	JobSilent  = "silent"  // 204 while it is not done, then as JobDone
	JobFlat    = "flat"    // as JobDone, the job's fields at the top level, as the page has it
	JobNoFile  = "no_file" // done, but its file answers 404
	JobRedirs  = "found"   // as JobDone, with 302 in place of 303
	JobContent = "content" // done: the file's address answers with the report itself, 200
)

// Switches are what about Talkdesk is not certain, or differs between accounts. They may be turned while
// the simulator runs.
type Switches struct {
	TokenLife     time.Duration     // of access tokens; 600 s
	UnknownStatus int               // of recordings of a call that has none: 404, or 200 with an empty list
	PlainLinks    bool              // items have "links" in place of "_links", as the page has it
	RelativeLinks bool              // hrefs without a host
	Media         string            // of …/media: "303", "302", "json" (200 with _links.file), "direct" (200 with the bytes)
	MediaType     string            // what storage says of a recording: audio/mpeg or binary/octet-stream
	SignatureLife time.Duration     // of storage's URLs; 60 s
	Jobs          map[string]string // type of report → what becomes of its jobs
	JobPolls      int               // how often a job is asked about before it is done; 2
	NotLicensed   bool              // the Conversations API answers 403: the product is missing
	PageSize      int               // of the Conversations API; 25
	Internal      bool              // the web app's own /cds/messages may be read
	Deleted       bool              // the recordings' retention is over: their media is gone
	Replaced      bool              // files are in another version: other bytes, other ETags
}

func defaultSwitches() Switches {
	return Switches{
		TokenLife: 600 * time.Second, UnknownStatus: http.StatusNotFound, Media: "303", MediaType: "audio/mpeg",
		SignatureLife: time.Minute, Jobs: map[string]string{}, JobPolls: 2, PageSize: 25,
	}
}

// Switch turns switches.
func (s *Sim) Switch(turn func(*Switches)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	turn(&s.switches)
}

func (s *Sim) now() time.Time { return s.stage.Now() }

// set copies the switches.
func (s *Sim) set() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.switches
	c.Jobs = maps.Clone(c.Jobs)
	return c
}
