package sql_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// fullEntry is an entry with all it may hold; the sixth says what was heard, too.
func fullEntry(i int) records.AuditEntry {
	e := records.AuditEntry{
		Site: "main", At: time.UnixMilli(1_795_512_600_000), Event: records.AuditClosed, PrincipalKind: records.PrincipalUser, Principal: "ana",
		Open: fmt.Sprint("open ", i), Ref: records.Ref{Link: "zd", Kind: records.KindTicket, ID: "5012"}, Reason: records.ReasonPasted,
		Thing: "71", Parts: map[string]int{"message": 2, "event": 1}, Bytes: 4096, Outcome: records.OutcomeComplete, Detail: "ü",
	}
	if i == 5 {
		e.Heard = []records.Span{{From: 0, To: 61.5}, {From: 93.25, To: 120}}
	}
	return e
}

// tampered appends ten rows, takes the triggers away and lets someone at the table.
func tampered(t *testing.T, tamper func(db *sql.DB)) records.AuditReport {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 10 {
		if _, err := s.Append(t.Context(), fullEntry(i)); err != nil {
			t.Fatal(err)
		}
	}
	db := raw(t, dir)
	for _, trigger := range []string{"audit_no_update", "audit_no_delete", "audit_dense"} {
		execute(t, db, "DROP TRIGGER "+trigger)
	}
	tamper(db)
	report, err := s.VerifyAudit(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestVerifyNamesTheFirstBadRow(t *testing.T) {
	type tamper struct {
		stmts []string
		bad   int64
		why   string
	}
	cases := map[string]tamper{
		"untouched":        {nil, 0, ""},
		"first row gone":   {[]string{`DELETE FROM audit WHERE seq = 1`}, 1, "missing"},
		"middle row gone":  {[]string{`DELETE FROM audit WHERE seq = 5`}, 5, "missing"},
		"gap closed again": {[]string{`DELETE FROM audit WHERE seq = 5`, `UPDATE audit SET seq = seq - 1 WHERE seq > 5`}, 5, "follow"},
		"two rows swapped": {[]string{`UPDATE audit SET seq = -4 WHERE seq = 4`, `UPDATE audit SET seq = 4 WHERE seq = 5`, `UPDATE audit SET seq = 5 WHERE seq = -4`}, 4, "follow"},
		"two edits":        {[]string{`UPDATE audit SET principal = 'x' WHERE seq IN (8, 3)`}, 3, "changed"},
		"last row edited":  {[]string{`UPDATE audit SET bytes = 1 WHERE seq = 10`}, 10, "changed"},
		"row added":        {[]string{`INSERT INTO audit SELECT site, 12, at, event, principal_kind, principal, open_id, ref_link, ref_kind, ref_id, reason, thing, parts, bytes, outcome, detail, heard, prev, hash FROM audit WHERE seq = 10`}, 11, "missing"},
		"hash gone":        {[]string{`UPDATE audit SET hash = x'' WHERE seq = 6`}, 6, "changed"},
		"not a number":     {[]string{`UPDATE audit SET bytes = 'many' WHERE seq = 7`}, 7, "read"},
	}
	for column, value := range map[string]string{
		"at": "at + 1", "event": "'x'", "principal_kind": "'x'", "principal": "'x'", "open_id": "'x'", "ref_link": "'x'", "ref_kind": "'x'",
		"ref_id": "'x'", "reason": "'x'", "thing": "'x'", "parts": `'{"event":1,"message":3}'`, "bytes": "bytes + 1", "outcome": "'x'", "detail": "'x'", "heard": "'0-61'",
	} {
		cases[column+" edited"] = tamper{[]string{"UPDATE audit SET " + column + " = " + value + " WHERE seq = 6"}, 6, "changed"}
	}
	cases["heard emptied"] = tamper{[]string{`UPDATE audit SET heard = '' WHERE seq = 6`}, 6, "changed"}
	cases["heard made up"] = tamper{[]string{`UPDATE audit SET heard = '0-61' WHERE seq = 7`}, 7, "changed"}
	cases["prev edited"] = tamper{[]string{`UPDATE audit SET prev = x'00' WHERE seq = 6`}, 6, "follow"}
	cases["text moved to its neighbour"] = tamper{[]string{`UPDATE audit SET outcome = outcome || detail, detail = '' WHERE seq = 6`}, 6, "changed"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := tampered(t, func(db *sql.DB) {
				for _, stmt := range c.stmts {
					execute(t, db, stmt)
				}
			})
			if report.BadSeq != c.bad || !strings.Contains(report.Why, c.why) {
				t.Errorf("got row %d (%s), want %d (%s)", report.BadSeq, report.Why, c.bad, c.why)
			}
		})
	}
}

