package sql

import (
	"context"
	"database/sql"
	"errors"
)

// head is the end of a site's chain.
type head struct {
	seq  int64
	hash []byte
}

// statements are prepared once: to parse them takes longer than to run them.
type statements struct {
	head, insert, note, strike *sql.Stmt
	instance                   int64 // whose rows are noted as pending
}

func (s *statements) each() []struct {
	stmt  **sql.Stmt
	query string
} {
	return []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&s.head, `SELECT seq, hash FROM audit WHERE site = $1 ORDER BY seq DESC LIMIT 1`},
		{&s.insert, `INSERT INTO audit (` + auditColumns + `)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`},
		{&s.note, `INSERT INTO audit_pending (site, seq, closes, open_id, thing, principal, instance) VALUES ($1, $2, $3, $4, $5, $6, $7)`},
		{&s.strike, `DELETE FROM audit_pending WHERE site = $1 AND seq = (SELECT min(seq) FROM audit_pending
			WHERE site = $1 AND closes = $2 AND open_id = $3 AND thing = $4 AND principal = $5)`},
	}
}

func (s *statements) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range s.each() {
		var err error
		if *p.stmt, err = db.PrepareContext(ctx, p.query); err != nil { //nolint:sqlclosecheck // close closes them
			return errors.Join(err, s.close())
		}
	}
	return nil
}

func (s *statements) close() (err error) {
	for _, p := range s.each() {
		if *p.stmt != nil {
			err = errors.Join(err, (*p.stmt).Close())
		}
	}
	return err
}

// in gives the statements for use in a transaction, which closes them.
func (s *statements) in(ctx context.Context, tx *sql.Tx) statements {
	return statements{
		tx.StmtContext(ctx, s.head), tx.StmtContext(ctx, s.insert), tx.StmtContext(ctx, s.note), tx.StmtContext(ctx, s.strike), s.instance,
	}
}

func (s *statements) append(ctx context.Context, heads map[string]head, r *storedRow) error {
	h, known := heads[r.site]
	if !known {
		var err error
		if h, err = s.readHead(ctx, r.site); err != nil {
			return err
		}
	}
	r.follow(h.seq, h.hash)
	if _, err := s.insert.ExecContext(ctx, r.values()...); err != nil {
		return err
	}
	heads[r.site] = head{r.seq, r.hash}
	return s.settle(ctx, r)
}

func (s *statements) readHead(ctx context.Context, site string) (head, error) {
	h := head{0, zeroHash}
	err := s.head.QueryRowContext(ctx, site).Scan(&h.seq, &h.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, err
}
