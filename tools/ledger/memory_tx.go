package ledger

import (
	"slices"
	"time"
)

func (t *memoryTx) insert(run Run) (int64, error) {
	t.lastID++
	run.ID = t.lastID
	put(t, t.callers, run.Caller, append(t.callers[run.Caller], run.ID))
	return run.ID, t.save(run)
}

func (t *memoryTx) save(run Run) error {
	put(t, t.byID, run.ID, run)
	return nil
}

func (t *memoryTx) runs(q query) ([]Run, error) {
	if q.id != 0 {
		return t.only(q), nil
	}
	var found []Run
	for _, id := range slices.Backward(t.callers[q.caller]) {
		if run := t.byID[id]; q.matches(run) {
			found = append(found, run)
		}
	}
	return q.page(found), nil
}

// only returns the run of q's id, if q asks for it.
func (t *memoryTx) only(q query) []Run {
	if run, ok := t.byID[q.id]; ok && q.matches(run) {
		return []Run{run}
	}
	return nil
}

func (t *memoryTx) count(q query) (int, error) {
	q.offset, q.limit = 0, 0
	runs, err := t.runs(q)
	return len(runs), err
}

func (t *memoryTx) spent(caller string, since, now time.Time) (Spending, error) {
	var sum Spending
	for _, id := range t.callers[caller] {
		run := t.byID[id]
		recent := run.live() && !run.BegunAt.Before(since)
		if recent {
			sum.Runs++
		}
		switch {
		case run.inFlight(now):
			sum.Active++
			sum.Reserved += run.cost()
		case recent && run.Ended():
			sum.Credits += run.cost()
		}
	}
	return sum, nil
}

func (t *memoryTx) insertBatch(b Batch) error {
	if _, ok := t.batches[b.ID]; ok {
		return errBatchExists
	}
	put(t, t.batches, b.ID, b)
	return nil
}

func (t *memoryTx) batch(caller, id string) (Batch, bool, error) {
	b, ok := t.batches[id]
	if !ok || b.Caller != caller {
		return Batch{}, false, nil
	}
	b.Rows = slices.Clone(b.Rows)
	return b, true, nil
}

func (t *memoryTx) row(caller, batchID string, number int) (Row, bool, error) {
	b, found, err := t.batch(caller, batchID)
	if err != nil || !found || number < 1 || number > len(b.Rows) {
		return Row{}, false, err
	}
	return b.Rows[number-1], true, nil
}

func (t *memoryTx) saveRow(batchID string, row Row) error {
	b := t.batches[batchID]
	b.Rows = slices.Clone(b.Rows)
	b.Rows[row.Number-1] = row
	put(t, t.batches, batchID, b)
	return nil
}

func (t *memoryTx) prune(before, queuedBefore time.Time) error {
	for caller, ids := range t.callers {
		put(t, t.callers, caller, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
			return t.pruneRun(t.byID[id], before)
		}))
	}
	for id, b := range t.batches {
		t.pruneBatch(id, b, before, queuedBefore)
	}
	return nil
}

func (t *memoryTx) pruneRun(run Run, before time.Time) bool {
	over := run.BegunAt.Before(before) && (!run.live() || run.Ended())
	if over {
		drop(t, t.byID, run.ID)
	}
	return over
}

func (t *memoryTx) pruneBatch(id string, b Batch, before, queuedBefore time.Time) {
	if b.CreatedAt.Before(before) {
		drop(t, t.batches, id)
		return
	}
	if !b.CreatedAt.Before(queuedBefore) {
		return
	}
	b.Rows = slices.Clone(b.Rows)
	for n, row := range b.Rows {
		if !row.over() && row.run == 0 {
			b.Rows[n].State, b.Rows[n].Inputs = RowGivenUp, nil
		}
	}
	put(t, t.batches, id, b)
}

func (t *memoryTx) touch() error { return nil }

func (t *memoryTx) remember(undo func()) { t.undo = append(t.undo, undo) }

// put sets m[key] until t is rolled back.
func put[K comparable, V any](t *memoryTx, m map[K]V, key K, value V) {
	t.remember(restore(m, key))
	m[key] = value
}

// drop deletes m[key] until t is rolled back.
func drop[K comparable, V any](t *memoryTx, m map[K]V, key K) {
	t.remember(restore(m, key))
	delete(m, key)
}

// restore returns what brings m[key] back to what it is now.
func restore[K comparable, V any](m map[K]V, key K) func() {
	value, had := m[key]
	if !had {
		return func() { delete(m, key) }
	}
	return func() { m[key] = value }
}
