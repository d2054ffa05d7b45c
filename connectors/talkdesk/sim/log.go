package sim

import (
	"net/http"
	"strings"

	"github.com/sightglass-gateway/sightglass/connectors/simhost"
)

// Writes lists the requests to the API that were no reads, but for the two that a read needs: making a
// report job, and deleting its file.
func (s *Sim) Writes() []simhost.Request {
	var list []simhost.Request
	for _, r := range s.Requests() {
		parts := strings.Split(strings.TrimPrefix(r.Path, "/"), "/") // data/reports/{type}/jobs, data/reports/{type}/files/{id}
		report := len(parts) >= 4 && parts[0] == "data" && parts[1] == "reports"
		switch {
		case r.Host != HostAPI, r.Method == http.MethodGet, r.Method == http.MethodHead:
		case r.Method == http.MethodPost && report && len(parts) == 4 && parts[3] == "jobs":
		case r.Method == http.MethodDelete && report && len(parts) == 5 && parts[3] == "files":
		default:
			list = append(list, r)
		}
	}
	return list
}

// Leaks lists requests that gave something away: any credential, cookie or referer at a host that is not
// the account's own.
func (s *Sim) Leaks() []simhost.Request {
	var list []simhost.Request
	for _, r := range s.Requests() {
		if r.Host != HostAPI && r.Host != HostToken && (r.Credential != "none" || r.Cookie || r.Referer) {
			list = append(list, r)
		}
	}
	return list
}

// LateMedia counts requests to storage with a signature that had expired when they came.
func (s *Sim) LateMedia() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late
}

// TokenRequests counts how often a token was asked for.
func (s *Sim) TokenRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// OpenReportFiles counts report files that nobody has deleted.
func (s *Sim) OpenReportFiles() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, j := range s.jobs {
		if j.done && !j.deleted {
			n++
		}
	}
	return n
}
