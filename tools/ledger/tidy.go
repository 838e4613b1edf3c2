package ledger

import (
	"context"
	"sync"
	"time"
)

const (
	// keep is for how long runs that are over are remembered, and batches.
	keep = 90 * 24 * time.Hour
	// keepQueued is for how long rows wait that nobody continues with.
	keepQueued = 7 * 24 * time.Hour
	// keepInFallback is the same for the memory beside a file: as long as an
	// idempotency key answers.
	keepInFallback = keyLife + time.Hour
	// sweepEvery is how often old runs are looked for.
	sweepEvery = 24 * time.Hour
)

// A sweep remembers when the ledger was last tidied.
type sweep struct {
	mu   sync.Mutex
	last time.Time
}

// due says, once in 24 hours, that it is time to tidy.
func (s *sweep) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.last) < sweepEvery {
		return false
	}
	s.last = now
	return true
}

// tidy deletes what is old, now and then. That it could not is no reason to stop:
// what comes next will say it too.
func (l *Ledger) tidy(ctx context.Context, mainToo bool) {
	now := stamp(l.now())
	if l.sweep.due(now) {
		if mainToo {
			_ = l.updateMain(ctx, "tidy", func(t tx) error { return t.prune(now.Add(-keep), now.Add(-keepQueued)) })
		}
		if l.failover.fallback != nil {
			_ = l.failover.fallback.update(ctx, func(t tx) error { return t.prune(now.Add(-keepInFallback), now) })
		}
	}
}
