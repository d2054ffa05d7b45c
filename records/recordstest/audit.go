package recordstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

var auditParts = []part{
	{"RowComesBack", rowComesBack},
	{"RowsNewestFirst", rowsNewestFirst},
	{"OpenedBefore", openedBefore},
	{"BadEntryIsRefusedAlone", badEntryIsRefusedAlone},
	{"CallerWhoLeaves", callerWhoLeaves},
}

// restartParts are about what a process leaves behind that ends before its opens do.
var restartParts = []struct {
	name string
	test func(t *testing.T, s records.Store, restart func() records.Store)
}{
	{"InterruptedOpensAreClosed", interruptedOpensAreClosed},
	{"InterruptedMediaIsMatchedByThingAndPerson", interruptedMediaIsMatched},
	{"ManyInterruptedOpens", manyInterruptedOpens},
}

// entry is an entry of the site "main".
func entry(event records.AuditEvent, open string) records.AuditEntry {
	return records.AuditEntry{
		Site: "main", At: at, Event: event, PrincipalKind: records.PrincipalUser, Principal: "ana", Open: open,
		Ref: records.Ref{Link: "zd", Kind: records.KindTicket, ID: "5012"}, Reason: records.ReasonPasted,
	}
}

func appended(t testing.TB, s records.Store, entries ...records.AuditEntry) []records.AuditRow {
	t.Helper()
	rows, err := s.Append(t.Context(), entries...)
	must(t, err)
	if len(rows) != len(entries) {
		t.Fatalf("append of %d entries: got %d rows", len(entries), len(rows))
	}
	return rows
}

func allRows(t testing.TB, s records.Store, site records.SiteID) []records.AuditRow {
	t.Helper()
	rows, err := s.AuditRows(t.Context(), site, records.AuditFilter{Limit: 1_000_000})
	must(t, err)
	return rows
}

func rowComesBack(t *testing.T, s records.Store) {
	full := entry(records.AuditClosed, "01J")
	full.Thing, full.Parts, full.Bytes, full.Outcome, full.Detail = "71", map[string]int{"message": 12, "event": 1}, 1<<40, records.OutcomeProblem, "provider_cut"
	full.Heard = []records.Span{{From: 0, To: 61.5}, {From: 93.25, To: 3599.999}}
	full.At = at.Add(999 * time.Microsecond).In(time.FixedZone("", 3600)) // kept to the millisecond, UTC
	rows := appended(t, s, full, records.AuditEntry{Site: "main", At: at, Event: records.AuditSignedIn})
	full.At = at
	wantEqual(t, "entry", rows[0].AuditEntry, full)
	if rows[0].Seq != 1 || rows[1].Seq != 2 || len(rows[0].Hash) != 32 || string(rows[1].Prev) != string(rows[0].Hash) || string(rows[0].Prev) != strings.Repeat("\x00", 32) {
		t.Errorf("rows are not chained: %+v", rows)
	}
	wantEqual(t, "rows", allRows(t, s, "main"), []records.AuditRow{rows[1], rows[0]})
	none, err := s.Append(t.Context())
	if len(none) != 0 || err != nil {
		t.Errorf("append of nothing: got %v, %v", none, err)
	}
}

