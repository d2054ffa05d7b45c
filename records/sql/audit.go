package sql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sightglass-gateway/sightglass/records"
)

// prefixed puts a table in front of each of a list of columns.
func prefixed(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = table + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// defaultAuditRows is what a filter without a limit gives.
const defaultAuditRows = 100

// AuditRows implements records.Audit.
func (s *Store) AuditRows(ctx context.Context, site records.SiteID, f records.AuditFilter) ([]records.AuditRow, error) {
	query, args := `SELECT `+auditColumns+` FROM audit WHERE site = $1`, []any{site}
	narrow := func(condition string, v any) {
		args = append(args, v)
		query += fmt.Sprintf(" AND "+condition+" $%d", len(args))
	}
	if f.Open != "" {
		narrow("open_id =", f.Open)
	}
	if f.Principal != "" {
		narrow("principal =", f.Principal)
	}
	if f.Before > 0 {
		narrow("seq <", f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = defaultAuditRows
	}
	args = append(args, f.Limit)
	stored, err := list(ctx, s.r, scanStoredRow, query+fmt.Sprintf(" ORDER BY seq DESC LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, err
	}
	return asRows(stored)
}

// OpenedBefore implements records.Audit.
func (s *Store) OpenedBefore(ctx context.Context, id records.LinkID, refs []records.Ref) ([]records.Opened, error) {
	if len(refs) > records.MaxOpenedBefore {
		return nil, fmt.Errorf("records: %d refs at once; the most is %d", len(refs), records.MaxOpenedBefore)
	}
	if len(refs) == 0 {
		return nil, nil
	}
	args := []any{id.Site, id.Link, records.AuditOpened}
	marks := make([]string, len(refs))
	for i, r := range refs {
		args = append(args, r.ID)
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	return list(ctx, s.r, scanOpened, `SELECT ref_link, ref_kind, ref_id, principal_kind, principal, MAX(at) FROM audit
		WHERE site = $1 AND ref_link = $2 AND event = $3 AND ref_id IN (`+strings.Join(marks, ", ")+`)
		GROUP BY ref_link, ref_kind, ref_id, principal_kind, principal`, args...)
}

func scanOpened(s scanner) (o records.Opened, err error) {
	var at int64
	err = s.Scan(&o.Ref.Link, &o.Ref.Kind, &o.Ref.ID, &o.PrincipalKind, &o.Principal, &at)
	o.At = instant(at)
	return o, err
}

// verifyPage bounds how many rows are read at once: a long read would keep the write-ahead log from
// being emptied.
const verifyPage = 1000

// VerifyAudit implements records.Audit. It stops at the first row that does not hold.
func (s *Store) VerifyAudit(ctx context.Context, site records.SiteID) (records.AuditReport, error) {
	report, end := records.AuditReport{Site: site}, head{0, zeroHash}
	for {
		page, err := list(ctx, s.r, scanVerified, `SELECT `+auditColumns+` FROM audit WHERE site = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
			site, end.seq, verifyPage)
		unreadable := errors.Is(err, errUnreadable)
		if err != nil && !unreadable {
			return report, err
		}
		for i := range page {
			if why := page[i].broken(end.seq, end.hash); why != "" {
				report.BadSeq, report.Why = end.seq+1, why
				return report, nil
			}
			end = head{page[i].seq, page[i].hash}
			report.Rows, report.Head = report.Rows+1, end.hash
		}
		if unreadable {
			report.BadSeq, report.Why = end.seq+1, "cannot be read"
		}
		if unreadable || len(page) < verifyPage {
			return report, nil
		}
	}
}

// errUnreadable says that a column holds what this program never writes there.
var errUnreadable = errors.New("records: an audit row cannot be read")

func scanVerified(s scanner) (storedRow, error) {
	r, err := scanStoredRow(s)
	if err != nil {
		err = fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return r, err
}
