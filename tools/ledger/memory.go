package ledger

import (
	"context"
	"slices"
	"sync"
)

// A memory is a store that ends with the process.
type memory struct {
	mu      sync.RWMutex
	closed  bool
	lastID  int64
	byID    map[int64]Run
	callers map[string][]int64 // the IDs of a caller's runs, oldest first
	batches map[string]Batch
}

func newMemory() *memory {
	return &memory{byID: map[int64]Run{}, callers: map[string][]int64{}, batches: map[string]Batch{}}
}

func (m *memory) update(ctx context.Context, do func(tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &memoryTx{memory: m}
	err := m.ready(ctx)
	if err == nil {
		err = do(t)
	}
	if err != nil {
		t.rollback()
	}
	return err
}

func (m *memory) view(ctx context.Context, do func(tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	return do(&memoryTx{memory: m})
}

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *memory) ready(ctx context.Context) error {
	if m.closed {
		return &UnavailableError{Reason: reasonClosed}
	}
	return ctx.Err()
}

// A memoryTx is a transaction on a memory, which is locked meanwhile.
type memoryTx struct {
	*memory
	undo []func() // oldest first
}

func (t *memoryTx) rollback() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}
