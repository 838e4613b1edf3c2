package ledger

import (
	"context"
	"errors"
	"time"
)

// A boundKey is an idempotency key, as it is kept, and the run that it belongs to.
type boundKey struct {
	key  string
	run  int64 // by the ledger that it comes from
	from time.Time
}

// bring makes l know what another ledger knows of runs and keys, and returns the IDs
// that the runs have in l. What l knows better stays.
func (l *Ledger) bring(ctx context.Context, runs []Run, keys []boundKey) (ids []int64, err error) {
	err = l.update(ctx, "bring", func(t tx) error {
		ids = make([]int64, len(runs))
		byID := map[int64]int64{}
		for n, run := range runs {
			if ids[n], err = run.bring(t, stamp(l.now())); err != nil {
				return err
			}
			byID[run.ID] = ids[n]
		}
		for _, key := range keys {
			if id := byID[key.run]; id != 0 {
				if err := t.bind(key.key, id, key.from); err != nil {
					return err
				}
			}
		}
		return nil
	})
	l.change.send()
	return ids, err
}

// bring makes t know what is known of r, and returns its ID there.
func (r Run) bring(t tx, now time.Time) (int64, error) {
	known, found, err := r.twin(t)
	if err != nil {
		return 0, err
	}
	switch {
	case !found && !r.live():
		return 0, nil
	case !found:
		r.ID, r.BatchID, r.Row = 0, "", 0 // the batch's rows stay with its ledger
		return t.insert(r)
	case !r.unsettled():
		err := Settlement{State: r.State, TaskID: r.TaskID, Matched: r.Matched}.settle(t, known)
		if errors.Is(err, ErrTaskTaken) {
			return known.ID, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return known.ID, r.observe(t, known.ID, now)
}

// observe brings what looks at r's task have told to the run of that ID.
func (r Run) observe(t tx, id int64, now time.Time) error {
	if r.State != Started {
		return nil
	}
	known, err := runByID(t, id)
	if err != nil {
		return err
	}
	o := Observation{Status: r.Status, Credits: r.Credits, EndedAt: r.EndedAt, Took: r.endedHere.Sub(r.BegunAt), Told: !r.ToldAt.IsZero()}
	seen, news := o.on(known, now)
	if !news {
		return nil
	}
	return t.save(seen)
}

// twin returns the same run as t knows it: the one with its task, else the one that
// was begun at its moment with its fingerprint.
func (r Run) twin(t tx) (Run, bool, error) {
	if r.TaskID != "" {
		runs, err := t.runs(query{caller: r.Caller, task: r.TaskID})
		if err != nil || len(runs) > 0 {
			return first(runs), len(runs) > 0, err
		}
	}
	runs, err := t.runs(query{caller: r.Caller, fingerprint: r.Fingerprint, begunFrom: r.BegunAt})
	for _, run := range runs {
		if run.BegunAt.Equal(r.BegunAt) && run.SentAt.Equal(r.SentAt) && (run.TaskID == "" || r.TaskID == "") {
			return run, true, nil
		}
	}
	return Run{}, false, err
}

func first(runs []Run) Run {
	if len(runs) == 0 {
		return Run{}
	}
	return runs[0]
}

// look answers a start as Begin does where an identical one is known or its key has
// a run, and writes nothing. Otherwise the outcome is empty.
func (l *Ledger) look(ctx context.Context, s Start) (claim Claim, err error) {
	err = l.view(ctx, "look", func(t tx) error {
		run := s.run(stamp(l.now()))
		if claim, err = s.byKey(t, run); err != nil || claim.Outcome != "" {
			return err
		}
		if s.AllowDuplicate {
			return nil
		}
		claim, err = guard(t, run)
		return err
	})
	return claim, err
}

// bindings returns the keys of a ledger in memory.
func (l *Ledger) bindings() []boundKey {
	m, inMemory := l.store.(*memory)
	if !inMemory {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	keys := make([]boundKey, 0, len(m.keys))
	for key, b := range m.keys {
		keys = append(keys, boundKey{key, b.run, b.from})
	}
	return keys
}
