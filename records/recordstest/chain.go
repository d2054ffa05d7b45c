package recordstest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sightglass-gateway/sightglass/records"
)

var chainParts = []part{
	{"EmptyChainHolds", func(t *testing.T, s records.Store) { wantChain(t, s, "main", 0) }},
	{"ChainsOfSitesAreApart", func(t *testing.T, s records.Store) {
		a, b := entry(records.AuditOpened, "01J"), entry(records.AuditOpened, "01J")
		b.Site = "b"
		rows := appended(t, s, a, b, a, b, b)
		for i, want := range []int64{1, 1, 2, 2, 3} {
			if rows[i].Seq != want {
				t.Errorf("entry %d: got seq %d, want %d", i, rows[i].Seq, want)
			}
		}
		if bytes.Equal(rows[0].Hash, rows[1].Hash) {
			t.Error("the same entry in two sites has one hash")
		}
		wantChain(t, s, "main", 2)
		wantChain(t, s, "b", 3)
	}},
	{"EightAppendersMakeOneChain", func(t *testing.T, s records.Store) {
		AppendAtOnce(t, []records.Store{s}, 8, 500)
		wantChain(t, s, "main", 8*500)
	}},
}

// wantChain checks that a site's chain holds and, unless rows is negative, how long it is; and the
// same from the rows themselves.
func wantChain(t testing.TB, s records.Store, site records.SiteID, rows int64) {
	t.Helper()
	report, err := s.VerifyAudit(t.Context(), site)
	must(t, err)
	all := allRows(t, s, site)
	if rows < 0 {
		rows = int64(len(all))
	}
	if report.Site != site || report.Rows != rows || report.BadSeq != 0 || report.Why != "" {
		t.Fatalf("chain of %s: got %d rows, bad at %d %s, want %d rows that hold", site, report.Rows, report.BadSeq, report.Why, rows)
	}
	prev := make([]byte, 32)
	for i := range all {
		r := all[len(all)-1-i]
		if r.Seq != int64(i+1) || !bytes.Equal(r.Prev, prev) {
			t.Fatalf("row %d of %s: got seq %d; gap or fork", i+1, site, r.Seq)
		}
		prev = r.Hash
	}
	if rows > 0 && !bytes.Equal(report.Head, prev) {
		t.Errorf("head of %s: got %x, want %x", site, report.Head, prev)
	}
}

// AppendAtOnce lets callers append rows each to the site "main" at the same time, spread over
// stores that may be several handles on one database.
func AppendAtOnce(t testing.TB, stores []records.Store, callers, rows int) {
	t.Helper()
	calls := make([]func() error, callers)
	for c := range calls {
		calls[c] = func() error {
			s := stores[c%len(stores)]
			for i := range rows {
				if _, err := s.Append(t.Context(), entry(records.AuditOpened, fmt.Sprint(c, " ", i))); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(calls) {
		must(t, err)
	}
}
