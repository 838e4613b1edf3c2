package ledger

import (
	"context"
	"errors"
	"maps"
	"time"
)

// ready returns nil when main has its backlog, or the reason why it cannot be used.
func (f *failover) ready(ctx context.Context) error {
	if f.fallback == nil {
		return nil
	}
	generation, dirty, err := f.backlog(ctx)
	if err == nil && (!f.isSynced(generation) || len(dirty) > 0) {
		if err := f.gate.Acquire(ctx, 1); err != nil {
			return err
		}
		defer f.gate.Release(1)
		_, err = f.sync(ctx)
	}
	f.failed(err)
	return err
}

// backlog returns main's generation and the runs of the backlog.
func (f *failover) backlog(ctx context.Context) (generation int, dirty map[int64]int, err error) {
	if err := f.cooldown(); err != nil {
		return 0, nil, err
	}
	if generation, err = f.main.generation(ctx); err != nil {
		return 0, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return generation, maps.Clone(f.dirty), nil
}

func (f *failover) isSynced(generation int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.generation == generation
}

// sync writes the backlog to main, or all runs if main is new to this process. It returns
// main's generation. The gate is held.
func (f *failover) sync(ctx context.Context) (generation int, err error) {
	generation, dirty, err := f.backlog(ctx)
	synced := f.isSynced(generation)
	if err != nil || synced && len(dirty) == 0 {
		return generation, err
	}
	runs, keys := f.fallback.all(func(id int64) bool { return !synced || dirty[id] > 0 })
	var r recorder
	if len(runs) > 0 {
		now := stamp(f.now())
		err = f.main.update(ctx, r.around(func(t tx) error { return importRuns(t, runs, keys, now) }))
	}
	if err != nil {
		return 0, err
	}
	f.written(generation, dirty)
	f.remember(r)
	return generation, nil
}

// written notes what main has got. It lacks runs of before this process if it failed or
// was exchanged since this one began.
func (f *failover) written(generation int, dirty map[int64]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.generation != generation {
		f.complete.Store(generation == 1 && f.cause == nil)
	}
	f.generation = generation
	maps.DeleteFunc(f.dirty, func(id int64, changes int) bool { return changes == dirty[id] })
	if len(f.dirty) == 0 {
		f.gap.close()
	}
}

// importRuns brings runs and keys of another store to t. What t knows better stays.
func importRuns(t tx, runs []Run, keys []boundKey, now time.Time) error {
	ids := map[int64]int64{} // in t, by those in the other store
	for _, run := range runs {
		id, err := run.importTo(t, now)
		if err != nil {
			return err
		}
		ids[run.ID] = id
	}
	for _, key := range keys {
		if key.run = ids[key.run]; key.run == 0 {
			continue
		}
		if err := t.bind(key); err != nil {
			return err
		}
	}
	return nil
}

// importTo brings r to t and returns its ID there; 0 if t does not need it.
func (r Run) importTo(t tx, now time.Time) (int64, error) {
	known, err := r.counterpart(t)
	if err != nil || known.ID == 0 && !r.live() {
		return 0, err
	}
	if known.ID == 0 {
		r.BatchID, r.Row = "", 0 // the batch's rows stay in their store
		return r.ID, t.insert(r)
	}
	if !r.unsettled() {
		err = Settlement{State: r.State, TaskID: r.TaskID, Matched: r.Matched}.settle(t, known)
	}
	if err == nil && r.State == Started {
		err = r.importFacts(t, known.ID, now)
	}
	if errors.Is(err, ErrTaskTaken) {
		err = nil
	}
	return known.ID, err
}

// importFacts brings what was observed of r's task to the run of that ID.
func (r Run) importFacts(t tx, id int64, now time.Time) error {
	known, err := runByID(t, id)
	if err != nil {
		return err
	}
	o := Observation{Status: r.Status, Credits: r.Credits, EndedAt: r.EndedAt, Duration: r.localEnd.Sub(r.BegunAt)}
	return amendRun(t, known, func(run Run) Run {
		if run = o.apply(run, now); r.ReportedAt.IsZero() {
			return run
		}
		return run.reported(now)
	})
}

// counterpart returns the run of t with the same task, else that of the same ID.
func (r Run) counterpart(t tx) (Run, error) {
	if r.TaskID != "" {
		runs, err := t.runs(query{caller: r.Caller, task: r.TaskID})
		if err != nil || len(runs) > 0 {
			return first(runs), err
		}
	}
	runs, err := t.runs(query{id: r.ID})
	return first(runs), err
}
