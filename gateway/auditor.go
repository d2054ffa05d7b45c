package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// maxUnwritten bounds the closing rows that wait for the database to come back. What is beyond is
// closed as interrupted at the next start.
const maxUnwritten = 4096

// auditor writes rows. An opening row that cannot be written means that nothing opens; a closing
// row that cannot ends every running stream and is tried again.
type auditor struct {
	store   records.Audit
	timeout time.Duration
	metrics *metrics
	log     *slog.Logger
	streams *streams

	mu        sync.Mutex
	unwritten []records.AuditEntry
}

func newAuditor(store records.Audit, timeout time.Duration, m *metrics, log *slog.Logger, s *streams) *auditor {
	return &auditor{store: store, timeout: timeout, metrics: m, log: log, streams: s}
}

// open commits an opening row before anything is shown. The client's leaving does not stop it: a
// row that may have been written has to have its close.
func (a *auditor) open(ctx context.Context, e records.AuditEntry) error {
	if err := a.append(ctx, e); err != nil {
		a.log.ErrorContext(ctx, "audit row refused: nothing opens", "event", e.Event, "cause", cause(err))
		return &connectors.Error{Code: connectors.CodeAuditUnavailable, Op: "audit.append", Err: err}
	}
	return nil
}

// close commits a closing row, also after the request has ended.
func (a *auditor) close(ctx context.Context, e records.AuditEntry) {
	err := a.append(ctx, e)
	if err == nil {
		return
	}
	a.log.ErrorContext(ctx, "closing audit row refused: streams end", "event", e.Event, "cause", cause(err))
	a.streams.endAll(&connectors.Error{Code: connectors.CodeAuditUnavailable, Op: "audit.append"})
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.unwritten) < maxUnwritten {
		a.unwritten = append(a.unwritten, e)
	}
}

// note commits a row about an administrator's change. Failing is the caller's to say.
func (a *auditor) note(ctx context.Context, e records.AuditEntry) error { return a.open(ctx, e) }

func (a *auditor) append(ctx context.Context, es ...records.AuditEntry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.timeout)
	defer cancel()
	start := time.Now()
	_, err := a.store.Append(ctx, es...)
	a.metrics.auditCommit(time.Since(start), err)
	return err
}

// retry writes what could not be written before.
func (a *auditor) retry(ctx context.Context) {
	a.mu.Lock()
	es := a.unwritten
	a.unwritten = nil
	a.mu.Unlock()
	if len(es) == 0 {
		return
	}
	if err := a.append(ctx, es...); err != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.unwritten = append(es, a.unwritten...)
	}
}