func rowsNewestFirst(t *testing.T, s records.Store) {
	for i := range 150 {
		e := entry(records.AuditOpened, fmt.Sprint("open ", i%3))
		if i%2 == 0 {
			e.Principal = "bo"
		}
		appended(t, s, e)
	}
	appended(t, s, records.AuditEntry{Site: "b", Event: records.AuditSignedIn, Principal: "bo", At: at})
	for what, c := range map[string]struct {
		f           records.AuditFilter
		n           int
		first, last int64
	}{
		"the newest":              {records.AuditFilter{}, 100, 150, 51},
		"the newest ten":          {records.AuditFilter{Limit: 10}, 10, 150, 141},
		"before the 51st":         {records.AuditFilter{Before: 51}, 50, 50, 1},
		"of an open":              {records.AuditFilter{Open: "open 1"}, 50, 149, 2},
		"of a person":             {records.AuditFilter{Principal: "bo", Limit: 3}, 3, 149, 145},
		"of both, before the 9th": {records.AuditFilter{Principal: "bo", Open: "open 0", Before: 9}, 2, 7, 1},
	} {
		rows, err := s.AuditRows(t.Context(), "main", c.f)
		must(t, err)
		if len(rows) != c.n || rows[0].Seq != c.first || rows[len(rows)-1].Seq != c.last {
			t.Errorf("%s: got %d rows, want %d from %d to %d", what, len(rows), c.n, c.first, c.last)
		}
	}
	rows, err := s.AuditRows(t.Context(), "nowhere", records.AuditFilter{})
	if len(rows) != 0 || err != nil {
		t.Errorf("rows of an unknown site: got %v, %v", rows, err)
	}
}

// openedBefore: each person's last opening of each ref; other events, links and sites do not count.
func openedBefore(t *testing.T, s records.Store) {
	sites(t, s, "b")
	ref := func(id string) records.Ref { return records.Ref{Link: "zd", Kind: records.KindTicket, ID: id} }
	for i, e := range []records.AuditEntry{
		{Event: records.AuditOpened, Principal: "ann", Ref: ref("1")},
		{Event: records.AuditOpened, Principal: "ann", Ref: ref("1")},
		{Event: records.AuditOpened, Principal: "bo", Ref: ref("1")},
		{Event: records.AuditClosed, Principal: "bo", Ref: ref("2")},
		{Event: records.AuditOpened, Principal: "bo", Ref: ref("3")},
		{Event: records.AuditOpened, Principal: "bo", Ref: records.Ref{Link: "td", Kind: records.KindCall, ID: "2"}},
		{Site: "b", Event: records.AuditOpened, Principal: "cy", Ref: ref("2")},
	} {
		if e.Site == "" {
			e.Site = "main"
		}
		e.PrincipalKind, e.At = records.PrincipalUser, at.Add(time.Duration(i)*time.Minute)
		appended(t, s, e)
	}
	got, err := s.OpenedBefore(t.Context(), records.LinkID{Site: "main", Link: "zd"}, []records.Ref{ref("1"), ref("2"), ref("9")})
	must(t, err)
	slices.SortFunc(got, func(a, b records.Opened) int { return strings.Compare(a.Principal, b.Principal) })
	wantEqual(t, "who opened 1, 2 and 9", got, []records.Opened{
		{Ref: ref("1"), PrincipalKind: records.PrincipalUser, Principal: "ann", At: at.Add(time.Minute)},
		{Ref: ref("1"), PrincipalKind: records.PrincipalUser, Principal: "bo", At: at.Add(2 * time.Minute)},
	})
	none, err := s.OpenedBefore(t.Context(), records.LinkID{Site: "main", Link: "zd"}, nil)
	if len(none) != 0 || err != nil {
		t.Errorf("of nothing: got %v, %v", none, err)
	}
	if _, err := s.OpenedBefore(t.Context(), records.LinkID{Site: "main", Link: "zd"}, make([]records.Ref, records.MaxOpenedBefore+1)); err == nil {
		t.Error("of more refs than it takes: got no error")
	}
}

func badEntryIsRefusedAlone(t *testing.T, s records.Store) {
	good := entry(records.AuditOpened, "01J")
	for what, change := range map[string]func(*records.AuditEntry){
		"no site":   func(e *records.AuditEntry) { e.Site = "" },
		"no event":  func(e *records.AuditEntry) { e.Event = "" },
		"a zero":    func(e *records.AuditEntry) { e.Thing = "a\x00b" },
		"not UTF-8": func(e *records.AuditEntry) { e.Ref.ID = "\xff" },
		"long text": func(e *records.AuditEntry) { e.Detail = strings.Repeat("x", 5000) },
	} {
		bad := good
		change(&bad)
		if _, err := s.Append(t.Context(), good, bad); err == nil {
			t.Errorf("an entry with %s: got no error", what)
		}
	}
	if rows := allRows(t, s, "main"); len(rows) != 0 {
		t.Errorf("rows afterwards: got %d, want none: entries of one call are written together or not at all", len(rows))
	}
}

