package sql

import (
	"context"
	"time"

	"github.com/sightglass-gateway/sightglass/records"
)

// closer gives the event that closes another, "" for one that nothing closes.
func closer(e records.AuditEvent) records.AuditEvent {
	switch e {
	case records.AuditOpened:
		return records.AuditClosed
	case records.AuditMediaOpened:
		return records.AuditMediaClosed
	default:
		return ""
	}
}

// settle notes an opening row as pending and strikes off the oldest one that a closing row closes:
// of the same open, and for media of the same thing and person.
func (s *statements) settle(ctx context.Context, r *storedRow) error {
	event, open, thing, principal := records.AuditEvent(r.text[0]), r.text[3], "", ""
	if event == records.AuditMediaOpened || event == records.AuditMediaClosed {
		thing, principal = r.text[8], r.text[2]
	}
	var err error
	if closes := closer(event); closes != "" {
		_, err = s.note.ExecContext(ctx, r.site, r.seq, closes, open, thing, principal, s.instance)
	} else if event == records.AuditClosed || event == records.AuditMediaClosed {
		_, err = s.strike.ExecContext(ctx, r.site, event, open, thing, principal)
	}
	return err
}

// interruptedPage bounds how many rows are closed by one commit.
const interruptedPage = 200

// CloseInterrupted implements records.Audit. It reads what is pending, not the whole log. On a
// database that several replicas share, rows of those that live, this one among them, are left alone.
func (s *Store) CloseInterrupted(ctx context.Context, at time.Time) (int, error) {
	instances, err := list(ctx, s.r, func(r scanner) (v int64, err error) { return v, r.Scan(&v) },
		`SELECT DISTINCT instance FROM audit_pending ORDER BY instance`)
	if err != nil {
		return 0, s.d.fault(err)
	}
	n := 0
	for _, instance := range instances {
		closeAll := func() error {
			closed, err := s.closeInstance(ctx, instance, at)
			n += closed
			return err
		}
		if !s.d.shared {
			err = closeAll()
		} else {
			_, err = ofTheDead(ctx, s.w, instance, closeAll)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *Store) closeInstance(ctx context.Context, instance int64, at time.Time) (int, error) {
	for n := 0; ; {
		pending, err := list(ctx, s.r, scanStoredRow, `SELECT `+prefixed("audit", auditColumns)+` FROM audit_pending
			JOIN audit ON audit.site = audit_pending.site AND audit.seq = audit_pending.seq
			WHERE audit_pending.instance = $1 ORDER BY audit.site, audit.seq LIMIT $2`, instance, interruptedPage)
		if err != nil || len(pending) == 0 {
			return n, err
		}
		closing := make([]records.AuditEntry, len(pending))
		for i := range pending {
			if closing[i], err = interrupted(&pending[i], at); err != nil {
				return n, err
			}
		}
		if _, err := s.Append(ctx, closing...); err != nil {
			return n, err
		}
		n += len(closing)
	}
}

// interrupted gives the entry that closes a row whose process died.
func interrupted(r *storedRow, at time.Time) (records.AuditEntry, error) {
	row, err := r.row()
	e := row.AuditEntry
	e.At, e.Event, e.Outcome = at, closer(e.Event), records.OutcomeInterrupted
	return e, err
}
