package ledger

import (
	"context"
	"sync"
	"time"
)

// A memory is a store that ends with the process.
type memory struct {
	mu      sync.RWMutex
	closed  bool
	lastID  int64
	byID    map[int64]*Run     // never changed, only replaced
	callers map[string][]int64 // the IDs of a caller's runs, oldest first
	keys    map[string]binding
	batches map[string]*Batch
}

// A binding is the run that an idempotency key belongs to.
type binding struct {
	run  int64
	from time.Time
}

func newMemory() *memory {
	return &memory{
		byID: map[int64]*Run{}, callers: map[string][]int64{},
		keys: map[string]binding{}, batches: map[string]*Batch{},
	}
}

func (m *memory) update(ctx context.Context, do func(tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.transact(ctx, do)
}

func (m *memory) view(ctx context.Context, do func(tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.transact(ctx, do)
}

func (m *memory) opening(context.Context) (int, error) { return 1, nil }

func (m *memory) older(context.Context, string, time.Time) bool { return false }

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// transact has nothing to undo: no change fails here, and rules are checked before
// anything is changed.
func (m *memory) transact(ctx context.Context, do func(tx) error) error {
	if m.closed {
		return &UnavailableError{Reason: reasonClosed, Path: InMemory}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return do(memoryTx{m})
}

// A memoryTx is a transaction on a memory, which is locked meanwhile.
type memoryTx struct{ *memory }
