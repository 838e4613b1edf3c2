package ledger

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// A memory is a store that ends with the process.
type memory struct {
	mu      sync.RWMutex
	closed  bool
	byID    map[int64]*Run     // never changed, only replaced
	callers map[string][]int64 // the IDs of a caller's runs, in ascending order
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

func (m *memory) generation(context.Context) (int, error) { return 1, nil }

func (m *memory) hasOlder(string, time.Time) bool { return false }

// put copies those runs that wanted chooses, and keys that belong to them.
func (m *memory) put(runs []Run, keys []boundKey, wanted func(id int64) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, run := range runs {
		if wanted(run.ID) {
			_ = memoryTx{m}.insert(run) // memory does not fail
		}
	}
	for _, key := range keys {
		m.keys[key.key] = binding{key.run, key.from}
	}
}

// all returns the runs that wanted chooses, oldest first, and all keys.
func (m *memory) all(wanted func(id int64) bool) (runs []Run, keys []boundKey) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(m.byID)) {
		if wanted(id) {
			runs = append(runs, *m.byID[id])
		}
	}
	for key, b := range m.keys {
		keys = append(keys, boundKey{key, b.run, b.from})
	}
	return runs, keys
}

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
