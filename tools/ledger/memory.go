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
	keys    map[string]boundKey
	batches map[string]*Batch
}

func newMemory() *memory {
	return &memory{
		byID: map[int64]*Run{}, callers: map[string][]int64{},
		keys: map[string]boundKey{}, batches: map[string]*Batch{},
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

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// transact has nothing to undo: rules are checked before anything is changed.
func (m *memory) transact(ctx context.Context, do func(tx) error) error {
	if m.closed {
		return &UnavailableError{Reason: reasonClosed, Path: InMemory}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return do(memoryTx{m})
}

// put copies runs and keys of another store.
func (m *memory) put(runs []Run, keys []boundKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, run := range runs {
		_ = memoryTx{m}.insert(run) // memory does not fail
	}
	for _, key := range keys {
		m.keys[key.key] = key
	}
}

// all returns the runs whose ID is wanted, oldest first, and all keys.
func (m *memory) all(wanted func(id int64) bool) (runs []Run, keys []boundKey) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(m.byID)) {
		if wanted(id) {
			runs = append(runs, *m.byID[id])
		}
	}
	return runs, slices.Collect(maps.Values(m.keys))
}

// A memoryTx is a transaction on a memory, which is locked meanwhile.
type memoryTx struct{ *memory }

func (t memoryTx) insert(run Run) error {
	ids := t.callers[run.Caller]
	if at, found := slices.BinarySearch(ids, run.ID); !found {
		t.callers[run.Caller] = slices.Insert(ids, at, run.ID)
	}
	return t.save(run)
}

func (t memoryTx) save(run Run) error {
	t.byID[run.ID] = &run
	return nil
}

func (t memoryTx) runs(q query) ([]Run, error) {
	ids := t.callers[q.caller]
	switch {
	case q.id != 0:
		ids = []int64{q.id}
	case q.caller == "":
		ids = slices.Sorted(maps.Keys(t.byID))
	}
	conditions := q.conditions()
	var found []Run
	for _, id := range slices.Backward(ids) {
		run, ok := t.byID[id]
		if ok && !slices.ContainsFunc(conditions, func(c condition) bool { return !c.holds(run) }) {
			found = append(found, *run)
		}
	}
	return q.page(found), nil
}

func (t memoryTx) count(q query) (int, error) {
	q.offset, q.limit = 0, 0
	runs, err := t.runs(q)
	return len(runs), err
}

func (t memoryTx) spent(caller string, since, now time.Time) (sum Spending, err error) {
	for _, id := range t.callers[caller] {
		sum.add(t.byID[id], since, now)
	}
	return sum, nil
}

func (t memoryTx) bind(key boundKey) error {
	t.keys[key.key] = key
	return nil
}

func (t memoryTx) bound(key string, since time.Time) (boundKey, error) {
	if b, ok := t.keys[key]; ok && !b.from.Before(since) {
		return b, nil
	}
	return boundKey{}, nil
}

func (t memoryTx) insertBatch(b Batch) error {
	if _, ok := t.batches[b.ID]; ok {
		return errBatchExists
	}
	b.Rows = slices.Clone(b.Rows)
	t.batches[b.ID] = &b
	return nil
}

func (t memoryTx) batch(caller, id string) (Batch, bool, error) {
	b, ok := t.batches[id]
	if !ok || b.Caller != caller {
		return Batch{}, false, nil
	}
	copied := *b
	copied.Rows = slices.Clone(b.Rows)
	return copied, true, nil
}

func (t memoryTx) row(caller, batchID string, number int) (Row, bool, error) {
	b, found, err := t.batch(caller, batchID)
	if err != nil || !found || number < 1 || number > len(b.Rows) {
		return Row{}, false, err
	}
	return b.Rows[number-1], true, nil
}

func (t memoryTx) saveRow(batchID string, row Row) error {
	t.batches[batchID].Rows[row.Number-1] = row
	return nil
}

func (t memoryTx) prune(before, queuedBefore time.Time) error {
	for id, run := range t.byID {
		if run.BegunAt.Before(before) && (!run.live() || run.Ended()) {
			delete(t.byID, id)
		}
	}
	for caller, ids := range t.callers {
		t.callers[caller] = slices.DeleteFunc(ids, func(id int64) bool { return t.byID[id] == nil })
	}
	maps.DeleteFunc(t.keys, func(_ string, b boundKey) bool { return b.from.Before(before) })
	maps.DeleteFunc(t.batches, func(_ string, b *Batch) bool { return b.CreatedAt.Before(before) })
	for _, b := range t.batches {
		for n, row := range b.Rows {
			if b.CreatedAt.Before(queuedBefore) && !row.over() && row.run == 0 {
				b.Rows[n].State, b.Rows[n].Inputs = RowGivenUp, nil
			}
		}
	}
	return nil
}

func (t memoryTx) touch() error { return nil }
