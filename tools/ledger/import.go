package ledger

import (
	"errors"
	"time"
)

// importRuns makes t know what another store knows of runs and keys. What t knows
// better stays.
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
		if id := ids[key.run]; id != 0 {
			if err := t.bind(key.key, id, key.from); err != nil {
				return err
			}
		}
	}
	return nil
}

// importTo makes t know what is known of r, and returns its ID in t, 0 if t does not
// need it.
func (r Run) importTo(t tx, now time.Time) (int64, error) {
	known, found, err := r.counterpart(t)
	switch {
	case err != nil || !found && !r.live():
		return 0, err
	case !found:
		r.BatchID, r.Row = "", 0 // the batch's rows stay in their store
		return r.ID, t.insert(r)
	}
	if !r.unsettled() {
		err = Settlement{State: r.State, TaskID: r.TaskID, Matched: r.Matched}.settle(t, known)
	}
	switch {
	case errors.Is(err, ErrTaskTaken):
		return known.ID, nil
	case err != nil:
		return 0, err
	}
	return known.ID, r.importFacts(t, known.ID, now)
}

// importFacts brings what was observed of r's task to the run of that ID.
func (r Run) importFacts(t tx, id int64, now time.Time) error {
	if r.State != Started {
		return nil
	}
	known, err := runByID(t, id)
	if err != nil {
		return err
	}
	o := Observation{Status: r.Status, Credits: r.Credits, EndedAt: r.EndedAt, Duration: r.endedHere.Sub(r.BegunAt)}
	seen := o.apply(known, now)
	if !r.ReportedAt.IsZero() {
		seen = seen.reported(now)
	}
	if !seen.differs(known) {
		return nil
	}
	return t.save(seen)
}

// counterpart returns the same run as t knows it: the one with its task, else the one
// with its ID.
func (r Run) counterpart(t tx) (Run, bool, error) {
	if r.TaskID != "" {
		runs, err := t.runs(query{caller: r.Caller, task: r.TaskID})
		if err != nil || len(runs) > 0 {
			return first(runs), len(runs) > 0, err
		}
	}
	runs, err := t.runs(query{id: r.ID})
	return first(runs), len(runs) > 0, err
}
