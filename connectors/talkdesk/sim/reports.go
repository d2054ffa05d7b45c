package sim

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
)

// maxReport is the longest time that one report may cover: "up to a month" is read as this.
const maxReport = 31 * 24 * time.Hour

// reportTypes are the reports that are made here; the others of Talkdesk's fifteen are not read.
var reportTypes = map[string]bool{"calls": true, "contacts": true, "messaging_contacts": true, "explore_calls": true, "user_status": true}

// job is a report that was asked for.
type job struct {
	id, kind, format string
	from, to         time.Time
	zone             string
	made             time.Time
	polls            int
	done, deleted    bool
}

// createJob is POST /data/reports/{type}/jobs.
func (s *Sim) createJob(w http.ResponseWriter, r *http.Request) {
	kind := r.PathValue("type")
	if !reportTypes[kind] {
		s.notFound(w, r)
		return
	}
	var ask struct {
		Name, Timezone, Format string
		Timespan               struct{ From, To string }
	}
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, 1<<16), &ask, json.MatchCaseInsensitiveNames(true))
	from, err1 := time.Parse(time.RFC3339, ask.Timespan.From)
	to, err2 := time.Parse(time.RFC3339, ask.Timespan.To)
	_, err3 := time.LoadLocation(ask.Timezone)
	switch {
	case err != nil || err1 != nil || err2 != nil || err3 != nil || !from.Before(to) || ask.Format != "json" && ask.Format != "csv":
		s.problem(w, http.StatusBadRequest, "1560400", "The report's inputs are not valid")
		return
	case to.Sub(from) > maxReport:
		s.problem(w, http.StatusBadRequest, "1560401", "The timespan is longer than a month")
		return
	}
	j := &job{id: strings.ToLower(rand.Text()), kind: kind, format: ask.Format, from: from, to: to, zone: ask.Timezone, made: s.now()}
	s.mu.Lock()
	s.jobs[j.id] = j
	s.mu.Unlock()
	s.reply(w, http.StatusAccepted, s.jobBody(j, "created"))
}

// jobBody is a job as clients have seen it, with its fields in "job"; or as the page has it.
func (s *Sim) jobBody(j *job, status string) map[string]any {
	path := "/data/reports/" + j.kind
	links := map[string]any{"self": s.href(path + "/jobs/" + j.id), "files": s.href(path + "/files/" + j.id)}
	body := map[string]any{
		"id": j.id, "name": "sightglass", "timezone": j.zone, "status": status, "type": j.kind, "format": j.format,
		"created_at": j.made.Format("2006-01-02T15:04:05"), "timespan": map[string]any{"from": j.from.Format(time.RFC3339), "to": j.to.Format(time.RFC3339)},
	}
	if s.set().Jobs[j.kind] == JobFlat {
		body["_links"] = links
		return body
	}
	return map[string]any{"job": body, "_links": links}
}

func (s *Sim) job(r *http.Request) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[r.PathValue("id")]
	if j == nil || j.kind != r.PathValue("type") {
		return nil
	}
	return j
}

func (s *Sim) listJobs(w http.ResponseWriter, r *http.Request) {
	list := []any{}
	s.mu.Lock()
	jobs := make([]*job, 0, len(s.jobs))
	for _, j := range s.jobs {
		if j.kind == r.PathValue("type") {
			jobs = append(jobs, j)
		}
	}
	s.mu.Unlock()
	for _, j := range jobs {
		list = append(list, s.jobBody(j, "created")["job"])
	}
	s.reply(w, http.StatusOK, map[string]any{"total": len(list), "count": len(list), "page": 1, "per_page": 50, "_embedded": map[string]any{"jobs": list}})
}

// showJob is GET …/jobs/{id}: created, processing, uploading, then a redirect to the file.
func (s *Sim) showJob(w http.ResponseWriter, r *http.Request) {
	j := s.job(r)
	if j == nil {
		s.notFound(w, r)
		return
	}
	set := s.set()
	outcome := set.Jobs[j.kind]
	s.mu.Lock()
	j.polls++
	done := j.polls >= set.JobPolls && outcome != JobNever && outcome != JobFailed
	j.done = j.done || done
	polls := j.polls
	s.mu.Unlock()
	switch {
	case outcome == JobFailed && polls >= set.JobPolls:
		s.reply(w, http.StatusOK, s.jobBody(j, "failed"))
	case done:
		w.Header().Set("Location", "https://"+apiName+"/data/reports/"+j.kind+"/files/"+j.id)
		s.reply(w, map[bool]int{true: http.StatusFound, false: http.StatusSeeOther}[outcome == JobRedirs], s.jobBody(j, "done"))
	case outcome == JobSilent:
		w.WriteHeader(http.StatusNoContent)
	case polls == set.JobPolls-1:
		s.reply(w, http.StatusOK, s.jobBody(j, "uploading"))
	default:
		s.reply(w, http.StatusOK, s.jobBody(j, "processing"))
	}
}

// showFile is GET …/files/{id}: where the file lies in storage.
func (s *Sim) showFile(w http.ResponseWriter, r *http.Request) {
	j := s.job(r)
	s.mu.Lock()
	there := j != nil && j.done && !j.deleted
	s.mu.Unlock()
	outcome := s.set().Jobs[r.PathValue("type")]
	switch {
	case !there || outcome == JobNoFile:
		s.notFound(w, r)
	case outcome == JobContent:
		b, kind := s.reportFile(j.id)
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(b)
	default:
		redirect(w, http.StatusSeeOther, s.signedURL("/reports/"+j.id, s.set().SignatureLife))
	}
}

// deleteFile is DELETE …/files/{id}: 204, and 403 for who asks a second time.
func (s *Sim) deleteFile(w http.ResponseWriter, r *http.Request) {
	j := s.job(r)
	if j == nil {
		s.notFound(w, r)
		return
	}
	s.mu.Lock()
	again := j.deleted
	j.deleted = true
	s.mu.Unlock()
	if again {
		s.problem(w, http.StatusForbidden, "1560104", "The report has been deleted")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// reportFile makes a report's file; nil: there is none.
func (s *Sim) reportFile(id string) (b []byte, kind string) {
	s.mu.Lock()
	j := s.jobs[id]
	there := j != nil && j.done && !j.deleted
	s.mu.Unlock()
	if !there {
		return nil, ""
	}
	rows := s.rows(j)
	if j.format == "csv" {
		return csvOf(rows), "text/csv"
	}
	entries := make([]any, 0, len(rows))
	for _, row := range rows {
		entries = append(entries, row.object())
	}
	b, err := json.Marshal(map[string]any{"type": j.kind, "version": "v1", "total": len(rows), "entries": entries}, json.Deterministic(true))
	if err != nil {
		panic(err) // our own data can be written
	}
	return b, "application/json"
}
