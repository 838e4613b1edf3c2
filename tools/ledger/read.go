package ledger

import (
	"context"
	"time"
)

// Run returns the caller's run that became the task, and whether there is one.
func (l *Ledger) Run(ctx context.Context, caller, taskID string) (Run, bool, error) {
	if taskID == "" {
		return Run{}, false, nil
	}
	runs, err := l.list(ctx, query{caller: caller, task: taskID})
	if err != nil || len(runs) == 0 {
		return Run{}, false, err
	}
	return runs[0], true, nil
}

// Unsettled returns the caller's starts of which nobody knows what they came to,
// newest first. Those that are not Leased were left open by a crash or by an
// unclear answer, see [Pending].
func (l *Ledger) Unsettled(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, unsettled: true})
}

// InFlight returns the caller's tasks that are not known to have ended, newest
// first. Those that ended unseen are among them: to free what they hold of a
// budget, look at them and Observe.
func (l *Ledger) InFlight(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, state: Started, open: true})
}

// A Filter chooses runs. Zero members choose all.
type Filter struct {
	Status   string // as last seen
	Kind     Kind
	TargetID string
	// From and To bound SentAt, both inclusive.
	From, To time.Time
}

// Mine returns a page, from 1, of the caller's runs that became a task or may
// have, newest first, and how many there are on all pages.
func (l *Ledger) Mine(ctx context.Context, caller string, f Filter, page, limit int) (runs []Run, total int, err error) {
	q := query{
		caller: caller, live: true, status: f.Status, kind: f.Kind, target: f.TargetID,
		sentFrom: stamp(f.From), sentTo: stamp(f.To),
		limit: max(limit, 1),
	}
	q.offset = (max(page, 1) - 1) * q.limit
	err = l.view(ctx, "mine", func(t tx) error {
		if total, err = t.count(q); err != nil {
			return err
		}
		runs, err = t.runs(q)
		return err
	})
	return at(runs, l.now()), total, err
}

func (l *Ledger) list(ctx context.Context, q query) (runs []Run, err error) {
	err = l.view(ctx, "list", func(t tx) (err error) {
		runs, err = t.runs(q)
		return err
	})
	return at(runs, l.now()), err
}

func at(runs []Run, now time.Time) []Run {
	for n := range runs {
		runs[n] = runs[n].at(now)
	}
	return runs
}
