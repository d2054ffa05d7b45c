package sim

import (
	"net/http"
	"strconv"
	"time"
)

// recordingsPage is how many recordings a page has.
const recordingsPage = 50

// listRecordings is GET /calls/{call_id}/recordings. What it says of a call that has none, or that there
// is not, is not documented.
func (s *Sim) listRecordings(w http.ResponseWriter, r *http.Request) {
	i := s.data.byID[r.PathValue("id")]
	set := s.set()
	var recs []*recording
	if i != nil {
		recs = i.recs
	}
	if len(recs) == 0 && set.UnknownStatus != http.StatusOK {
		s.notFound(w, r)
		return
	}
	page := max(1, atoi(r.URL.Query().Get("page")))
	from := min((page-1)*recordingsPage, len(recs))
	to := min(from+recordingsPage, len(recs))
	items := []any{}
	for _, rec := range recs[from:to] {
		items = append(items, s.item(rec))
	}
	path := "/calls/" + r.PathValue("id") + "/recordings"
	links := map[string]any{"self": s.href(path), "page": map[string]any{"templated": true, "href": path + "?page={page}"}}
	if to < len(recs) {
		links["next"] = s.href(path + "?page=" + strconv.Itoa(page+1) + "&per_page=" + strconv.Itoa(recordingsPage))
	}
	s.reply(w, http.StatusOK, map[string]any{
		"total": len(recs), "count": len(items), "page": page, "per_page": recordingsPage,
		"_embedded": map[string]any{"recordings": items}, "_links": links,
	})
}

func atoi(v string) int {
	n, _ := strconv.Atoi(v)
	return n
}

// item is a recording as lists and single answers have it.
func (s *Sim) item(rec *recording) map[string]any {
	path := "/recordings/" + rec.id
	item := map[string]any{
		"id": rec.id, "call_id": rec.call.id, "created_at": rec.at.Format(time.RFC3339), "index": rec.index, "duration": int(rec.sound.Seconds + 0.5), "type": rec.kind,
	}
	if rec.one != nil {
		item["agents"] = map[string]any{"channel_1": rec.one, "channel_2": rec.two}
	}
	name := "_links"
	if s.set().PlainLinks {
		name = "links"
	}
	item[name] = map[string]any{"self": s.href(path), "media": s.href(path + "/media")}
	return item
}

// showRecording is GET /recordings/{id}: the item in an envelope.
func (s *Sim) showRecording(w http.ResponseWriter, r *http.Request) {
	rec := s.data.recs[r.PathValue("id")]
	if rec == nil {
		s.notFound(w, r)
		return
	}
	path := "/recordings/" + rec.id
	s.reply(w, http.StatusOK, map[string]any{"recording": s.item(rec), "_links": map[string]any{"self": s.href(path), "media": s.href(path + "/media")}})
}

// showMedia is GET /recordings/{id}/media: where the file lies, for a minute.
func (s *Sim) showMedia(w http.ResponseWriter, r *http.Request) {
	rec, set := s.data.recs[r.PathValue("id")], s.set()
	if rec == nil || rec.gone || set.Deleted {
		s.notFound(w, r)
		return
	}
	name := rec.id + ".mp3"
	if r.URL.Query().Get("redacted") == "true" {
		name = rec.id + "-redacted.mp3"
	}
	at := s.signedURL("/recordings/"+name, set.SignatureLife)
	if rec.mine {
		at = s.foreignURL("/calls/" + rec.id + ".mp3")
	}
	switch set.Media {
	case "direct":
		s.serveBytes(w, r, rec.file(r.URL.Query().Get("redacted") == "true"))
	case "json":
		s.reply(w, http.StatusOK, map[string]any{"_links": map[string]any{"self": s.href("/recordings/" + rec.id + "/media"), "file": map[string]any{"href": at}}})
	case "302":
		redirect(w, http.StatusFound, at)
	default:
		redirect(w, http.StatusSeeOther, at)
	}
}

func redirect(w http.ResponseWriter, status int, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}
