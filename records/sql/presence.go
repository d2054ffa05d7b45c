package sql

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"sync"
	"time"
)

// presence shows other replicas on the same database that this process lives: a session of its own
// holds an advisory lock under the number that stands beside its pending audit rows. The server lets
// go of it the moment the connection of a process that died is closed, so no clock has to be believed.
type presence struct {
	db       *sql.DB
	instance int64
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// presenceBeat is how often the session is looked after.
const presenceBeat = 5 * time.Second

func newPresence(ctx context.Context, db *sql.DB) (*presence, error) {
	p := &presence{db: db, instance: newInstance()}
	c, err := p.appear(ctx)
	if err != nil {
		return nil, err
	}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.done.Go(func() { p.stay(ctx, c) })
	return p, nil
}

func newInstance() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// appear takes the lock on a connection that is not given back.
func (p *presence) appear(ctx context.Context) (*sql.Conn, error) {
	c, err := p.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, p.instance); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// stay takes the lock again whenever its connection was lost.
func (p *presence) stay(ctx context.Context, c *sql.Conn) {
	tick := time.NewTicker(presenceBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			p.leave(c)
			return
		case <-tick.C:
		}
		if c != nil && alive(ctx, c) {
			continue
		}
		if c != nil {
			_ = c.Close()
		}
		ctx, cancel := context.WithTimeout(ctx, presenceBeat)
		c, _ = p.appear(ctx) // tried again at the next beat
		cancel()
	}
}

func alive(ctx context.Context, c *sql.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, presenceBeat)
	defer cancel()
	_, err := c.ExecContext(ctx, `SELECT 1`)
	return err == nil
}

func (p *presence) leave(c *sql.Conn) {
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), presenceBeat)
	defer cancel()
	_, _ = c.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, p.instance)
	_ = c.Close()
}

func (p *presence) close() {
	if p == nil {
		return
	}
	p.stop()
	p.done.Wait()
}

// ofTheDead runs f while it is certain that no process of that instance lives, nor any other looks
// after its rows. False: one does.
func ofTheDead(ctx context.Context, db *sql.DB, instance int64, f func() error) (bool, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = c.Close() }()
	free := false
	if err := c.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, instance).Scan(&free); err != nil || !free {
		return false, err
	}
	defer func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, instance)
	}()
	return true, f()
}
