package zendesk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/connectors/zendesk/sim"
)

// month is everything of the simulator's queue.
func month() connectors.Filter {
	now := time.Now()
	return connectors.Filter{From: now.AddDate(0, 0, -31), To: now.Add(time.Second)}
}

func rowsOf(t testing.TB, c connectors.Connector, q connectors.Query) (rows []*connectors.Row, last *connectors.Progress) {
	t.Helper()
	for l, err := range c.(connectors.Searcher).Search(t.Context(), q) {
		if err != nil {
			t.Fatalf("after %d rows: %v", len(rows), err)
		}
		switch l := l.(type) {
		case *connectors.Row:
			rows = append(rows, l)
		case *connectors.Progress:
			last = l
		}
		if q.Limit > 0 && len(rows) == q.Limit {
			break
		}
	}
	return rows, last
}

func ids(rows []*connectors.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Ref.ID)
	}
	return out
}

// 5,000 tickets come one by one, each once, newest first, although a query gives 1,000 of them, and
// although rows come again on the next page.
func TestFiveThousandTickets(t *testing.T) {
	s := startSim(t, sim.Options{Queue: 5000, RepeatRows: true, PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	seen, last := map[string]bool{}, time.Now().Add(time.Hour)
	var progress *connectors.Progress
	var early, late uint64
	for l, err := range c.(connectors.Searcher).Search(t.Context(), connectors.Query{Filter: month()}) {
		if err != nil {
			t.Fatal(err)
		}
		switch l := l.(type) {
		case *connectors.Row:
			if len(seen) == 0 && searches(s) != 1 {
				t.Errorf("%d pages were asked for before the first row", searches(s))
			}
			if seen[l.Ref.ID] || l.At.After(last) {
				t.Fatalf("row %d, ticket %s of %v: came before, or is newer than %v", len(seen), l.Ref.ID, l.At, last)
			}
			seen[l.Ref.ID], last = true, l.At
		case *connectors.Progress:
			progress = l
			if n := l.Scanned; n >= 1000 && early == 0 {
				early = heap()
			} else if n >= 4500 && late == 0 {
				late = heap()
			}
		}
	}
	queued := 0
	for id := range seen {
		if strings.HasPrefix(id, "2") && len(id) == 5 {
			queued++
		}
	}
	if queued != 5000 || progress.Scanned != len(seen) || progress.Of != len(seen) {
		t.Errorf("%d of the queue's 5,000 tickets; %d rows, %+v", queued, len(seen), progress)
	}
	if late > early+1<<20 { // seen holds 3,500 ids more, some 200 KB
		t.Errorf("the heap grew by %d KB between row 1,000 and row 4,500", (late-early)>>10)
	}
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet || r.Status != 200 {
			t.Errorf("%s %s was answered with %d", r.Method, r.Path, r.Status)
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func searches(s *sim.Sim) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Path == "/api/v2/search" {
			n++
		}
	}
	return n
}

// Each filter gives the rows of the whole list that fit it, however much of it Zendesk applies.
func TestFiltersGiveWhatFits(t *testing.T) {
	s := startSim(t, sim.Options{Queue: 300})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	all, _ := rowsOf(t, c, connectors.Query{Filter: month()})
	for name, test := range map[string]struct {
		set func(*connectors.Filter)
		fit func(*connectors.Row) bool
	}{
		"agent":      {func(f *connectors.Filter) { f.Agent = "4101" }, func(r *connectors.Row) bool { return r.Agent != nil && *r.Agent.ID == "4101" }},
		"group":      {func(f *connectors.Filter) { f.Group = "32" }, func(r *connectors.Row) bool { return r.Group == "32" }},
		"two states": {func(f *connectors.Filter) { f.Status = []string{"solved", "closed"} }, func(r *connectors.Row) bool { return r.Status == "solved" || r.Status == "closed" }},
		"two tags":   {func(f *connectors.Filter) { f.Tags = []string{"refund", "vip"} }, func(r *connectors.Row) bool { return tagged(r, "refund") && tagged(r, "vip") }},
		"email":      {func(f *connectors.Filter) { f.Channel = "email" }, func(r *connectors.Row) bool { return r.Channel == "email" }},
		"voice":      {func(f *connectors.Filter) { f.Channel = "voice" }, func(r *connectors.Row) bool { return r.Channel == "voice" }},
		"inbound":    {func(f *connectors.Filter) { f.Direction = "inbound" }, func(r *connectors.Row) bool { return r.Direction == "inbound" }},
		"bad":        {func(f *connectors.Filter) { f.CSAT = "bad" }, func(r *connectors.Row) bool { return r.CSAT == "bad" }},
		"a day":      {func(f *connectors.Filter) { f.From = f.To.AddDate(0, 0, -1) }, func(r *connectors.Row) bool { return !r.At.Before(month().To.AddDate(0, 0, -1)) }},
	} {
		f := month()
		test.set(&f)
		var want []string
		for _, r := range all {
			if test.fit(r) {
				want = append(want, r.Ref.ID)
			}
		}
		got, _ := rowsOf(t, c, connectors.Query{Filter: f})
		if !slices.Equal(ids(got), want) || len(want) == 0 || len(want) == len(all) {
			t.Errorf("%s: %d rows %v, want %d: %v", name, len(got), ids(got), len(want), want)
		}
	}
}

func tagged(r *connectors.Row, tag string) bool {
	return connectors.Filter{Tags: []string{tag}}.Keeps(r, nil, connectors.ByTag)
}

// What people type is looked for, and cannot become a term of the search.
func TestWordsAreNoTerms(t *testing.T) {
	s := startSim(t, sim.Options{Queue: 60})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	f := month()
	f.Text = connectors.NewText(`shade "lamp`)
	if rows, _ := rowsOf(t, c, connectors.Query{Filter: f}); len(rows) == 0 || len(rows) > 10 {
		t.Errorf("shade and lamp: %d rows", len(rows))
	}
	f.Text = connectors.NewText(`" status:closed tags:vip "`)
	if rows, _ := rowsOf(t, c, connectors.Query{Filter: f}); len(rows) != 0 {
		t.Errorf("terms that were typed: %d rows, want none", len(rows))
	}
	f.Text, f.Person = connectors.Text{}, connectors.NewText("Gordon Pryce")
	if rows, _ := rowsOf(t, c, connectors.Query{Filter: f}); len(rows) < 3 {
		t.Errorf("a customer's name: %d rows", len(rows))
	}
	for _, bad := range []func(*connectors.Filter){
		func(f *connectors.Filter) { f.Agent = "4101 status:new" },
		func(f *connectors.Filter) { f.Fields = []connectors.FieldIs{{ID: "1:2", Value: "x"}} },
		func(f *connectors.Filter) { f.Tags = []string{`a"b`} },
		func(f *connectors.Filter) { f.MinSeconds = 60 },
		func(f *connectors.Filter) { f.From = f.To },
	} {
		f := month()
		bad(&f)
		for _, err := range c.(connectors.Searcher).Search(t.Context(), connectors.Query{Filter: f}) {
			if connectors.CodeOf(err) != connectors.CodeBadRequest {
				t.Errorf("%+v: %v, want bad_request", f, err)
			}
		}
	}
}

// A draw of numbers gives the tickets that stand there in the list, and reads only their pages.
func TestSampleGivesTheNumbers(t *testing.T) {
	s := startSim(t, sim.Options{Queue: 2600, PerMinute: -1})
	c := linked(t, s, s.Bearer(sim.ActorAdmin))
	all, _ := rowsOf(t, c, connectors.Query{Filter: month()})
	s.ResetRequests()
	var numbers []int
	var got []string
	for l, err := range c.(connectors.Sampler).Sample(t.Context(), month(), func(n int) []int {
		if n != len(all) {
			t.Errorf("counted %d, listed %d", n, len(all))
		}
		numbers = rand.New(rand.NewPCG(1, 2)).Perm(n)[:6]
		slices.Sort(numbers)
		return numbers
	}) {
		if err != nil {
			t.Fatal(err)
		}
		if r, ok := l.(*connectors.Row); ok {
			got = append(got, r.Ref.ID)
		}
	}
	var want []string
	for _, n := range numbers {
		want = append(want, all[n].Ref.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("numbers %v gave %v, want %v", numbers, got, want)
	}
	if n := searches(s); n > 6 {
		t.Errorf("%d pages were read for 6 tickets", n)
	}
}

func TestChoices(t *testing.T) {
	s := startSim(t, sim.Options{})
	got, err := linked(t, s, s.Bearer(sim.ActorAdmin)).(connectors.Chooser).Choices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Agents) < 10 || len(got.Groups) != 7 || len(got.Fields) == 0 || len(got.Fields[0].Values) != 4 {
		t.Errorf("%d agents, %d groups, fields %+v", len(got.Agents), len(got.Groups), got.Fields)
	}
	for _, a := range got.Agents {
		if a.ID >= "8000" {
			t.Errorf("customer %s is among the agents", a.ID)
		}
	}
	narrow, err := linked(t, s, s.Bearer(sim.ActorAdmin, "tickets:read")).(connectors.Chooser).Choices(context.Background())
	if err != nil || len(narrow.Agents) != 0 || len(narrow.Statuses) == 0 {
		t.Errorf("with tickets:read: %+v, %v, want what needs no further scope", narrow, err)
	}
}

// Tickets of one second, more than a query gives: those that can be had come, the rest is named.
func TestAThousandInOneSecond(t *testing.T) {
	asked := 0
	c := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		old := strings.Contains(r.URL.Query().Get("query"), "created<2026-09-01T10:00:00Z")
		if old {
			_, _ = fmt.Fprint(w, `{"results":[{"id":9,"created_at":"2026-09-01T09:00:00Z","status":"open","via":{"channel":"web"}}],"count":1,"next_page":null}`)
			return
		}
		var list []string
		for i := range 100 {
			list = append(list, fmt.Sprintf(`{"id":%d,"created_at":"2026-09-01T10:00:00Z","status":"open","via":{"channel":"web"}}`, page*1000+i))
		}
		_, _ = fmt.Fprintf(w, `{"results":[%s],"count":2001,"next_page":"https://acme.zendesk.com/x?page=%d"}`, strings.Join(list, ","), page+1)
	}))
	rows, missing := 0, 0
	f := connectors.Filter{From: now.AddDate(0, 0, -7), To: now}
	for l, err := range c.(connectors.Searcher).Search(t.Context(), connectors.Query{Filter: f}) {
		if err != nil {
			t.Fatal(err)
		}
		switch l.(type) {
		case *connectors.Row:
			rows++
		case *connectors.Missing:
			missing++
		}
	}
	if rows != 1001 || missing != 1 || asked > 23 {
		t.Errorf("%d rows and %d missing in %d requests, want 1,001 rows and 1 missing", rows, missing, asked)
	}
}
