package sql

import (
	"fmt"
	"slices"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// Summary says what a dump holds.
type Summary struct {
	At     time.Time
	From   string // the kind of database it was made from
	Schema int64
	Tables []string                  // in the dump's order
	Rows   map[string]int64          // by table
	Chains []records.AuditReport     // by site
	Sealed map[string]map[string]int // what each key sealed: key id → table.column → values
}

// Broken tells whether a site's audit chain does not hold.
func (s *Summary) Broken() bool {
	return slices.ContainsFunc(s.Chains, func(r records.AuditReport) bool { return r.BadSeq != 0 })
}

const auditTable = "audit"

// dumpCheck follows a dump's rows, while one is written and while one is read.
type dumpCheck struct {
	current dumpTable
	tables  []string
	rows    map[string]int64
	chains  []records.AuditReport
	sealed  map[string]map[string]int
	audit   []int // where the columns of auditNames stand in the current table
}

func newDumpCheck() *dumpCheck {
	return &dumpCheck{rows: map[string]int64{}, sealed: map[string]map[string]int{}}
}

func (c *dumpCheck) table(t dumpTable) error {
	if _, twice := c.rows[t.Table]; twice {
		return fmt.Errorf("table %q is there twice", t.Table)
	}
	c.current, c.rows[t.Table], c.tables = t, 0, append(c.tables, t.Table)
	c.audit = nil
	if t.Table != auditTable {
		return nil
	}
	for _, name := range auditNames {
		i := slices.Index(t.Columns, name)
		if i < 0 {
			return fmt.Errorf("table audit has no column %q", name)
		}
		c.audit = append(c.audit, i)
	}
	return nil
}

func (c *dumpCheck) row(values []any) {
	c.rows[c.current.Table]++
	for _, at := range sealedColumns {
		if i := slices.Index(c.current.Columns, at.column); at.table == c.current.Table && i >= 0 {
			c.seal(at, values[i])
		}
	}
	if c.audit != nil {
		c.chain(values)
	}
}

func (c *dumpCheck) seal(at sealedColumn, v any) {
	b, _ := v.([]byte)
	if len(b) == 0 {
		return
	}
	id := records.KeyOf(b)
	if c.sealed[id] == nil {
		c.sealed[id] = map[string]int{}
	}
	c.sealed[id][at.table+"."+at.column]++
}

// chain follows a site's chain; the first row that does not hold is noted.
func (c *dumpCheck) chain(values []any) {
	var r storedRow
	err := scanVerifiedRow(&r, values, c.audit)
	if len(c.chains) == 0 || string(c.chains[len(c.chains)-1].Site) != r.site {
		c.chains = append(c.chains, records.AuditReport{Site: records.SiteID(r.site), Head: zeroHash})
	}
	report := &c.chains[len(c.chains)-1]
	if report.BadSeq != 0 {
		return
	}
	why := "cannot be read"
	if err == nil {
		why = r.broken(report.Rows, report.Head)
	}
	if why != "" {
		report.BadSeq, report.Why = report.Rows+1, why
		return
	}
	report.Rows, report.Head = report.Rows+1, r.hash
}

// scanVerifiedRow takes the columns of the chain out of a row.
func scanVerifiedRow(r *storedRow, values []any, at []int) (err error) {
	*r, err = scanStoredRow(valueScanner{values, at})
	return err
}

// valueScanner lets a row of a dump be scanned like one of a database.
type valueScanner struct {
	values []any
	at     []int
}

// Scan implements scanner for the three types that an audit row has.
func (v valueScanner) Scan(dest ...any) error {
	ok := true
	for i, d := range dest {
		var one bool
		switch d := d.(type) {
		case *string:
			*d, one = v.values[v.at[i]].(string)
		case *int64:
			*d, one = v.values[v.at[i]].(int64)
		case *[]byte:
			*d, one = v.values[v.at[i]].([]byte)
		}
		ok = ok && one
	}
	if !ok {
		return errUnreadable
	}
	return nil
}

func (c *dumpCheck) summary(h dumpHeader) (Summary, error) {
	at, err := time.Parse(time.RFC3339Nano, h.At)
	return Summary{At: at, From: h.From, Schema: h.Schema, Tables: c.tables, Rows: c.rows, Chains: c.chains, Sealed: c.sealed}, err
}