func callerWhoLeaves(t *testing.T, s records.Store) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if _, err := s.Append(gone, entry(records.AuditOpened, "gone")); !errors.Is(err, context.Canceled) {
			t.Errorf("append for a caller who has gone: got %v, want context.Canceled", err)
		}
	}
	appended(t, s, entry(records.AuditOpened, "01J"))
	wantChain(t, s, "main", -1)
}

func interruptedOpensAreClosed(t *testing.T, s records.Store, restart func() records.Store) {
	later := at.Add(time.Hour)
	elsewhere := entry(records.AuditOpened, "done")
	elsewhere.Site = "b" // the same id in another site is another open
	appended(t, s, entry(records.AuditOpened, "done"), entry(records.AuditOpened, "cut"), entry(records.AuditClosed, "done"),
		elsewhere, entry(records.AuditUserChanged, ""), entry(records.AuditClosed, "never opened"))
	s = restart()
	n, err := s.CloseInterrupted(t.Context(), later)
	if n != 2 || err != nil {
		t.Errorf("got %d, %v, want 2", n, err)
	}
	want := entry(records.AuditClosed, "cut")
	want.At, want.Outcome = later, records.OutcomeInterrupted
	wantEqual(t, "the closing row of main", allRows(t, s, "main")[0].AuditEntry, want)
	want.Site, want.Open = "b", "done"
	wantEqual(t, "the closing row of b", allRows(t, s, "b")[0].AuditEntry, want)
	if n, err := s.CloseInterrupted(t.Context(), later); n != 0 || err != nil {
		t.Errorf("again: got %d, %v, want 0", n, err)
	}
	wantChain(t, s, "main", 6)
	wantChain(t, s, "b", 2)
}

func interruptedMediaIsMatched(t *testing.T, s records.Store, restart func() records.Store) {
	media := func(event records.AuditEvent, thing, person string) records.AuditEntry {
		e := entry(event, "01J")
		e.Thing, e.Principal = thing, person
		return e
	}
	appended(t, s,
		entry(records.AuditOpened, "01J"), entry(records.AuditClosed, "01J"),
		media(records.AuditMediaOpened, "71", "ana"), media(records.AuditMediaOpened, "72", "ana"), media(records.AuditMediaOpened, "71", "bo"),
		media(records.AuditMediaClosed, "71", "ana"), media(records.AuditMediaOpened, "71", "ana"), // played again
		media(records.AuditMediaClosed, "72", "bo"), // nobody's
	)
	s = restart()
	n, err := s.CloseInterrupted(t.Context(), at)
	must(t, err)
	rows := allRows(t, s, "main")
	var got []string
	for _, r := range rows[:min(n, len(rows))] {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Event, r.Thing, r.Principal, r.Outcome))
	}
	wantEqual(t, "closing rows, newest first", got, []string{
		"media_closed 71 ana interrupted", "media_closed 71 bo interrupted", "media_closed 72 ana interrupted",
	})
	if n, err := s.CloseInterrupted(t.Context(), at); n != 0 || err != nil {
		t.Errorf("again: got %d, %v, want 0", n, err)
	}
}

func manyInterruptedOpens(t *testing.T, s records.Store, restart func() records.Store) {
	const opens = 450
	for i := range opens {
		appended(t, s, entry(records.AuditOpened, fmt.Sprint(i)))
	}
	s = restart()
	if n, err := s.CloseInterrupted(t.Context(), at); n != opens || err != nil {
		t.Errorf("got %d, %v, want %d", n, err, opens)
	}
	wantChain(t, s, "main", 2*opens)
}