// Someone who edits a row and computes its hash anew has to go on to the end: the next row tells.
func TestVerifyFindsARowHashedAnew(t *testing.T) {
	report := tampered(t, func(db *sql.DB) {
		execute(t, db, `UPDATE audit SET principal = 'bo' WHERE seq = 6`)
		execute(t, db, `UPDATE audit SET hash = $1 WHERE seq = 6`, outsiderHash(t, db, 6))
	})
	if report.BadSeq != 7 || !strings.Contains(report.Why, "follow") {
		t.Errorf("got row %d (%s), want 7, which does not follow", report.BadSeq, report.Why)
	}
}

func TestLogIsAppendOnly(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Append(t.Context(), fullEntry(0), fullEntry(1)); err != nil {
		t.Fatal(err)
	}
	db := raw(t, dir)
	const copied = `SELECT site, %s, at, event, 'x', principal, open_id, ref_link, ref_kind, ref_id, reason, thing, parts, bytes, outcome, detail, heard, prev, hash FROM audit WHERE seq = 1`
	for _, stmt := range []string{
		`UPDATE audit SET principal = 'x'`, `UPDATE audit SET seq = 9 WHERE seq = 2`, `DELETE FROM audit`, `DELETE FROM audit WHERE seq = 2`,
		`INSERT OR REPLACE INTO audit ` + fmt.Sprintf(copied, "1"), `REPLACE INTO audit ` + fmt.Sprintf(copied, "2"),
		`INSERT INTO audit ` + fmt.Sprintf(copied, "4"), `INSERT INTO audit ` + fmt.Sprintf(copied, "0"),
	} {
		if _, err := db.ExecContext(t.Context(), stmt); err == nil || !strings.Contains(err.Error(), "append only") {
			t.Errorf("%s: got %v, want a refusal", stmt, err)
		}
	}
	if report, err := s.VerifyAudit(t.Context(), "main"); err != nil || report.Rows != 2 || report.BadSeq != 0 {
		t.Errorf("chain: got %+v, %v, want 2 rows that hold", report, err)
	}
}

// outsiderHash computes a row's hash from the table and the comment at chainVersion alone, sharing
// no code with the store.
func outsiderHash(t testing.TB, db *sql.DB, seq int) []byte {
	t.Helper()
	columns := []string{"site", "seq", "at", "event", "principal_kind", "principal", "open_id", "ref_link", "ref_kind", "ref_id", "reason", "thing", "parts", "bytes", "outcome", "detail", "heard"}
	values := make([]string, len(columns))
	var prev []byte
	dest := []any{&prev}
	for i := range values {
		dest = append(dest, &values[i])
	}
	query := "SELECT prev, CAST(" + strings.Join(columns, " AS TEXT), CAST(") + " AS TEXT) FROM audit WHERE seq = $1"
	if err := db.QueryRowContext(t.Context(), query, seq).Scan(dest...); err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	h.Write(prev)
	version, last := "sightglass audit 2", len(values)-1
	if values[last] == "" {
		version, values = "sightglass audit 1", values[:last]
	}
	for _, v := range append([]string{version}, values...) {
		_ = binary.Write(h, binary.BigEndian, uint32(len(v)))
		h.Write([]byte(v))
	}
	return h.Sum(nil)
}

// The form of a row is a promise: logs written today are verified by programs to come, and by
// others.
func TestAnOutsiderCanVerify(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	rows, err := s.Append(t.Context(), fullEntry(0), records.AuditEntry{Site: "main", Event: records.AuditSignedIn}, fullEntry(5))
	if err != nil {
		t.Fatal(err)
	}
	db := raw(t, dir)
	for i, r := range rows {
		if got := outsiderHash(t, db, i+1); !bytes.Equal(got, r.Hash) {
			t.Errorf("row %d: an outsider computes %x, the store %x", i+1, got, r.Hash)
		}
	}
	for i, want := range []string{
		"4e37d1e077004d7f3652575d84fe1ab364ca1499ec179180e97e2ba37a72dd5b",
		"3d042b35301e96f36ebcd592883e671a52294433fc0a5481fb993b11c599ca62",
		"940d5707b64475dddacf783e97a4f51c66243255b89fab6cb65aa0e5ceb0ae1e",
	} {
		if got := hex.EncodeToString(rows[i].Hash); got != want {
			t.Errorf("row %d: got hash %s, want %s as always", i+1, got, want)
		}
	}
}
