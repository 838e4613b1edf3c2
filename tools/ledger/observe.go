package ledger

import (
	"context"
	"time"
)

// An Observation is what a look at a task told.
type Observation struct {
	Status  string // as the API says it, "" if the look did not tell
	Credits *int64 // nil if the look did not tell
	// EndedAt is when the task ended, by the API's clock; the zero time of an ended
	// task is now.
	EndedAt time.Time
	// Took is how long the task took from its creation to its end, by one clock; 0 if
	// the look did not tell.
	Took time.Duration
	// Told says that an answer tells a caller of the end of the task.
	Told bool
}

// Observe records what a look at a caller's task told. Looks may arrive in any
// order: an end stays an end, credits never shrink. Of a task that is not in the
// ledger nothing is recorded, and where a look tells nothing new, nothing is
// written.
func (l *Ledger) Observe(ctx context.Context, caller, taskID string, o Observation) error {
	run, found, err := l.Run(ctx, caller, taskID)
	if err != nil || !found {
		return err
	}
	if _, news := o.on(run, stamp(l.now())); !news {
		return nil
	}
	return l.update(ctx, "observe", func(t tx) error {
		runs, err := t.runs(query{caller: caller, task: taskID})
		if err != nil || len(runs) == 0 {
			return err
		}
		seen, _ := o.on(runs[0], stamp(l.now()))
		return t.save(seen)
	})
}

// endedHere is when the run ended by this machine's clock: its clock and the API's
// may differ by hours, but not in how long a task took.
func (o Observation) endedHere(run Run, now time.Time) time.Time {
	end := run.BegunAt.Add(o.Took)
	if o.Took <= 0 || end.After(now) {
		return now
	}
	return stamp(end)
}

// on returns run with what o tells, and whether that is anything new.
func (o Observation) on(run Run, now time.Time) (seen Run, news bool) {
	seen = run
	if o.Status != "" && !run.Ended() {
		seen.Status = o.Status
	}
	if isEnd(o.Status) && !run.Ended() {
		seen.EndedAt = stamp(o.EndedAt)
		if seen.EndedAt.IsZero() {
			seen.EndedAt = now
		}
		seen.endedHere = o.endedHere(run, now)
	}
	if credits := o.Credits; credits != nil && (run.Credits == nil || plausible(*credits) > *run.Credits) {
		told := plausible(*credits)
		seen.Credits = &told
	}
	if o.Told && seen.Ended() && run.ToldAt.IsZero() {
		seen.ToldAt = now
	}
	news = seen.Status != run.Status || seen.EndedAt != run.EndedAt || seen.Credits != run.Credits || seen.ToldAt != run.ToldAt
	return seen, news
}
