package ledger

import (
	"maps"
	"slices"
	"time"
)

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
	var found []Run
	for _, id := range slices.Backward(ids) {
		if run, ok := t.byID[id]; ok && q.matches(run) {
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

func (t memoryTx) spent(caller string, since, now time.Time) (Spending, error) {
	var sum Spending
	for _, id := range t.callers[caller] {
		sum.add(t.byID[id], since, now)
	}
	return sum, nil
}

// add counts run.
func (s *Spending) add(run *Run, since, now time.Time) {
	recent := run.live() && !run.BegunAt.Before(since)
	if recent {
		s.Runs++
	}
	switch {
	case run.inFlight(now):
		s.Active++
		s.Reserved += run.cost()
	case recent && run.Ended():
		s.Credits += run.cost()
	}
}

func (t memoryTx) bind(key string, run int64, from time.Time) error {
	t.keys[key] = binding{run, from}
	return nil
}

func (t memoryTx) bound(key string, since time.Time) (int64, error) {
	if b, ok := t.keys[key]; ok && !b.from.Before(since) {
		return b.run, nil
	}
	return 0, nil
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
	for caller, ids := range t.callers {
		t.callers[caller] = slices.DeleteFunc(ids, func(id int64) bool { return t.pruned(id, before) })
	}
	maps.DeleteFunc(t.keys, func(_ string, b binding) bool { return b.from.Before(before) })
	for id, b := range t.batches {
		switch {
		case b.CreatedAt.Before(before):
			delete(t.batches, id)
		case b.CreatedAt.Before(queuedBefore):
			b.giveUp()
		}
	}
	return nil
}

// pruned deletes the run if it is old and over, and says whether it did.
func (t memoryTx) pruned(id int64, before time.Time) bool {
	run := t.byID[id]
	over := run.BegunAt.Before(before) && (!run.live() || run.Ended())
	if over {
		delete(t.byID, id)
	}
	return over
}

// giveUp gives up the rows that wait.
func (b *Batch) giveUp() {
	for n, row := range b.Rows {
		if !row.over() && row.run == 0 {
			b.Rows[n].State, b.Rows[n].Inputs = RowGivenUp, nil
		}
	}
}

func (t memoryTx) touch() error { return nil }
