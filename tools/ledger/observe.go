package ledger

import (
	"cmp"
	"context"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// An Observation is what is known of a task at a moment.
type Observation struct {
	Status  string // as the API says it; "" if it is not known
	Credits *int64 // nil if they are not known
	// EndedAt is when the task ended, by the API's clock; the zero time of a task that
	// has ended is now.
	EndedAt time.Time
	// Duration is the time from the task's creation to its end, by one clock; 0 if it
	// is not known.
	Duration time.Duration
}

// Observe records what is known of a caller's task. Observations may arrive in any
// order: an end stays an end, credits never shrink. Of a task that is not in the
// ledger nothing is recorded, and where nothing is new, nothing is written.
//
// It takes about a second at most; what the file does not take in that time is written
// later. An error that is [ErrUnavailable] is a warning.
func (l *Ledger) Observe(ctx context.Context, caller, taskID string, o Observation) error {
	return l.amend(ctx, "observe", caller, taskID, o.apply)
}

// MarkReported records that the end of a caller's task was reported to the caller:
// call it when the answer was delivered. It does nothing for a task that is not in
// the ledger or not known to have ended. Time and errors are those of Observe.
func (l *Ledger) MarkReported(ctx context.Context, caller, taskID string) error {
	return l.amend(ctx, "mark reported", caller, taskID, Run.reported)
}

// amend saves what change makes of the run of a task, if that is different.
func (l *Ledger) amend(ctx context.Context, doing, caller, taskID string, change func(Run, time.Time) Run) error {
	run, found, err := l.Run(ctx, caller, taskID)
	if err != nil || !found || !change(run, stamp(l.now())).differs(run) {
		return err
	}
	degraded, err := l.failover.updateSoon(ctx, func(t tx) error {
		runs, err := t.runs(query{caller: caller, task: taskID})
		if err != nil || len(runs) == 0 {
			return err
		}
		return amendRun(t, runs[0], func(run Run) Run { return change(run, stamp(l.now())) })
	})
	return explain(doing, cmp.Or(err, degraded))
}

func amendRun(t tx, run Run, change func(Run) Run) error {
	changed := change(run)
	if !changed.differs(run) {
		return nil
	}
	return t.save(changed)
}

// apply returns run with what o says.
func (o Observation) apply(run Run, now time.Time) Run {
	if o.Status != "" && !run.Ended() {
		run.Status = o.Status
		if browseract.TaskStatus(o.Status).Ended() {
			run.EndedAt = stamp(o.EndedAt)
			if run.EndedAt.IsZero() {
				run.EndedAt = now
			}
			run.localEnd = o.localEnd(run, now)
		}
	}
	if o.Credits != nil && (run.Credits == nil || clampCredits(*o.Credits) > *run.Credits) {
		run.Credits = new(clampCredits(*o.Credits))
	}
	return run
}

// localEnd is when the run ended by this machine's clock: its clock and the API's may
// differ by hours, but not in how long a task took.
func (o Observation) localEnd(run Run, now time.Time) time.Time {
	end := run.BegunAt.Add(o.Duration)
	if o.Duration <= 0 || end.After(now) {
		return now
	}
	return stamp(end)
}

// reported returns r with its end, if it has one, reported now or before.
func (r Run) reported(now time.Time) Run {
	if r.Ended() && r.ReportedAt.IsZero() {
		r.ReportedAt = now
	}
	return r
}

// differs reports whether an observation or a report has changed r.
func (r Run) differs(before Run) bool {
	return r.Status != before.Status || r.EndedAt != before.EndedAt || r.Credits != before.Credits || r.ReportedAt != before.ReportedAt
}
